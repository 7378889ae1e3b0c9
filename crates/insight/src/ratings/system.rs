//! The rating systems, in whole numbers.
//!
//! What is computed is rounded at once: to a thousandth of a point, and a thousand-millionth of a volatility. So what depends on a
//! change that makes no difference any more need not be found again. The formulas are those of the crate `skillratings`.

use serde::{Deserialize, Serialize};
use skillratings::Outcomes;
use skillratings::elo::{EloConfig, EloRating, elo_rating_period};
use skillratings::glicko2::{Glicko2Config, Glicko2Rating, decay_deviation, glicko2_rating_period};
use topspin_event::Rating;
use topspin_laws::Side;
use topspin_stream::{DecodeError, Key, Met, Worth};

use super::bout::{Bout, Order};
use crate::facts::Id;
use crate::limits::AGED_MONTHS;

/// A list of ratings: all players in singles, by one system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RatingList {
    /// Glicko-2 (Glickman 2012), in periods of a month: a rating, how uncertain it is, and how unsteady.
    Glicko2,
    /// Elo's rating with a factor of 32, where opponents count with their rating at the beginning of the month.
    Elo,
}

/// No list has this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the lists are glicko2 and elo")]
pub struct UnknownList;

impl RatingList {
    /// All lists.
    pub const ALL: [RatingList; 2] = [RatingList::Glicko2, RatingList::Elo];

    /// The name in addresses and records: never changed.
    pub const fn as_str(self) -> &'static str {
        match self {
            RatingList::Glicko2 => "glicko2",
            RatingList::Elo => "elo",
        }
    }
}

impl RatingList {
    /// What somebody is rated who has not played yet.
    pub fn unrated(self) -> Rating {
        Ratings.first(&self).told()
    }
}

impl std::str::FromStr for RatingList {
    type Err = UnknownList;

    fn from_str(text: &str) -> Result<Self, UnknownList> {
        RatingList::ALL.into_iter().find(|list| list.as_str() == text).ok_or(UnknownList)
    }
}

/// As its name.
impl Key for RatingList {
    fn encode(&self, out: &mut Vec<u8>) {
        self.as_str().to_owned().encode(out);
    }

    fn decode(input: &mut &[u8]) -> Result<Self, DecodeError> {
        String::decode(input)?.parse().map_err(|_| DecodeError)
    }
}

/// A rating in whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Value {
    /// Thousandths of a point.
    pub rating: i64,
    /// Thousandths of a point; 0 in a system without one.
    pub deviation: i64,
    /// Thousand-millionths; 0 in a system without one.
    pub volatility: i64,
    /// Matches that it rests on.
    pub matches: u32,
}

/// How singles change ratings.
pub(super) struct Ratings;

impl Worth for Ratings {
    type Key = RatingList;
    type Order = Order;
    type Entity = Id;
    type Outcome = Bout;
    type Value = Value;

    fn first(&self, list: &RatingList) -> Value {
        match list {
            RatingList::Glicko2 => Value::of_glicko2(&Glicko2Rating::new(), 0),
            RatingList::Elo => Value::of_elo(EloRating::new(), 0),
        }
    }

    fn aged(&self, list: &RatingList, value: &Value, rounds: u32) -> Value {
        match list {
            RatingList::Glicko2 => {
                let mut rating = value.glicko2();
                (0..rounds.min(AGED_MONTHS)).for_each(|_| rating = decay_deviation(&rating));
                Value::of_glicko2(&rating, value.matches)
            }
            RatingList::Elo => *value,
        }
    }

    fn after(&self, list: &RatingList, before: &Value, met: &[Met<Value, Bout>]) -> Value {
        let matches = before.matches.saturating_add(u32::try_from(met.len()).unwrap_or(u32::MAX));
        match list {
            RatingList::Glicko2 => {
                let met: Vec<_> = met.iter().map(|met| (met.other.glicko2(), outcome(met))).collect();
                let after = glicko2_rating_period(&before.glicko2(), &met, &Glicko2Config::new());
                Value::of_glicko2(&after, matches)
            }
            RatingList::Elo => {
                let met: Vec<_> = met.iter().map(|met| (met.other.elo(), outcome(met))).collect();
                Value::of_elo(elo_rating_period(&before.elo(), &met, &EloConfig::new()), matches)
            }
        }
    }
}

fn outcome(met: &Met<Value, Bout>) -> Outcomes {
    let own = if met.place == 0 { Side::Home } else { Side::Away };
    if met.outcome.winner == own { Outcomes::WIN } else { Outcomes::LOSS }
}

impl Value {
    pub(super) const fn told(&self) -> Rating {
        Rating {
            rating_thousandths: self.rating,
            deviation_thousandths: self.deviation,
            volatility_billionths: self.volatility,
            matches: self.matches,
        }
    }

    fn of_glicko2(rating: &Glicko2Rating, matches: u32) -> Self {
        Value {
            rating: whole(rating.rating * 1e3),
            deviation: whole(rating.deviation * 1e3),
            volatility: whole(rating.volatility * 1e9),
            matches,
        }
    }

    fn of_elo(rating: EloRating, matches: u32) -> Self {
        Value { rating: whole(rating.rating * 1e3), deviation: 0, volatility: 0, matches }
    }

    fn glicko2(&self) -> Glicko2Rating {
        Glicko2Rating {
            rating: self.rating as f64 / 1e3,
            deviation: self.deviation as f64 / 1e3,
            volatility: self.volatility as f64 / 1e9,
        }
    }

    fn elo(&self) -> EloRating {
        EloRating { rating: self.rating as f64 / 1e3 }
    }
}

/// Rounded; what is no number is 0, and never occurs.
fn whole(value: f64) -> i64 {
    value.round() as i64
}
