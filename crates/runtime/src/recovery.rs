//! Brings the store up to the end of the log.

use topspin_log::{BatchLimit, Log, Offset, ReadError, Start, TopicPartition};

use crate::limits::RECOVERY_BATCH_RECORDS;
use crate::store::Position;
use crate::{Placed, Store, StoreError};

/// The store could not be brought up to the end of the log.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RecoveryError {
    /// The log cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The store cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store has applied what the log does not hold: it belongs to another log.
    #[error("the store has applied {partition} up to {applied}, which is not what the log holds up to {end}")]
    ForeignStore {
        /// The partition.
        partition: TopicPartition,
        /// What the store has applied.
        applied: Offset,
        /// Where the log ends.
        end: Offset,
    },
}

impl RecoveryError {
    /// Whether the same call can succeed later.
    pub fn is_retryable(&self) -> bool {
        match self {
            RecoveryError::Read(error) => error.is_retryable(),
            RecoveryError::Store(error) => error.is_retryable(),
            RecoveryError::ForeignStore { .. } => false,
        }
    }
}

/// Applies what `partition` holds beyond the store. When it returns, the store has everything that was visible when
/// it was called. Nobody else may apply records of the same partition meanwhile.
///
/// # Errors
/// [`RecoveryError`] if the log or the store fails; what was applied until then stays applied.
pub async fn catch_up(
    log: &dyn Log,
    store: &Store,
    partition: &TopicPartition,
) -> Result<u64, RecoveryError> {
    let end = log.end_offset(partition).await?;
    let known = store.position(partition)?;
    let applied = known.map(|position| position.offset);
    let foreign = |applied| RecoveryError::ForeignStore { partition: partition.clone(), applied, end };
    if let Some(applied) = applied.filter(|applied| *applied >= end) {
        return Err(foreign(applied));
    }
    // The last applied record is read again and dropped: nobody computes the offset after it.
    let earliest = log.start_offset(partition).await?;
    let start = applied.filter(|applied| *applied > earliest).map_or(Start::Beginning, Start::At);
    let mut reader = log.reader(partition, start).await?;
    let mut count = 0;
    while reader.position() < end {
        let batch = reader.try_next_batch(BatchLimit::records(RECOVERY_BATCH_RECORDS)).await?;
        let last = batch.iter().find(|committed| Some(committed.offset) == applied);
        if let Some((known, last)) =
            known.zip(last).filter(|(known, last)| *known != Position::of(last.offset, &last.record))
        {
            tracing::debug!(offset = %last.offset, "another record is where the last applied one was");
            return Err(foreign(known.offset));
        }
        let fresh: Vec<_> = batch
            .into_iter()
            .filter(|committed| applied.is_none_or(|applied| committed.offset > applied))
            .map(|committed| Placed {
                partition: partition.clone(),
                offset: committed.offset,
                record: committed.record,
            })
            .collect();
        count += fresh.len() as u64;
        store.apply(&fresh)?;
    }
    Ok(count)
}
