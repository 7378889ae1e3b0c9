//! The facts of a tie: what its board shows.

use serde::{Deserialize, Serialize};

use super::PlayerId;
use crate::{Both, Certainty, Side};

/// Where a tie, or one match of it, stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum TieStatus {
    /// Not begun.
    #[default]
    Scheduled,
    /// Begun and not decided.
    InPlay,
    /// Decided by play.
    Finished,
    /// Decided by a team that gave up.
    Conceded,
}

/// One match of a tie.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TieMatch {
    /// Its number, from 1.
    pub number: u8,
    /// Where it stands.
    pub status: TieStatus,
    /// Who plays or would play it, as far as nominated.
    pub players: Both<Vec<PlayerId>>,
    /// Games won in it.
    pub games: Both<u8>,
    /// Who won it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub winner: Option<Side>,
}

/// The facts of a tie: integers, strings and lists of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TieFacts {
    /// Where the tie stands.
    pub status: TieStatus,
    /// How sure its result is.
    pub certainty: Certainty,
    /// Matches won.
    pub score: Both<u8>,
    /// Who won.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub winner: Option<Side>,
    /// Every match of the format, in playing order.
    pub matches: Vec<TieMatch>,
}
