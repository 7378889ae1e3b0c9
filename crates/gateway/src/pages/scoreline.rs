//! The score of a match, as it stands in lists and at the top of its own page.

use maud::{Markup, html};
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
                (badge(facts))
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
    let names = [Side::Home, Side::Away].map(|side| phrases::side(resource, side));
    html! {
        table.score {
            caption.quiet { (names[0]) " against " (names[1]) }
            tbody {
                @for side in Side::BOTH {
                    tr data-side=(key(side)) data-winner=(facts.winner == Some(side)) {
                        th scope="row" {
                            (serve(facts, side))
                            span.name title=(resource.sides.of(side).name) { (phrases::side(resource, side)) }
                        }
                        td.total data-part="total" { (facts.score.of(side)) }
                        @for (index, game) in facts.games.iter().enumerate() {
                            td.game data-won=(won(facts, index, side))
                                data-current=(is_current(facts, index)) {
                                (game.of(side))
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The status as a badge.
pub fn badge(facts: &Facts) -> Markup {
    html! {
        span.badge data-part="status" data-live=(facts.status.is_live()) { (phrases::status(facts.status)) }
    }
}

/// Where and as what the match is played.
pub fn place(resource: &MatchResource) -> String {
    let table = resource.table.as_ref().map(|table| format!("Table {table}"));
    let parts: Vec<String> = table.into_iter().chain(resource.category.clone()).collect();
    parts.join(" · ")
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

fn won(facts: &Facts, index: usize, side: Side) -> bool {
    !is_current(facts, index) && facts.games.get(index).is_some_and(|game| game.leader() == Some(side))
}
