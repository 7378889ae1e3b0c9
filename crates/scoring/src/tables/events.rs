//! `events`: (match, seq) → the event.

use bytes::{BufMut as _, Bytes, BytesMut};
use topspin_event::{Chain, Delivery, EventEnvelope, Liveness, MatchId, Seq, wire};
use topspin_log::{Record, TopicPartition};
use topspin_runtime::{Rows, StoreError, Table};

use super::bad_row;
use crate::topics::Kind;

/// The header of an event's record that holds its chain: 32 bytes.
pub(crate) const CHAIN_HEADER: &str = "chain";
/// The header that holds its liveness: one byte, [`liveness_number`].
pub(crate) const LIVENESS_HEADER: &str = "liveness";

const CHAIN_BYTES: usize = 32;

/// Key: match id (16), seq (8, big endian). Value: chain (32), liveness (1), payload.
///
/// The payload is here, not only its offset, because the events of one match lie far apart in a partition: folding a
/// match would be a seek on the log for each.
pub(crate) struct Events;

impl Events {
    pub(crate) const NAME: &'static str = "events";
}

impl Table for Events {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn apply(
        &self,
        partition: &TopicPartition,
        record: &Record,
        rows: &mut Rows<'_, '_>,
    ) -> Result<(), StoreError> {
        if partition.topic.as_str() != Kind::MatchEvents.name() {
            return Ok(());
        }
        let Some(payload) = &record.value else { return Ok(()) };
        let (id, seq) = wire::position_of(payload).map_err(|error| bad_row(Self::NAME, error))?;
        let header = |name: &str| record.headers.iter().find(|header| header.name == name);
        let chain = header(CHAIN_HEADER).ok_or_else(|| bad_row(Self::NAME, "an event without its chain"))?;
        let liveness = header(LIVENESS_HEADER).and_then(|header| header.value.first()).copied().unwrap_or(0);
        let mut value = BytesMut::with_capacity(CHAIN_BYTES + 1 + payload.len());
        value.put_slice(&chain.value);
        value.put_u8(liveness);
        value.put_slice(payload);
        rows.put(event_key(id, seq), value.freeze());
        Ok(())
    }
}

/// The key of an event.
pub(crate) fn event_key(id: MatchId, seq: Seq) -> Bytes {
    let mut key = BytesMut::with_capacity(24);
    key.put_slice(id.0.as_bytes());
    key.put_u64(seq.0);
    key.freeze()
}

/// A stored event.
pub(crate) struct StoredEvent;

impl StoredEvent {
    /// Reads a row's value.
    pub(crate) fn read(value: &Bytes) -> Result<EventEnvelope, StoreError> {
        let bad = |reason: &str| bad_row(Events::NAME, reason);
        if value.len() <= CHAIN_BYTES {
            return Err(bad("too short"));
        }
        let chain = Chain::from_slice(&value[..CHAIN_BYTES]).map_err(|_| bad("no chain"))?;
        let payload = value.slice(CHAIN_BYTES + 1..);
        let recorded = wire::decode_recorded(&payload).map_err(|error| bad_row(Events::NAME, error))?;
        let delivery = Delivery { liveness: liveness_of(value[CHAIN_BYTES]), ..Delivery::default() };
        Ok(EventEnvelope { recorded, payload, chain, delivery })
    }

    /// Reads a record of `match-events`.
    pub(crate) fn of_record(record: &Record) -> Result<Option<EventEnvelope>, StoreError> {
        let Some(payload) = record.value.clone() else { return Ok(None) };
        let header = |name: &str| record.headers.iter().find(|header| header.name == name);
        let chain = header(CHAIN_HEADER).map(|header| Chain::from_slice(&header.value));
        let chain = chain.and_then(Result::ok).ok_or_else(|| bad_row(Events::NAME, "no chain"))?;
        let liveness = header(LIVENESS_HEADER).and_then(|header| header.value.first()).copied().unwrap_or(0);
        let recorded = wire::decode_recorded(&payload).map_err(|error| bad_row(Events::NAME, error))?;
        let delivery = Delivery { liveness: liveness_of(liveness), ..Delivery::default() };
        Ok(Some(EventEnvelope { recorded, payload, chain, delivery }))
    }
}

/// The number of a liveness in a header.
pub(crate) const fn liveness_number(liveness: Liveness) -> u8 {
    match liveness {
        Liveness::Live => 0,
        Liveness::Delayed => 1,
        Liveness::Reconstructed => 2,
        Liveness::Replay => 3,
    }
}

const fn liveness_of(number: u8) -> Liveness {
    match number {
        0 => Liveness::Live,
        1 => Liveness::Delayed,
        2 => Liveness::Reconstructed,
        _ => Liveness::Replay,
    }
}
