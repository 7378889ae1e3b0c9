//! The score of a match, as it stands in lists and at the top of its own page.

use maud::{Markup, html};
use topspin_event::ReportedResult;
use topspin_laws::{Facts, Side, Status};

use super::phrases;
use topspin_scoring::MatchResource;

/// A match as a card; the island keeps the elements with `data-…` up to date.
pub fn card(resource: &MatchResource) -> Markup {
    let facts = &resource.state;
    let href = format!("/matches/{}", resource.id);
    html! {
        article.match data-match=(resource.id) data-seq=(resource.seq.0) data-epoch=(resource.epoch.0)
            data-live=(facts.status.is_live()) {
            header {
                (badge(resource))
                span.where { (place(resource)) }
                span.remark data-part="remark" { (phrases::remark(resource).unwrap_or_default()) }
            }
            a.cover href=(href) { (table(resource)) }
        }
    }
}

/// The score table: a row a side, a column a game.
pub fn table(resource: &MatchResource) -> Markup {
    let facts = &resource.state;
    let reported = reported_only(resource);
    let games = reported.map_or(&*facts.games, |reported| &*reported.games);
    let winner = reported.map_or(facts.winner, |reported| reported.winner);
    let total = |side| match reported {
        Some(reported) => reported.games.iter().filter(|game| game.leader() == Some(side)).count(),
        None => usize::from(*facts.score.of(side)),
    };
    let names = [Side::Home, Side::Away].map(|side| phrases::side(resource, side));
    html! {
        table.score {
            caption.quiet { (names[0]) " against " (names[1]) }
            tbody {
                @for side in Side::BOTH {
                    tr data-side=(key(side)) data-winner=(winner == Some(side)) {
                        th scope="row" {
                            (serve(facts, side))
                            span.name title=(resource.sides.of(side).name) { (phrases::side(resource, side)) }
                        }
                        td.total data-part="total" { (total(side)) }
                        @for (index, game) in games.iter().enumerate() {
                            @let current = reported.is_none() && is_current(facts, index);
                            td.game data-won=(!current && game.leader() == Some(side)) data-current=(current) {
                                (game.of(side))
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What was reported of a match that was played elsewhere: nothing more is known of it.
pub fn reported_only(resource: &MatchResource) -> Option<&ReportedResult> {
    resource.reported_result.as_ref().filter(|_| resource.state.status == Status::Scheduled)
}

/// The status as a badge.
fn badge(resource: &MatchResource) -> Markup {
    let status = resource.state.status;
    html! {
        span.badge data-part="status" data-live=(status.is_live()) {
            @if reported_only(resource).is_some() { "Reported" } @else { (phrases::status(status)) }
        }
    }
}

/// Where and as what the match is played; for which teams while it is played, on which day else.
fn place(resource: &MatchResource) -> String {
    let table = resource.table.as_ref().map(|table| format!("Table {table}"));
    let more = if resource.state.status.is_live() {
        teams(resource)
    } else {
        resource.scheduled_at.map(|at| phrases::day(&at.to_string()))
    };
    let parts: Vec<String> = table.into_iter().chain(resource.category.clone()).chain(more).collect();
    parts.join(" · ")
}

/// The teams that the sides of a match of a tie play for.
fn teams(resource: &MatchResource) -> Option<String> {
    resource.tie_id?;
    let [home, away] = Side::BOTH.map(|side| resource.sides.of(side));
    let known = [home, away].iter().all(|entry| !entry.name.is_empty() && !entry.players.is_empty());
    known.then(|| format!("{} – {}", home.name, away.name))
}

/// The side as it stands in attributes.
pub const fn key(side: Side) -> &'static str {
    match side {
        Side::Home => "home",
        Side::Away => "away",
    }
}

fn serve(facts: &Facts, side: Side) -> Markup {
    let serves = facts.winner.is_none() && facts.server.is_some_and(|seat| seat.side == side);
    html! { span.serve data-on=(serves) { @if serves { span.quiet { "serves " } } } }
}

// The last game is over in the interval that follows it, and when the match is.
fn is_current(facts: &Facts, index: usize) -> bool {
    index + 1 == facts.games.len() && facts.status != Status::Interval && !facts.status.is_over()
}
