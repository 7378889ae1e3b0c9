//! The log in memory: for tests, simulations and demonstrations. Nothing survives the process.
//!
//! [`MemoryLog::kafka_like`] is the same log with the traps of Apache Kafka, so that code that passes on it is not
//! surprised later: markers and aborted transactions take offsets, committed records become visible later and not in
//! all partitions at once, and every change of a group revokes everything. All of it follows from the seed.

mod partition;
mod reader;
mod state;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use self::reader::MemoryReader;
use self::state::{Publication, State};
use crate::group::{Coordinator, Protocol};
use crate::{
    Batch, BeginProducerError, CommitError, Committer, CreateTopicError, GroupError, GroupId, Log, MemberId,
    Membership, Offset, Producer, ReadError, Reader, Receipt, Start, Timestamp, Topic, TopicPartition,
    TopicSpec, TransactionalId, TrimError,
};

/// Bytes of records that a log in memory holds, unless it is told otherwise.
pub const DEFAULT_CAPACITY_BYTES: usize = 1024 * 1024 * 1024;

/// A log in memory. Clones are the same log.
#[derive(Clone)]
pub struct MemoryLog {
    shared: Arc<Shared>,
    coordinator: Arc<Coordinator>,
}

struct Shared {
    state: Mutex<State>,
}

impl MemoryLog {
    /// A log without gaps whose records are visible at once.
    pub fn new() -> Self {
        Self::with_capacity(DEFAULT_CAPACITY_BYTES)
    }

    /// A log that answers [`CommitError::StorageFull`] once it holds so many bytes of records.
    pub fn with_capacity(bytes: usize) -> Self {
        Self::build(State::new(bytes, None), Protocol::Cooperative)
    }

    /// A log that does whatever Kafka may do, as decided by the seed.
    pub fn kafka_like(seed: u64) -> Self {
        Self::build(State::new(DEFAULT_CAPACITY_BYTES, Some(seed)), Protocol::Eager)
    }

    /// Removes what the topics' policies allow, as if the time was `now`. A log in memory removes nothing by itself.
    pub fn clean(&self, now: Timestamp) {
        self.shared.lock().clean(now);
    }

    /// Forgets where groups go on, as a cluster does with those that nobody was in for long.
    pub fn forget_positions(&self) {
        self.shared.lock().forget_positions();
    }

    fn build(state: State, protocol: Protocol) -> Self {
        let shared = Arc::new(Shared { state: Mutex::new(state) });
        let positions = shared.clone();
        let coordinator =
            Coordinator::new(protocol, move |group, partition| positions.lock().position(group, partition));
        Self { shared, coordinator }
    }
}

impl Default for MemoryLog {
    fn default() -> Self {
        Self::new()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change under the lock is complete before anything can panic, so a poisoned lock is still good.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Log for MemoryLog {
    async fn create_topic(&self, spec: &TopicSpec) -> Result<(), CreateTopicError> {
        self.shared.lock().create_topic(spec)
    }

    async fn topics(&self) -> Result<Vec<TopicSpec>, ReadError> {
        Ok(self.shared.lock().topics())
    }

    async fn topic(&self, topic: &Topic) -> Result<TopicSpec, ReadError> {
        self.shared.lock().topic(topic).cloned()
    }

    async fn start_offset(&self, partition: &TopicPartition) -> Result<Offset, ReadError> {
        Ok(self.shared.lock().partition(partition)?.start())
    }

    async fn end_offset(&self, partition: &TopicPartition) -> Result<Offset, ReadError> {
        Ok(self.shared.lock().partition(partition)?.visible_end())
    }

    async fn trim(&self, partition: &TopicPartition, before: Offset) -> Result<(), TrimError> {
        self.shared.lock().trim(partition, before)
    }

    async fn reader(&self, partition: &TopicPartition, start: Start) -> Result<Box<dyn Reader>, ReadError> {
        Ok(Box::new(MemoryReader::open(self.shared.clone(), partition, start)?))
    }

    async fn begin_producer(&self, id: &TransactionalId) -> Result<Producer, BeginProducerError> {
        let epoch = self.shared.lock().begin_producer(id)?;
        let committer = MemoryCommitter { log: self.clone(), id: id.clone(), epoch };
        Ok(Producer::new(id.clone(), Box::new(committer)))
    }

    async fn join(
        &self,
        group: &GroupId,
        topics: &[Topic],
        member: &MemberId,
    ) -> Result<Box<dyn Membership>, GroupError> {
        let mut partitions = BTreeSet::new();
        for topic in topics {
            let state = self.shared.lock();
            let spec = state.topic(topic).map_err(|_| GroupError::UnknownTopic { topic: topic.clone() })?;
            partitions.extend(spec.topic_partitions());
        }
        self.coordinator.join(group, member, partitions)
    }

    async fn committed_position(
        &self,
        group: &GroupId,
        partition: &TopicPartition,
    ) -> Result<Option<Offset>, ReadError> {
        let state = self.shared.lock();
        state.partition(partition)?;
        Ok(state.position(group, partition))
    }
}

struct MemoryCommitter {
    log: MemoryLog,
    id: TransactionalId,
    epoch: u64,
}

#[async_trait]
impl Committer for MemoryCommitter {
    async fn commit(&mut self, batch: Batch) -> Result<Receipt, CommitError> {
        let _admissions = self.log.coordinator.admit_all(&batch)?;
        let (receipt, publications) = self.log.shared.lock().commit(&self.id, self.epoch, &batch)?;
        for publication in publications {
            publish(self.log.shared.clone(), publication);
        }
        Ok(receipt)
    }
}

/// Makes committed records visible after the delay that the state chose.
fn publish(shared: Arc<Shared>, publication: Publication) {
    if publication.delay == 0 {
        shared.lock().publish(&publication);
        return;
    }
    tokio::spawn(async move {
        for _ in 0..publication.delay {
            tokio::task::yield_now().await;
        }
        shared.lock().publish(&publication);
    });
}
