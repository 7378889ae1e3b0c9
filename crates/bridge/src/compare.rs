//! Whether a copy is what it was copied from.

use std::collections::BTreeMap;

use bytes::Bytes;
use topspin_log::{Cleanup, Committed, Log, Offset, TopicPartition};

use crate::walk::Walk;
use crate::{CompareError, digest};

/// Two logs that hold the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Comparison {
    /// Records compared; of compacted topics, keys.
    pub records: u64,
    /// Partitions compared.
    pub partitions: u64,
}

impl Comparison {
    pub(crate) fn and(self, other: Comparison) -> Comparison {
        Comparison { records: self.records + other.records, partitions: self.partitions + other.partitions }
    }
}

/// The first place at which two logs differ.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Difference {
    /// A record of the source is not in the target.
    #[error("{partition}: the record at {offset} of the source is missing in the target")]
    Missing {
        /// The partition.
        partition: TopicPartition,
        /// The record's place in the source.
        offset: Offset,
    },
    /// The target has a record that the source has not.
    #[error("{partition}: the record at {offset} of the target is not in the source")]
    Extra {
        /// The partition.
        partition: TopicPartition,
        /// The record's place in the target.
        offset: Offset,
    },
    /// Two records in the same place, or with the same key of a compacted topic, are not the same.
    #[error(
        "{partition}: the record at {source_offset} of the source is another than that at {target_offset} of the target"
    )]
    Changed {
        /// The partition.
        partition: TopicPartition,
        /// The record's place in the source.
        source_offset: Offset,
        /// The record's place in the target.
        target_offset: Offset,
    },
}

/// The latest record of each key: its place and digest.
type Latest = BTreeMap<Bytes, (Offset, [u8; 32])>;
type Compared = Result<Result<Comparison, Difference>, CompareError>;

pub(crate) struct Logs<'a> {
    pub(crate) from: &'a dyn Log,
    pub(crate) to: &'a dyn Log,
}

impl Logs<'_> {
    /// Compares one partition; of the source, what is before `until`.
    pub(crate) async fn compare(
        &self,
        partition: &TopicPartition,
        cleanup: Cleanup,
        until: Offset,
    ) -> Compared {
        match cleanup {
            Cleanup::KeepForever => {
                let start = self.from.start_offset(partition).await.map_err(CompareError::Source)?;
                let is_trimmed = start > Offset::ZERO;
                // What the source does not hold any more; what the target lacks is a difference.
                let (_, more) = if is_trimmed { self.surplus(partition, until).await? } else { (0, 0) };
                self.in_order(partition, until, (0, more)).await
            }
            Cleanup::Retain { .. } => {
                // One of them may have removed more from its start already.
                let surplus = self.surplus(partition, until).await?;
                self.in_order(partition, until, surplus).await
            }
            Cleanup::Compact => self.by_key(partition, until).await,
        }
    }

    /// How many records the source holds more than the target, and the target more than the source.
    async fn surplus(&self, partition: &TopicPartition, until: Offset) -> Result<(u64, u64), CompareError> {
        let (source, target) = (self.source(partition, until).await?, self.target(partition).await?);
        let source = count(source).await.map_err(CompareError::Source)?;
        let target = count(target).await.map_err(CompareError::Target)?;
        Ok((source.saturating_sub(target), target.saturating_sub(source)))
    }

    async fn source(&self, partition: &TopicPartition, until: Offset) -> Result<Walk, CompareError> {
        Walk::open(self.from, partition, until).await.map_err(CompareError::Source)
    }

    async fn target(&self, partition: &TopicPartition) -> Result<Walk, CompareError> {
        let end = self.to.end_offset(partition).await.map_err(CompareError::Target)?;
        Walk::open(self.to, partition, end).await.map_err(CompareError::Target)
    }

    /// Record by record, after so many of each that are passed over.
    async fn in_order(&self, partition: &TopicPartition, until: Offset, skip: (u64, u64)) -> Compared {
        let (mut source, mut target) = (self.source(partition, until).await?, self.target(partition).await?);
        for _ in 0..skip.0 {
            source.next().await.map_err(CompareError::Source)?;
        }
        for _ in 0..skip.1 {
            target.next().await.map_err(CompareError::Target)?;
        }
        let mut comparison = Comparison { records: 0, partitions: 1 };
        loop {
            let there = source.next().await.map_err(CompareError::Source)?;
            let here = target.next().await.map_err(CompareError::Target)?;
            match (there, here) {
                (None, None) => return Ok(Ok(comparison)),
                (Some(there), Some(here)) if there.record == here.record => comparison.records += 1,
                (there, here) => return Ok(Err(difference(partition, at(there), at(here)))),
            }
        }
    }

    async fn by_key(&self, partition: &TopicPartition, until: Offset) -> Compared {
        let source = latest(self.source(partition, until).await?).await.map_err(CompareError::Source)?;
        let mut target = latest(self.target(partition).await?).await.map_err(CompareError::Target)?;
        let comparison = Comparison { records: source.len() as u64, partitions: 1 };
        for (key, (offset, digest)) in source {
            match target.remove(&key) {
                Some((_, same)) if same == digest => {}
                other => {
                    return Ok(Err(difference(partition, Some(offset), other.map(|(offset, _)| offset))));
                }
            }
        }
        Ok(match target.into_values().next() {
            None => Ok(comparison),
            Some((offset, _)) => Err(difference(partition, None, Some(offset))),
        })
    }
}

async fn count(mut walk: Walk) -> Result<u64, topspin_log::ReadError> {
    let mut count = 0;
    while walk.next().await?.is_some() {
        count += 1;
    }
    Ok(count)
}

async fn latest(mut walk: Walk) -> Result<Latest, topspin_log::ReadError> {
    let mut latest = Latest::new();
    while let Some(Committed { offset, record, .. }) = walk.next().await? {
        let Some(key) = record.key.clone() else { continue };
        if record.value.is_some() {
            latest.insert(key, (offset, digest::of(&record)));
        } else {
            latest.remove(&key);
        }
    }
    Ok(latest)
}

fn at(committed: Option<Committed>) -> Option<Offset> {
    committed.map(|committed| committed.offset)
}

/// At least one of the two is there.
fn difference(partition: &TopicPartition, source: Option<Offset>, target: Option<Offset>) -> Difference {
    let partition = partition.clone();
    match (source, target) {
        (Some(source_offset), Some(target_offset)) => {
            Difference::Changed { partition, source_offset, target_offset }
        }
        (Some(offset), None) => Difference::Missing { partition, offset },
        (None, target) => Difference::Extra { partition, offset: target.unwrap_or(Offset::ZERO) },
    }
}
