//! `dedupe`: (match or tie, command) → the verdict.

use bytes::{BufMut as _, Bytes, BytesMut};
use topspin_event::{CommandId, MatchId, TieId};
use topspin_log::{Record, TopicPartition};
use topspin_runtime::{Rows, StoreError, Table};
use uuid::Uuid;

use super::bad_row;
use crate::topics::Kind;

/// Key: kind (1), match or tie id (16), command id (16). Value: `topspin.v1.Verdict`.
/// Nothing is ever removed: see [`crate::limits`].
pub(crate) struct Dedupe;

/// Whom a command is for. A match and a tie can have the same id, and their commands too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// In keys: `m`.
    Match(MatchId),
    /// In keys: `t`.
    Tie(TieId),
}

impl Subject {
    pub(crate) fn id(self) -> Uuid {
        match self {
            Subject::Match(id) => id.0,
            Subject::Tie(id) => id.0,
        }
    }

    const fn kind(self) -> u8 {
        match self {
            Subject::Match(_) => b'm',
            Subject::Tie(_) => b't',
        }
    }
}

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
        let of: fn(Uuid) -> Subject = match partition.topic.as_str() {
            topic if topic == Kind::MatchDedupe.name() => |id| Subject::Match(MatchId(id)),
            topic if topic == Kind::TieDedupe.name() => |id| Subject::Tie(TieId(id)),
            _ => return Ok(()),
        };
        let parsed = record.key.as_deref().and_then(parse_key);
        let (id, command) = parsed.ok_or_else(|| bad_row(Self::NAME, "a bad key"))?;
        let key = dedupe_key(of(id), command);
        match &record.value {
            Some(verdict) => rows.put(key, verdict.clone()),
            None => rows.remove(key),
        }
        Ok(())
    }
}

/// The key of a command to a match or tie.
pub(crate) fn dedupe_key(subject: Subject, command: CommandId) -> Bytes {
    let mut key = BytesMut::with_capacity(33);
    key.put_u8(subject.kind());
    key.put_slice(subject.id().as_bytes());
    key.put_slice(command.0.as_bytes());
    key.freeze()
}

fn parse_key(key: &[u8]) -> Option<(Uuid, CommandId)> {
    let (subject, command) = std::str::from_utf8(key).ok()?.split_once('/')?;
    Some((subject.parse().ok()?, command.parse().ok()?))
}
