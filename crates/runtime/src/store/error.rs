//! What can go wrong with the store.

use std::sync::Arc;

/// The store cannot be opened.
#[derive(Debug, Clone, thiserror::Error)]
pub enum OpenStoreError {
    /// Another process, or another handle in this one, holds the directory.
    #[error("the store is in use")]
    Locked,
    /// The storage refuses.
    #[error("the store cannot be opened: {0}")]
    Storage(Arc<fjall::Error>),
    /// A table cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<fjall::Error> for OpenStoreError {
    fn from(error: fjall::Error) -> Self {
        match error {
            fjall::Error::Locked => OpenStoreError::Locked,
            other => OpenStoreError::Storage(Arc::new(other)),
        }
    }
}

impl OpenStoreError {
    /// Whether the same call can succeed later.
    pub fn is_retryable(&self) -> bool {
        match self {
            OpenStoreError::Locked => true,
            OpenStoreError::Storage(_) => false,
            OpenStoreError::Store(error) => error.is_retryable(),
        }
    }
}

/// The store cannot be read or written.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// No table has this name: an error of the program.
    #[error("there is no table {table}")]
    UnknownTable {
        /// The name asked for.
        table: String,
    },
    /// A row makes no sense.
    #[error("a row of table {table} makes no sense: {reason}")]
    BadRow {
        /// The table.
        table: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The storage is closed: it could not be opened anew after it had failed.
    #[error("the store is closed after a failure")]
    Closed,
    /// The storage refuses.
    #[error("the store fails: {0}")]
    Storage(Arc<fjall::Error>),
}

impl From<fjall::Error> for StoreError {
    fn from(error: fjall::Error) -> Self {
        StoreError::Storage(Arc::new(error))
    }
}

impl StoreError {
    /// Whether the disk is full.
    pub fn is_storage_full(&self) -> bool {
        matches!(self, StoreError::Storage(error) if matches!(error.as_ref(),
            fjall::Error::Io(error) if error.kind() == std::io::ErrorKind::StorageFull))
    }

    /// Whether the same call can succeed later.
    pub fn is_retryable(&self) -> bool {
        match self {
            StoreError::Storage(_) | StoreError::Closed => true,
            StoreError::UnknownTable { .. } | StoreError::BadRow { .. } => false,
        }
    }
}
