//! `clock`: how late it was in each partition.

use bytes::Bytes;
use topspin_event::Timestamp;
use topspin_log::{Partition, Record, TopicPartition};
use topspin_runtime::{Rows, Store, StoreError, Table};

/// Key: number of the partition (4, big endian). Value: the latest time of a record in it, milliseconds (8).
pub(crate) struct Clock;

impl Clock {
    const NAME: &'static str = "clock";

    /// The latest time of a record in a partition.
    pub(crate) fn latest(store: &Store, partition: Partition) -> Result<Timestamp, StoreError> {
        let stored = store.get(Self::NAME, &partition.0.to_be_bytes())?;
        Ok(stored.as_ref().and_then(millis).and_then(Timestamp::from_millis).unwrap_or(Timestamp::EPOCH))
    }
}

impl Table for Clock {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn apply(
        &self,
        partition: &TopicPartition,
        record: &Record,
        rows: &mut Rows<'_, '_>,
    ) -> Result<(), StoreError> {
        let key = partition.partition.0.to_be_bytes();
        let latest = rows.get(&key)?.as_ref().and_then(millis).unwrap_or(0);
        let time = record.timestamp.as_millis().cast_signed();
        if time > latest {
            rows.put(Bytes::copy_from_slice(&key), Bytes::copy_from_slice(&time.to_be_bytes()));
        }
        Ok(())
    }
}

fn millis(stored: &Bytes) -> Option<i64> {
    stored.as_ref().try_into().ok().map(i64::from_be_bytes)
}
