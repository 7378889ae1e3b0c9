//! Records and what becomes of them.

use bytes::Bytes;
use prost::Message as _;
use topspin_laws::Side;

use super::enums::{WireEnum as _, number};
use super::read::{DecodeError, each, fit, id, id_bytes, optional_time};
use super::v1;
use crate::{MatchId, RecordDecision, RecordEntry, RecordList, Seq, Timestamp};

/// The bytes of a list.
pub fn encode_record_list(list: &RecordList) -> Bytes {
    let wire = v1::RecordList {
        metric: list.metric.clone(),
        scope: list.scope.clone(),
        window: list.window.clone(),
        entries: list.entries.iter().map(write).collect(),
    };
    wire.encode_to_vec().into()
}

/// Reads a list.
///
/// # Errors
/// [`DecodeError`] if the bytes are damaged.
pub fn decode_record_list(bytes: &[u8]) -> Result<RecordList, DecodeError> {
    let wire = v1::RecordList::decode(bytes)?;
    Ok(RecordList {
        metric: wire.metric,
        scope: wire.scope,
        window: wire.window,
        entries: each(wire.entries, |entry| read(&entry))?,
    })
}

/// The bytes of a decision.
pub fn encode_record_decision(decision: &RecordDecision) -> Bytes {
    let wire = v1::RecordDecision {
        id: decision.id,
        withdrawn: decision.withdrawn,
        metric: decision.metric.clone(),
        scope: decision.scope.clone(),
        window: decision.window.clone(),
        holders: decision.holders.iter().map(write).collect(),
    };
    wire.encode_to_vec().into()
}

/// Reads a decision.
///
/// # Errors
/// [`DecodeError`] if the bytes are damaged.
pub fn decode_record_decision(bytes: &[u8]) -> Result<RecordDecision, DecodeError> {
    let wire = v1::RecordDecision::decode(bytes)?;
    Ok(RecordDecision {
        id: wire.id,
        withdrawn: wire.withdrawn,
        metric: wire.metric,
        scope: wire.scope,
        window: wire.window,
        holders: each(wire.holders, |entry| read(&entry))?,
    })
}

pub(super) fn write(entry: &RecordEntry) -> v1::RecordEntry {
    v1::RecordEntry {
        value: entry.value,
        at: entry.at.map(Timestamp::as_millis),
        match_id: id_bytes(entry.match_id.0),
        seq: entry.seq.0,
        side: number(entry.side),
        game: entry.game.into(),
    }
}

pub(super) fn read(wire: &v1::RecordEntry) -> Result<RecordEntry, DecodeError> {
    Ok(RecordEntry {
        value: wire.value,
        at: optional_time(wire.at, "at")?,
        match_id: MatchId(id(&wire.match_id, "match_id")?),
        seq: Seq(wire.seq),
        side: Side::read(wire.side).map_err(|_| DecodeError::Invalid { field: "side" })?,
        game: fit(wire.game, "game")?,
    })
}
