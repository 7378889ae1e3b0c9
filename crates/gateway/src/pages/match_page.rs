//! The page of one match.

use maud::{Markup, html};
use topspin_event::{EventEnvelope, ReportedResult};
use topspin_insight::Chronicle;
use topspin_laws::{Facts, Side, Status};

use super::layout::{Head, Island, page};
use super::{cards, forecast, phrases, scoreline, statistics, strokes, timeline, tonight};
use crate::cards::{CardResource, Language};
use crate::compared::Compared;
use crate::forecast::TieForecastResource;
use crate::models::Foretold;
use topspin_scoring::{MatchResource, TieResource};

/// What the page shows.
pub struct Shown<'a> {
    /// The match.
    pub resource: &'a MatchResource,
    /// Its competition's name; empty for none.
    pub competition: &'a str,
    /// The tie that it belongs to, if that is kept here.
    pub tie: Option<&'a TieResource>,
    /// Its events, from the first.
    pub events: &'a [EventEnvelope],
    /// What they tell.
    pub chronicle: &'a Chronicle,
    /// What was to be expected, and is.
    pub forecast: &'a Foretold,
    /// And of the tie that it belongs to.
    pub tie_forecast: Option<&'a TieForecastResource>,
    /// What its players have shown before.
    pub compared: &'a [Compared],
    /// What is worth telling, the best first; `None` where no views are kept.
    pub cards: Option<&'a [CardResource]>,
    /// In which language.
    pub lang: Language,
}

/// The page.
pub fn match_page(shown: &Shown<'_>) -> Markup {
    let resource = shown.resource;
    let [home, away] = Side::BOTH.map(|side| phrases::side(resource, side));
    let title = format!("{home} – {away}");
    let id = resource.id;
    // Views say what they have to say a moment after the event.
    let stream = match shown.cards {
        Some(_) => format!("/v1/matches/{id}/live /v1/insights?match={id}"),
        None => format!("/v1/matches/{id}/live"),
    };
    let fragment = format!("/matches/{id}?part=story&lang={}", shown.lang.as_str());
    let island = Island { stream: &stream, fragment: Some((&fragment, "story")) };
    let head = Head { title: &title, path: "", island: Some(island) };
    page(
        &head,
        &html! {
            h1.pairing {
                (named(resource, Side::Home, &home)) span.against { " – " } (named(resource, Side::Away, &away))
            }
            @if !shown.competition.is_empty() { p.competition { (shown.competition) } }
            @if let Some(at) = resource.scheduled_at {
                @let at = at.to_string();
                p.when { time datetime=(at) { (phrases::day(&at)) ", " (at.get(11..16).unwrap_or_default()) " UTC" } }
            }
            @if let Some(tie) = shown.tie {
                p.of-tie {
                    a href={ "/ties/" (tie.id) } { (tie.sides.home.name) " – " (tie.sides.away.name) }
                }
            }
            (scoreline::card(resource))
            div #story aria-live="off" { (story(shown)) }
        },
    )
}

/// A side by its name; a single player with the way to the page of the player.
fn named(resource: &MatchResource, side: Side, name: &str) -> Markup {
    html! {
        @if let [player] = resource.sides.of(side).players.as_slice() { a href={ "/players/" (player.id) } { (name) } }
        @else { (name) }
    }
}

/// What is fetched again after each change: the result's standing and the timeline.
pub fn story(shown: &Shown<'_>) -> Markup {
    let (resource, facts) = (shown.resource, &shown.resource.state);
    html! {
        @if facts.status == Status::Cancelled { p.result { "Not played." } }
        @else if facts.status.is_over() { (result(resource, facts)) }
        @if let Some(reported) = &resource.reported_result { (reported_result(reported)) }
        (cards::section(shown.cards.unwrap_or_default(), shown.lang))
        (forecast::section(resource, shown.forecast, shown.tie_forecast))
        (tonight::section(resource, shown.compared))
        (statistics::section(resource, shown.chronicle))
        (strokes::of_match(resource, shown.chronicle))
        section aria-labelledby="points" {
            h2 #points { "Point by point" }
            (timeline::timeline(resource, shown.events))
        }
        (proof(resource))
    }
}

fn result(resource: &MatchResource, facts: &Facts) -> Markup {
    html! {
        p.result data-certainty=(phrases::certainty(facts.certainty)) {
            @if let Some(winner) = facts.winner {
                strong { (phrases::side(resource, winner)) }
                " wins " (facts.score.of(winner)) "–" (facts.score.of(winner.other())) ", "
            }
            @else { "No winner, " }
            (phrases::certainty(facts.certainty)) "."
        }
    }
}

fn reported_result(reported: &ReportedResult) -> Markup {
    html! {
        p.reported {
            "Reported by " (reported.source) ": "
            @for game in &reported.games { span.game-score { (game.home) "–" (game.away) " " } }
            @if let Some(reason) = &reported.reason { "(" (phrases::reason(reason)) ")" }
        }
    }
}

fn proof(resource: &MatchResource) -> Markup {
    html! {
        details.proof {
            summary { "Position and proof" }
            dl {
                dt { "Position" } dd { "epoch " (resource.epoch.0) ", event " (resource.seq.0) }
                dt { "Chain" } dd { code { (resource.chain) } }
                dt { "State" } dd { code { (resource.state_hash) } }
                dt { "Data" } dd {
                    a href={ "/v1/matches/" (resource.id) } { "match" } " · "
                    a href={ "/v1/matches/" (resource.id) "/events" } { "events" }
                }
            }
        }
    }
}
