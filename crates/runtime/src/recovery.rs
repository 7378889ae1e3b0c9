//! Brings the store up to the end of the log.

use topspin_log::{Log, Offset, ReadError, TopicPartition};

use crate::{Store, StoreError, Tail};

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
    let applied = store.applied(partition)?;
    if let Some(applied) = applied.filter(|applied| *applied >= end) {
        return Err(RecoveryError::ForeignStore { partition: partition.clone(), applied, end });
    }
    let mut tail = Tail::open(log, store, partition).await?;
    let mut count = 0;
    while tail.position() < end {
        let fresh = tail.try_next().await?;
        count += fresh.len() as u64;
        store.apply(&fresh)?;
    }
    Ok(count)
}
