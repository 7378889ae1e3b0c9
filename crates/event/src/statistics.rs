//! What views say of a match: its statistics.
//!
//! What a source does not record is absent, never zero: nobody knows who served, how a point was won, how many strokes
//! a rally had, or when it began, unless somebody has said so.

use serde::Serialize;
use topspin_laws::{Both, Score, Side};

use crate::{Epoch, MatchId, Seq};

/// The statistics of a match as of a position: what its events up to there come to, corrections included.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MatchStatistics {
    /// The match.
    pub match_id: MatchId,
    /// As of: the number of its home.
    pub epoch: Epoch,
    /// As of: the position of the last event that counts.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub seq: Seq,
    /// The whole match.
    pub whole: Statistics,
    /// Each game begun, in order.
    pub games: Vec<Statistics>,
    /// What time-outs changed, in the order in which they were taken.
    pub time_outs: Vec<TimeOutEffect>,
    /// Who has the last ten rallies: from -100, all away, to 100, all home; the later a rally, the more it counts.
    pub momentum: i32,
}

/// The statistics of a game, or of all games together.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Statistics {
    /// Rallies that were scored one by one: fewer than points where a score was set or penalty points were given.
    pub rallies: u32,
    /// Rallies that were not scored.
    pub lets: u32,
    /// By side.
    pub sides: Both<SideStatistics>,
    /// Strokes of the rallies whose strokes are recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strokes: Option<Lengths>,
    /// Seconds, to the nearest, of the rallies whose start and end are recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<Lengths>,
    /// Seconds, to the nearest, from the end of a rally to the end of the next one in the same game.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub between_points: Option<Lengths>,
}

/// The statistics of one side.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SideStatistics {
    /// Points, penalty points included.
    pub points: u32,
    /// Rallies it served; absent where no server is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serve: Option<Tally>,
    /// Rallies it received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receive: Option<Tally>,
    /// The most points in a row; of the whole match, across games.
    pub points_in_a_row: u32,
    /// The most points it led a game by.
    pub largest_lead: u32,
    /// The most points it was behind in a game in which it drew level again.
    pub largest_deficit_overcome: u32,
    /// Rallies in which it needed one point for the game, match points among them.
    pub game_points: Pressure,
    /// Rallies in which it needed one point for the match.
    pub match_points: Pressure,
    /// Rallies from deuce on (Law 2.13.3).
    pub deuce: Tally,
    /// Points won by an ace; absent where the source records no aces.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aces: Option<u32>,
    /// Points lost by a service error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_errors: Option<u32>,
    /// Points won on a ball that touched the net; absent where the source does not record luck, or not which.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net_rollers: Option<u32>,
    /// Points won on a ball that touched the edge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edges: Option<u32>,
    /// Points won by luck, net and edge together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lucky_points: Option<u32>,
}

/// So many won of so many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tally {
    /// Won.
    pub won: u32,
    /// All.
    pub of: u32,
}

/// What became of the points that would have ended a game or the match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Pressure {
    /// Rallies in which the side needed one point.
    pub had: u32,
    /// Those that it won.
    pub converted: u32,
    /// Rallies in which the opponent needed one point, and did not get it.
    pub saved: u32,
}

/// How long rallies were, in a unit that the field's name says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Lengths {
    /// How many are known.
    pub count: u32,
    /// All of them together: the mean is this by the count.
    pub total: u64,
    /// The longest.
    pub longest: u32,
    /// How many there were of each length, shortest first; those that did not occur are left out.
    pub distribution: Vec<LengthCount>,
}

/// How many rallies had one length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LengthCount {
    /// The length.
    pub length: u32,
    /// How many.
    pub count: u32,
}

/// What a time-out changed: the rallies of the same game before it and after it, five at most of each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TimeOutEffect {
    /// Who took it.
    pub side: Side,
    /// In which game.
    pub game: u8,
    /// At which score of it.
    #[cfg_attr(feature = "openapi", schema(value_type = Both<u16>))]
    pub score: Score,
    /// Rallies won before it.
    pub before: Both<u8>,
    /// Rallies won after it, so far.
    pub after: Both<u8>,
}
