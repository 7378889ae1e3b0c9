//! What can go wrong while copying and comparing.

use topspin_log::{
    AppendError, BeginProducerError, CommitError, CreateTopicError, NameError, Offset, ReadError, Topic,
    TopicPartition,
};

/// Nothing more was copied. What was copied stands; the next step goes on behind it.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The name of the source cannot be used.
    #[error("the source cannot be called {name:?}: {reason}")]
    Source {
        /// The name.
        name: String,
        /// What is wrong with it.
        reason: NameError,
    },
    /// The bridge's own topic cannot be copied onto itself.
    #[error("{0} is the bridge's own topic: it is not copied")]
    Own(Topic),
    /// The target has records that no bridge from this source has copied: they would mix.
    #[error("{partition} of the target has records of its own: copy to a log without the topic {}", partition.topic)]
    Occupied {
        /// Where they are.
        partition: TopicPartition,
    },
    /// What the target says about how far the source was copied makes no sense.
    #[error("the position of {partition} in the target makes no sense")]
    Position {
        /// Of which partition.
        partition: TopicPartition,
    },
    /// The source cannot be read.
    #[error("cannot read the source: {0}")]
    Read(#[source] ReadError),
    /// The source has removed what was to be copied next, from a topic that keeps all.
    #[error(
        "{partition} is copied up to {copied}, and the source begins at {earliest} now: what was between was removed \
         before it was copied. Leave out the topic {}, or copy to a new log, which then begins at {earliest} too",
        partition.topic
    )]
    Trimmed {
        /// The partition.
        partition: TopicPartition,
        /// Up to where it was read, exclusive.
        copied: Offset,
        /// Where it begins now.
        earliest: Offset,
    },
    /// The target cannot be read.
    #[error("cannot read the target: {0}")]
    Target(#[source] ReadError),
    /// A topic cannot be created in the target.
    #[error("cannot create {topic} in the target: {reason}")]
    Create {
        /// The topic.
        topic: Topic,
        /// Why not.
        reason: CreateTopicError,
    },
    /// The target gives no producer.
    #[error("cannot write to the target: {0}")]
    Begin(#[from] BeginProducerError),
    /// A record does not fit into a transaction.
    #[error("{partition} at {offset} cannot be written to the target: {reason}")]
    Append {
        /// The record's partition.
        partition: TopicPartition,
        /// The record's place in the source.
        offset: Offset,
        /// Why not.
        reason: AppendError,
    },
    /// The target did not commit.
    #[error("cannot write to the target: {0}")]
    Commit(#[from] CommitError),
}

impl CopyError {
    pub(crate) fn of_source(error: ReadError) -> Self {
        match error {
            ReadError::Trimmed { partition, wanted, earliest } => {
                Self::Trimmed { partition, copied: wanted, earliest }
            }
            other => Self::Read(other),
        }
    }

    /// Whether another step can succeed later without a change.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Read(error) | Self::Target(error) => error.is_retryable(),
            Self::Create { reason, .. } => reason.is_retryable(),
            Self::Begin(error) => error.is_retryable(),
            // What became of it shows when the positions are read again.
            Self::Commit(error) => error.is_retryable() || matches!(error, CommitError::Indeterminate { .. }),
            Self::Source { .. }
            | Self::Own(_)
            | Self::Occupied { .. }
            | Self::Trimmed { .. }
            | Self::Position { .. }
            | Self::Append { .. } => false,
        }
    }
}

/// The logs were not compared.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// The source cannot be read.
    #[error("cannot read the source: {0}")]
    Source(#[source] ReadError),
    /// The target cannot be read.
    #[error("cannot read the target: {0}")]
    Target(#[source] ReadError),
    /// The bridge could not begin.
    #[error(transparent)]
    Begin(#[from] CopyError),
}
