//! A log whose records other tools can read.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use async_trait::async_trait;
use topspin_log::{
    Batch, BatchLimit, BeginProducerError, CommitError, Committed, Committer, CreateTopicError, GroupError,
    GroupId, Log, MemberId, Membership, Offset, Producer, ReadError, Reader, Receipt, Record, Start, Topic,
    TopicPartition, TopicSpec, TransactionalId, TrimError,
};

use crate::schemas::Schemas;
use crate::{cloud_event, framing};

/// A log in front of another: frames and attributes what is appended, and takes both away from what is read.
pub struct RegisteredLog {
    inner: Arc<dyn Log>,
    schemas: Arc<Known>,
}

/// The schemas so far.
type Known = RwLock<Schemas>;

impl RegisteredLog {
    /// The same log with these schemas.
    pub fn new(inner: Arc<dyn Log>, schemas: Schemas) -> Self {
        RegisteredLog { inner, schemas: Arc::new(RwLock::new(schemas)) }
    }

    /// Adds schemas of further topics.
    pub fn add(&self, more: &Schemas) {
        let more = more.iter().map(|(topic, schema)| (topic.clone(), schema.clone()));
        self.schemas.write().unwrap_or_else(PoisonError::into_inner).extend(more);
    }
}

#[async_trait]
impl Log for RegisteredLog {
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

    async fn trim(&self, partition: &TopicPartition, before: Offset) -> Result<(), TrimError> {
        self.inner.trim(partition, before).await
    }

    async fn reader(&self, partition: &TopicPartition, start: Start) -> Result<Box<dyn Reader>, ReadError> {
        let inner = self.inner.reader(partition, start).await?;
        let framed = known(&self.schemas).of(&partition.topic).is_some();
        Ok(if framed { Box::new(Unframing { inner }) } else { inner })
    }

    async fn begin_producer(&self, id: &TransactionalId) -> Result<Producer, BeginProducerError> {
        let inner = self.inner.begin_producer(id).await?;
        Ok(Producer::new(id.clone(), Box::new(Framing { inner, schemas: self.schemas.clone() })))
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

struct Framing {
    inner: Producer,
    schemas: Arc<Known>,
}

fn known(schemas: &Known) -> RwLockReadGuard<'_, Schemas> {
    schemas.read().unwrap_or_else(PoisonError::into_inner)
}

impl Framing {
    fn framed(schemas: &Schemas, topic: &Topic, record: &Record) -> Record {
        let mut record = record.clone();
        // A tombstone says nothing but that its key is gone.
        if let Some((schema, value)) = schemas.of(topic).zip(record.value.clone()) {
            cloud_event::add(&mut record, topic, schema);
            record.value = Some(framing::frame(schema.id, schema.index, &value));
        }
        record
    }
}

#[async_trait]
impl Committer for Framing {
    async fn commit(&mut self, batch: Batch) -> Result<Receipt, CommitError> {
        let framed = {
            let schemas = known(&self.schemas);
            batch.framed(|append| Self::framed(&schemas, &append.partition.topic, &append.record))
        };
        self.inner.commit(framed).await
    }
}

struct Unframing {
    inner: Box<dyn Reader>,
}

fn unframed(mut batch: Vec<Committed>) -> Vec<Committed> {
    for committed in &mut batch {
        let record = &mut committed.record;
        // What has no frame was written by somebody else: it is passed on as it is.
        if let Some((_, payload)) = record.value.as_ref().and_then(framing::unframe) {
            record.value = Some(payload);
            cloud_event::remove(record);
        }
    }
    batch
}

#[async_trait]
impl Reader for Unframing {
    fn partition(&self) -> &TopicPartition {
        self.inner.partition()
    }

    fn position(&self) -> Offset {
        self.inner.position()
    }

    async fn next_batch(&mut self, limit: BatchLimit) -> Result<Vec<Committed>, ReadError> {
        Ok(unframed(self.inner.next_batch(limit).await?))
    }

    async fn try_next_batch(&mut self, limit: BatchLimit) -> Result<Vec<Committed>, ReadError> {
        Ok(unframed(self.inner.try_next_batch(limit).await?))
    }

    async fn ready_batch(&mut self, limit: BatchLimit) -> Result<Vec<Committed>, ReadError> {
        Ok(unframed(self.inner.ready_batch(limit).await?))
    }
}
