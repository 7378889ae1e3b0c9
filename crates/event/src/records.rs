//! What views say of records: the best of a metric, among some matches, in a stretch of time.

use serde::Serialize;
use topspin_laws::Side;

use crate::{MatchId, Seq, Timestamp};

/// A list of records: the value of a record on `records`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecordList {
    /// What is measured.
    pub metric: String,
    /// Among whom.
    pub scope: String,
    /// Since when.
    pub window: String,
    /// The best first, ten at most; of equal ones the earliest first.
    pub entries: Vec<RecordEntry>,
}

/// One place of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecordEntry {
    /// How much, in the unit of the metric: strokes, points, or milliseconds.
    pub value: i64,
    /// When it was set; absent if that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// In which match.
    pub match_id: MatchId,
    /// By which event of it: the row behind the record.
    #[cfg_attr(feature = "openapi", schema(value_type = u64))]
    pub seq: Seq,
    /// Whose it is; absent where it is both sides'.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub side: Option<Side>,
    /// In which game; 0 where it is of the whole match.
    pub game: u8,
}

/// Who holds a record from now on, or no longer does: the value of a record on `record-news`. Decisions are numbered under
/// each list from 1 on, without gaps. One that is broken, equalled, taken back or has expired is withdrawn, and what holds
/// then is the next decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RecordDecision {
    /// Its number under the list.
    pub id: u64,
    /// Whether it no longer holds.
    pub withdrawn: bool,
    /// What is measured.
    pub metric: String,
    /// Among whom.
    pub scope: String,
    /// Since when.
    pub window: String,
    /// Those who hold it: all have the same value, the earliest first.
    pub holders: Vec<RecordEntry>,
}
