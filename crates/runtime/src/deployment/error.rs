//! What can go wrong before an application runs.

use topspin_log::{CreateTopicError, NameError, ReadError};

/// A topology was not laid out.
#[derive(Debug, Clone, thiserror::Error)]
pub enum DeployError {
    /// A name does not fit.
    #[error("a topic, group or producer cannot be named: {0}")]
    Name(#[from] NameError),
    /// A topic cannot be looked up.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A topic cannot be created.
    #[error(transparent)]
    Create(#[from] CreateTopicError),
    /// A subtopology reads nothing that tells its number of partitions.
    #[error("subtopology {subtopology} has no source but clocks, or what it reads is written later")]
    NoSource {
        /// The subtopology.
        subtopology: String,
    },
    /// Two sources of one subtopology have different numbers of partitions, so keys do not meet.
    #[error("{topic} has {partitions} partitions, and what it is read together with has {expected}")]
    NotCoPartitioned {
        /// The topic.
        topic: String,
        /// How many it has.
        partitions: u32,
        /// How many it must have.
        expected: u32,
    },
    /// A source's name is too long to be part of every cause.
    #[error("the name of {topic} is longer than {max} bytes")]
    LongName {
        /// The topic.
        topic: String,
        /// The longest, inclusive.
        max: usize,
    },
}

impl DeployError {
    /// Whether the same call can succeed later.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Read(error) => error.is_retryable(),
            Self::Create(error) => error.is_retryable(),
            Self::Name(_) | Self::NoSource { .. } | Self::NotCoPartitioned { .. } | Self::LongName { .. } => {
                false
            }
        }
    }
}
