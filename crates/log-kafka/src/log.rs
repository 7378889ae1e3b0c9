//! The contract on a cluster.

use std::sync::Arc;

use async_trait::async_trait;
use topspin_log::{
    BeginProducerError, CreateTopicError, GroupError, GroupId, Log, MemberId, Membership, Offset, Producer,
    ReadError, Reader, Start, Topic, TopicPartition, TopicSpec, TransactionalId, TrimError,
};

use crate::cluster::Cluster;
use crate::reader::PartitionReader;
use crate::{ConnectError, Durability, Lag, Settings, group, producer};

/// A log on a Kafka cluster. Cheap to clone.
#[derive(Clone)]
pub struct KafkaLog(Arc<Cluster>);

impl KafkaLog {
    /// Reaches the cluster once, so that wrong settings show now; later the connection is kept up for ever.
    ///
    /// # Errors
    /// [`ConnectError`]: a setting, the credentials, or no broker within
    /// [`CONNECT_TIMEOUT`](crate::limits::CONNECT_TIMEOUT).
    pub async fn connect(settings: Settings) -> Result<Self, ConnectError> {
        Cluster::connect(settings).await.map(Self)
    }

    /// What an acknowledgement is worth on new topics and on those that exist, whichever is less; to be shown to the
    /// operator if it is less than it could be.
    ///
    /// # Errors
    /// As [`Log::topics`].
    pub async fn durability(&self) -> Result<Durability, ReadError> {
        self.0.durability().await
    }

    /// How far a group is behind in all partitions of some topics, in their order.
    ///
    /// # Errors
    /// As [`Log::committed_position`].
    pub async fn lag(&self, group: &GroupId, topics: &[Topic]) -> Result<Vec<Lag>, ReadError> {
        self.0.lag(group, topics).await
    }
}

#[async_trait]
impl Log for KafkaLog {
    async fn create_topic(&self, spec: &TopicSpec) -> Result<(), CreateTopicError> {
        self.0.create_topic(spec).await
    }

    async fn topics(&self) -> Result<Vec<TopicSpec>, ReadError> {
        self.0.all_topics().await
    }

    async fn topic(&self, topic: &Topic) -> Result<TopicSpec, ReadError> {
        self.0.spec(topic).await
    }

    async fn start_offset(&self, partition: &TopicPartition) -> Result<Offset, ReadError> {
        self.0.bounds(partition).await.map(|(start, _)| start)
    }

    async fn end_offset(&self, partition: &TopicPartition) -> Result<Offset, ReadError> {
        self.0.bounds(partition).await.map(|(_, end)| end)
    }

    async fn trim(&self, partition: &TopicPartition, before: Offset) -> Result<(), TrimError> {
        self.0.trim(partition, before).await
    }

    async fn reader(&self, partition: &TopicPartition, start: Start) -> Result<Box<dyn Reader>, ReadError> {
        Ok(Box::new(PartitionReader::open(&self.0, partition, start).await?))
    }

    async fn begin_producer(&self, id: &TransactionalId) -> Result<Producer, BeginProducerError> {
        Ok(Producer::new(id.clone(), Box::new(producer::begin(&self.0, id).await?)))
    }

    async fn join(
        &self,
        group: &GroupId,
        topics: &[Topic],
        member: &MemberId,
    ) -> Result<Box<dyn Membership>, GroupError> {
        group::join(&self.0, group, topics, member).await
    }

    async fn committed_position(
        &self,
        group: &GroupId,
        partition: &TopicPartition,
    ) -> Result<Option<Offset>, ReadError> {
        self.0.committed(group, partition).await
    }
}
