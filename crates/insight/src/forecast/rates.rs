//! How likely home is to win a rally, by who serves to whom.

use thiserror::Error;
use topspin_laws::Expedite;

use super::service::{SERVICES, Service};

/// Log-odds beyond this, either way, are not told apart from it: a rally won 2 times in a thousand million.
pub const MAX_LOG_ODDS: f64 = 20.0;

/// How far expedite moves a rally's log-odds towards the receiver, whose thirteenth return wins it (Law 2.15.4).
///
/// An assumption, not an estimate: few matches on record say which rallies were played under expedite. A rally that
/// is even otherwise is won by the receiver in 57 of 100.
pub const EXPEDITE_SHIFT: f64 = 0.3;

/// Why rates are refused.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum RatesError {
    /// Not strictly between 0 and 1, or so close to one of them that it exceeds [`MAX_LOG_ODDS`].
    #[error("the probability of a rally must lie between 0 and 1, both excluded: {value}")]
    Probability {
        /// What was given.
        value: f64,
    },
    /// Not a number from −[`MAX_LOG_ODDS`] to [`MAX_LOG_ODDS`].
    #[error("log-odds must lie between -{MAX_LOG_ODDS} and {MAX_LOG_ODDS}: {value}")]
    LogOdds {
        /// What was given.
        value: f64,
    },
}

/// The log-odds that home wins a rally, for each service, without and with expedite.
///
/// What is derived from rates stays within [`MAX_LOG_ODDS`]: sums beyond are cut there.
#[derive(Debug, Clone, PartialEq)]
pub struct Rates {
    normal: [f64; SERVICES],
    expedite: [f64; SERVICES],
}

impl Rates {
    /// Rates that depend on the serving side alone, as probabilities that **home** wins the rally. Expedite moves them
    /// by [`EXPEDITE_SHIFT`].
    ///
    /// # Errors
    /// [`RatesError::Probability`].
    pub fn by_side(home_serving: f64, away_serving: f64) -> Result<Self, RatesError> {
        let (home, away) = (log_odds(home_serving)?, log_odds(away_serving)?);
        Ok(Self::of(home, away))
    }

    /// Rates of doubles, as probabilities that **home** wins the rally: for each serving side by the server's place,
    /// then the receiver's. Expedite moves them by [`EXPEDITE_SHIFT`].
    ///
    /// # Errors
    /// [`RatesError::Probability`].
    pub fn by_player(home_serving: [[f64; 2]; 2], away_serving: [[f64; 2]; 2]) -> Result<Self, RatesError> {
        let mut normal = [0.0; SERVICES];
        let given = [home_serving, away_serving];
        for (cell, value) in normal.iter_mut().zip(given.iter().flatten().flatten()) {
            *cell = log_odds(*value)?;
        }
        Ok(Rates { normal, expedite: towards_receiver(normal, EXPEDITE_SHIFT) })
    }

    /// Two sides as strong as each other; the server's log-odds are `serve`. Expedite moves them by
    /// [`EXPEDITE_SHIFT`].
    ///
    /// # Errors
    /// [`RatesError::LogOdds`].
    pub fn even(serve: f64) -> Result<Self, RatesError> {
        let serve = within(serve)?;
        Ok(Self::of(serve, -serve))
    }

    /// The same rates, with expedite moving them towards the receiver by `shift` in log-odds.
    ///
    /// # Errors
    /// [`RatesError::LogOdds`].
    pub fn expedite_shift(self, shift: f64) -> Result<Self, RatesError> {
        Ok(Rates { expedite: towards_receiver(self.normal, within(shift)?), ..self })
    }

    /// The same rates, with those of `other` under expedite.
    #[must_use]
    pub fn under_expedite(self, other: &Rates) -> Self {
        Rates { expedite: other.normal, ..self }
    }

    /// The probability that home wins a rally.
    pub fn probability(&self, service: Service, expedite: Expedite) -> f64 {
        logistic(self.log_odds(expedite)[service.index()])
    }

    /// Home plays each rally better by `strength` in log-odds.
    pub(super) fn shifted(&self, strength: f64) -> Self {
        let shift = |odds: [f64; SERVICES]| odds.map(|odds| cut(odds + strength));
        Rates { normal: shift(self.normal), expedite: shift(self.expedite) }
    }

    pub(super) const fn log_odds(&self, expedite: Expedite) -> &[f64; SERVICES] {
        match expedite {
            Expedite::Off => &self.normal,
            Expedite::On => &self.expedite,
        }
    }

    fn of(home_serving: f64, away_serving: f64) -> Self {
        let mut normal = [away_serving; SERVICES];
        normal[..SERVICES / 2].fill(home_serving);
        Rates { normal, expedite: towards_receiver(normal, EXPEDITE_SHIFT) }
    }
}

pub(super) fn logistic(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

pub(super) fn within(log_odds: f64) -> Result<f64, RatesError> {
    if log_odds.abs() <= MAX_LOG_ODDS { Ok(log_odds) } else { Err(RatesError::LogOdds { value: log_odds }) }
}

fn log_odds(probability: f64) -> Result<f64, RatesError> {
    let refused = RatesError::Probability { value: probability };
    within((probability / (1.0 - probability)).ln()).map_err(|_| refused)
}

fn cut(log_odds: f64) -> f64 {
    log_odds.clamp(-MAX_LOG_ODDS, MAX_LOG_ODDS)
}

/// The first half of the services are home's.
fn towards_receiver(mut odds: [f64; SERVICES], shift: f64) -> [f64; SERVICES] {
    for (service, odds) in odds.iter_mut().enumerate() {
        *odds = cut(if service < SERVICES / 2 { *odds - shift } else { *odds + shift });
    }
    odds
}
