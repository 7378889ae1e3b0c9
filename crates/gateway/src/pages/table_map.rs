//! Where strokes landed: the half of the table, as the player sees it to whom they were played, with the net at the top.
//!
//! How many is said by number and by one hue that grows stronger, so that no two colours have to be told apart.

use maud::{Markup, html};
use topspin_event::{Placement, StrokePhase, Tally, Zone};

use super::stroke_words::{phase as phase_name, zone as zone_name};

/// Units of the drawing: a zone is wide and high so many, the labels beside the table have so much.
const WIDE: u32 = 80;
const HIGH: u32 = 62;
const LEFT: u32 = 52;
const TOP: u32 = 40;

/// The strongest hue, in hundredths: on it the text is still read.
const STRONGEST: u32 = 50;

const ROWS: [&str; 3] = ["short", "half", "long"];
const COLUMNS: [&str; 3] = ["backhand", "middle", "forehand"];

/// What landed in a zone, in a phase.
fn landed(placements: &[Placement], phase: StrokePhase, zone: Zone) -> Tally {
    let found = placements.iter().find(|one| one.phase == phase && one.zone == Some(zone));
    found.map(|one| one.tally).unwrap_or_default()
}

/// The zones in the order of the drawing: from the net on, the backhand first.
fn zones() -> impl Iterator<Item = Zone> {
    [3, 2, 1, 6, 5, 4, 9, 8, 7].into_iter().filter_map(|number| Zone::try_from(number).ok())
}

/// A drawing for each phase of which any placement is recorded, and all of it as a table.
pub fn maps(placements: &[Placement]) -> Markup {
    let placed = |phase: StrokePhase| placements.iter().any(|one| one.phase == phase && one.zone.is_some());
    let phases: Vec<StrokePhase> = StrokePhase::ALL.into_iter().filter(|phase| placed(*phase)).collect();
    html! {
        @if phases.is_empty() {
            p.none { "No placement is recorded." }
        } @else {
            div.maps { @for phase in &phases { (map(placements, *phase)) } }
            details.about {
                summary { "Placements as a table" }
                (table(placements, &phases))
            }
        }
    }
}

fn map(placements: &[Placement], phase: StrokePhase) -> Markup {
    let tallies: Vec<(Zone, Tally)> = zones().map(|zone| (zone, landed(placements, phase, zone))).collect();
    let most = tallies.iter().map(|(_, tally)| tally.of).max().unwrap_or(1).max(1);
    let all: u32 = tallies.iter().map(|(_, tally)| tally.of).sum();
    let said = said(phase, &tallies);
    let (width, height) = (LEFT + 3 * WIDE + 2, TOP + 3 * HIGH + 2);
    html! {
        figure.map {
            figcaption { (phase_name(phase)) ": " (all) " placed" }
            svg viewBox=(format!("0 0 {width} {height}")) role="img" aria-label=(said) {
                @for (column, label) in (0..).zip(COLUMNS) {
                    text.label x=(LEFT + column * WIDE + WIDE / 2) y="14" text-anchor="middle" { (label) }
                }
                @for (row, label) in (0..).zip(ROWS) {
                    text.label x=(LEFT - 8) y=(TOP + row * HIGH + HIGH / 2 + 4) text-anchor="end" { (label) }
                }
                @for (place, (_, tally)) in (0..).zip(&tallies) {
                    (cell((LEFT + place % 3 * WIDE, TOP + place / 3 * HIGH), *tally, most))
                }
                line.net x1=(LEFT - 12) x2=(LEFT + 3 * WIDE + 2) y1=(TOP - 8) y2=(TOP - 8) {}
                text.label x=(LEFT - 16) y=(TOP - 4) text-anchor="end" { "net" }
            }
        }
    }
}

fn cell((x, y): (u32, u32), tally: Tally, most: u32) -> Markup {
    let hue = if tally.of == 0 { 0 } else { 6 + (STRONGEST - 6) * tally.of / most };
    html! {
        rect.zone x=(x) y=(y) width=(WIDE) height=(HIGH) fill-opacity=(format!("0.{hue:02}")) {}
        @if tally.of > 0 {
            text.count x=(x + WIDE / 2) y=(y + HIGH / 2 - 1) text-anchor="middle" { (tally.of) }
            text.rate x=(x + WIDE / 2) y=(y + HIGH / 2 + 17) text-anchor="middle" { (percent(tally)) " won" }
        }
    }
}

fn said(phase: StrokePhase, tallies: &[(Zone, Tally)]) -> String {
    let zones = tallies.iter().filter(|(_, tally)| tally.of > 0);
    let zones: Vec<String> =
        zones.map(|(zone, tally)| format!("{} {}, {} won", zone_name(*zone), tally.of, tally.won)).collect();
    format!("{}, where the ball landed: {}", phase_name(phase), zones.join("; "))
}

fn table(placements: &[Placement], phases: &[StrokePhase]) -> Markup {
    html! {
        table.facts.placements {
            caption { "Strokes, and the share of their rallies that was won" }
            thead { tr { th scope="col" { "Zone" } @for phase in phases { th scope="col" { (phase_name(*phase)) } } } }
            tbody {
                @for zone in zones() {
                    tr {
                        th scope="row" { (zone_name(zone)) }
                        @for phase in phases {
                            @let tally = landed(placements, *phase, zone);
                            td { (tally.of) @if tally.of > 0 { " (" (percent(tally)) ")" } }
                        }
                    }
                }
            }
        }
    }
}

/// A tally in hundredths.
pub fn percent(tally: Tally) -> String {
    format!("{:.0} %", 100.0 * f64::from(tally.won) / f64::from(tally.of.max(1)))
}
