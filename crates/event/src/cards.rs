//! Cards: what is worth telling of a match, as the rows that prove it. Sentences are made of them where they are read.

use serde::Serialize;
use topspin_laws::Side;

use crate::{Epoch, MatchId, PlayerId, RecordEntry, Seq, Tally, Timestamp};

/// Something true that is worth telling of a match: the value of a record on `card-news`, when it is told, and once more when it
/// is withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MatchCard {
    /// The match.
    pub match_id: MatchId,
    /// Its number under the match: from 1 on, without gaps.
    pub id: u64,
    /// Of two cards the one with more is more worth telling.
    pub rank: i64,
    /// When it was told.
    pub told: CardMoment,
    /// When it was withdrawn, and why; absent while it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn: Option<CardEnd>,
    /// What is told.
    pub subject: CardSubject,
}

/// How far a match was read when something was decided of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CardMoment {
    /// The epoch of the last event that had been read.
    pub epoch: Epoch,
    /// Its position.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub seq: Seq,
    /// The time of what it was decided by, which may be an event of another match.
    pub at: Timestamp,
}

/// When a card was withdrawn, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CardEnd {
    /// When.
    #[serde(flatten)]
    pub moment: CardMoment,
    /// `untrue`; `outdone` where it still holds and another took its place; `past` where it compared a match that is over with
    /// history, and the player has begun another, or what was compared has changed.
    pub reason: String,
}

/// What a card tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum CardSubject {
    /// A place of a list of records.
    Record(RecordCard),
    /// A player tonight beside the last 24 months.
    Comparison(ComparisonCard),
    /// The course of the match itself.
    Course(CourseCard),
}

/// A place of a list of records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecordCard {
    /// What is measured.
    pub metric: String,
    /// Among whom.
    pub scope: String,
    /// Since when.
    pub window: String,
    /// Its place in the list, from 1.
    pub place: u32,
    /// What stands there.
    pub entry: RecordEntry,
    /// The latest earlier one that is at least as good; absent if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<RecordEntry>,
}

/// A player tonight beside the last 24 months.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ComparisonCard {
    /// The side of the player.
    pub side: Side,
    /// The player.
    pub player_id: PlayerId,
    /// What is counted.
    pub aspect: String,
    /// In which game; 0 where it is of the whole match.
    pub game: u8,
    /// Tonight.
    pub tonight: Tally,
    /// The last 24 months, without tonight.
    pub history: Tally,
    /// The binary logarithm of how much more likely tonight is at a rate of its own than at that of history, in thousandths.
    pub evidence: i64,
}

/// The course of the match itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CourseCard {
    /// What happened, such as `points_in_a_row`.
    pub kind: String,
    /// Whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub side: Option<Side>,
    /// In which game; 0 where it is of the whole match.
    pub game: u8,
    /// How much.
    pub value: u32,
    /// What that is to be seen beside; 0 where there is nothing.
    pub beside: u32,
    /// The events that prove it, in order.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<u64>))]
    pub seqs: Vec<Seq>,
}

/// The cards of a match, in the order of their numbers: the value of a record on `match-cards`. Those that stand, and the latest of
/// those that were withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MatchCards {
    /// The match.
    pub match_id: MatchId,
    /// Its cards.
    pub cards: Vec<MatchCard>,
}
