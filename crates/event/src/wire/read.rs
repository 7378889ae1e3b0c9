//! Reading fields that may be missing, out of bounds, or of a later version.

use bytes::Bytes;
use uuid::Uuid;

use crate::Timestamp;

/// A record cannot be read: it is damaged, or was not written by this software.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// No protobuf message.
    #[error("no protobuf message: {0}")]
    Protobuf(#[from] prost::DecodeError),
    /// A field without which the record means nothing is absent.
    #[error("field {field} is missing")]
    Missing {
        /// The field.
        field: &'static str,
    },
    /// A field is out of bounds.
    #[error("field {field} is out of bounds")]
    Invalid {
        /// The field.
        field: &'static str,
    },
}

/// Why an event cannot be understood.
pub(super) enum Unread {
    /// It is damaged.
    Damaged(DecodeError),
    /// A later version wrote it.
    Later {
        /// What is not understood.
        what: String,
    },
}

impl From<DecodeError> for Unread {
    fn from(error: DecodeError) -> Self {
        Unread::Damaged(error)
    }
}

pub(super) type Read<T> = Result<T, Unread>;

/// A field that has to be there.
pub(super) fn need<T>(value: Option<T>, field: &'static str) -> Result<T, DecodeError> {
    value.ok_or(DecodeError::Missing { field })
}

/// A number that has to fit.
pub(super) fn fit<T: TryFrom<u32>>(value: u32, field: &'static str) -> Result<T, DecodeError> {
    T::try_from(value).map_err(|_| DecodeError::Invalid { field })
}

/// A text that has to be well formed.
pub(super) fn text<T: TryFrom<String>>(value: String, field: &'static str) -> Result<T, DecodeError> {
    T::try_from(value).map_err(|_| DecodeError::Invalid { field })
}

pub(super) fn id(bytes: &[u8], field: &'static str) -> Result<Uuid, DecodeError> {
    Uuid::from_slice(bytes).map_err(|_| DecodeError::Invalid { field })
}

pub(super) fn optional_id(bytes: Option<&Bytes>, field: &'static str) -> Result<Option<Uuid>, DecodeError> {
    bytes.map(|bytes| id(bytes, field)).transpose()
}

pub(super) fn id_bytes(id: Uuid) -> Bytes {
    Bytes::copy_from_slice(id.as_bytes())
}

pub(super) fn time(millis: i64, field: &'static str) -> Result<Timestamp, DecodeError> {
    Timestamp::from_millis(millis).ok_or(DecodeError::Invalid { field })
}

pub(super) fn optional_time(
    millis: Option<i64>,
    field: &'static str,
) -> Result<Option<Timestamp>, DecodeError> {
    millis.map(|millis| time(millis, field)).transpose()
}

/// Reads every item of a list.
pub(super) fn each<T, U, E>(items: Vec<T>, read: impl Fn(T) -> Result<U, E>) -> Result<Vec<U>, E> {
    items.into_iter().map(read).collect()
}
