//! `dedupe`: (match or tie, command) → the verdict.

use bytes::{BufMut as _, Bytes, BytesMut};
use topspin_log::{Record, TopicPartition};
use topspin_runtime::{Rows, StoreError, Table};
use uuid::Uuid;

use super::bad_row;
use crate::topics::Kind;

/// Key: match or tie id (16), command id (16). Value: `topspin.v1.Verdict`.
pub(crate) struct Dedupe;

impl Dedupe {
    pub(crate) const NAME: &'static str = "dedupe";
}

impl Table for Dedupe {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn apply(
        &self,
        partition: &TopicPartition,
        record: &Record,
        rows: &mut Rows<'_, '_>,
    ) -> Result<(), StoreError> {
        let topic = partition.topic.as_str();
        if topic != Kind::MatchDedupe.name() && topic != Kind::TieDedupe.name() {
            return Ok(());
        }
        let key =
            record.key.as_deref().and_then(parse_key).ok_or_else(|| bad_row(Self::NAME, "a bad key"))?;
        match &record.value {
            Some(verdict) => rows.put(key, verdict.clone()),
            None => rows.remove(key),
        }
        Ok(())
    }
}

/// The key of a command to a match or tie.
pub(crate) fn dedupe_key(subject: Uuid, command: Uuid) -> Bytes {
    let mut key = BytesMut::with_capacity(32);
    key.put_slice(subject.as_bytes());
    key.put_slice(command.as_bytes());
    key.freeze()
}

fn parse_key(key: &[u8]) -> Option<Bytes> {
    let (subject, command) = std::str::from_utf8(key).ok()?.split_once('/')?;
    Some(dedupe_key(subject.parse().ok()?, command.parse().ok()?))
}
