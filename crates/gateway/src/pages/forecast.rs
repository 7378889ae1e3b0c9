//! The forecast of a match on its page.

use maud::{Markup, html};
use topspin_event::Rating;
use topspin_insight::forecast::{Course, Forecast};
use topspin_laws::{Both, Side};
use topspin_scoring::MatchResource;

use super::charts::{Scale, Stretch, course};
use super::phrases;
use crate::forecast::TieForecastResource;
use crate::models::Foretold;

/// The section; nothing before the first rally.
pub fn section(resource: &MatchResource, foretold: &Foretold, tie: Option<&TieForecastResource>) -> Markup {
    let told = &foretold.course;
    html! {
        @if !told.steps.is_empty() {
            section.statistics aria-labelledby="forecast" {
                h2 #forecast { "Forecast" }
                @if let Some(now) = &told.now { (headline(resource, told, (now, tie))) }
                (curve(resource, told))
                details.about #about-forecast {
                    summary { "How this is computed" }
                    p {
                        "Exactly, from the score, the server and the format: every way in which the match can go on is counted. "
                        (before(resource, foretold))
                        " Each rally teaches how strong they are today. It knows nothing of tactics, injuries or nerves."
                    }
                }
            }
        }
    }
}

/// What was believed before the match.
fn before(resource: &MatchResource, foretold: &Foretold) -> Markup {
    let rated = |side: Side, ratings: &Both<Rating>| {
        let (rating, deviation) = ratings.of(side).points();
        format!("{} {rating:.0} ± {deviation:.0}", phrases::side(resource, side))
    };
    html! {
        @match &foretold.ratings {
            Some(ratings) => {
                "Before the match the sides are as strong as their " a href="/ratings" { "ratings" } " say, give or take: "
                (rated(Side::Home, ratings)) ", " (rated(Side::Away, ratings)) "."
            }
            None => "Before the match both sides are taken to be equally strong, give or take.",
        }
    }
}

fn headline(
    resource: &MatchResource,
    told: &Course,
    (now, tie): (&Forecast, Option<&TieForecastResource>),
) -> Markup {
    let leader = if now.wins >= 0.5 { Side::Home } else { Side::Away };
    let own = |probability: f64| if leader == Side::Home { probability } else { 1.0 - probability };
    html! {
        @if let Some(next) = now.next {
            p.forecast-now {
                strong { (phrases::side(resource, leader)) " " (percent(own(now.wins))) }
                " to win the match · "
                (percent(own(next.game))) " this game · "
                "the next point is worth " (percent(next.leverage)) " of the match"
                @if let Some(tie) = tie { " · " (percent(*tie.wins.of(leader))) " the " a href={ "/ties/" (tie.id) } { "team match" } }
                @if let Some(points) = &told.points { " · " (points.quantile(0.05)) "–" (points.quantile(0.95)) " points in all" }
            }
            ul.scores {
                @for (games, probability) in now.scores.iter().filter(|(_, probability)| *probability >= 0.005) {
                    li { span.games { (games.home) "–" (games.away) } " " (percent(*probability)) }
                }
            }
        }
    }
}

fn curve(resource: &MatchResource, told: &Course) -> Markup {
    let mut stretches: Vec<Stretch> = Vec::new();
    let mut game = 0;
    for step in &told.steps {
        if step.game != game {
            game = step.game;
            stretches.push(Stretch { label: format!("Game {game}"), values: Vec::new() });
        }
        if let Some(stretch) = stretches.last_mut() {
            stretch.values.push(step.wins - 0.5);
        }
    }
    if let (Some(stretch), Some(now)) = (stretches.last_mut(), &told.now) {
        stretch.values.push(now.wins - 0.5);
    }
    let [home, away] = Side::BOTH.map(|side| phrases::side(resource, side));
    let scale = Scale { most: 0.5, top: format!("{home} wins"), bottom: format!("{away} wins") };
    let said = format!(
        "The probability of winning the match before every point: above the line {home}, below it {away}"
    );
    html! {
        figure { figcaption { "Who wins the match, point by point" } (course(&stretches, &scale, &said)) }
    }
}

fn percent(probability: f64) -> String {
    format!("{:.0} %", 100.0 * probability)
}
