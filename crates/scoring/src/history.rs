//! The events of a match as they are stored, and what they fold to.

use topspin_event::{EventEnvelope, MatchId, Seq};
use topspin_runtime::{Row, Scope, Store, StoreError};

use crate::answer::SubmitError;
use crate::fold::{FoldError, MatchFold};
use crate::limits::MAX_EVENTS;
use crate::live::Change;
use crate::tables::{Events, StoredEvent, bad_row, event_key};

/// Where rows are read: the store, or the store with what a batch has appended.
pub(crate) trait Rows {
    /// Rows with a prefix, from a key on.
    fn rows(&self, table: &str, prefix: &[u8], from: &[u8], limit: usize) -> Result<Vec<Row>, StoreError>;
}

impl Rows for Store {
    fn rows(&self, table: &str, prefix: &[u8], from: &[u8], limit: usize) -> Result<Vec<Row>, StoreError> {
        self.scan(table, prefix, from, limit)
    }
}

impl Rows for Scope<'_, '_> {
    fn rows(&self, table: &str, prefix: &[u8], from: &[u8], limit: usize) -> Result<Vec<Row>, StoreError> {
        self.scan(table, prefix, from, limit)
    }
}

/// A match cannot be folded.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum HistoryError {
    /// Its events cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Its events do not make a match.
    #[error(transparent)]
    Fold(#[from] FoldError),
}

impl From<HistoryError> for SubmitError {
    fn from(error: HistoryError) -> Self {
        match error {
            HistoryError::Store(error) => SubmitError::Store(error),
            HistoryError::Fold(FoldError::LaterVersion { seq }) => SubmitError::WrittenByLaterVersion { seq },
            HistoryError::Fold(error) => SubmitError::Store(bad_row(Events::NAME, error)),
        }
    }
}

/// The events of a match from `from` on (inclusive), at most `limit` and [`MAX_EVENTS`].
pub(crate) fn events(
    rows: &impl Rows,
    id: MatchId,
    from: Seq,
    limit: usize,
) -> Result<Vec<EventEnvelope>, StoreError> {
    let found = rows.rows(Events::NAME, id.0.as_bytes(), &event_key(id, from), limit.min(MAX_EVENTS))?;
    found.iter().map(|(_, value)| StoredEvent::read(value)).collect()
}

/// Walks the events of a match from the first to `to` (inclusive), with its fold after each.
pub(crate) fn walk(
    rows: &impl Rows,
    id: MatchId,
    to: Seq,
    mut visit: impl FnMut(EventEnvelope, &MatchFold),
) -> Result<Option<MatchFold>, HistoryError> {
    let mut fold: Option<MatchFold> = None;
    loop {
        let next = Seq(fold.as_ref().map_or(0, |fold| fold.seq.0) + 1);
        let page = if next > to { Vec::new() } else { events(rows, id, next, MAX_EVENTS)? };
        if page.is_empty() {
            return Ok(fold);
        }
        for event in page.into_iter().filter(|event| event.recorded.seq <= to) {
            let after = match fold {
                None => MatchFold::created(&event)?,
                Some(before) => before.evolve(&event)?,
            };
            visit(event, &after);
            fold = Some(after);
        }
    }
}

/// The fold of a match up to `to` (inclusive); `None` if there is no such match.
pub(crate) fn fold(rows: &impl Rows, id: MatchId, to: Seq) -> Result<Option<MatchFold>, HistoryError> {
    walk(rows, id, to, |_, _| ())
}

/// The events from `from` to `to` (inclusive), with the match after each.
pub(crate) fn changes(
    rows: &impl Rows,
    id: MatchId,
    from: Seq,
    to: Seq,
) -> Result<Vec<Change>, HistoryError> {
    let mut changes = Vec::new();
    walk(rows, id, to, |event, fold| {
        if event.recorded.seq >= from {
            changes.push(Change { event, snapshot: fold.snapshot() });
        }
    })?;
    Ok(changes)
}
