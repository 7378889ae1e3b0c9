//! Everything but the records: topics, where partitions start and end, and consumer positions.
//!
//! The whole of it is written as a checkpoint at the start of every segment, so opening needs the last segment only.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use topspin_log::limits::{MAX_TOPICS, MAX_TOTAL_PARTITIONS};
use topspin_log::{
    Cleanup, CreateTopicError, GroupId, Offset, Partition, ReadError, Topic, TopicPartition, TopicSpec,
};

use crate::codec::{Cursor, put_name};
use crate::tail::Tail;

/// A partition by the number that its topic got when it was created.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PartitionId {
    pub(crate) topic: u32,
    pub(crate) partition: u32,
}

/// A topic with its partitions.
pub(crate) struct TopicState {
    pub(crate) spec: TopicSpec,
    pub(crate) tails: Vec<Arc<Tail>>,
}

/// The state at one point of the journal.
#[derive(Default)]
pub(crate) struct Catalog {
    /// In the order of their numbers.
    topics: Vec<TopicState>,
    by_name: BTreeMap<Topic, u32>,
    positions: BTreeMap<GroupId, BTreeMap<PartitionId, Offset>>,
}

impl Catalog {
    pub(crate) fn specs(&self) -> Vec<TopicSpec> {
        self.by_name
            .values()
            .filter_map(|id| self.topics.get(*id as usize))
            .map(|topic| topic.spec.clone())
            .collect()
    }

    pub(crate) fn spec(&self, topic: &Topic) -> Result<&TopicSpec, ReadError> {
        let known = self.by_name.get(topic).and_then(|id| self.topics.get(*id as usize));
        known.map(|topic| &topic.spec).ok_or_else(|| ReadError::UnknownTopic { topic: topic.clone() })
    }

    pub(crate) fn id(&self, partition: &TopicPartition) -> Result<PartitionId, ReadError> {
        let spec = self.spec(&partition.topic)?;
        if partition.partition.0 >= spec.partitions {
            return Err(ReadError::UnknownPartition(partition.clone()));
        }
        Ok(PartitionId { topic: self.by_name[&partition.topic], partition: partition.partition.0 })
    }

    pub(crate) fn cleanup(&self, id: PartitionId) -> Option<Cleanup> {
        self.topics.get(id.topic as usize).map(|topic| topic.spec.cleanup)
    }

    pub(crate) fn name(&self, id: PartitionId) -> Option<TopicPartition> {
        let topic = self.topics.get(id.topic as usize)?;
        Some(TopicPartition::new(topic.spec.topic.clone(), Partition(id.partition)))
    }

    pub(crate) fn tail(&self, id: PartitionId) -> Option<&Arc<Tail>> {
        self.topics.get(id.topic as usize)?.tails.get(id.partition as usize)
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = PartitionId> + '_ {
        (0u32..).zip(&self.topics).flat_map(|(topic, state)| {
            (0..state.spec.partitions).map(move |partition| PartitionId { topic, partition })
        })
    }

    /// Whether the topic is new; an error if it cannot be created.
    pub(crate) fn check_new(&self, spec: &TopicSpec) -> Result<bool, CreateTopicError> {
        spec.check()?;
        if let Ok(existing) = self.spec(&spec.topic) {
            let same = existing == spec;
            return if same {
                Ok(false)
            } else {
                Err(CreateTopicError::Different { existing: existing.clone() })
            };
        }
        if self.topics.len() == MAX_TOPICS {
            return Err(CreateTopicError::TooMany { what: "topics", max: MAX_TOPICS });
        }
        let partitions: usize = self.topics.iter().map(|topic| topic.tails.len()).sum();
        if partitions + spec.partitions as usize > MAX_TOTAL_PARTITIONS {
            return Err(CreateTopicError::TooMany { what: "partitions", max: MAX_TOTAL_PARTITIONS });
        }
        Ok(true)
    }

    pub(crate) fn add_topic(&mut self, spec: TopicSpec) {
        let tails = (0..spec.partitions).map(|_| Arc::new(Tail::new(0, 0))).collect();
        self.by_name.insert(spec.topic.clone(), self.topics.len() as u32);
        self.topics.push(TopicState { spec, tails });
    }

    pub(crate) fn position(&self, group: &GroupId, partition: PartitionId) -> Option<Offset> {
        self.positions.get(group).and_then(|positions| positions.get(&partition)).copied()
    }

    pub(crate) fn set_position(&mut self, group: GroupId, partition: PartitionId, offset: Offset) {
        self.positions.entry(group).or_default().insert(partition, offset);
    }

    pub(crate) fn groups(&self) -> BTreeSet<GroupId> {
        self.positions.keys().cloned().collect()
    }

    pub(crate) fn position_count(&self) -> usize {
        self.positions.values().map(BTreeMap::len).sum()
    }

    /// The payload of a checkpoint frame.
    pub(crate) fn put_checkpoint(&self, buffer: &mut Vec<u8>) {
        buffer.extend_from_slice(&(self.topics.len() as u32).to_le_bytes());
        for topic in &self.topics {
            put_spec(buffer, &topic.spec);
            for tail in &topic.tails {
                let (start, end) = tail.bounds();
                buffer.extend_from_slice(&start.to_le_bytes());
                buffer.extend_from_slice(&end.to_le_bytes());
            }
        }
        buffer.extend_from_slice(&(self.positions.len() as u32).to_le_bytes());
        for (group, positions) in &self.positions {
            put_name(buffer, group.as_str());
            buffer.extend_from_slice(&(positions.len() as u32).to_le_bytes());
            for (partition, offset) in positions {
                buffer.extend_from_slice(&partition.topic.to_le_bytes());
                buffer.extend_from_slice(&partition.partition.to_le_bytes());
                buffer.extend_from_slice(&offset.get().to_le_bytes());
            }
        }
    }

    /// Reads a checkpoint; `None` if it makes no sense.
    pub(crate) fn from_checkpoint(payload: &[u8]) -> Option<Self> {
        let mut cursor = Cursor::new(payload);
        let mut catalog = Self::default();
        for _ in 0..cursor.u32()? {
            let spec = read_spec(&mut cursor)?;
            if !catalog.check_new(&spec).ok()? {
                return None;
            }
            catalog.add_topic(spec);
            let topic = catalog.topics.last_mut()?;
            for tail in &mut topic.tails {
                *tail = Arc::new(Tail::new(cursor.u64()?, cursor.u64()?));
            }
        }
        for _ in 0..cursor.u32()? {
            let group = GroupId::new(cursor.name()?).ok()?;
            for _ in 0..cursor.u32()? {
                let partition = PartitionId { topic: cursor.u32()?, partition: cursor.u32()? };
                catalog.tail(partition)?;
                catalog.set_position(group.clone(), partition, Offset::new(cursor.u64()?));
            }
        }
        cursor.is_at_end().then_some(catalog)
    }
}

/// Writes a topic's description.
pub(crate) fn put_spec(buffer: &mut Vec<u8>, spec: &TopicSpec) {
    put_name(buffer, spec.topic.as_str());
    buffer.extend_from_slice(&spec.partitions.to_le_bytes());
    let (tag, age, bytes) = match spec.cleanup {
        Cleanup::KeepForever => (0u8, None, None),
        Cleanup::Compact => (1, None, None),
        Cleanup::Retain { max_age, max_bytes } => {
            (2, max_age.map(|age| u64::try_from(age.as_millis()).unwrap_or(u64::MAX)), max_bytes)
        }
    };
    buffer.push(tag);
    for bound in [age, bytes] {
        buffer.push(u8::from(bound.is_some()));
        buffer.extend_from_slice(&bound.unwrap_or(0).to_le_bytes());
    }
}

/// Reads a topic's description.
pub(crate) fn read_spec(cursor: &mut Cursor<'_>) -> Option<TopicSpec> {
    let topic = Topic::new(cursor.name()?).ok()?;
    let partitions = cursor.u32()?;
    let tag = cursor.u8()?;
    let mut bound = || {
        let present = cursor.u8()?;
        let value = cursor.u64()?;
        Some((present == 1).then_some(value))
    };
    let (age, max_bytes) = (bound()?, bound()?);
    let cleanup = match tag {
        0 => Cleanup::KeepForever,
        1 => Cleanup::Compact,
        2 => Cleanup::Retain { max_age: age.map(Duration::from_millis), max_bytes },
        _ => return None,
    };
    Some(TopicSpec { topic, partitions, cleanup })
}
