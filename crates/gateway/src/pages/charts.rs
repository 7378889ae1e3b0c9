//! Charts as SVG, drawn on the server: they need no script, take the colours of the page, and say in words what they show.

use std::fmt::Write as _;

use maud::{Markup, html};
use topspin_event::LengthCount;

/// Units of a drawing; it is stretched to the width of the page.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 160.0;

/// A stretch of a chart over the course of a match: one game.
pub struct Stretch {
    /// What stands below it.
    pub label: String,
    /// Values after each point, from the one at its beginning on.
    pub values: Vec<f64>,
}

/// What a course chart is measured by.
pub struct Scale {
    /// The value of the top; the bottom is its negative.
    pub most: f64,
    /// What stands at the top.
    pub top: String,
    /// What stands at the bottom.
    pub bottom: String,
}

/// How something went over the games of a match: steps above the middle for home, below it for away.
pub fn course(stretches: &[Stretch], scale: &Scale, said: &str) -> Markup {
    let middle = HEIGHT / 2.0;
    let steps: usize = stretches.iter().map(Stretch::steps).sum();
    let step = WIDTH / steps.max(1) as f64;
    let height = |value: f64| middle - middle * (value / scale.most).clamp(-1.0, 1.0);
    let mut to = 0.0;
    html! {
        div.chart {
            svg viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) preserveAspectRatio="none" role="img" aria-label=(said) {
                @for stretch in stretches {
                    @let from = to;
                    @let () = to += step * stretch.steps() as f64;
                    path.home d=(area(&stretch.values, (from, step), &|value| height(value.max(0.0)))) {}
                    path.away d=(area(&stretch.values, (from, step), &|value| height(value.min(0.0)))) {}
                    line.edge x1=(fine(to)) x2=(fine(to)) y1="0" y2=(HEIGHT) {}
                }
                line.axis x1="0" x2=(WIDTH) y1=(middle) y2=(middle) {}
            }
            span.top aria-hidden="true" { (scale.top) }
            span.bottom aria-hidden="true" { (scale.bottom) }
            div.labels aria-hidden="true" {
                @for stretch in stretches {
                    span style={ "flex-grow:" (stretch.steps()) } { (stretch.label) }
                }
            }
        }
    }
}

impl Stretch {
    fn steps(&self) -> usize {
        self.values.len().max(1)
    }
}

fn area(values: &[f64], (from, step): (f64, f64), height: &dyn Fn(f64) -> f64) -> String {
    let mut path = format!("M{} {}", fine(from), fine(HEIGHT / 2.0));
    for value in values {
        let _ = write!(path, "V{}h{}", fine(height(*value)), fine(step));
    }
    let _ = write!(path, "V{}Z", fine(HEIGHT / 2.0));
    path
}

/// How many there were of each length.
pub fn distribution(counts: &[LengthCount], said: &str) -> Markup {
    const MOST: usize = 24;
    columns(&bars(counts, MOST), said)
}

/// Columns, each with a label below it and a count above it.
pub fn columns(bars: &[(String, u32)], said: &str) -> Markup {
    let tallest = bars.iter().map(|bar| bar.1).max().unwrap_or(1).max(1);
    html! {
        div.chart.distribution role="img" aria-label=(said) {
            @for (label, count) in bars {
                span.column title={ (label) ": " (count) } {
                    span.count aria-hidden="true" { @if *count > 0 { (count) } }
                    span.bar style={ "height:" (fine(70.0 * f64::from(*count) / f64::from(tallest))) "%" } {}
                    span.length aria-hidden="true" { (label) }
                }
            }
        }
    }
}

/// Every length up to the longest has a bar; where there would be too many, the last one takes all that are longer.
fn bars(counts: &[LengthCount], most: usize) -> Vec<(String, u32)> {
    let Some((first, last)) = counts.first().zip(counts.last()) else { return Vec::new() };
    let end = last.length.min(first.length + most as u32 - 1);
    let count = |length: u32| counts.iter().find(|one| one.length == length).map_or(0, |one| one.count);
    let mut bars: Vec<(String, u32)> =
        (first.length..=end).map(|length| (length.to_string(), count(length))).collect();
    if last.length > end
        && let Some(bar) = bars.last_mut()
    {
        bar.0 = format!("{end}+");
        bar.1 = counts.iter().filter(|one| one.length >= end).map(|one| one.count).sum();
    }
    bars
}

/// A coordinate to a tenth.
fn fine(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_bar_takes_what_is_longer() {
        let counts = [(2, 3), (4, 1), (90, 2)].map(|(length, count)| LengthCount { length, count });
        let bars = bars(&counts, 4);
        let shown: Vec<(&str, u32)> = bars.iter().map(|(label, count)| (label.as_str(), *count)).collect();
        assert_eq!(shown, [("2", 3), ("3", 0), ("4", 1), ("5+", 2)]);
    }
}
