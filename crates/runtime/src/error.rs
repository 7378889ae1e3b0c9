//! What can go wrong with a partition.

use topspin_log::BeginProducerError;

use crate::{RecoveryError, StoreError};

/// A request was not handled, or nobody knows. Unless it says otherwise, nothing of it happened.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CallError {
    /// Too many requests wait.
    #[error("the partition is overloaded")]
    Overloaded,
    /// The partition is closing or has closed.
    #[error("the partition is closed")]
    Closed,
    /// The storage is full.
    #[error("the storage is full")]
    StorageFull,
    /// The log cannot be reached now.
    #[error("the log is unavailable: {reason}")]
    Unavailable {
        /// What the engine says.
        reason: String,
    },
    /// It may have happened: ask again with the same id to find out.
    #[error("the outcome is unknown: {reason}")]
    Indeterminate {
        /// What the engine says.
        reason: String,
    },
    /// Handling this very request hit a fault of the program, and would again.
    #[error("the request hit a fault of the program: {reason}")]
    Crashed {
        /// What the program says.
        reason: String,
    },
    /// Another process owns this partition now.
    #[error("another node owns the partition")]
    Fenced,
    /// The partition has failed for good: it needs a restart.
    #[error("the partition has failed: {reason}")]
    Failed {
        /// What failed.
        reason: String,
    },
}

impl CallError {
    /// Whether the same call can succeed later in this process.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Overloaded | Self::StorageFull | Self::Unavailable { .. } | Self::Indeterminate { .. } => {
                true
            }
            Self::Closed | Self::Crashed { .. } | Self::Fenced | Self::Failed { .. } => false,
        }
    }
}

/// A partition could not be started.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StartError {
    /// No producer.
    #[error(transparent)]
    Producer(#[from] BeginProducerError),
    /// The store is not up to date.
    #[error(transparent)]
    Recovery(#[from] RecoveryError),
    /// The processor cannot be made.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl StartError {
    /// Whether the same call can succeed later.
    pub fn is_retryable(&self) -> bool {
        match self {
            StartError::Producer(error) => error.is_retryable(),
            StartError::Recovery(error) => error.is_retryable(),
            StartError::Store(error) => error.is_retryable(),
        }
    }
}
