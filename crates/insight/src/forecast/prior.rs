//! What is believed of two sides before their match.

use topspin_laws::Expedite;

use super::rates::{Rates, RatesError, logistic, within};
use super::service::SERVICES;
use super::tally::{COLUMNS, Tally};

/// Home's strength, in log-odds that are added to every rally, is normal with this mean and standard deviation.
///
/// A standard deviation of 0 is a strength that is known: nothing is learned.
#[derive(Debug, Clone, PartialEq)]
pub struct Prior {
    pub(super) mean: f64,
    pub(super) sd: f64,
    pub(super) base: Rates,
}

/// The largest standard deviation of a strength, in log-odds.
pub const MAX_SD: f64 = 1.0;

impl Prior {
    /// A strength on top of what `base` says of two even sides, usually [`Rates::even`] with an advantage of service
    /// that is known from earlier matches. `mean` is at most
    /// [`MAX_LOG_ODDS`](super::MAX_LOG_ODDS) either way, `sd` from 0 to [`MAX_SD`].
    ///
    /// # Errors
    /// [`RatesError::LogOdds`] with the one out of bounds.
    pub fn new(mean: f64, sd: f64, base: Rates) -> Result<Self, RatesError> {
        if !(0.0..=MAX_SD).contains(&sd) {
            return Err(RatesError::LogOdds { value: sd });
        }
        Ok(Prior { mean: within(mean)?, sd, base })
    }

    /// The mean of home's strength, in log-odds of a rally.
    pub const fn mean(&self) -> f64 {
        self.mean
    }

    /// Its standard deviation.
    pub const fn sd(&self) -> f64 {
        self.sd
    }

    /// Rates that are known for certain.
    pub const fn certain(rates: Rates) -> Self {
        Prior { mean: 0.0, sd: 0.0, base: rates }
    }
}

/// Standard deviations of the prior that the grid reaches to, either way: 2 in a thousand million lie beyond.
const REACH: f64 = 6.0;

/// The widest step of the grid, in standard deviations of the prior and in log-odds.
///
/// A sum over equidistant nodes approximates the integral of a normal density with standard deviation s within
/// 2·exp(−2π²(s/step)²) of itself: 3e-9 where the step is s. After 400 rallies a strength is known to about 0.1.
const STEP: (f64, f64) = (0.375, 0.1);

/// A number for each strength on the grid.
pub(super) type Lanes = Vec<f64>;

/// A rally at each strength.
#[derive(Debug, Clone)]
pub(super) struct RallyLanes {
    /// Probability that home wins it.
    pub won: Lanes,
    ln_won: Lanes,
    ln_lost: Lanes,
}

/// The strengths that stand for the prior: from 33 to 121, or one where it is known.
#[derive(Debug, Clone)]
pub(super) struct Grid {
    pub strengths: Lanes,
    /// Logarithms of weights that need not sum to 1.
    ln_prior: Lanes,
    normal: Vec<RallyLanes>,
    expedite: Vec<RallyLanes>,
}

impl Grid {
    pub fn new(prior: &Prior) -> Self {
        let step = (STEP.0 * prior.sd).min(STEP.1);
        let side = if prior.sd > 0.0 { (REACH * prior.sd / step).round() as i32 } else { 0 };
        let offsets: Lanes = (-side..=side).map(|node| f64::from(node) * step).collect();
        let density = |offset: &f64| if side == 0 { 0.0 } else { -0.5 * (offset / prior.sd).powi(2) };
        let rates: Vec<Rates> =
            offsets.iter().map(|offset| prior.base.shifted(prior.mean + offset)).collect();
        Grid {
            ln_prior: offsets.iter().map(density).collect(),
            strengths: offsets.iter().map(|offset| prior.mean + offset).collect(),
            normal: rallies(&rates, Expedite::Off),
            expedite: rallies(&rates, Expedite::On),
        }
    }

    pub fn width(&self) -> usize {
        self.strengths.len()
    }

    /// By [`Service::index`](super::Service), the unknown last.
    pub fn rallies(&self, expedite: Expedite) -> &[RallyLanes] {
        match expedite {
            Expedite::Off => &self.normal,
            Expedite::On => &self.expedite,
        }
    }

    /// The weight of each strength after the rallies of a tally; they sum to 1.
    pub fn weights(&self, tally: &Tally) -> Lanes {
        let mut weights = self.ln_prior.clone();
        for expedite in [Expedite::Off, Expedite::On] {
            for (column, count) in tally.counts(expedite) {
                let rally = &self.rallies(expedite)[column];
                let (home, away) = (count.home as f64, count.away as f64);
                for ((weight, won), lost) in weights.iter_mut().zip(&rally.ln_won).zip(&rally.ln_lost) {
                    *weight += home * won + away * lost;
                }
            }
        }
        let most = weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        for weight in &mut weights {
            *weight = (*weight - most).exp();
        }
        let sum: f64 = weights.iter().sum();
        for weight in &mut weights {
            *weight /= sum;
        }
        weights
    }
}

fn rallies(rates: &[Rates], expedite: Expedite) -> Vec<RallyLanes> {
    let column = |column: usize| {
        let won: Lanes = rates.iter().map(|rates| home_wins(rates.log_odds(expedite), column)).collect();
        let lost = rates.iter().map(|rates| home_wins(&rates.log_odds(expedite).map(|odds| -odds), column));
        RallyLanes {
            ln_won: won.iter().map(|won| won.ln()).collect(),
            ln_lost: lost.map(f64::ln).collect(),
            won,
        }
    };
    (0..COLUMNS).map(column).collect()
}

/// Whoever served: on average over all who could have.
fn home_wins(log_odds: &[f64; SERVICES], column: usize) -> f64 {
    match log_odds.get(column) {
        Some(log_odds) => logistic(*log_odds),
        None => log_odds.iter().map(|log_odds| logistic(*log_odds)).sum::<f64>() / SERVICES as f64,
    }
}

/// Lanes that nothing was added to are empty.
pub(super) fn add(sum: &mut Lanes, lanes: impl ExactSizeIterator<Item = f64>) {
    if sum.is_empty() {
        sum.extend(lanes);
    } else {
        sum.iter_mut().zip(lanes).for_each(|(sum, lane)| *sum += lane);
    }
}
