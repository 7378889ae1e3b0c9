//! Topics, their partitions and what is kept of them.

use std::fmt;
use std::time::Duration;

use crate::Topic;
use crate::error::TopicError;
use crate::limits::MAX_PARTITIONS;

/// The number of a partition in its topic, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Partition(pub u32);

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One partition of one topic: the unit of order, of reading and of assignment to consumers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicPartition {
    /// The topic.
    pub topic: Topic,
    /// The partition in the topic.
    pub partition: Partition,
}

impl TopicPartition {
    /// A partition of a topic.
    pub fn new(topic: Topic, partition: Partition) -> Self {
        Self { topic, partition }
    }
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.topic, self.partition)
    }
}

/// What a log may remove from a topic. Nothing else is ever removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cleanup {
    /// Nothing: records are kept for ever.
    KeepForever,
    /// The oldest records of a partition, once one of the given bounds is passed. Removal is coarse: a record may
    /// stay longer than it must, and is never removed earlier.
    Retain {
        /// A record may go when it is older than this, by its timestamp, and so is everything before it. Whole
        /// milliseconds.
        max_age: Option<Duration>,
        /// Records may go while at least this many bytes of the partition remain.
        max_bytes: Option<u64>,
    },
    /// Records that a later record with the same key supersedes. A tombstone may go after
    /// [`TOMBSTONE_RETENTION`](crate::limits::TOMBSTONE_RETENTION), with everything before it of its key. The latest
    /// record of every key stays, at its offset. Records without a key are refused.
    Compact,
}

/// A topic as it is created: nothing of it changes later, so that a key stays in its partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicSpec {
    /// The topic's name.
    pub topic: Topic,
    /// How many partitions; 1 to [`MAX_PARTITIONS`].
    pub partitions: u32,
    /// What may be removed.
    pub cleanup: Cleanup,
}

impl TopicSpec {
    /// A topic that keeps everything.
    pub fn new(topic: Topic, partitions: u32) -> Self {
        Self { topic, partitions, cleanup: Cleanup::KeepForever }
    }

    /// The same topic with another cleanup policy.
    #[must_use]
    pub fn with_cleanup(mut self, cleanup: Cleanup) -> Self {
        self.cleanup = cleanup;
        self
    }

    /// Checks the bounds that hold on every engine.
    ///
    /// # Errors
    /// [`TopicError::PartitionCount`] if the number of partitions is 0 or too large, [`TopicError::Age`] if an age is
    /// not whole milliseconds.
    pub fn check(&self) -> Result<(), TopicError> {
        if let Cleanup::Retain { max_age: Some(max_age), .. } = self.cleanup {
            let millis = u64::try_from(max_age.as_millis()).map(Duration::from_millis);
            if millis != Ok(max_age) {
                return Err(TopicError::Age { max_age });
            }
        }
        if (1..=MAX_PARTITIONS).contains(&self.partitions) {
            Ok(())
        } else {
            Err(TopicError::PartitionCount { partitions: self.partitions, max: MAX_PARTITIONS })
        }
    }

    /// All partitions of the topic, in order.
    pub fn topic_partitions(&self) -> impl Iterator<Item = TopicPartition> + '_ {
        (0..self.partitions).map(|partition| TopicPartition::new(self.topic.clone(), Partition(partition)))
    }
}
