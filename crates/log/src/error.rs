//! One error for each operation. `is_retryable` says whether the same call can succeed later without a change.

use crate::{GroupId, Offset, Topic, TopicPartition, TopicSpec, TransactionalId};

/// A name was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// The name is empty, `.` or `..`.
    #[error("a name cannot be empty, '.' or '..'")]
    Reserved,
    /// The name is too long.
    #[error("a name of {bytes} bytes is longer than {max}")]
    TooLong {
        /// Its length in bytes.
        bytes: usize,
        /// The longest allowed, inclusive.
        max: usize,
    },
    /// The name has a character outside `[a-zA-Z0-9._-]`.
    #[error("a name cannot contain {character:?}")]
    Character {
        /// The first such character.
        character: char,
    },
}

/// A topic's description was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TopicError {
    /// The age after which records may go has a part below a millisecond, or more milliseconds than 64 bits hold.
    #[error("max_age is whole milliseconds, not {max_age:?}")]
    Age {
        /// What was asked.
        max_age: std::time::Duration,
    },
    /// The number of partitions is 0 or too large.
    #[error("a topic has 1 to {max} partitions, not {partitions}")]
    PartitionCount {
        /// What was asked.
        partitions: u32,
        /// The most allowed, inclusive.
        max: u32,
    },
}

/// A topic was not created.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreateTopicError {
    /// The description is out of bounds.
    #[error(transparent)]
    Invalid(#[from] TopicError),
    /// The topic exists with another description.
    #[error("topic {} exists with {} partitions and {:?}", existing.topic, existing.partitions, existing.cleanup)]
    Different {
        /// The topic as it is.
        existing: TopicSpec,
    },
    /// The log has as many topics or partitions as it can hold.
    #[error("the log holds at most {max} {what}")]
    TooMany {
        /// What there are too many of: `topics` or `partitions`.
        what: &'static str,
        /// The most allowed, inclusive.
        max: usize,
    },
    /// The storage is full; nothing was created.
    #[error("the storage is full")]
    StorageFull,
    /// The engine refuses the caller's credentials, or they do not allow the operation. Nothing was done.
    #[error("not authorized: {reason}")]
    NotAuthorized {
        /// What the engine says, and what is missing.
        reason: String,
    },
    /// The engine refuses this very topic, and will refuse it again.
    #[error("the log refuses the topic: {reason}")]
    Refused {
        /// What the engine says, and what to change.
        reason: String,
    },
    /// The engine cannot be reached now; nothing was created, or the same topic was.
    #[error("the log is unavailable: {reason}")]
    Unavailable {
        /// What the engine says.
        reason: String,
    },
    /// The log has failed and refuses writes until it is opened again.
    #[error("the log has failed: {reason}")]
    Failed {
        /// What failed.
        reason: String,
    },
}

impl CreateTopicError {
    /// Whether the same call can succeed later.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::StorageFull | Self::Unavailable { .. } => true,
            Self::Invalid(_)
            | Self::Different { .. }
            | Self::TooMany { .. }
            | Self::NotAuthorized { .. }
            | Self::Refused { .. }
            | Self::Failed { .. } => false,
        }
    }
}

/// Nothing was read. The reader's position has not moved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// There is no such topic.
    #[error("there is no topic {topic}")]
    UnknownTopic {
        /// The topic asked for.
        topic: Topic,
    },
    /// The topic has no such partition.
    #[error("there is no partition {0}")]
    UnknownPartition(TopicPartition),
    /// Retention, or a trim, has removed what the reader wants next. Nothing is skipped silently: start again where told.
    #[error("{partition} starts at {earliest}, after {wanted}")]
    Trimmed {
        /// The partition.
        partition: TopicPartition,
        /// Where the reader is.
        wanted: Offset,
        /// The first offset that can still be read.
        earliest: Offset,
    },
    /// The reader wants to start behind the end: its position is from another life of this log.
    #[error("{partition} ends at {end}, before {wanted}")]
    BeyondEnd {
        /// The partition.
        partition: TopicPartition,
        /// Where the reader wants to start.
        wanted: Offset,
        /// The end of the partition.
        end: Offset,
    },
    /// Stored bytes do not match their checksum or make no sense.
    #[error("{file} is corrupt at byte {position}: {reason}")]
    Corrupt {
        /// The file.
        file: String,
        /// The byte in the file at which the damaged unit starts.
        position: u64,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The storage refused to read.
    #[error("cannot read {file}: {reason}")]
    Storage {
        /// The file.
        file: String,
        /// What the operating system says.
        reason: String,
    },
    /// The engine refuses the caller's credentials, or they do not allow the operation. Nothing was done.
    #[error("not authorized: {reason}")]
    NotAuthorized {
        /// What the engine says, and what is missing.
        reason: String,
    },
    /// The engine cannot be reached now.
    #[error("the log is unavailable: {reason}")]
    Unavailable {
        /// What the engine says.
        reason: String,
    },
    /// The log was closed.
    #[error("the log is closed")]
    Closed,
}

impl ReadError {
    /// Whether the same call can succeed later.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Unavailable { .. } | Self::Storage { .. } => true,
            Self::UnknownTopic { .. }
            | Self::UnknownPartition(_)
            | Self::Trimmed { .. }
            | Self::BeyondEnd { .. }
            | Self::Corrupt { .. }
            | Self::NotAuthorized { .. }
            | Self::Closed => false,
        }
    }
}

/// Nothing was removed; if the engine was unavailable, the same may have been.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrimError {
    /// There is no such topic.
    #[error("there is no topic {topic}")]
    UnknownTopic {
        /// The topic asked for.
        topic: Topic,
    },
    /// The topic has no such partition.
    #[error("there is no partition {0}")]
    UnknownPartition(TopicPartition),
    /// A compacted topic keeps the latest record of each key, however old.
    #[error("{topic} is compacted: it keeps the latest record of each key")]
    Compacted {
        /// The topic.
        topic: Topic,
    },
    /// The partition ends before that.
    #[error("{partition} ends before {wanted}")]
    BeyondEnd {
        /// The partition.
        partition: TopicPartition,
        /// Where it should start.
        wanted: Offset,
    },
    /// There is no space to note it.
    #[error("the storage is full")]
    StorageFull,
    /// The engine refuses the caller's credentials, or they do not allow the operation.
    #[error("not authorized: {reason}")]
    NotAuthorized {
        /// What the engine says, and what is missing.
        reason: String,
    },
    /// The engine cannot be reached now.
    #[error("the log is unavailable: {reason}")]
    Unavailable {
        /// What the engine says.
        reason: String,
    },
    /// The log has failed and refuses writes until it is opened again, or was closed.
    #[error("the log has failed: {reason}")]
    Failed {
        /// What failed.
        reason: String,
    },
}

impl TrimError {
    /// Whether the same call can succeed later.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::BeyondEnd { .. } | Self::StorageFull | Self::Unavailable { .. } => true,
            Self::UnknownTopic { .. }
            | Self::UnknownPartition(_)
            | Self::Compacted { .. }
            | Self::NotAuthorized { .. }
            | Self::Failed { .. } => false,
        }
    }
}

impl From<ReadError> for TrimError {
    /// Where the partition was looked for first.
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::UnknownTopic { topic } => Self::UnknownTopic { topic },
            ReadError::UnknownPartition(partition) => Self::UnknownPartition(partition),
            ReadError::NotAuthorized { reason } => Self::NotAuthorized { reason },
            ReadError::Unavailable { reason } => Self::Unavailable { reason },
            other @ (ReadError::Trimmed { .. }
            | ReadError::BeyondEnd { .. }
            | ReadError::Corrupt { .. }
            | ReadError::Storage { .. }
            | ReadError::Closed) => Self::Failed { reason: other.to_string() },
        }
    }
}

/// No producer was made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BeginProducerError {
    /// The log remembers as many transactional ids as it can.
    #[error("the log remembers at most {max} transactional ids")]
    TooMany {
        /// The most allowed, inclusive.
        max: usize,
    },
    /// The engine refuses the caller's credentials, or they do not allow the operation. Nothing was done.
    #[error("not authorized: {reason}")]
    NotAuthorized {
        /// What the engine says, and what is missing.
        reason: String,
    },
    /// The engine cannot be reached now.
    #[error("the log is unavailable: {reason}")]
    Unavailable {
        /// What the engine says.
        reason: String,
    },
    /// The log has failed and refuses writes until it is opened again.
    #[error("the log has failed: {reason}")]
    Failed {
        /// What failed.
        reason: String,
    },
}

impl BeginProducerError {
    /// Whether the same call can succeed later.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Unavailable { .. } => true,
            Self::TooMany { .. } | Self::NotAuthorized { .. } | Self::Failed { .. } => false,
        }
    }
}

/// A transaction was not committed. Except for [`CommitError::Indeterminate`] and [`CommitError::Failed`], nothing of
/// it is in the log or ever will be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// A later producer has the same transactional id. This producer can never commit again.
    #[error("a later producer owns {0}")]
    Fenced(TransactionalId),
    /// The member no longer owns the partitions whose positions it commits.
    #[error("the position commit for group {0} comes from a member that does not own the partition now")]
    StaleGeneration(GroupId),
    /// There is no such topic.
    #[error("there is no topic {topic}")]
    UnknownTopic {
        /// The topic asked for.
        topic: Topic,
    },
    /// The topic has no such partition.
    #[error("there is no partition {0}")]
    UnknownPartition(TopicPartition),
    /// A record without a key was appended to a compacted topic.
    #[error("a record on the compacted topic {topic} needs a key")]
    KeyRequired {
        /// The compacted topic.
        topic: Topic,
    },
    /// The log remembers as many consumer groups or positions as it can.
    #[error("the log holds at most {max} {what}")]
    TooMany {
        /// What there are too many of: `groups` or `positions`.
        what: &'static str,
        /// The most allowed, inclusive.
        max: usize,
    },
    /// The storage is full. The same transaction can be tried again when there is space.
    #[error("the storage is full")]
    StorageFull,
    /// The engine refuses the caller's credentials, or they do not allow the operation. Nothing was done.
    #[error("not authorized: {reason}")]
    NotAuthorized {
        /// What the engine says, and what is missing.
        reason: String,
    },
    /// The engine refuses this very transaction, and will refuse it again: built otherwise it may pass.
    #[error("the log refuses the transaction: {reason}")]
    Refused {
        /// What the engine says, and what to change.
        reason: String,
    },
    /// The engine cannot be reached now; nothing was written.
    #[error("the log is unavailable: {reason}")]
    Unavailable {
        /// What the engine says.
        reason: String,
    },
    /// Nobody knows whether the transaction is in the log. Begin a new producer and read to find out.
    #[error("the outcome of the commit is unknown: {reason}")]
    Indeterminate {
        /// What the engine says.
        reason: String,
    },
    /// The log has failed and refuses writes until it is opened again; the outcome shows then.
    #[error("the log has failed: {reason}")]
    Failed {
        /// What failed.
        reason: String,
    },
}

impl CommitError {
    /// Whether the same transaction, built again, can be committed later by the same producer.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::StorageFull | Self::Unavailable { .. } => true,
            Self::Fenced(_)
            | Self::StaleGeneration(_)
            | Self::UnknownTopic { .. }
            | Self::UnknownPartition(_)
            | Self::KeyRequired { .. }
            | Self::TooMany { .. }
            | Self::NotAuthorized { .. }
            | Self::Refused { .. }
            | Self::Indeterminate { .. }
            | Self::Failed { .. } => false,
        }
    }
}

/// A member could not join, or is no member any more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GroupError {
    /// There is no such topic.
    #[error("there is no topic {topic}")]
    UnknownTopic {
        /// The topic asked for.
        topic: Topic,
    },
    /// The group has as many members, or the log as many groups, as it can hold.
    #[error("at most {max} {what}")]
    TooMany {
        /// What there are too many of: `members` or `groups`.
        what: &'static str,
        /// The most allowed, inclusive.
        max: usize,
    },
    /// The member was replaced by another with its id, or took too long. It may join again.
    #[error("the member is no longer part of group {0}")]
    Fenced(GroupId),
    /// The engine refuses the caller's credentials, or they do not allow the operation. Nothing was done.
    #[error("not authorized: {reason}")]
    NotAuthorized {
        /// What the engine says, and what is missing.
        reason: String,
    },
    /// The engine cannot be reached now.
    #[error("the log is unavailable: {reason}")]
    Unavailable {
        /// What the engine says.
        reason: String,
    },
}

impl GroupError {
    /// Whether the same call can succeed later.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Unavailable { .. } => true,
            Self::UnknownTopic { .. }
            | Self::TooMany { .. }
            | Self::Fenced(_)
            | Self::NotAuthorized { .. } => false,
        }
    }
}
