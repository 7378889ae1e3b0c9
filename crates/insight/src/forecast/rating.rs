//! From ratings to a prior.

use std::f64::consts::{LN_10, PI};

use thiserror::Error;
use topspin_laws::{Both, Format};

use super::model::Model;
use super::position::Position;
use super::prior::{MAX_SD, Prior};
use super::rates::{MAX_LOG_ODDS, Rates, RatesError};
use super::tally::Tally;

/// How uncertain a strength is that ratings give, in log-odds of a rally: [`Prior::rated`]'s usual `sd`.
///
/// An assumption, not an estimate: about what 60 rallies teach.
pub const RATED_SD: f64 = 0.25;

/// The probabilities of a match that a prior can be made for: this, to 1 less this.
pub const LEAST_PROBABILITY: f64 = 1e-6;

/// They leave a strength uncertain by 2·20/2⁴⁵, which is 1e-12 in log-odds.
const HALVINGS: u32 = 45;

/// The probability that home wins a match under Elo's rating: `difference` is home's rating less away's, 400 points
/// of it are odds of ten to one.
pub fn elo(difference: f64) -> f64 {
    1.0 / (1.0 + 10_f64.powf(-difference / 400.0))
}

/// The same under Glicko (Glickman 1999), with the rating deviation of each side in rating points.
pub fn glicko(difference: f64, deviations: Both<f64>) -> f64 {
    let q = LN_10 / 400.0;
    let variance = deviations.home.powi(2) + deviations.away.powi(2);
    elo(difference / (1.0 + 3.0 * q.powi(2) * variance / PI.powi(2)).sqrt())
}

/// Why ratings give no prior.
#[derive(Debug, Clone, Copy, PartialEq, Error)]
pub enum RatedError {
    /// The probability of the match is out of bounds.
    #[error("the probability of a match must lie between {LEAST_PROBABILITY} and 1 less that: {value}")]
    Probability {
        /// What was given.
        value: f64,
    },
    /// The standard deviation is out of bounds.
    #[error(transparent)]
    Sd(#[from] RatesError),
}

impl Prior {
    /// The prior with which home wins a match of this format with probability `wins`, from
    /// [`LEAST_PROBABILITY`] to 1 less that, before anybody has drawn: what [`elo`] or [`glicko`] say. `base` and `sd`
    /// are those of [`Prior::new`]; [`RATED_SD`] is usual.
    ///
    /// Found by bisection to 12 digits, in some milliseconds: once a match.
    ///
    /// # Errors
    /// [`RatedError`] with the argument out of bounds.
    pub fn rated(format: &Format, wins: f64, sd: f64, base: &Rates) -> Result<Self, RatedError> {
        if !(LEAST_PROBABILITY..=1.0 - LEAST_PROBABILITY).contains(&wins) {
            return Err(RatedError::Probability { value: wins });
        }
        let mut prior = Prior::new(0.0, sd, base.clone())?;
        let (mut low, mut high) = (-MAX_LOG_ODDS, MAX_LOG_ODDS);
        for _ in 0..HALVINGS {
            prior.mean = f64::midpoint(low, high);
            if before_match(format, &prior) < wins {
                low = prior.mean;
            } else {
                high = prior.mean;
            }
        }
        Ok(prior)
    }
}

/// How ratings become a prior: home's strength is normal, and each point of the difference is worth what makes home win the
/// match as often as Elo says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RatingScale {
    /// How much of the difference counts: 1 is all of it, 0 takes the sides to be equal.
    pub trust: f64,
    /// How much of the ratings' own uncertainty counts, in the same way.
    pub doubt: f64,
    /// What else is unknown of a strength, in log-odds of a rally: a standard deviation, such as that from day to day.
    pub day: f64,
}

impl RatingScale {
    /// What [`topspin bench forecast`](crate) chose on the season 2023-24 of the Bundesliga.
    pub const USUAL: RatingScale = RatingScale { trust: 0.5, doubt: 0.5, day: 0.05 };

    /// The prior of two sides with these ratings and deviations, in points. `per_point` is that of
    /// [`log_odds_per_point`], `base` that of [`Prior::new`].
    ///
    /// # Errors
    /// [`RatesError`] where ratings are so far apart that nothing is left to be expected.
    pub fn prior(
        &self,
        ratings: &Both<(f64, f64)>,
        per_point: f64,
        base: &Rates,
    ) -> Result<Prior, RatesError> {
        let mean = self.trust * per_point * (ratings.home.0 - ratings.away.0);
        let rated = self.doubt * per_point * ratings.home.1.hypot(ratings.away.1);
        Prior::new(mean, self.day.hypot(rated).min(MAX_SD), base.clone())
    }
}

/// What a point of a rating is worth in a format, in log-odds of a rally: a hundredth of what a difference of 100 points
/// is, where nothing else is known of either side.
///
/// # Errors
/// [`RatedError`], which does not occur for rates that are within their bounds.
pub fn log_odds_per_point(format: &Format, base: &Rates) -> Result<f64, RatedError> {
    const POINTS: f64 = 100.0;
    Ok(Prior::rated(format, elo(POINTS), 0.0, base)?.mean / POINTS)
}

fn before_match(format: &Format, prior: &Prior) -> f64 {
    let model = Model::new(format, prior);
    let forecast = model.forecast(&Position::START, &model.belief(&Tally::default()));
    forecast.map_or(0.5, |forecast| forecast.wins)
}
