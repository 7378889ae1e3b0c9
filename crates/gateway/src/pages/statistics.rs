//! The statistics of a match on its page: how the score went, both sides side by side, how long rallies were.

use maud::{Markup, html};
use topspin_event::{Lengths, MatchStatistics, Pressure, SideStatistics, Statistics, Tally, TimeOutEffect};
use topspin_insight::{Chronicle, statistics};
use topspin_laws::{Both, Side};
use topspin_scoring::MatchResource;

use super::charts::{Scale, Stretch, course, distribution};
use super::phrases;

/// The section; nothing before the first rally.
pub fn section(resource: &MatchResource, chronicle: &Chronicle) -> Markup {
    let told = statistics(chronicle).filter(|told| told.whole.rallies > 0);
    html! {
        @if let Some(told) = told {
            section.statistics aria-labelledby="statistics" {
                h2 #statistics { "Statistics" }
                (lead(resource, chronicle))
                (comparison(resource, &told.whole, "The match"))
                @if told.games.len() > 1 { (by_game(resource, &told)) }
                (lengths(&told.whole))
                (time_outs(resource, &told.time_outs))
            }
        }
    }
}

fn lead(resource: &MatchResource, chronicle: &Chronicle) -> Markup {
    let mut stretches: Vec<Stretch> = Vec::new();
    for line in chronicle.lines().iter().filter(|line| line.after.game > 0) {
        let (game, score) = (usize::from(line.after.game), line.after.score);
        while stretches.len() < game {
            stretches.push(Stretch { label: String::new(), values: Vec::new() });
        }
        let stretch = &mut stretches[game - 1];
        stretch.label = format!("{}–{}", score.home, score.away);
        if line.before.score != score && line.before.game == line.after.game {
            stretch.values.push(f64::from(score.home) - f64::from(score.away));
        }
    }
    let most = stretches
        .iter()
        .flat_map(|stretch| &stretch.values)
        .fold(5.0, |most: f64, lead| most.max(lead.abs()));
    let [home, away] = Side::BOTH.map(|side| phrases::side(resource, side));
    let scale = Scale { most, top: format!("{home} leads"), bottom: format!("{away} leads") };
    let said = format!("The lead after every point, game by game: above the line {home}, below it {away}");
    html! {
        figure { figcaption { "The lead, point by point" } (course(&stretches, &scale, &said)) }
    }
}

/// What a row of the comparison shows of a side.
struct Figure {
    /// In words; `None` if it is not recorded.
    text: Option<String>,
    /// The length of its bar, of the longest of both.
    bar: f64,
}

fn comparison(resource: &MatchResource, of: &Statistics, caption: &str) -> Markup {
    let names = Side::BOTH.map(|side| phrases::side(resource, side));
    html! {
        table.versus {
            caption { (caption) }
            thead { tr { th scope="col" { (names[0]) } th { span.quiet { "Figure" } } th scope="col" { (names[1]) } } }
            tbody {
                @for (label, row) in rows(&of.sides) {
                    tr {
                        (cell(&row.home, "home"))
                        th scope="row" { (label) }
                        (cell(&row.away, "away"))
                    }
                }
            }
        }
    }
}

fn cell(figure: &Figure, side: &str) -> Markup {
    html! {
        td data-side=(side) {
            @match &figure.text {
                Some(text) => {
                    span.value { (text) }
                    span.gauge aria-hidden="true" { span style={ "width:" (figure.bar.round()) "%" } {} }
                }
                None => span.none { "not recorded" }
            }
        }
    }
}

fn rows(sides: &Both<SideStatistics>) -> Vec<(&'static str, Both<Figure>)> {
    let count = |of: fn(&SideStatistics) -> Option<u32>| counts(Both::new(of(&sides.home), of(&sides.away)));
    let share =
        |of: fn(&SideStatistics) -> Option<Tally>| Both::new(tally(of(&sides.home)), tally(of(&sides.away)));
    let all = [
        ("Points", count(|side| Some(side.points))),
        ("Won on serve", share(|side| side.serve)),
        ("Won on receive", share(|side| side.receive)),
        ("Points in a row", count(|side| Some(side.points_in_a_row))),
        ("Largest lead", count(|side| Some(side.largest_lead))),
        ("Deficit made up", count(|side| Some(side.largest_deficit_overcome))),
        ("Game points won", share(|side| converted(side.game_points))),
        ("Game points saved", count(|side| Some(side.game_points.saved))),
        ("Match points won", share(|side| converted(side.match_points))),
        ("Match points saved", count(|side| Some(side.match_points.saved))),
        ("Points at deuce", share(|side| Some(side.deuce).filter(|deuce| deuce.of > 0))),
        ("Aces", count(|side| side.aces)),
        ("Service errors", count(|side| side.service_errors)),
        ("Net and edge", count(|side| side.lucky_points)),
    ];
    let said_once = |row: &(&str, Both<Figure>)| match row.0 {
        // Not every match has them, and nobody misses them.
        "Match points won" | "Points at deuce" | "Game points won" => {
            row.1.home.text.is_some() || row.1.away.text.is_some()
        }
        "Match points saved" => row.1.home.bar + row.1.away.bar > 0.0,
        _ => true,
    };
    all.into_iter().filter(said_once).map(|row| (row.0, none_had(row))).collect()
}

/// A side that had no chance had none: that is known.
fn none_had((label, mut row): (&str, Both<Figure>)) -> Both<Figure> {
    if matches!(label, "Match points won" | "Points at deuce" | "Game points won") {
        for side in Side::BOTH {
            row.of_mut(side).text.get_or_insert_with(|| "0".to_owned());
        }
    }
    row
}

fn converted(points: Pressure) -> Option<Tally> {
    (points.had > 0).then_some(Tally { won: points.converted, of: points.had })
}

fn counts(of: Both<Option<u32>>) -> Both<Figure> {
    let most = of.home.max(of.away).unwrap_or(0).max(1);
    let figure = |count: Option<u32>| Figure {
        text: count.map(|count| count.to_string()),
        bar: 100.0 * f64::from(count.unwrap_or(0)) / f64::from(most),
    };
    Both::new(figure(of.home), figure(of.away))
}

fn tally(tally: Option<Tally>) -> Figure {
    let share = |tally: Tally| 100.0 * f64::from(tally.won) / f64::from(tally.of.max(1));
    Figure {
        text: tally.map(|tally| match tally.of {
            0 => "0".to_owned(),
            of => format!("{:.0} % ({} of {of})", share(tally), tally.won),
        }),
        bar: tally.map_or(0.0, share),
    }
}

fn by_game(resource: &MatchResource, told: &MatchStatistics) -> Markup {
    html! {
        @for (index, game) in told.games.iter().enumerate().filter(|(_, game)| game.rallies > 0) {
            details.of-game id={ "game-" (index + 1) } {
                summary {
                    "Game " (index + 1) ": " (game.sides.home.points) "–" (game.sides.away.points)
                }
                (comparison(resource, game, &format!("Game {}", index + 1)))
            }
        }
    }
}

fn lengths(of: &Statistics) -> Markup {
    let mean = |lengths: &Lengths| lengths.total as f64 / f64::from(lengths.count.max(1));
    let said = |lengths: &Lengths, unit: &str| {
        format!("{:.1} {unit} in the mean, {} the longest", mean(lengths), lengths.longest)
    };
    html! {
        @for (lengths, unit, title) in
            [(&of.strokes, "strokes", "Rally length in strokes"), (&of.seconds, "seconds", "Rally length in seconds")]
        {
            @if let Some(lengths) = lengths {
                @let words = said(lengths, unit);
                figure {
                    figcaption { (title) ": " (words) @if lengths.count < of.rallies { " (" (lengths.count) " of " (of.rallies) " recorded)" } }
                    (distribution(&lengths.distribution, &format!("{title}: {words}")))
                }
            }
        }
        @if let Some(between) = &of.between_points {
            p.pace { "From point to point " (format!("{:.0}", mean(between))) " seconds in the mean." }
        }
    }
}

fn time_outs(resource: &MatchResource, effects: &[TimeOutEffect]) -> Markup {
    html! {
        @if !effects.is_empty() {
            h3 { "Time-outs" }
            ul.time-outs {
                @for effect in effects {
                    @let own = |won: &Both<u8>| format!("{} of {}", won.of(effect.side), won.home + won.away);
                    li {
                        strong { (phrases::side(resource, effect.side)) }
                        " in game " (effect.game) " at " (effect.score.home) "–" (effect.score.away)
                        ": won " (own(&effect.before)) " before it, " (own(&effect.after)) " after it"
                    }
                }
            }
        }
    }
}
