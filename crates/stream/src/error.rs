//! What can go wrong.

use std::borrow::Cow;
use std::fmt;

/// Why a record cannot be processed, as a sentence for the dead-letter topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason(Cow<'static, str>);

impl Reason {
    pub(crate) const fn fixed(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl From<&'static str> for Reason {
    fn from(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl From<String> for Reason {
    fn from(text: String) -> Self {
        Self(Cow::Owned(text))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The store behind the operators failed.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// Reading or writing failed.
    #[error("the state cannot be read or written")]
    Storage(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What is stored is not what this topology stores. Another version wrote it, or it is damaged.
    #[error("operator `{operator}` cannot read what is stored for it")]
    Corrupt {
        /// The operator that read.
        operator: String,
    },
}

/// A record was not processed. It has emitted nothing; its writes to the state are to be rolled back.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// The record is bad. Terminal for this record; the next can be processed.
    #[error("operator `{operator}`: {reason}")]
    Poison {
        /// The operator that refused it.
        operator: String,
        /// Why.
        reason: Reason,
    },
    /// The state failed. All that was written since the last commit is void; retryable.
    #[error(transparent)]
    State(#[from] StateError),
}

/// A topology that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// Operators and their stores are found by name.
    #[error("two operators are called `{0}`")]
    DuplicateName(String),
    /// Two sinks into one topic, or a repartition topic that something else uses.
    #[error("topic `{0}` is written twice or is both source and repartition topic")]
    DuplicateTopic(String),
    /// Rows of one key come from several partitions.
    #[error("`{operator}` needs rows that are partitioned by their key: repartition them first")]
    NotPartitioned {
        /// The operator.
        operator: String,
    },
    /// Names become parts of topics and files.
    #[error("`{0}` is no name: 1 to 100 of a-z, 0-9, `.`, `_` and `-`")]
    BadName(String),
}
