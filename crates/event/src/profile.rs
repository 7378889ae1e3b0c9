//! What views say of players.

use serde::Serialize;

use crate::{MatchId, PlayerId, Tally, Timestamp};

/// What a player has won and lost in singles that are over, altogether or against one opponent: the value of a record on
/// `player-profiles`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlayerProfile {
    /// The player.
    pub player_id: PlayerId,
    /// Only matches against this one count; all if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opponent_id: Option<PlayerId>,
    /// Since when: `all_time` or `24_months`.
    pub window: String,
    /// What is counted; what did not occur is left out.
    pub aspects: Vec<AspectTally>,
}

/// How often an aspect was won.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AspectTally {
    /// What is counted, such as `receive`.
    pub aspect: String,
    /// How often it was won, of how often it occurred.
    #[serde(flatten)]
    pub tally: Tally,
}

/// The latest results of a player in singles: the value of a record on `player-form`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlayerForm {
    /// The player.
    pub player_id: PlayerId,
    /// The latest first, ten at most.
    pub results: Vec<PlayerResult>,
}

/// A result, as the player sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlayerResult {
    /// The match.
    pub match_id: MatchId,
    /// When its first rally ended, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Who played against the player.
    pub opponent_id: PlayerId,
    /// Whether the player won.
    pub won: bool,
    /// Games won.
    pub games_won: u8,
    /// Games lost.
    pub games_lost: u8,
}
