//! A dead letter and what it is called.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use topspin_log::{Header, Offset, Partition, Record, Timestamp, Topic, TopicPartition};

/// Names a dead letter: the task that could not process the record, and where the record is.
///
/// As text: `g<generation>/<subtopology>/<task>/<topic>/<partition>/<offset>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LetterId {
    /// The generation of the application.
    pub generation: crate::Generation,
    /// The subtopology.
    pub subtopology: String,
    /// The partition of the task.
    pub task: Partition,
    /// Where the record was read.
    pub source: TopicPartition,
    /// Its place there.
    pub offset: Offset,
}

impl fmt::Display for LetterId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TopicPartition { topic, partition } = &self.source;
        let Self { generation, subtopology, task, offset, .. } = self;
        write!(f, "{generation}/{subtopology}/{task}/{topic}/{partition}/{offset}")
    }
}

/// The text names no dead letter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not g<generation>/<subtopology>/<task>/<topic>/<partition>/<offset>")]
pub struct ParseLetterIdError {
    /// What was given.
    pub text: String,
}

impl FromStr for LetterId {
    type Err = ParseLetterIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let mut parts = text.split('/');
            let generation = parts.next()?.strip_prefix('g')?.parse().ok()?;
            let subtopology = parts.next()?.to_owned();
            let task = Partition(parts.next()?.parse().ok()?);
            let topic = Topic::new(parts.next()?).ok()?;
            let partition = Partition(parts.next()?.parse().ok()?);
            let offset = Offset::new(parts.next()?.parse().ok()?);
            let source = TopicPartition::new(topic, partition);
            let id = Self { generation: crate::Generation(generation), subtopology, task, source, offset };
            parts.next().is_none().then_some(id)
        };
        parse().ok_or_else(|| ParseLetterIdError { text: text.to_owned() })
    }
}

/// Whether a letter still waits for somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It does.
    Open,
    /// Its record was handed to its task again.
    Retried,
}

/// A record that could not be processed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// What it is called.
    pub id: LetterId,
    /// The application.
    pub app: String,
    /// Why, as a sentence.
    pub reason: String,
    /// How often it was tried; from 1.
    pub attempts: u32,
    /// Whether it waits.
    pub standing: Standing,
    /// When it was set aside, or tried again.
    pub at: Timestamp,
    /// The record as it was read.
    pub record: Record,
}

/// The letter on its topic: JSON, with bytes in base64.
#[derive(Serialize, Deserialize)]
struct Stored {
    id: String,
    app: String,
    reason: String,
    attempts: u32,
    standing: Standing,
    at_ms: u64,
    key: Option<String>,
    value: Option<String>,
    headers: Vec<StoredHeader>,
    timestamp_ms: u64,
}

#[derive(Serialize, Deserialize)]
struct StoredHeader {
    name: String,
    value: String,
}

impl Letter {
    pub(super) fn encode(&self) -> Vec<u8> {
        let text = |bytes: &Bytes| STANDARD.encode(bytes);
        let header = |header: &Header| StoredHeader { name: header.name.clone(), value: text(&header.value) };
        let stored = Stored {
            id: self.id.to_string(),
            app: self.app.clone(),
            reason: self.reason.clone(),
            attempts: self.attempts,
            standing: self.standing,
            at_ms: self.at.as_millis(),
            key: self.record.key.as_ref().map(text),
            value: self.record.value.as_ref().map(text),
            headers: self.record.headers.iter().map(header).collect(),
            timestamp_ms: self.record.timestamp.as_millis(),
        };
        serde_json::to_vec(&stored).expect("text and numbers are JSON")
    }

    pub(super) fn decode(json: &[u8]) -> Option<Self> {
        let stored: Stored = serde_json::from_slice(json).ok()?;
        let bytes = |text: &String| STANDARD.decode(text).map(Bytes::from).ok();
        let optional = |text: &Option<String>| match text {
            Some(text) => bytes(text).map(Some),
            None => Some(None),
        };
        let header =
            |header: &StoredHeader| Some(Header { name: header.name.clone(), value: bytes(&header.value)? });
        Some(Self {
            id: stored.id.parse().ok()?,
            record: Record {
                key: optional(&stored.key)?,
                value: optional(&stored.value)?,
                headers: stored.headers.iter().map(header).collect::<Option<_>>()?,
                timestamp: Timestamp::from_millis(stored.timestamp_ms),
            },
            app: stored.app,
            reason: stored.reason,
            attempts: stored.attempts,
            standing: stored.standing,
            at: Timestamp::from_millis(stored.at_ms),
        })
    }
}

/// The last header of a record that is tried again; what stands before it is the record's own.
pub(crate) const RETRY_HEADER: &str = "topspin-retry";

/// What the header says: `<attempts>/<topic>/<partition>/<offset>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Retry {
    /// How often the record was tried before.
    pub(crate) attempts: u32,
    /// Where it was first read.
    pub(crate) topic: Topic,
    pub(crate) partition: Partition,
    pub(crate) offset: Offset,
}

impl Retry {
    pub(crate) fn header(&self) -> String {
        format!("{}/{}/{}/{}", self.attempts, self.topic, self.partition, self.offset)
    }

    /// Takes the header off a record.
    pub(crate) fn strip(record: &mut Record) -> Option<Self> {
        let header = record.headers.pop().filter(|header| header.name == RETRY_HEADER)?;
        let mut parts = std::str::from_utf8(&header.value).ok()?.split('/');
        Some(Self {
            attempts: parts.next()?.parse().ok()?,
            topic: Topic::new(parts.next()?).ok()?,
            partition: Partition(parts.next()?.parse().ok()?),
            offset: Offset::new(parts.next()?.parse().ok()?),
        })
    }
}
