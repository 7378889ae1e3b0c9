//! Ties.

use topspin_insight::forecast::{TieForecastError, forecast_tie};
use topspin_laws::Both;
use topspin_laws::tie::{Rubber, TieFormat};

use super::assert_close;

/// Every outcome of every match, counted as far as the tie is played.
fn enumerated(format: &TieFormat, matches: &[f64], wanted: impl Fn(Both<u8>) -> bool) -> f64 {
    let count = matches.len();
    (0..1_u32 << count)
        .map(|outcomes| {
            let (mut score, mut probability) = (Both::new(0, 0), 1.0);
            for (number, home) in matches.iter().enumerate() {
                let won = outcomes >> number & 1 == 1;
                probability *= if won { *home } else { 1.0 - home };
                let over = score.home == format.to_win || score.away == format.to_win;
                if !over {
                    *(if won { &mut score.home } else { &mut score.away }) += 1;
                }
            }
            if wanted(score) { probability } else { 0.0 }
        })
        .sum()
}

#[test]
fn a_tie_is_the_sum_over_all_outcomes_of_its_matches() {
    let drawn = TieFormat { rubbers: vec![Rubber::Doubles {}; 4], to_win: 3, positions: 1 };
    for format in [TieFormat::olympic(), TieFormat::best_of_seven(), TieFormat::nine_singles(), drawn] {
        let matches: Vec<f64> =
            (0..format.rubbers.len()).map(|n| [0.3, 0.75, 1.0, 0.5, 0.0, 0.62, 0.41, 0.9, 0.2][n]).collect();
        let forecast = forecast_tie(&format, &matches).expect("as many matches as the format has");
        let home = enumerated(&format, &matches, |score| score.home == format.to_win);
        assert_close(forecast.wins.home, home, 1e-12, "home");
        let away = enumerated(&format, &matches, |score| score.away == format.to_win);
        assert_close(forecast.wins.away, away, 1e-12, "away");
        assert_close(forecast.scores.iter().map(|(_, p)| p).sum(), 1.0, 1e-12, "sum");
        for (score, probability) in &forecast.scores {
            assert_close(*probability, enumerated(&format, &matches, |s| s == *score), 1e-12, "score");
        }
    }
}

#[test]
fn four_matches_may_end_in_a_draw() {
    let format = TieFormat { rubbers: vec![Rubber::Doubles {}; 4], to_win: 3, positions: 1 };
    let forecast = forecast_tie(&format, &[0.5; 4]).expect("four");
    assert_close(1.0 - forecast.wins.home - forecast.wins.away, 6.0 / 16.0, 1e-12, "2:2");
}

#[test]
fn what_is_no_tie_is_refused() {
    let format = TieFormat::olympic();
    let refused = forecast_tie(&format, &[0.5; 4]).expect_err("one too few");
    assert_eq!(refused, TieForecastError::Matches { wanted: 5, given: 4 });
    for value in [-0.1, 1.1, f64::NAN] {
        assert!(forecast_tie(&format, &[0.5, 0.5, value, 0.5, 0.5]).is_err());
    }
}
