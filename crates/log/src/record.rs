//! What is on the log.

use std::fmt;

use bytes::Bytes;

/// The place of a record in its partition.
///
/// Offsets increase within a partition and are never reused, but they are not dense. There is deliberately no
/// arithmetic on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Offset(u64);

impl Offset {
    /// The offset of the first record that a partition can hold.
    pub const ZERO: Self = Self(0);

    /// An offset that was stored as a number.
    pub const fn new(offset: u64) -> Self {
        Self(offset)
    }

    /// The number to store.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Offset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Milliseconds since the Unix epoch, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(u64);

impl Timestamp {
    /// A time from milliseconds since the Unix epoch.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// Milliseconds since the Unix epoch.
    pub const fn as_millis(self) -> u64 {
        self.0
    }
}

/// A named value beside the record's own, such as a content type. Names may repeat; order is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The header's name; any text of at most 65,535 bytes.
    pub name: String,
    /// The header's value, uninterpreted.
    pub value: Bytes,
}

/// One keyed value with its headers and its time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Record {
    /// What the record is about; required on a compacted topic.
    pub key: Option<Bytes>,
    /// The content; `None` is a tombstone: on a compacted topic it removes the key.
    pub value: Option<Bytes>,
    /// Named values, in order.
    pub headers: Vec<Header>,
    /// The writer's time; retention by age counts from it.
    pub timestamp: Timestamp,
}

impl Record {
    /// A record with a key and a value, without headers.
    pub fn new(key: impl Into<Bytes>, value: impl Into<Bytes>, timestamp: Timestamp) -> Self {
        Self { key: Some(key.into()), value: Some(value.into()), headers: Vec::new(), timestamp }
    }

    /// The record that removes a key from a compacted topic.
    pub fn tombstone(key: impl Into<Bytes>, timestamp: Timestamp) -> Self {
        Self { key: Some(key.into()), value: None, headers: Vec::new(), timestamp }
    }

    /// The same record with one more header.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<Bytes>) -> Self {
        self.headers.push(Header { name: name.into(), value: value.into() });
        self
    }

    /// The size in bytes that limits count: key, value, header names and values, and 32 for the frame around them.
    pub fn size(&self) -> usize {
        let headers: usize =
            self.headers.iter().map(|header| header.name.len() + header.value.len() + 8).sum();
        32 + self.key.as_ref().map_or(0, Bytes::len) + self.value.as_ref().map_or(0, Bytes::len) + headers
    }
}

/// A record as a reader gets it: committed, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// Where the record is.
    pub offset: Offset,
    /// Where to resume to read what follows this record; what a consumer commits once it has dealt with it.
    pub resume_at: Offset,
    /// The record as it was appended.
    pub record: Record,
}
