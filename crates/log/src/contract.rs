//! What an engine does.

use async_trait::async_trait;

use crate::limits::{DEFAULT_BATCH_BYTES, DEFAULT_BATCH_RECORDS, MAX_BATCH_BYTES, MAX_BATCH_RECORDS};
use crate::{
    BeginProducerError, Committed, CreateTopicError, GroupError, GroupId, MemberId, Membership, Offset,
    Producer, ReadError, Topic, TopicPartition, TopicSpec, TransactionalId, TrimError,
};

/// A durable, partitioned, transactional log. The promises are those of the [crate docs](crate).
///
/// Every future of this contract is `Send`, and dropping one before it resolves has no effect on the log, except for
/// [`Transaction::commit`](crate::Transaction::commit), whose outcome is then unknown.
#[async_trait]
pub trait Log: Send + Sync + 'static {
    /// Creates a topic; durable when it returns. Creating the same topic again with the same description does nothing.
    ///
    /// # Errors
    /// [`CreateTopicError::Different`] if it exists with another description; otherwise as the variants say.
    async fn create_topic(&self, spec: &TopicSpec) -> Result<(), CreateTopicError>;

    /// All topics, ordered by name.
    ///
    /// # Errors
    /// [`ReadError::Unavailable`] where the engine is remote.
    async fn topics(&self) -> Result<Vec<TopicSpec>, ReadError>;

    /// One topic; its number of partitions is what [`partition_for`](crate::partition_for) needs.
    ///
    /// # Errors
    /// [`ReadError::UnknownTopic`], or [`ReadError::Unavailable`] where the engine is remote.
    async fn topic(&self, topic: &Topic) -> Result<TopicSpec, ReadError>;

    /// The first offset that can be read: 0, or more where retention or [`Log::trim`] has removed records.
    ///
    /// # Errors
    /// [`ReadError::UnknownTopic`], [`ReadError::UnknownPartition`], or [`ReadError::Unavailable`].
    async fn start_offset(&self, partition: &TopicPartition) -> Result<Offset, ReadError>;

    /// The end of what is visible now: greater than the offset of every visible record. A reader whose position has
    /// reached it has seen them all. A transaction just committed may not be visible yet.
    ///
    /// # Errors
    /// [`ReadError::UnknownTopic`], [`ReadError::UnknownPartition`], or [`ReadError::Unavailable`].
    async fn end_offset(&self, partition: &TopicPartition) -> Result<Offset, ReadError>;

    /// Removes the records of a partition before `before`, a position that a reader could start at: when this returns,
    /// durably, the partition starts there. Does nothing if it starts there or later already. A reader that is overtaken
    /// is told [`ReadError::Trimmed`].
    ///
    /// # Errors
    /// [`TrimError::Compacted`] or [`TrimError::BeyondEnd`]; otherwise as the variants say.
    async fn trim(&self, partition: &TopicPartition, before: Offset) -> Result<(), TrimError>;

    /// A reader of one partition. Readers are independent: a slow one costs no other and no writer anything, and holds
    /// a bounded buffer.
    ///
    /// # Errors
    /// [`ReadError::Trimmed`] or [`ReadError::BeyondEnd`] if `start` is outside the partition; otherwise as the
    /// variants say.
    async fn reader(&self, partition: &TopicPartition, start: Start) -> Result<Box<dyn Reader>, ReadError>;

    /// The producer that owns `id` from now on. An earlier producer with the same id is fenced: whatever it had not
    /// committed when this returns, it can never commit. What it had committed is visible when this returns, in every
    /// partition: whoever owns the id now can read the whole of its predecessor's work up to the end offsets.
    ///
    /// # Errors
    /// As the variants of [`BeginProducerError`] say.
    async fn begin_producer(&self, id: &TransactionalId) -> Result<Producer, BeginProducerError>;

    /// Makes `member` part of `group`, to share the partitions of `topics` with its other members. Another live
    /// membership with the same member id is lost.
    ///
    /// # Errors
    /// [`GroupError::UnknownTopic`], or [`GroupError::TooMany`] members or groups.
    async fn join(
        &self,
        group: &GroupId,
        topics: &[Topic],
        member: &MemberId,
    ) -> Result<Box<dyn Membership>, GroupError>;

    /// The position that `group` committed last for a partition, or `None`. Positions of a transaction are seen as
    /// soon as its commit has returned.
    ///
    /// # Errors
    /// [`ReadError::UnknownTopic`], [`ReadError::UnknownPartition`], or [`ReadError::Unavailable`].
    async fn committed_position(
        &self,
        group: &GroupId,
        partition: &TopicPartition,
    ) -> Result<Option<Offset>, ReadError>;
}

/// Where a reader starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// At the first record that there is.
    Beginning,
    /// At the first record whose offset is this or greater; a position from [`Reader::position`],
    /// [`Committed::resume_at`], [`Log::committed_position`] or a record's own offset.
    At(Offset),
    /// Behind the last record visible now: only what becomes visible later.
    End,
}

/// How much one read answers at most. Values outside 1 to the maximum in [`limits`](crate::limits) are moved inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BatchLimit {
    max_records: usize,
    max_bytes: usize,
}

impl BatchLimit {
    /// At most so many records, and so many bytes as [`Record::size`](crate::Record::size) counts them; the first
    /// record is returned even if it alone is larger.
    pub fn new(max_records: usize, max_bytes: usize) -> Self {
        Self {
            max_records: max_records.clamp(1, MAX_BATCH_RECORDS),
            max_bytes: max_bytes.clamp(1, MAX_BATCH_BYTES),
        }
    }

    /// At most so many records and the default bytes.
    pub fn records(max_records: usize) -> Self {
        Self::new(max_records, DEFAULT_BATCH_BYTES)
    }

    /// The most records.
    pub fn max_records(self) -> usize {
        self.max_records
    }

    /// The most bytes.
    pub fn max_bytes(self) -> usize {
        self.max_bytes
    }
}

impl Default for BatchLimit {
    fn default() -> Self {
        Self { max_records: DEFAULT_BATCH_RECORDS, max_bytes: DEFAULT_BATCH_BYTES }
    }
}

/// A cursor over the committed records of one partition, in offset order, each once.
#[async_trait]
pub trait Reader: Send {
    /// What is read.
    fn partition(&self) -> &TopicPartition;

    /// Where a new reader would go on after everything that this one has returned. It passes gaps, so it can be
    /// greater than the last offset by more than one.
    fn position(&self) -> Offset;

    /// The next records, at least one; waits for them to become visible. Dropping the future loses nothing.
    ///
    /// # Errors
    /// [`ReadError::Trimmed`] if retention has overtaken the reader; otherwise as the variants say.
    async fn next_batch(&mut self, limit: BatchLimit) -> Result<Vec<Committed>, ReadError>;

    /// The next records that are visible now. Empty if there is none; [`Reader::position`] has then reached the end
    /// offset that held when the call began. Dropping the future loses nothing.
    ///
    /// # Errors
    /// As [`Reader::next_batch`].
    async fn try_next_batch(&mut self, limit: BatchLimit) -> Result<Vec<Committed>, ReadError>;

    /// The next records that are at hand: nobody is asked for more, so an empty answer says nothing about the log.
    /// Dropping the future loses nothing.
    ///
    /// # Errors
    /// As [`Reader::next_batch`].
    async fn ready_batch(&mut self, limit: BatchLimit) -> Result<Vec<Committed>, ReadError> {
        self.try_next_batch(limit).await
    }
}
