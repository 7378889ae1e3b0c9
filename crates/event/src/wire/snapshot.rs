//! Snapshots.

use std::sync::Arc;

use bytes::Bytes;
use prost::Message as _;
use topspin_laws::Status;

use super::meta::{read_meta, read_result, write_meta, write_result};
use super::read::{DecodeError, Unread, need, time};
use super::v1;
use crate::{Chain, Epoch, Lease, MatchSnapshot, Seq, StateHash};

/// The bytes of a snapshot.
pub fn encode_snapshot(snapshot: &MatchSnapshot) -> Bytes {
    let wire = v1::MatchSnapshot {
        meta: Some(write_meta(&snapshot.meta)),
        state: snapshot.state.to_string(),
        reported_result: snapshot.reported_result.as_ref().map(write_result),
        epoch: snapshot.epoch.0,
        lease: snapshot.lease.0,
        lease_holder: snapshot.lease_holder.clone(),
        seq: snapshot.seq.0,
        stable_seq: snapshot.stable_seq.0,
        chain: Bytes::copy_from_slice(snapshot.chain.as_bytes()),
        state_hash: snapshot.state_hash.to_string(),
        laws_version: snapshot.laws_version,
        updated_at: snapshot.updated_at.as_millis(),
        status: status_name(snapshot.facts.status),
    };
    wire.encode_to_vec().into()
}

/// Reads a snapshot.
///
/// # Errors
/// [`DecodeError`] if the bytes are damaged, or hold a value that only a later version knows.
pub fn decode_snapshot(bytes: &[u8]) -> Result<MatchSnapshot, DecodeError> {
    let wire = v1::MatchSnapshot::decode(bytes)?;
    let known = |unread| match unread {
        Unread::Damaged(error) => error,
        Unread::Later { .. } => DecodeError::Invalid { field: "of a later version" },
    };
    Ok(MatchSnapshot {
        meta: Arc::new(read_meta(need(wire.meta, "meta")?).map_err(known)?),
        facts: serde_json::from_str(&wire.state).map_err(|_| DecodeError::Invalid { field: "state" })?,
        state: wire.state.into(),
        reported_result: wire.reported_result.map(read_result).transpose().map_err(known)?,
        epoch: Epoch(wire.epoch),
        lease: Lease(wire.lease),
        lease_holder: wire.lease_holder,
        seq: Seq(wire.seq),
        stable_seq: Seq(wire.stable_seq),
        chain: Chain::from_slice(&wire.chain).map_err(|_| DecodeError::Invalid { field: "chain" })?,
        state_hash: StateHash::stored(wire.state_hash),
        laws_version: wire.laws_version,
        updated_at: time(wire.updated_at, "updated_at")?,
    })
}

/// The status as JSON has it.
fn status_name(status: Status) -> String {
    match serde_json::to_value(status) {
        Ok(serde_json::Value::String(name)) => name,
        Ok(_) | Err(_) => String::new(),
    }
}
