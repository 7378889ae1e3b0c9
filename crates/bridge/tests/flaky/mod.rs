//! A log whose commits fail as the seed says: nothing written, or nobody knows.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use topspin_log::memory::MemoryLog;
use topspin_log::{
    Batch, BeginProducerError, CommitError, Committer, CreateTopicError, GroupError, GroupId, Log, MemberId,
    Membership, Offset, Producer, ReadError, Reader, Receipt, Start, Topic, TopicPartition, TopicSpec,
    TransactionalId,
};

pub struct Flaky {
    inner: MemoryLog,
    random: Arc<Mutex<ChaCha8Rng>>,
}

impl Flaky {
    pub fn new(inner: MemoryLog, seed: u64) -> Self {
        Flaky { inner, random: Arc::new(Mutex::new(ChaCha8Rng::seed_from_u64(seed))) }
    }
}

struct FlakyCommitter {
    inner: Producer,
    random: Arc<Mutex<ChaCha8Rng>>,
}

#[async_trait]
impl Committer for FlakyCommitter {
    async fn commit(&mut self, batch: Batch) -> Result<Receipt, CommitError> {
        let fault = self.random.lock().expect("no panic").random_range(0..6);
        let reason = "by the seed".to_owned();
        match fault {
            0 => return Err(CommitError::Unavailable { reason }),
            1 => return Err(CommitError::Indeterminate { reason }),
            2 => return Err(CommitError::StorageFull),
            _ => {}
        }
        let mut transaction = self.inner.begin();
        for append in batch.appends() {
            transaction
                .append(append.partition.clone(), append.record.clone())
                .expect("it was within the bounds");
        }
        let receipt = transaction.commit().await?;
        if fault == 3 { Err(CommitError::Indeterminate { reason }) } else { Ok(receipt) }
    }
}

#[async_trait]
impl Log for Flaky {
    async fn create_topic(&self, spec: &TopicSpec) -> Result<(), CreateTopicError> {
        self.inner.create_topic(spec).await
    }

    async fn topics(&self) -> Result<Vec<TopicSpec>, ReadError> {
        self.inner.topics().await
    }

    async fn topic(&self, topic: &Topic) -> Result<TopicSpec, ReadError> {
        self.inner.topic(topic).await
    }

    async fn start_offset(&self, partition: &TopicPartition) -> Result<Offset, ReadError> {
        self.inner.start_offset(partition).await
    }

    async fn end_offset(&self, partition: &TopicPartition) -> Result<Offset, ReadError> {
        self.inner.end_offset(partition).await
    }

    async fn reader(&self, partition: &TopicPartition, start: Start) -> Result<Box<dyn Reader>, ReadError> {
        self.inner.reader(partition, start).await
    }

    async fn begin_producer(&self, id: &TransactionalId) -> Result<Producer, BeginProducerError> {
        let inner = self.inner.begin_producer(id).await?;
        let committer = FlakyCommitter { inner, random: self.random.clone() };
        Ok(Producer::new(id.clone(), Box::new(committer)))
    }

    async fn join(
        &self,
        group: &GroupId,
        topics: &[Topic],
        member: &MemberId,
    ) -> Result<Box<dyn Membership>, GroupError> {
        self.inner.join(group, topics, member).await
    }

    async fn committed_position(
        &self,
        group: &GroupId,
        partition: &TopicPartition,
    ) -> Result<Option<Offset>, ReadError> {
        self.inner.committed_position(group, partition).await
    }
}
