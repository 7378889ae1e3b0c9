//! A match beside the history of its players: what is unusual.

use maud::{Markup, html};
use topspin_event::Tally;
use topspin_insight::{Comparison, FALSE_ALARMS};
use topspin_scoring::MatchResource;

use super::phrases;
use super::player::title;
use crate::compared::Compared;

/// The section; nothing where no history is known.
pub fn section(resource: &MatchResource, compared: &[Compared]) -> Markup {
    let notable = |one: &Compared| one.all.iter().filter(|one| one.notable).count();
    html! {
        @if !compared.is_empty() {
            section.statistics aria-labelledby="tonight" {
                h2 #tonight { "This match and the others" }
                @if compared.iter().all(|one| notable(one) == 0) {
                    p.none { "Nothing here is unlike what these players have shown before." }
                }
                @for one in compared.iter().filter(|one| notable(one) > 0) {
                    ul.notable {
                        @for comparison in one.all.iter().filter(|one| one.notable) {
                            li { strong { (phrases::side(resource, one.side)) } " " (sentence(comparison)) }
                        }
                    }
                }
                details.about #about-tonight {
                    summary { "All figures" }
                    div.grid { @for one in compared { (table(resource, one)) } }
                    p {
                        "Unusual is said only of what is so unlike a player's other singles that of 100 matches without anything \
                         unusual at most " (format!("{:.0}", 100.0 * FALSE_ALARMS)) " have something called so, however often one looks. \
                         In brackets the range in which the rate of this match is with 95 % credibility."
                    }
                }
            }
        }
    }
}

fn sentence(comparison: &Comparison) -> Markup {
    let Comparison { aspect, tonight, history, .. } = comparison;
    html! {
        (title(*aspect).to_lowercase()) ": " (tonight.won) " of " (tonight.of) ", against " (percent(*history))
        " in " (history.of) " rallies of other matches"
    }
}

fn table(resource: &MatchResource, one: &Compared) -> Markup {
    html! {
        table.facts {
            caption { (phrases::side(resource, one.side)) }
            thead { tr { th scope="col" { "Points" } th scope="col" { "This match" } th scope="col" { "Before" } } }
            tbody {
                @for comparison in &one.all {
                    tr data-notable=(comparison.notable) {
                        th scope="row" { (title(comparison.aspect)) @if comparison.notable { " (unusual)" } }
                        td {
                            (percent(comparison.tonight)) " (" (bound(comparison.interval.0)) "–" (bound(comparison.interval.1)) ")"
                        }
                        td { (percent(comparison.history)) }
                    }
                }
            }
        }
    }
}

fn percent(tally: Tally) -> String {
    format!("{:.0} %", 100.0 * f64::from(tally.won) / f64::from(tally.of.max(1)))
}

fn bound(rate: f64) -> String {
    format!("{:.0}", 100.0 * rate)
}
