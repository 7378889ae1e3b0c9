//! What a consumer can observe.

use std::sync::Arc;

use serde_json::value::RawValue;
use topspin_event::{Chain, MatchId, MatchSnapshot, Seq, Timestamp};
use uuid::Uuid;

use crate::{Change, Position, Selection, Source};

/// Everything that a consumer can observe, at its delay and within its contract, and nothing else. Answers never run ahead of
/// what is known to be committed; they may be further than the changes that the session was last told.
pub trait World {
    /// Why something could not be read. It may be readable later.
    type Error: std::error::Error;

    /// One life of the log.
    fn log_id(&self) -> Uuid;

    /// The time.
    fn now(&self) -> Timestamp;

    /// Whether what is known is current.
    fn source(&self) -> Source;

    /// Seconds that everything is held back.
    fn delay_s(&self) -> u32;

    /// A match as it is; `None` if there is none.
    ///
    /// # Errors
    /// If it cannot be read.
    fn head(&self, id: MatchId) -> Result<Option<Arc<MatchSnapshot>>, Self::Error>;

    /// The changes of a match after a position, in order, at most `limit`; empty at the head.
    ///
    /// # Errors
    /// If they cannot be read.
    fn changes(&self, id: MatchId, after: Seq, limit: usize) -> Result<Vec<Arc<Change>>, Self::Error>;

    /// The resource of a match, with its names.
    ///
    /// # Errors
    /// If it cannot be read.
    fn resource(&self, snapshot: &MatchSnapshot) -> Result<Box<RawValue>, Self::Error>;

    /// A page of the matches that a subscription begins with: the one that is named, those of a tie, else those that are
    /// being played. `after` is the `next` of the page before.
    ///
    /// # Errors
    /// If they cannot be read.
    fn matches(&self, selection: &Selection, after: Option<&str>, limit: usize) -> Result<Page, Self::Error>;

    /// The last event that a consumer's history shares with a match's: `at.seq` if `at` is in it, and has the chain, if
    /// one is given. `None` if there is no such match.
    ///
    /// # Errors
    /// If it cannot be read.
    fn common(&self, id: MatchId, at: Position, chain: Option<Chain>) -> Result<Option<Seq>, Self::Error>;

    /// The position of an event of a match; that before the first for 0.
    ///
    /// # Errors
    /// If it cannot be read.
    fn position(&self, id: MatchId, seq: Seq) -> Result<Option<Position>, Self::Error>;
}

/// Some matches.
pub struct Page {
    /// They.
    pub matches: Vec<Arc<MatchSnapshot>>,
    /// Where more are; `None` on the last page.
    pub next: Option<String>,
}
