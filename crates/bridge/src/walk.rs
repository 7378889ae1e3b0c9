//! Reading one partition from its beginning up to a place.

use std::collections::VecDeque;

use topspin_log::{Committed, Log, Offset, ReadError, Reader, Start, TopicPartition};

use crate::lane::limit;

pub(crate) struct Walk {
    reader: Box<dyn Reader>,
    read: VecDeque<Committed>,
    until: Offset,
}

impl Walk {
    /// From the first record up to `until`, exclusive.
    pub(crate) async fn open(
        log: &dyn Log,
        partition: &TopicPartition,
        until: Offset,
    ) -> Result<Self, ReadError> {
        let reader = log.reader(partition, Start::Beginning).await?;
        Ok(Walk { reader, read: VecDeque::new(), until })
    }

    /// The next record, if there is another one.
    pub(crate) async fn next(&mut self) -> Result<Option<Committed>, ReadError> {
        while self.read.is_empty() && self.reader.position() < self.until {
            self.read.extend(self.reader.try_next_batch(limit()).await?);
        }
        Ok(self.read.pop_front().filter(|committed| committed.offset < self.until))
    }
}
