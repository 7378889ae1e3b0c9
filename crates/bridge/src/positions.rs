//! How far each partition of a source was copied: records on a compacted topic of the target.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use topspin_log::{
    BatchLimit, Cleanup, Log, NameError, Offset, Partition, Record, Start, Timestamp, Topic, TopicPartition,
    TopicSpec, TransactionalId,
};

use crate::CopyError;
use crate::limits::{BATCH_RECORDS, MAX_SOURCE_BYTES};

const TOPIC: &str = "topspin-bridge";

/// Names one life of a source log, such as its incarnation: positions of another life mean nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source(String);

impl Source {
    /// Checks a name: 1 to [`MAX_SOURCE_BYTES`] characters of `[a-zA-Z0-9._-]`.
    ///
    /// # Errors
    /// [`CopyError::Source`] if it is empty, too long or has another character.
    pub fn new(name: &str) -> Result<Self, CopyError> {
        let refused = |reason| CopyError::Source { name: name.to_owned(), reason };
        if name.len() > MAX_SOURCE_BYTES {
            return Err(refused(NameError::TooLong { bytes: name.len(), max: MAX_SOURCE_BYTES }));
        }
        Topic::new(name).map_err(refused)?;
        Ok(Source(name.to_owned()))
    }

    /// Who copies this source: one at a time.
    pub(crate) fn transactional_id(&self) -> TransactionalId {
        TransactionalId::new(format!("{TOPIC}.{}", self.0))
            .expect("a checked name with a short prefix is a name")
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The topic of the target that says how far each source was copied.
pub fn positions_topic() -> Topic {
    Topic::new(TOPIC).expect("the name is checked by a test")
}

pub(crate) fn spec() -> TopicSpec {
    TopicSpec::new(positions_topic(), 1).with_cleanup(Cleanup::Compact)
}

pub(crate) fn only_partition() -> TopicPartition {
    TopicPartition::new(positions_topic(), Partition(0))
}

/// The record that says: `partition` of the source is copied up to `next`, exclusive.
pub(crate) fn record(source: &Source, partition: &TopicPartition, next: Offset, at: Timestamp) -> Record {
    Record::new(key(source, partition), next.get().to_be_bytes().to_vec(), at)
}

/// How far each of `partitions` was copied; those that were not are left out.
pub(crate) async fn read(
    to: &dyn Log,
    source: &Source,
    partitions: &[TopicPartition],
) -> Result<BTreeMap<TopicPartition, Offset>, CopyError> {
    let topic = only_partition();
    let end = to.end_offset(&topic).await.map_err(CopyError::Target)?;
    let mut reader = to.reader(&topic, Start::Beginning).await.map_err(CopyError::Target)?;
    let wanted: BTreeMap<Bytes, &TopicPartition> =
        partitions.iter().map(|partition| (key(source, partition), partition)).collect();
    let mut found = BTreeMap::new();
    while reader.position() < end {
        let batch =
            reader.try_next_batch(BatchLimit::records(BATCH_RECORDS)).await.map_err(CopyError::Target)?;
        for committed in batch {
            let known = committed.record.key.as_ref().and_then(|key| wanted.get(key));
            if let Some(partition) = known {
                found.insert((*partition).clone(), offset(&committed.record, partition)?);
            }
        }
    }
    Ok(found)
}

fn key(source: &Source, partition: &TopicPartition) -> Bytes {
    Bytes::from(format!("{source}/{partition}"))
}

fn offset(record: &Record, partition: &TopicPartition) -> Result<Offset, CopyError> {
    let bytes = record.value.as_ref().and_then(|value| <[u8; 8]>::try_from(&value[..]).ok());
    bytes
        .map(|bytes| Offset::new(u64::from_be_bytes(bytes)))
        .ok_or_else(|| CopyError::Position { partition: partition.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_named_so_that_it_fits_into_ids() {
        let longest = Source::new(&"a".repeat(MAX_SOURCE_BYTES)).expect("a name");
        assert_eq!(longest.transactional_id().as_str().len(), TOPIC.len() + 1 + MAX_SOURCE_BYTES);
        assert!(Source::new(&"a".repeat(MAX_SOURCE_BYTES + 1)).is_err());
        assert!(Source::new("a/b").is_err());
        assert_eq!(positions_topic().as_str(), TOPIC);
    }
}
