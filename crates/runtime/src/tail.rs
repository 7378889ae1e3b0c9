//! A partition of the log, read on from where the store is.

use topspin_log::{BatchLimit, Committed, Log, Offset, Reader, Start, TopicPartition};

use crate::limits::RECOVERY_BATCH_RECORDS;
use crate::store::Position;
use crate::{Placed, RecoveryError, Store};

/// What a partition holds beyond the store, as it becomes visible. Whoever reads applies it.
pub struct Tail {
    reader: Box<dyn Reader>,
    /// What the store had applied when this was opened.
    known: Option<Position>,
}

impl Tail {
    /// Reads on from where `store` is.
    ///
    /// # Errors
    /// [`RecoveryError`] if the log or the store cannot be read.
    pub async fn open(
        log: &dyn Log,
        store: &Store,
        partition: &TopicPartition,
    ) -> Result<Self, RecoveryError> {
        let known = store.position(partition)?;
        // The last applied record is read again and dropped: nobody computes the offset after it.
        let earliest = log.start_offset(partition).await?;
        let start = known.map(|position| position.offset).filter(|applied| *applied > earliest);
        let reader = log.reader(partition, start.map_or(Start::Beginning, Start::At)).await?;
        Ok(Tail { reader, known })
    }

    /// The next records that the store does not have, at least one; waits for them. Dropping the future loses nothing.
    ///
    /// # Errors
    /// [`RecoveryError`] if the log cannot be read, or is not the one that the store is of.
    pub async fn next(&mut self) -> Result<Vec<Placed>, RecoveryError> {
        loop {
            let batch = self.reader.next_batch(BatchLimit::records(RECOVERY_BATCH_RECORDS)).await?;
            let fresh = self.fresh(batch)?;
            if !fresh.is_empty() {
                return Ok(fresh);
            }
        }
    }

    /// As [`Tail::next`], without waiting: nothing if nothing more is visible now.
    pub(crate) async fn try_next(&mut self) -> Result<Vec<Placed>, RecoveryError> {
        let batch = self.reader.try_next_batch(BatchLimit::records(RECOVERY_BATCH_RECORDS)).await?;
        self.fresh(batch)
    }

    /// What is read.
    pub fn partition(&self) -> &TopicPartition {
        self.reader.partition()
    }

    /// Up to where everything was returned, exclusive.
    pub fn position(&self) -> Offset {
        self.reader.position()
    }

    fn fresh(&self, batch: Vec<Committed>) -> Result<Vec<Placed>, RecoveryError> {
        let partition = self.reader.partition();
        let applied = self.known.map(|known| known.offset);
        let last = batch.iter().find(|committed| Some(committed.offset) == applied);
        if let Some((known, last)) =
            self.known.zip(last).filter(|(known, last)| *known != Position::of(last.offset, &last.record))
        {
            tracing::debug!(offset = %last.offset, "another record is where the last applied one was");
            return Err(RecoveryError::ForeignStore {
                partition: partition.clone(),
                applied: known.offset,
                end: self.reader.position(),
            });
        }
        let beyond = |committed: &Committed| applied.is_none_or(|applied| committed.offset > applied);
        let placed = |committed: Committed| Placed {
            partition: partition.clone(),
            offset: committed.offset,
            record: committed.record,
        };
        Ok(batch.into_iter().filter(beyond).map(placed).collect())
    }
}
