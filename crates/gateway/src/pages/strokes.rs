//! Strokes on the pages of a match, a player and of two who meet.

use maud::{Markup, html};
use topspin_event::{LastStroke, LengthTally, MatchStrokes, StrokePatterns, Tally};
use topspin_insight::{Chronicle, strokes};
use topspin_laws::{Both, Side};
use topspin_scoring::MatchResource;

use super::charts::columns;
use super::stroke_words as words;
use super::table_map::{maps, percent};
use super::{phrases, player};
use crate::limits::PATTERNS_SHOWN;
use crate::strokes::PlayerStrokesResource;

/// The strokes of a match; nothing where none are recorded.
pub fn of_match(resource: &MatchResource, chronicle: &Chronicle) -> Markup {
    let told = strokes(chronicle);
    let Some(MatchStrokes { rallies, sides: Some(sides), .. }) = told else { return html! {} };
    let all = chronicle.rallies().len();
    let names = Both::new(phrases::side(resource, Side::Home), phrases::side(resource, Side::Away));
    html! {
        section.statistics aria-labelledby="strokes" {
            h2 #strokes { "Strokes" }
            p.about { "The strokes of " (rallies) " of " (all) " rallies are recorded." }
            (lengths(&sides.home.lengths, [&names.home, &names.away].map(|name| format!("{name} served, won")), opponents_won))
            div.sides {
                @for side in Side::BOTH { (patterns(names.of(side), sides.of(side))) }
            }
        }
    }
}

/// The strokes of a player in singles.
pub fn of_player(told: &PlayerStrokesResource) -> Markup {
    html! {
        section.statistics aria-labelledby="strokes" {
            h2 #strokes { "Strokes" }
            @if told.windows.is_empty() { p.none { "No strokes of this player are recorded." } }
            @for one in &told.windows {
                @let (title, patterns) = (player::window(&one.window), &one.patterns);
                @let shown = html! {
                    (lengths(&patterns.lengths, ["Won on serve", "Won on receive"].map(str::to_owned), as_it_is))
                    (self::patterns(title, patterns))
                };
                (window(&one.window, &format!("{title}: {} rallies", patterns.rallies.of), &shown))
            }
        }
    }
}

/// The strokes of two players against each other, as each of them plays.
pub fn of_two(names: (&str, &str), told: (&PlayerStrokesResource, &PlayerStrokesResource)) -> Markup {
    html! {
        section.statistics aria-labelledby="strokes" {
            h2 #strokes { "Strokes" }
            @if told.0.windows.is_empty() { p.none { "No strokes of them against each other are recorded." } }
            @for (one, other) in told.0.windows.iter().zip(&told.1.windows) {
                @let title = player::window(&one.window);
                @let headings = [names.0, names.1].map(|name| format!("{name} served, won"));
                @let shown = html! {
                    (lengths(&one.patterns.lengths, headings, opponents_won))
                    div.sides { (patterns(names.0, &one.patterns)) (patterns(names.1, &other.patterns)) }
                };
                (window(&one.window, &format!("{title}: {} rallies", one.patterns.rallies.of), &shown))
            }
        }
    }
}

/// Of all time at once, of a shorter window on demand.
fn window(name: &str, title: &str, shown: &Markup) -> Markup {
    html! {
        @if name == "all_time" { p.about { (title) } (shown) }
        @else { details.window { summary { (title) } (shown) } }
    }
}

/// What is shown of the strokes of one side.
fn patterns(name: &str, of: &StrokePatterns) -> Markup {
    let serves: Vec<_> = of.serves.iter().map(|one| ([words::serve(one)], one.tally)).collect();
    let receives: Vec<_> = of.receives.iter().map(|one| ([words::receive(one)], one.tally)).collect();
    let third: Vec<_> =
        of.third_balls.iter().map(|one| ([words::served(one), words::third_ball(one)], one.tally)).collect();
    html! {
        article.side-strokes {
            h3 { (name) }
            (maps(&of.placements))
            (table("Services", ["Service"], &serves))
            (table("Third balls", ["After a service", "Third ball"], &third))
            (table("Returns of services", ["Return"], &receives))
            (last_strokes(&of.last_strokes))
        }
    }
}

/// The patterns that occurred most often, with how often, and how many of the rallies were won.
fn table<const N: usize>(caption: &str, heads: [&str; N], rows: &[([String; N], Tally)]) -> Markup {
    let all: u32 = rows.iter().map(|(_, tally)| tally.of).sum();
    let most = rows.first().map_or(1, |(_, tally)| tally.of).max(1);
    let (shown, caption) = frequent(rows, &format!("{caption}: {all}"));
    html! {
        @if rows.len() > shown && shown == 0 {
            p.none { (caption) }
        } @else if shown > 0 {
            table.patterns {
                caption { (caption) }
                thead { tr {
                    @for head in heads { th scope="col" { (head) } }
                    th.number scope="col" { "Times" } th.number scope="col" { "Won" }
                } }
                tbody {
                    @for (words, tally) in rows.iter().take(shown) {
                        tr {
                            @for words in words { td { (words) } }
                            td.number {
                                (tally.of)
                                span.gauge aria-hidden="true" { span style={ "width:" (100 * tally.of / most) "%" } {} }
                            }
                            td.number { (won(*tally)) }
                        }
                    }
                }
            }
        }
    }
}

/// How many of the patterns, the most frequent first, are shown, and what is said of the others: of many kinds those that
/// occurred once say nothing.
fn frequent<const N: usize>(rows: &[([String; N], Tally)], caption: &str) -> (usize, String) {
    if rows.len() <= PATTERNS_SHOWN {
        return (rows.len(), caption.to_owned());
    }
    let (twice, kinds) = (rows.iter().take_while(|(_, tally)| tally.of > 1).count(), rows.len());
    match twice.min(PATTERNS_SHOWN) {
        0 => (0, format!("{caption}, of {kinds} kinds, none of which occurred twice")),
        1 => (1, format!("{caption}, the most frequent of {kinds} kinds")),
        shown => (shown, format!("{caption}, the {shown} most frequent of {kinds} kinds")),
    }
}

fn won(tally: Tally) -> Markup {
    html! { (percent(tally)) small { " " (tally.won) " of " (tally.of) } }
}

/// The received rallies as they are.
const fn as_it_is(tally: Tally) -> Tally {
    tally
}

/// The received rallies as the opponent sees them, who served.
const fn opponents_won(tally: Tally) -> Tally {
    Tally { won: tally.of - tally.won, of: tally.of }
}

/// How many rallies there were of each length, and who won them by who served.
fn lengths(lengths: &[LengthTally], heads: [String; 2], received: fn(Tally) -> Tally) -> Markup {
    let count = |one: &LengthTally| one.serve.map_or(0, |of| of.of) + one.receive.map_or(0, |of| of.of);
    let bars: Vec<(String, u32)> = lengths.iter().map(|one| (words::length(one), count(one))).collect();
    let said: Vec<String> = bars.iter().map(|(length, count)| format!("{length} strokes {count}")).collect();
    html! {
        figure.lengths {
            figcaption { "Rallies by their number of strokes" }
            (columns(&bars, &format!("Rallies by their number of strokes: {}", said.join(", "))))
            table.patterns {
                thead { tr {
                    th scope="col" { "Strokes" } th.number scope="col" { "Rallies" }
                    @for head in heads { th.number scope="col" { (head) } }
                } }
                tbody {
                    @for (one, (length, count)) in lengths.iter().zip(&bars) {
                        tr {
                            th scope="row" { (length) }
                            td.number { (count) }
                            @for tally in [one.serve, one.receive.map(received)] {
                                td.number { @if let Some(tally) = tally { (won(tally)) } @else { "–" } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What ended rallies, by kind of stroke.
fn last_strokes(all: &[LastStroke]) -> Markup {
    let name = |one: &LastStroke| one.class.map_or("not recorded", words::class);
    html! {
        @if !all.is_empty() {
            details.about {
                summary { "Strokes that ended rallies" }
                table.facts {
                    thead { tr { th scope="col" { "Stroke" } th scope="col" { "Not returned" } th scope="col" { "Missed" } } }
                    tbody {
                        @for one in all {
                            tr { th scope="row" { (name(one)) } td { (one.winners) } td { (one.errors) } }
                        }
                    }
                }
            }
        }
    }
}
