//! A log in front of another, for tests of those who write: what becomes of their commits is decided in between.

use async_trait::async_trait;

use crate::{
    BeginProducerError, Committer, CreateTopicError, GroupError, GroupId, Log, MemberId, Membership, Offset,
    Producer, ReadError, Reader, Start, Topic, TopicPartition, TopicSpec, TransactionalId, TrimError,
};

/// Puts something in front of the producer of an id.
type Front = dyn Fn(&TransactionalId, Producer) -> Box<dyn Committer> + Send + Sync;

/// The same log, but for the commits of its producers.
pub struct Intercepted<L> {
    log: L,
    front: Box<Front>,
}

impl<L: Log> Intercepted<L> {
    /// `front` has each new producer of `log`, and stands in front of it.
    pub fn new(
        log: L,
        front: impl Fn(&TransactionalId, Producer) -> Box<dyn Committer> + Send + Sync + 'static,
    ) -> Self {
        Intercepted { log, front: Box::new(front) }
    }
}

#[async_trait]
impl<L: Log> Log for Intercepted<L> {
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

    async fn trim(&self, partition: &TopicPartition, before: Offset) -> Result<(), TrimError> {
        self.log.trim(partition, before).await
    }

    async fn reader(&self, partition: &TopicPartition, start: Start) -> Result<Box<dyn Reader>, ReadError> {
        self.log.reader(partition, start).await
    }

    async fn begin_producer(&self, id: &TransactionalId) -> Result<Producer, BeginProducerError> {
        let producer = self.log.begin_producer(id).await?;
        Ok(Producer::new(id.clone(), (self.front)(id, producer)))
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
