//! What is to be expected of a match after any of its points.
//!
//! A [`Prior`] says how strong the sides are thought to be, from ratings for instance. A [`Model`] solves the games of a
//! match under it, once. A [`Position`] is what the future depends on, and a [`Tally`] the rallies that were seen;
//! with both a model gives the [`Forecast`]: who wins the next rally, the game and the match, the correct score in
//! games, and how much hangs on the next rally. [`Model::total_points`] says how many points there will be, and
//! [`forecast_tie`] who wins a team match.
//!
//! ```
//! use topspin_insight::forecast::{Model, Position, Prior, RATED_SD, Rates, Tally, elo};
//! use topspin_laws::{Discipline, Format};
//!
//! let format = Format::ittf(Discipline::Singles, 7);
//! let prior = Prior::rated(&format, elo(100.0), RATED_SD, &Rates::even(0.1)?)?;
//! let model = Model::new(&format, &prior);
//! let belief = model.belief(&Tally::default());
//! let forecast = model.forecast(&Position::START, &belief).expect("a match to come");
//! assert!((forecast.wins - elo(100.0)).abs() < 1e-9);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is assumed
//!
//! - Given the strengths, rallies are independent, and how one ends depends only on who serves to whom and on expedite.
//!   In tennis this is false, and the error small (Klaassen and Magnus 2001).
//! - Home's strength is one number for the whole match, added to the log-odds of every rally. It is not known but
//!   normal; each rally teaches. A forecast is the mean over all strengths, weighted by how likely they are after the
//!   rallies seen: uncertainty is integrated over, never replaced by a best guess. So today's forecast is the mean of
//!   the forecasts after the next rally.
//! - How much service is worth is known beforehand, and so is what expedite changes ([`EXPEDITE_SHIFT`], where nobody
//!   says better).
//! - Nothing but rallies happens: no expedite that is not yet in operation, no cards, corrections or retirements.
//! - In doubles each of a pair is as likely to serve first where the pair may choose (Law 2.13.4), and so is each to
//!   receive first in the first game. Before the draw each side is as likely to serve first.
//!
//! # How exact it is
//!
//! At one strength everything is exact but for rounding: a backward recursion over the scores of a game, deuce in closed
//! form as an absorbing Markov chain (Kemeny and Snell 1960), then over the games, which are independent because nobody
//! earns the service by winning. The strengths are 33 to 121 equidistant ones: the trapezoidal rule, whose error falls
//! exponentially with the step (Trefethen and Weideman 2014), below 1e-8 for the rallies of any match to 11. Only the
//! distribution of points cuts off a tail, of 1e-12 a game.
//!
//! Nothing here is random or depends on the order of rallies; what is learned is counted in integers, so that a
//! correction leaves no trace. Floating-point numbers are computed on reading and never stored.
//!
//! # Sources
//!
//! The chance of a game from that of a rally: R. S. Schulman and M. A. Hamdan, *A probabilistic model for table tennis*,
//! Canadian Journal of Statistics 5 (1977). With services and the number of rallies, for today's laws: Y. Dominicy,
//! C. Ley and Y. Swan, *A stochastic analysis of table tennis*, Brazilian Journal of Probability and Statistics 27
//! (2013). Leverage is what C. Morris called the importance of a point: *The most important points in tennis*, in
//! *Optimal Strategies in Sports* (1977). Independence: F. J. G. M. Klaassen and J. R. Magnus, *Are points in tennis
//! independent and identically distributed?*, Journal of the American Statistical Association 96 (2001). Chains: J. G.
//! Kemeny and J. L. Snell, *Finite Markov Chains* (1960). The grid: L. N. Trefethen and J. A. C. Weideman, *The
//! exponentially convergent trapezoidal rule*, SIAM Review 56 (2014).

mod course;
mod game;
mod games;
mod length;
mod model;
mod points;
mod position;
mod prior;
mod rates;
mod rating;
mod rules;
mod service;
mod tally;
mod team;

pub use course::{Course, Learning, Step, course};
pub use model::{Belief, Forecast, Model, Next};
pub use points::TotalPoints;
pub use position::{Position, PositionError};
pub use prior::{MAX_SD, Prior};
pub use rates::{EXPEDITE_SHIFT, MAX_LOG_ODDS, Rates, RatesError};
pub use rating::{LEAST_PROBABILITY, RATED_SD, RatedError, RatingScale, elo, glicko, log_odds_per_point};
pub use service::Service;
pub use tally::{Rally, Tally, TallyError};
pub use team::{TieForecast, TieForecastError, forecast_tie};
