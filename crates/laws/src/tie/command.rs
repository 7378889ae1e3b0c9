//! What somebody asks of a tie, and what happened in it.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::Position;
use crate::{Both, Card, Reason, Side};

/// A player's permanent id: 1 to 64 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = TiePlayerId, value_type = String))]
#[serde(try_from = "String", into = "String")]
pub struct PlayerId(String);

impl PlayerId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text is no player id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a player id is 1 to 64 visible ASCII characters")]
pub struct PlayerIdError;

impl TryFrom<String> for PlayerId {
    type Error = PlayerIdError;

    fn try_from(text: String) -> Result<Self, PlayerIdError> {
        let fits = (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic());
        if fits { Ok(PlayerId(text)) } else { Err(PlayerIdError) }
    }
}

impl From<PlayerId> for String {
    fn from(id: PlayerId) -> String {
        id.0
    }
}

/// Cards that one player was shown in a match of the tie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MatchCards {
    /// The player.
    pub player: PlayerId,
    /// The cards, in order.
    pub cards: Vec<Card>,
}

/// A request to the laws of ties.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum TieCommand {
    /// A team hands in its line-up: one player for each position, in order.
    NominateLineUp {
        /// The team.
        side: Side,
        /// The players; one player may hold only one position.
        players: Vec<PlayerId>,
    },
    /// A team names its pair for a doubles.
    NominatePair {
        /// The team.
        side: Side,
        /// Number of the doubles, from 1.
        number: u8,
        /// The pair.
        pair: [PlayerId; 2],
    },
    /// A substitute takes over a position for the matches not yet begun.
    Substitute {
        /// The team.
        side: Side,
        /// The position.
        position: Position,
        /// Who comes in.
        player: PlayerId,
    },
    /// A match of the tie begins.
    StartMatch {
        /// Its number, from 1.
        number: u8,
    },
    /// A match of the tie has ended.
    RecordResult {
        /// Its number.
        number: u8,
        /// Who won it.
        winner: Side,
        /// Games won in it.
        games: Both<u8>,
        /// Cards shown in it, by player.
        #[serde(default)]
        cards: Both<Vec<MatchCards>>,
    },
    /// The result of a match was reopened or was wrong.
    RetractResult {
        /// Its number.
        number: u8,
        /// Why.
        reason: Reason,
    },
    /// A team does not appear or gives up the tie.
    Concede {
        /// The team.
        side: Side,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
    },
    /// The referee confirms the result of the tie.
    ConfirmResult {},
    /// The referee reopens it.
    ReopenResult {
        /// Why.
        reason: Reason,
    },
}

/// Something that happened in a tie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = LawTieEvent))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum TieEvent {
    /// A line-up was handed in.
    LineUpNominated {
        /// The team.
        side: Side,
        /// The players by position.
        players: Vec<PlayerId>,
    },
    /// A pair was named.
    PairNominated {
        /// The team.
        side: Side,
        /// Number of the doubles.
        number: u8,
        /// The pair.
        pair: [PlayerId; 2],
    },
    /// A substitute came in.
    Substituted {
        /// The team.
        side: Side,
        /// The position.
        position: Position,
        /// Who came in.
        player: PlayerId,
    },
    /// A match began.
    MatchStarted {
        /// Its number.
        number: u8,
        /// Who plays it.
        players: Both<Vec<PlayerId>>,
        /// Cards with which they begin (Regulation 3.5.2.6).
        carried_cards: Both<Vec<Card>>,
    },
    /// A match ended.
    ResultRecorded {
        /// Its number.
        number: u8,
        /// Who won it.
        winner: Side,
        /// Games won in it.
        games: Both<u8>,
        /// Cards shown in it.
        #[serde(default)]
        cards: Both<Vec<MatchCards>>,
        /// Matches won, with this one.
        score: Both<u8>,
    },
    /// A result was taken back.
    ResultRetracted {
        /// Its number.
        number: u8,
        /// Why.
        reason: Reason,
    },
    /// A team gave up the tie.
    Conceded {
        /// The team.
        side: Side,
        /// Why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Reason>,
    },
    /// The referee confirmed the result.
    ResultConfirmed {},
    /// The referee reopened it.
    ResultReopened {
        /// Why.
        reason: Reason,
    },
}
