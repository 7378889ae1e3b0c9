//! `tie_events` and `ties`.

use bytes::{BufMut as _, Bytes, BytesMut};
use topspin_event::{Seq, TieId, wire};
use topspin_log::{Record, TopicPartition};
use topspin_runtime::{Rows, StoreError, Table};
use uuid::Uuid;

use super::bad_row;
use super::events::CHAIN_HEADER;
use crate::topics::Kind;

/// Key: tie id (16), seq (8, big endian). Value: chain (32), payload.
pub(crate) struct TieEvents;

/// Key: tie id (16). Value: `topspin.v1.TieSnapshot`.
pub(crate) struct Ties;

const CHAIN_BYTES: usize = 32;

impl TieEvents {
    pub(crate) const NAME: &'static str = "tie_events";

    /// The chain and the payload of a row.
    pub(crate) fn parts(value: &Bytes) -> Option<(Bytes, Bytes)> {
        (value.len() > CHAIN_BYTES).then(|| (value.slice(..CHAIN_BYTES), value.slice(CHAIN_BYTES..)))
    }
}

impl Ties {
    pub(crate) const NAME: &'static str = "ties";
}

impl Table for TieEvents {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn apply(
        &self,
        partition: &TopicPartition,
        record: &Record,
        rows: &mut Rows<'_, '_>,
    ) -> Result<(), StoreError> {
        if partition.topic.as_str() != Kind::TieEvents.name() {
            return Ok(());
        }
        let Some(payload) = &record.value else { return Ok(()) };
        let recorded = wire::decode_tie_recorded(payload).map_err(|error| bad_row(Self::NAME, error))?;
        let chain = record.headers.iter().find(|header| header.name == CHAIN_HEADER);
        let chain = chain.ok_or_else(|| bad_row(Self::NAME, "an event without its chain"))?;
        let mut value = BytesMut::with_capacity(CHAIN_BYTES + payload.len());
        value.put_slice(&chain.value);
        value.put_slice(payload);
        rows.put(tie_event_key(recorded.tie_id, recorded.seq), value.freeze());
        Ok(())
    }
}

impl Table for Ties {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn apply(
        &self,
        partition: &TopicPartition,
        record: &Record,
        rows: &mut Rows<'_, '_>,
    ) -> Result<(), StoreError> {
        if partition.topic.as_str() != Kind::Ties.name() {
            return Ok(());
        }
        let id = record.key.as_deref().and_then(|key| Uuid::try_parse_ascii(key).ok());
        let id = id.ok_or_else(|| bad_row(Self::NAME, "a bad key"))?;
        match &record.value {
            Some(value) => rows.put(Bytes::copy_from_slice(id.as_bytes()), value.clone()),
            None => rows.remove(Bytes::copy_from_slice(id.as_bytes())),
        }
        Ok(())
    }
}

/// The key of a tie's event.
pub(crate) fn tie_event_key(id: TieId, seq: Seq) -> Bytes {
    let mut key = BytesMut::with_capacity(24);
    key.put_slice(id.0.as_bytes());
    key.put_u64(seq.0);
    key.freeze()
}
