//! What views say of the strength of players.

use serde::Serialize;
use topspin_laws::Both;

use crate::{MatchId, PlayerId};

/// A rating, in whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
pub struct Rating {
    /// Thousandths of a point.
    pub rating_thousandths: i64,
    /// How uncertain it is: a standard deviation, in thousandths of a point. 0 in a system without one.
    pub deviation_thousandths: i64,
    /// How unsteady the player is, in thousand-millionths. 0 in a system without one.
    pub volatility_billionths: i64,
    /// Matches that it rests on.
    pub matches: u32,
}

impl Rating {
    /// Rating and deviation, in points.
    pub fn points(&self) -> (f64, f64) {
        (self.rating_thousandths as f64 / 1e3, self.deviation_thousandths as f64 / 1e3)
    }
}

/// What a player is rated in singles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlayerRating {
    /// The player.
    pub player_id: PlayerId,
    /// The list: `glicko2` or `elo`.
    pub list: String,
    /// The last month with a match, as `2026-11`.
    pub month: String,
    /// The rating after it.
    pub rating: Rating,
}

/// What the players of a singles were rated before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MatchRatings {
    /// The match.
    pub match_id: MatchId,
    /// The list: `glicko2` or `elo`.
    pub list: String,
    /// Of both players.
    pub before: Both<Rating>,
}

/// A list of ratings of which something is still to be found again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RatingListState {
    /// The list.
    pub list: String,
    /// Months of players: at least one.
    pub pending: u64,
}
