//! One partition on its way.

use std::collections::VecDeque;

use topspin_log::{BatchLimit, Cleanup, Committed, Log, Offset, ReadError, Reader, Start, TopicPartition};

use crate::CopyError;
use crate::limits::{BATCH_BYTES, BATCH_RECORDS};

/// One partition of the source, with what was read of it and is not copied yet.
pub(crate) struct Lane {
    pub(crate) partition: TopicPartition,
    pub(crate) reader: Box<dyn Reader>,
    pub(crate) waiting: VecDeque<Committed>,
    copied: Offset,
}

pub(crate) fn limit() -> BatchLimit {
    BatchLimit::new(BATCH_RECORDS, BATCH_BYTES)
}

impl Lane {
    /// Goes on at `position`, or begins at the first record.
    pub(crate) async fn open(
        from: &dyn Log,
        partition: TopicPartition,
        cleanup: Cleanup,
        position: Option<Offset>,
    ) -> Result<Self, CopyError> {
        let start = position.map_or(Start::Beginning, Start::At);
        let reader = match (from.reader(&partition, start).await, cleanup) {
            // What is too old for its topic is not missed in a copy either.
            (Err(ReadError::Trimmed { earliest, .. }), Cleanup::Retain { .. }) => {
                from.reader(&partition, Start::At(earliest)).await
            }
            (opened, Cleanup::KeepForever | Cleanup::Retain { .. } | Cleanup::Compact) => opened,
        };
        let reader = reader.map_err(CopyError::of_source)?;
        let copied = reader.position();
        Ok(Lane { partition, reader, waiting: VecDeque::new(), copied })
    }

    /// Reads what is there, unless something waits already.
    pub(crate) async fn fill(&mut self) -> Result<(), CopyError> {
        if self.waiting.is_empty() {
            self.waiting.extend(self.reader.try_next_batch(limit()).await.map_err(CopyError::of_source)?);
        }
        Ok(())
    }

    /// How many of those that wait fit into so many records and bytes.
    pub(crate) fn fitting(&self, records: usize, bytes: usize) -> usize {
        let mut left = bytes;
        let fits = |committed: &&Committed| match left.checked_sub(committed.record.size()) {
            Some(rest) => {
                left = rest;
                true
            }
            None => false,
        };
        self.waiting.iter().take(records).take_while(fits).count()
    }

    /// Up to where it is copied, exclusive. Gaps behind the last record are passed with it.
    pub(crate) fn copied(&self) -> Offset {
        if self.waiting.is_empty() { self.reader.position() } else { self.copied }
    }

    /// So many of those that wait are copied.
    pub(crate) fn passed(&mut self, count: usize) {
        if let Some(last) = self.waiting.drain(..count).next_back() {
            self.copied = last.resume_at;
        }
    }
}
