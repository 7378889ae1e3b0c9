//! A cursor over a partition in memory. It copies at most one batch and buffers nothing.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::watch;

use super::Shared;
use crate::{BatchLimit, Committed, Offset, ReadError, Reader, Start, TopicPartition};

pub(super) struct MemoryReader {
    shared: Arc<Shared>,
    partition: TopicPartition,
    position: Offset,
    visible: watch::Receiver<u64>,
}

impl MemoryReader {
    pub(super) fn open(
        shared: Arc<Shared>,
        partition: &TopicPartition,
        start: Start,
    ) -> Result<Self, ReadError> {
        let (position, visible) = {
            let state = shared.lock();
            let held = state.partition(partition)?;
            let position = match start {
                Start::Beginning => held.start(),
                Start::End => held.visible_end(),
                Start::At(wanted) => wanted,
            };
            check_start(partition, position, held.start())?;
            // A position may come from a commit that is not visible yet.
            if position.get() > held.next() {
                let end = held.visible_end();
                return Err(ReadError::BeyondEnd { partition: partition.clone(), wanted: position, end });
            }
            (position, held.watch())
        };
        Ok(Self { shared, partition: partition.clone(), position, visible })
    }
}

fn check_start(partition: &TopicPartition, wanted: Offset, earliest: Offset) -> Result<(), ReadError> {
    if wanted < earliest {
        return Err(ReadError::Trimmed { partition: partition.clone(), wanted, earliest });
    }
    Ok(())
}

#[async_trait]
impl Reader for MemoryReader {
    fn partition(&self) -> &TopicPartition {
        &self.partition
    }

    fn position(&self) -> Offset {
        self.position
    }

    async fn next_batch(&mut self, limit: BatchLimit) -> Result<Vec<Committed>, ReadError> {
        loop {
            self.visible.mark_unchanged();
            let records = self.try_next_batch(limit).await?;
            if !records.is_empty() {
                return Ok(records);
            }
            // The sender lives in the state that `shared` keeps alive.
            self.visible.changed().await.map_err(|_| ReadError::Closed)?;
        }
    }

    async fn try_next_batch(&mut self, limit: BatchLimit) -> Result<Vec<Committed>, ReadError> {
        let state = self.shared.lock();
        let held = state.partition(&self.partition)?;
        check_start(&self.partition, self.position, held.start())?;
        let (records, position) = held.read(self.position, limit);
        self.position = position;
        Ok(records)
    }
}
