//! Forecasts, beside the real laws played through, sums written out, and each other.

mod belief;
mod laws;
mod points;
mod position;
mod properties;
mod scored;
mod tie;

use topspin_insight::forecast::{Forecast, Model, Position, Prior, Rates, Tally};
use topspin_laws::{Discipline, Format};

/// The ITTF's format with some fields changed.
fn format(discipline: Discipline, best_of: u8, change: impl FnOnce(&mut Format)) -> Format {
    let mut format = Format::ittf(discipline, best_of);
    change(&mut format);
    format.validated().expect("a legal format")
}

fn certain(format: &Format, rates: &Rates) -> Model {
    Model::new(format, &Prior::certain(rates.clone()))
}

fn forecast(model: &Model, position: &Position, tally: &Tally) -> Forecast {
    model.forecast(position, &model.belief(tally)).expect("a match with a winner")
}

#[track_caller]
fn assert_close(left: f64, right: f64, tolerance: f64, what: &str) {
    assert!((left - right).abs() <= tolerance, "{what}: {left} and {right} differ by {:e}", left - right);
}
