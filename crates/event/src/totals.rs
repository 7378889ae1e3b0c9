//! What views say of players.

use serde::Serialize;

use crate::PlayerId;

/// What a player has won and lost, singles and doubles together. A match counts from its first point on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlayerTotals {
    /// The player.
    pub player_id: PlayerId,
    /// Matches begun.
    pub matches: i64,
    /// Matches won.
    pub matches_won: i64,
    /// Matches lost.
    pub matches_lost: i64,
    /// Games won.
    pub games_won: i64,
    /// Games lost.
    pub games_lost: i64,
    /// Points won.
    pub points_won: i64,
    /// Points lost.
    pub points_lost: i64,
}
