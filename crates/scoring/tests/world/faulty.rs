//! A log whose commits fail as told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use topspin_log::{
    Batch, BeginProducerError, CommitError, Committer, CreateTopicError, GroupError, GroupId, Log, MemberId,
    Membership, Offset, Producer, ReadError, Reader, Receipt, Start, Topic, TopicPartition, TopicSpec,
    TransactionalId,
};

/// What happens to a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It goes through.
    None,
    /// Nothing is written, for now.
    Full,
    /// Nothing is written, for now.
    Unavailable,
    /// Nothing is written, and nobody knows.
    LostBefore,
    /// It is written, and nobody knows.
    LostAfter,
    /// The log takes nothing more until it is opened again.
    Failed,
}

/// What happens to the next commits, in order; then all go through.
#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<VecDeque<Fault>>>);

impl Faults {
    pub fn plan(&self, faults: impl IntoIterator<Item = Fault>) {
        self.0.lock().expect("not poisoned").extend(faults);
    }

    pub fn clear(&self) {
        self.0.lock().expect("not poisoned").clear();
    }

    fn next(&self) -> Fault {
        self.0.lock().expect("not poisoned").pop_front().unwrap_or(Fault::None)
    }
}

pub struct FaultyLog<L> {
    pub log: L,
    pub faults: Faults,
}

#[async_trait]
impl<L: Log> Log for FaultyLog<L> {
    async fn create_topic(&self, spec: &TopicSpec) -> Result<(), CreateTopicError> {
        self.log.create_topic(spec).await
    }

    async fn topics(&self) -> Result<Vec<TopicSpec>, ReadError> {
        self.log.topics().await
    }

    async fn topic(&self, topic: &Topic) -> Result<TopicSpec, ReadError> {
        self.log.topic(topic).await
    }

    async fn start_offset(&self, partition: &TopicPartition) -> Result<Offset, ReadError> {
        self.log.start_offset(partition).await
    }

    async fn end_offset(&self, partition: &TopicPartition) -> Result<Offset, ReadError> {
        self.log.end_offset(partition).await
    }

    async fn reader(&self, partition: &TopicPartition, start: Start) -> Result<Box<dyn Reader>, ReadError> {
        self.log.reader(partition, start).await
    }

    async fn begin_producer(&self, id: &TransactionalId) -> Result<Producer, BeginProducerError> {
        let inner = self.log.begin_producer(id).await?;
        let committer = FaultyCommitter { inner, faults: self.faults.clone() };
        Ok(Producer::new(id.clone(), Box::new(committer)))
    }

    async fn join(
        &self,
        group: &GroupId,
        topics: &[Topic],
        member: &MemberId,
    ) -> Result<Box<dyn Membership>, GroupError> {
        self.log.join(group, topics, member).await
    }

    async fn committed_position(
        &self,
        group: &GroupId,
        partition: &TopicPartition,
    ) -> Result<Option<Offset>, ReadError> {
        self.log.committed_position(group, partition).await
    }
}

struct FaultyCommitter {
    inner: Producer,
    faults: Faults,
}

#[async_trait]
impl Committer for FaultyCommitter {
    async fn commit(&mut self, batch: Batch) -> Result<Receipt, CommitError> {
        let lost = || CommitError::Indeterminate { reason: "the connection broke".to_owned() };
        let fault = self.faults.next();
        match fault {
            Fault::Full => return Err(CommitError::StorageFull),
            Fault::Unavailable => return Err(CommitError::Unavailable { reason: "no leader".to_owned() }),
            Fault::LostBefore => return Err(lost()),
            Fault::Failed => return Err(CommitError::Failed { reason: "the sync failed".to_owned() }),
            Fault::None | Fault::LostAfter => {}
        }
        let mut transaction = self.inner.begin();
        for append in batch.appends() {
            transaction.append(append.partition.clone(), append.record.clone()).expect("within limits");
        }
        let receipt = transaction.commit().await?;
        if fault == Fault::LostAfter { Err(lost()) } else { Ok(receipt) }
    }
}
