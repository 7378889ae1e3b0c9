//! The events of a tie as they are stored, and what they fold to.

use bytes::Bytes;
use topspin_event::{Chain, Seq, TieEventEnvelope, TieId, wire};
use topspin_runtime::StoreError;

use crate::answer::{ReadError, SubmitError};
use crate::fold::FoldError;
use crate::history::Rows;
use crate::limits::MAX_EVENTS;
use crate::live::TieChange;
use crate::tables::{TieEvents, bad_row, tie_event_key};
use crate::tie_fold::TieFold;
use crate::ties::TieCreateError;

/// A tie cannot be folded.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum TieHistoryError {
    /// Its events cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Its events do not make a tie.
    #[error(transparent)]
    Fold(#[from] FoldError),
}

impl TieHistoryError {
    fn into_store(self) -> StoreError {
        match self {
            TieHistoryError::Store(error) => error,
            TieHistoryError::Fold(error) => bad_row(TieEvents::NAME, error),
        }
    }
}

impl From<TieHistoryError> for SubmitError {
    fn from(error: TieHistoryError) -> Self {
        match error {
            TieHistoryError::Fold(FoldError::LaterVersion { seq }) => {
                SubmitError::WrittenByLaterVersion { seq }
            }
            TieHistoryError::Store(_) | TieHistoryError::Fold(_) => SubmitError::Store(error.into_store()),
        }
    }
}

impl From<TieHistoryError> for TieCreateError {
    fn from(error: TieHistoryError) -> Self {
        TieCreateError::Store(error.into_store())
    }
}

impl From<TieHistoryError> for ReadError {
    fn from(error: TieHistoryError) -> Self {
        ReadError::Store(error.into_store())
    }
}

/// The events of a tie from `from` on (inclusive), at most `limit` and [`MAX_EVENTS`].
pub(crate) fn events(
    rows: &impl Rows,
    id: TieId,
    from: Seq,
    limit: usize,
) -> Result<Vec<TieEventEnvelope>, StoreError> {
    let limit = limit.min(MAX_EVENTS);
    let found = rows.rows(TieEvents::NAME, id.0.as_bytes(), &tie_event_key(id, from), limit)?;
    found.iter().map(|(_, value)| read(value)).collect()
}

/// The fold of a tie up to `to` (inclusive); `None` if there is no such tie.
pub(crate) fn fold(rows: &impl Rows, id: TieId, to: Seq) -> Result<Option<TieFold>, TieHistoryError> {
    walk(rows, id, to, |_, _| ())
}

/// The events from `from` (inclusive) on, with the tie after each.
pub(crate) fn changes(rows: &impl Rows, id: TieId, from: Seq) -> Result<Vec<TieChange>, TieHistoryError> {
    let mut changes = Vec::new();
    walk(rows, id, Seq(u64::MAX), |event, fold| {
        if event.recorded.seq >= from {
            changes.push(TieChange { event, snapshot: fold.snapshot() });
        }
    })?;
    Ok(changes)
}

/// Walks the events of a tie from the first to `to` (inclusive), with its fold after each.
fn walk(
    rows: &impl Rows,
    id: TieId,
    to: Seq,
    mut visit: impl FnMut(TieEventEnvelope, &TieFold),
) -> Result<Option<TieFold>, TieHistoryError> {
    let mut fold: Option<TieFold> = None;
    loop {
        let next = Seq(fold.as_ref().map_or(0, |fold| fold.seq.0) + 1);
        let page = if next > to { Vec::new() } else { events(rows, id, next, MAX_EVENTS)? };
        if page.is_empty() {
            return Ok(fold);
        }
        for event in page.into_iter().filter(|event| event.recorded.seq <= to) {
            let after = match fold {
                None => TieFold::created(&event)?,
                Some(before) => before.evolve(&event)?,
            };
            visit(event, &after);
            fold = Some(after);
        }
    }
}

fn read(value: &Bytes) -> Result<TieEventEnvelope, StoreError> {
    let (chain, payload) = TieEvents::parts(value).ok_or_else(|| bad_row(TieEvents::NAME, "too short"))?;
    let chain = Chain::from_slice(&chain).map_err(|error| bad_row(TieEvents::NAME, error))?;
    let recorded = wire::decode_tie_recorded(&payload).map_err(|error| bad_row(TieEvents::NAME, error))?;
    Ok(TieEventEnvelope { recorded, payload, chain })
}
