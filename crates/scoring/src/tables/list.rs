//! `match_list`: matches by status, competition and tie, newest first.

use bytes::{BufMut as _, Bytes, BytesMut};
use prost::Message as _;
use topspin_event::wire::v1;
use topspin_event::{CompetitionId, MatchId, TieId};
use topspin_laws::Status;
use topspin_log::{Record, TopicPartition};
use topspin_runtime::{Rows, StoreError, Table};
use uuid::Uuid;

use super::bad_row;
use crate::topics::Kind;

/// Two kinds of rows:
/// - `e` scope … newness (8) match (16) → nothing: an entry of a list. Newness is the largest number minus the time in
///   milliseconds, so that the newest comes first.
/// - `m` match (16) → the entries of the match, each with its length before it (2): what to remove when they change.
pub(crate) struct MatchList;

impl MatchList {
    pub(crate) const NAME: &'static str = "match_list";
}

/// A list that there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ListScope {
    /// All matches.
    All,
    /// Those with a status.
    Status(Status),
    /// Those that are live.
    Live,
    /// Those of a competition.
    Competition(CompetitionId),
    /// Those of a competition that are live.
    CompetitionLive(CompetitionId),
    /// Those of a competition with a status.
    CompetitionStatus(CompetitionId, Status),
    /// Those of a tie.
    Tie(TieId),
}

impl ListScope {
    /// What the keys of the list's entries start with.
    pub(crate) fn prefix(self) -> Bytes {
        let mut key = BytesMut::with_capacity(24);
        key.put_u8(b'e');
        match self {
            ListScope::All => key.put_u8(b'a'),
            ListScope::Status(status) => key.put_slice(&[b's', status as u8]),
            ListScope::Live => key.put_u8(b'l'),
            ListScope::Competition(id) => put_id(&mut key, b'c', id.0),
            ListScope::CompetitionLive(id) => put_id(&mut key, b'm', id.0),
            ListScope::CompetitionStatus(id, status) => {
                put_id(&mut key, b'd', id.0);
                key.put_u8(status as u8);
            }
            ListScope::Tie(id) => put_id(&mut key, b't', id.0),
        }
        key.freeze()
    }
}

fn put_id(key: &mut BytesMut, scope: u8, id: Uuid) {
    key.put_u8(scope);
    key.put_slice(id.as_bytes());
}

/// The match of an entry's key.
pub(crate) fn match_of(key: &[u8]) -> Option<MatchId> {
    let id = key.len().checked_sub(16).and_then(|start| key.get(start..))?;
    Uuid::from_slice(id).ok().map(MatchId)
}

impl Table for MatchList {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn apply(
        &self,
        partition: &TopicPartition,
        record: &Record,
        rows: &mut Rows<'_, '_>,
    ) -> Result<(), StoreError> {
        if partition.topic.as_str() != Kind::Matches.name() {
            return Ok(());
        }
        let Some(value) = record.value.clone() else { return Ok(()) };
        let snapshot = v1::MatchSnapshot::decode(value).map_err(|error| bad_row(Self::NAME, error))?;
        let entries =
            entries(&snapshot).ok_or_else(|| bad_row(Self::NAME, "a snapshot without its match"))?;
        let meta = snapshot.meta.unwrap_or_default();
        let mine = Bytes::from([b"m".as_slice(), &meta.id].concat());
        let packed = pack(&entries);
        let before = rows.get(&mine)?;
        if before.as_ref() == Some(&packed) {
            return Ok(());
        }
        for entry in before.as_deref().map(unpack).unwrap_or_default() {
            rows.remove(entry);
        }
        for entry in entries {
            rows.put(entry, Bytes::new());
        }
        rows.put(mine, packed);
        Ok(())
    }
}

/// The keys of a match's entries; `None` if the snapshot does not say which match it is.
fn entries(snapshot: &v1::MatchSnapshot) -> Option<Vec<Bytes>> {
    let meta = snapshot.meta.as_ref()?;
    let status = status_of(&snapshot.status);
    let mut scopes = vec![ListScope::All];
    scopes.extend(status.map(ListScope::Status));
    let live = status.is_some_and(Status::is_live);
    scopes.extend(live.then_some(ListScope::Live));
    if let Some(id) = meta.competition_id.as_deref().and_then(|id| Uuid::from_slice(id).ok()) {
        let id = CompetitionId(id);
        scopes.push(ListScope::Competition(id));
        scopes.extend(live.then_some(ListScope::CompetitionLive(id)));
        scopes.extend(status.map(|status| ListScope::CompetitionStatus(id, status)));
    }
    if let Some(id) = meta.tie_id.as_deref().and_then(|id| Uuid::from_slice(id).ok()) {
        scopes.push(ListScope::Tie(TieId(id)));
    }
    let newness =
        u64::MAX - meta.scheduled_at.unwrap_or(meta.created_at).cast_unsigned().wrapping_add(1 << 63);
    let entry = |scope: ListScope| {
        let mut key = BytesMut::from(scope.prefix().as_ref());
        key.put_u64(newness);
        key.put_slice(&meta.id);
        key.freeze()
    };
    Some(scopes.into_iter().map(entry).collect())
}

/// The status with a name; `None` for one of a later version, which is in no status's list.
fn status_of(name: &str) -> Option<Status> {
    serde_json::from_value(serde_json::Value::String(name.to_owned())).ok()
}

fn pack(entries: &[Bytes]) -> Bytes {
    let mut packed = BytesMut::new();
    for entry in entries {
        packed.put_u16(entry.len() as u16);
        packed.put_slice(entry);
    }
    packed.freeze()
}

fn unpack(mut packed: &[u8]) -> Vec<Bytes> {
    let mut entries = Vec::new();
    while let Some((length, rest)) = packed.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length)).min(rest.len());
        let (entry, rest) = rest.split_at(length);
        entries.push(Bytes::copy_from_slice(entry));
        packed = rest;
    }
    entries
}
