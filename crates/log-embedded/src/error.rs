//! Why a log was not opened or not cleaned.

use std::path::PathBuf;

use topspin_log::{ReadError, TopicPartition, TrimError};

/// The directory was not opened as a log. Nothing in it was changed, except that a torn tail may have been cut.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process, or another log in this one, has the directory open.
    #[error("the log in {} is open in another process", directory.display())]
    Locked {
        /// The directory.
        directory: PathBuf,
    },
    /// A newer version of this program has written the directory.
    #[error("the log in {} has format {found}, and this program knows up to {supported}", directory.display())]
    NewerFormat {
        /// The directory.
        directory: PathBuf,
        /// The format of the directory.
        found: u32,
        /// The newest format that this program knows.
        supported: u32,
    },
    /// The directory holds something else.
    #[error("{} is not a log: {reason}", directory.display())]
    NotALog {
        /// The directory.
        directory: PathBuf,
        /// What is wrong.
        reason: &'static str,
    },
    /// Records that the log must still have are gone: a segment file is missing.
    #[error("{partition} lacks the offsets from {from} to below {to}: a segment file is missing in {}", directory.display())]
    MissingRecords {
        /// The directory.
        directory: PathBuf,
        /// The partition.
        partition: TopicPartition,
        /// The first missing offset.
        from: u64,
        /// The first offset after the missing ones.
        to: u64,
    },
    /// A file is damaged or cannot be read.
    #[error(transparent)]
    File(#[from] ReadError),
    /// The operating system refused.
    #[error("cannot open {}: {source}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// What it says.
        source: std::io::Error,
    },
}

/// Cleaning stopped. What was cleaned before stays cleaned; everything else is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CleanError {
    /// There is no space to rewrite a segment.
    #[error("the storage is full")]
    StorageFull,
    /// A segment is damaged or cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The log has failed and refuses writes until it is opened again, or was closed.
    #[error("the log has failed: {reason}")]
    Failed {
        /// What failed.
        reason: String,
    },
}

impl CleanError {
    /// Whether cleaning can succeed later.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::StorageFull => true,
            Self::Read(error) => error.is_retryable(),
            Self::Failed { .. } => false,
        }
    }
}

impl From<CleanError> for TrimError {
    fn from(error: CleanError) -> Self {
        match error {
            CleanError::StorageFull => TrimError::StorageFull,
            CleanError::Read(error) => error.into(),
            CleanError::Failed { reason } => TrimError::Failed { reason },
        }
    }
}
