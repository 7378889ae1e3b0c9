//! How many points a match has.

use std::collections::BTreeMap;

use topspin_insight::forecast::{Model, Position, Prior, Rates, Tally};
use topspin_laws::{Discipline, Format, Score, Side};

use super::scored::Scored;
use super::{assert_close, certain, format};

/// Adds up every match that can follow, one by one.
fn enumerate(scored: &Scored, home: f64, share: f64, totals: &mut BTreeMap<u32, f64>) {
    let facts = scored.facts();
    if facts.winner.is_some() {
        let points = facts.games.iter().map(Score::total).sum();
        *totals.entry(points).or_default() += share;
    } else if facts.server.is_none() {
        enumerate(&scored.starts()[0], home, share, totals);
    } else {
        enumerate(&scored.after_point(Side::Home), home, share * home, totals);
        enumerate(&scored.after_point(Side::Away), home, share * (1.0 - home), totals);
    }
}

#[test]
fn every_number_of_points_has_its_probability() {
    let format = format(Discipline::Singles, 3, |format| {
        (format.game_points, format.deciding_game_points, format.change_over_points) = (3, 2, 1);
        format.win_by = 1;
    });
    let model = certain(&format, &Rates::by_side(0.6, 0.6).expect("probabilities"));
    let mut scored = Scored::new(&format);
    for to in [Side::Home, Side::Away, Side::Home, Side::Home, Side::Away] {
        let mut totals = BTreeMap::new();
        enumerate(&scored, 0.6, 1.0, &mut totals);
        let points =
            model.total_points(&scored.position(), &model.belief(&Tally::default())).expect("a winner");
        assert_eq!(Some(&points.least), totals.keys().next());
        assert_close(points.probabilities.iter().sum(), 1.0, 1e-12, "sum");
        for (beyond, probability) in points.probabilities.iter().enumerate() {
            let enumerated = totals.get(&(points.least + beyond as u32)).copied().unwrap_or_default();
            assert_close(*probability, enumerated, 1e-12, "probability");
        }
        scored.play(to, 0);
    }
}

#[test]
fn quantiles_enclose_the_mean_and_close_in_on_the_end() {
    let format = Format::ittf(Discipline::Doubles, 7);
    let prior = Prior::new(0.1, 0.25, Rates::even(0.1).expect("small")).expect("legal");
    let model = Model::new(&format, &prior);
    let points = model.total_points(&Position::START, &model.belief(&Tally::default())).expect("a winner");
    let [low, middle, high] = [0.05, 0.5, 0.95].map(|p| points.quantile(p));
    assert!((44..low).contains(&points.least.max(44)) || points.least == 44, "{}", points.least);
    assert!(low < middle && middle < high, "{low} {middle} {high}");
    assert_close(points.mean(), f64::from(middle), 3.0, "mean and median");
    let at_most =
        |limit: u32| -> f64 { points.probabilities.iter().take((limit - points.least + 1) as usize).sum() };
    for (quantile, p) in [(low, 0.05), (middle, 0.5), (high, 0.95)] {
        assert!(at_most(quantile) >= p && at_most(quantile - 1) < p);
    }
    assert_eq!(points.quantile(0.0), points.least);
    assert_eq!(points.quantile(1.1), points.least + points.probabilities.len() as u32 - 1);
}

#[test]
fn services_that_are_never_lost_still_end() {
    let model = certain(&Format::ittf(Discipline::Singles, 3), &Rates::by_side(0.999, 0.001).expect("legal"));
    let points = model.total_points(&Position::START, &model.belief(&Tally::default())).expect("a winner");
    assert_close(points.probabilities.iter().sum(), 1.0, 1e-9, "sum");
    assert!(points.probabilities.len() < 3 * (22 + 200));
}
