//! Everything that a log in memory remembers.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::partition::Partition;
use crate::limits::{MAX_GROUPS, MAX_POSITIONS, MAX_TOPICS, MAX_TOTAL_PARTITIONS, MAX_TRANSACTIONAL_IDS};
use crate::{
    Batch, BeginProducerError, Cleanup, CommitError, CreateTopicError, GroupId, Offset, ReadError, Receipt,
    Timestamp, Topic, TopicPartition, TopicSpec, TransactionalId, TrimError,
};

pub(super) struct State {
    topics: BTreeMap<Topic, (TopicSpec, Vec<Partition>)>,
    producers: HashMap<TransactionalId, u64>,
    positions: BTreeMap<GroupId, BTreeMap<TopicPartition, Offset>>,
    capacity_bytes: usize,
    /// Decides what a Kafka-like log does next.
    dice: Option<Dice>,
}

/// Records that are committed and become visible after `delay` turns of the runtime.
pub(super) struct Publication {
    pub(super) delay: u64,
    partition: TopicPartition,
    end: u64,
}

impl State {
    pub(super) fn new(capacity_bytes: usize, seed: Option<u64>) -> Self {
        Self {
            topics: BTreeMap::new(),
            producers: HashMap::new(),
            positions: BTreeMap::new(),
            capacity_bytes,
            dice: seed.map(Dice),
        }
    }

    pub(super) fn create_topic(&mut self, spec: &TopicSpec) -> Result<(), CreateTopicError> {
        spec.check()?;
        if let Some((existing, _)) = self.topics.get(&spec.topic) {
            let same = existing == spec;
            return if same {
                Ok(())
            } else {
                Err(CreateTopicError::Different { existing: existing.clone() })
            };
        }
        if self.topics.len() == MAX_TOPICS {
            return Err(CreateTopicError::TooMany { what: "topics", max: MAX_TOPICS });
        }
        let partitions: usize = self.topics.values().map(|(_, partitions)| partitions.len()).sum();
        if partitions + spec.partitions as usize > MAX_TOTAL_PARTITIONS {
            return Err(CreateTopicError::TooMany { what: "partitions", max: MAX_TOTAL_PARTITIONS });
        }
        let partitions = (0..spec.partitions).map(|_| Partition::new()).collect();
        self.topics.insert(spec.topic.clone(), (spec.clone(), partitions));
        Ok(())
    }

    pub(super) fn topics(&self) -> Vec<TopicSpec> {
        self.topics.values().map(|(spec, _)| spec.clone()).collect()
    }

    pub(super) fn topic(&self, topic: &Topic) -> Result<&TopicSpec, ReadError> {
        let found = self.topics.get(topic).map(|(spec, _)| spec);
        found.ok_or_else(|| ReadError::UnknownTopic { topic: topic.clone() })
    }

    pub(super) fn partition(&self, partition: &TopicPartition) -> Result<&Partition, ReadError> {
        self.topic(&partition.topic)?;
        let partitions = self.topics.get(&partition.topic).map(|(_, partitions)| partitions);
        partitions
            .and_then(|partitions| partitions.get(partition.partition.0 as usize))
            .ok_or_else(|| ReadError::UnknownPartition(partition.clone()))
    }

    pub(super) fn begin_producer(&mut self, id: &TransactionalId) -> Result<u64, BeginProducerError> {
        if !self.producers.contains_key(id) && self.producers.len() == MAX_TRANSACTIONAL_IDS {
            return Err(BeginProducerError::TooMany { max: MAX_TRANSACTIONAL_IDS });
        }
        self.publish_everything();
        let epoch = self.producers.entry(id.clone()).or_insert(0);
        *epoch += 1;
        Ok(*epoch)
    }

    pub(super) fn position(&self, group: &GroupId, partition: &TopicPartition) -> Option<Offset> {
        self.positions.get(group).and_then(|positions| positions.get(partition)).copied()
    }

    pub(super) fn forget_positions(&mut self) {
        self.positions.clear();
    }

    pub(super) fn commit(
        &mut self,
        id: &TransactionalId,
        epoch: u64,
        batch: &Batch,
    ) -> Result<(Receipt, Vec<Publication>), CommitError> {
        if self.producers.get(id) != Some(&epoch) {
            return Err(CommitError::Fenced(id.clone()));
        }
        self.check(batch)?;
        let touched: BTreeSet<_> = batch.appends().iter().map(|append| append.partition.clone()).collect();
        if self.dice.as_mut().is_some_and(|dice| dice.roll(4) == 0) {
            self.append_aborted(batch, &touched);
        }
        let mut offsets = Vec::with_capacity(batch.appends().len());
        for append in batch.appends() {
            let partition = self.partition_mut(&append.partition)?;
            offsets.push(partition.append(append.record.clone()));
        }
        for commit in batch.positions() {
            let positions = self.positions.entry(commit.group.group().clone()).or_default();
            positions.extend(commit.positions.iter().cloned());
        }
        let publications = self.publications(touched)?;
        Ok((Receipt::new(offsets), publications))
    }

    pub(super) fn publish(&mut self, publication: &Publication) {
        if let Ok(partition) = self.partition_mut(&publication.partition) {
            partition.publish(publication.end);
        }
    }

    pub(super) fn clean(&mut self, now: Timestamp) {
        for (spec, partitions) in self.topics.values_mut() {
            for partition in partitions {
                partition.clean(spec.cleanup, now);
            }
        }
    }

    pub(super) fn trim(&mut self, partition: &TopicPartition, before: Offset) -> Result<(), TrimError> {
        let end = self.partition(partition)?.visible_end();
        let topic = &partition.topic;
        if self.topic(topic)?.cleanup == Cleanup::Compact {
            return Err(TrimError::Compacted { topic: topic.clone() });
        }
        if before > end {
            return Err(TrimError::BeyondEnd { partition: partition.clone(), wanted: before });
        }
        if let Ok(held) = self.partition_mut(partition) {
            held.trim(before);
        }
        Ok(())
    }

    /// What was committed before a producer begins is visible when it has begun.
    fn publish_everything(&mut self) {
        for partition in self.topics.values_mut().flat_map(|(_, partitions)| partitions) {
            let end = partition.next();
            partition.publish(end);
        }
    }

    fn check(&self, batch: &Batch) -> Result<(), CommitError> {
        for append in batch.appends() {
            self.check_partition(&append.partition)?;
            let topic = &append.partition.topic;
            let compacted = self.topic(topic).is_ok_and(|spec| spec.cleanup == Cleanup::Compact);
            if compacted && append.record.key.is_none() {
                return Err(CommitError::KeyRequired { topic: topic.clone() });
            }
        }
        let mut groups: BTreeSet<_> = self.positions.keys().collect();
        let mut positions: usize = self.positions.values().map(BTreeMap::len).sum();
        for commit in batch.positions() {
            groups.insert(commit.group.group());
            for (partition, _) in &commit.positions {
                self.check_partition(partition)?;
                positions += usize::from(self.position(commit.group.group(), partition).is_none());
            }
        }
        if groups.len() > MAX_GROUPS {
            return Err(CommitError::TooMany { what: "groups", max: MAX_GROUPS });
        }
        if positions > MAX_POSITIONS {
            return Err(CommitError::TooMany { what: "positions", max: MAX_POSITIONS });
        }
        let held: usize =
            self.topics.values().flat_map(|(_, partitions)| partitions).map(Partition::bytes).sum();
        if held + batch.bytes() > self.capacity_bytes {
            return Err(CommitError::StorageFull);
        }
        Ok(())
    }

    fn check_partition(&self, partition: &TopicPartition) -> Result<(), CommitError> {
        match self.topics.get(&partition.topic) {
            None => Err(CommitError::UnknownTopic { topic: partition.topic.clone() }),
            Some((spec, _)) if partition.partition.0 >= spec.partitions => {
                Err(CommitError::UnknownPartition(partition.clone()))
            }
            Some(_) => Ok(()),
        }
    }

    fn partition_mut(&mut self, partition: &TopicPartition) -> Result<&mut Partition, CommitError> {
        self.topics
            .get_mut(&partition.topic)
            .and_then(|(_, partitions)| partitions.get_mut(partition.partition.0 as usize))
            .ok_or_else(|| CommitError::UnknownPartition(partition.clone()))
    }

    /// An earlier attempt at the same transaction, aborted: its records and markers take offsets.
    fn append_aborted(&mut self, batch: &Batch, touched: &BTreeSet<TopicPartition>) {
        for partition in batch.appends().iter().map(|append| &append.partition).chain(touched) {
            if let Ok(partition) = self.partition_mut(partition) {
                partition.hide_one();
            }
        }
    }

    fn publications(&mut self, touched: BTreeSet<TopicPartition>) -> Result<Vec<Publication>, CommitError> {
        let mut publications = Vec::with_capacity(touched.len());
        for partition in touched {
            let delay = self.dice.as_mut().map_or(0, |dice| dice.roll(8));
            let marker = self.dice.is_some();
            let held = self.partition_mut(&partition)?;
            if marker {
                held.hide_one();
            }
            let end = held.next();
            publications.push(Publication { delay, partition, end });
        }
        Ok(publications)
    }
}

/// A small seeded generator (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }
}
