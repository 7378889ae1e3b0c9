//! The forecast of a tie from those of its matches.

use thiserror::Error;
use topspin_laws::tie::TieFormat;
use topspin_laws::{Both, Side};

/// What is to be expected of a tie.
#[derive(Debug, Clone, PartialEq)]
pub struct TieForecast {
    /// That each side wins it. They sum to less than 1 where all matches can be played without a winner.
    pub wins: Both<f64>,
    /// Every possible final score in matches, home's ascending, then away's; they sum to 1.
    pub scores: Vec<(Both<u8>, f64)>,
}

/// Why matches do not make a tie.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum TieForecastError {
    /// There are not as many as the format has.
    #[error("the tie has {wanted} matches, not {given}")]
    Matches {
        /// What the format has.
        wanted: usize,
        /// What was given.
        given: usize,
    },
    /// Not a number from 0 to 1.
    #[error("the probability of a match must lie between 0 and 1: {value}")]
    Probability {
        /// What was given.
        value: f64,
    },
}

/// The forecast of a tie, given the probability that home wins each of its matches, in playing order, from 0 to 1:
/// 1 or 0 for one that is over. They are played until a side has as many as win the tie.
///
/// The matches are taken as independent: it is not learned from one how strong a player is in another.
///
/// # Errors
/// [`TieForecastError`].
pub fn forecast_tie(format: &TieFormat, matches: &[f64]) -> Result<TieForecast, TieForecastError> {
    let (wanted, given) = (format.rubbers.len(), matches.len());
    if wanted != given {
        return Err(TieForecastError::Matches { wanted, given });
    }
    if let Some(&value) = matches.iter().find(|home| !(0.0..=1.0).contains(*home)) {
        return Err(TieForecastError::Probability { value });
    }
    let over = |score: &Both<u8>| score.home >= format.to_win || score.away >= format.to_win;
    let mut scores = vec![(Both::new(0, 0), 1.0)];
    for home in matches {
        let mut next: Vec<(Both<u8>, f64)> = Vec::new();
        for (score, probability) in scores {
            if over(&score) {
                add(&mut next, score, probability);
            } else {
                add(&mut next, Both::new(score.home, score.away + 1), probability * (1.0 - home));
                add(&mut next, Both::new(score.home + 1, score.away), probability * home);
            }
        }
        scores = next;
    }
    scores.sort_by_key(|(score, _)| (score.home, score.away));
    let wins = |side: Side| {
        scores.iter().filter(|(score, _)| *score.of(side) >= format.to_win).map(|(_, p)| p).sum()
    };
    Ok(TieForecast { wins: Both::new(wins(Side::Home), wins(Side::Away)), scores })
}

fn add(scores: &mut Vec<(Both<u8>, f64)>, score: Both<u8>, more: f64) {
    match scores.iter_mut().find(|(known, _)| *known == score) {
        Some((_, probability)) => *probability += more,
        None if more > 0.0 => scores.push((score, more)),
        None => {}
    }
}
