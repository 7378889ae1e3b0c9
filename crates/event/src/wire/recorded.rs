//! The recorded part of an event.

use std::sync::Arc;

use bytes::Bytes;
use prost::Message as _;

use super::enums::WireEnum;
use super::meta::{read_meta, read_move, read_result, write_meta, write_move, write_result};
use super::read::{DecodeError, Read, Unread, id, id_bytes, need, optional_time, text, time};
use super::stroke::{read_strokes, write_strokes};
use super::v1::{self, recorded::Event as Wire};
use super::{law_event, law_event_read};
use crate::{CommandId, Epoch, Lease, MatchEvent, MatchId, Precision, Recorded, Seq, UnknownEvent};

/// The bytes of a recorded part: the same for the same content, always. `None` for an event that this version cannot
/// write, because it could not read it.
pub fn encode_recorded(recorded: &Recorded) -> Option<Bytes> {
    let event = match &recorded.event {
        MatchEvent::Created(meta) => Wire::Created(v1::Created { r#match: Some(write_meta(meta)) }),
        MatchEvent::Law(event) => law_event::write(event),
        MatchEvent::Moved(to) => Wire::Moved(write_move(to)),
        MatchEvent::ResultReported(result) => Wire::ResultReported(write_result(result)),
        MatchEvent::StrokesRecorded(strokes) => Wire::StrokesRecorded(write_strokes(strokes)),
        MatchEvent::Unknown(_) => return None,
    };
    let wire = v1::Recorded {
        match_id: id_bytes(recorded.match_id.0),
        epoch: recorded.epoch.0,
        seq: recorded.seq.0,
        lease: recorded.lease.0,
        laws_version: recorded.laws_version,
        cause: id_bytes(recorded.cause.0),
        origin: recorded.origin.to_string(),
        occurred_at: recorded.occurred_at.map(crate::Timestamp::as_millis),
        precision: recorded.precision.number(),
        recorded_at: recorded.recorded_at.as_millis(),
        event: Some(event),
    };
    Some(wire.encode_to_vec().into())
}

/// Reads a recorded part. What a later version wrote is marked in [`Recorded::event`]; keep the payload with it.
///
/// # Errors
/// [`DecodeError`] if the bytes are damaged.
pub fn decode_recorded(payload: &[u8]) -> Result<Recorded, DecodeError> {
    let wire = v1::Recorded::decode(payload)?;
    let event = if let Some(event) = wire.event {
        read_event(event)?
    } else {
        let field = unknown_event_field(payload);
        MatchEvent::Unknown(UnknownEvent { field, what: "the kind of event".to_owned() })
    };
    let precision = match Precision::read(wire.precision) {
        Ok(precision) => precision.unwrap_or(Precision::Unknown),
        Err(Unread::Later { .. }) => Precision::Unknown,
        Err(Unread::Damaged(error)) => return Err(error),
    };
    Ok(Recorded {
        match_id: MatchId(id(&wire.match_id, "match_id")?),
        epoch: Epoch(wire.epoch),
        seq: Seq(need((wire.seq > 0).then_some(wire.seq), "seq")?),
        lease: Lease(wire.lease),
        laws_version: wire.laws_version,
        cause: CommandId(id(&wire.cause, "cause")?),
        origin: text(wire.origin, "origin")?,
        occurred_at: optional_time(wire.occurred_at, "occurred_at")?,
        precision,
        recorded_at: time(wire.recorded_at, "recorded_at")?,
        event,
    })
}

/// Which event a recorded part is, without reading what happened.
///
/// # Errors
/// [`DecodeError`] if the bytes are damaged.
pub fn position_of(payload: &[u8]) -> Result<(MatchId, Seq), DecodeError> {
    let wire = v1::Recorded::decode(payload)?;
    Ok((MatchId(id(&wire.match_id, "match_id")?), Seq(wire.seq)))
}

/// Whether a payload holds fields or enum values that this version does not know: written by a later version.
pub fn holds_unknown(payload: &[u8]) -> bool {
    match decode_recorded(payload).map(|recorded| encode_recorded(&recorded)) {
        Ok(Some(encoded)) => encoded != payload,
        Ok(None) => true,
        Err(_) => false,
    }
}

fn read_event(event: Wire) -> Result<MatchEvent, DecodeError> {
    match read_known(event) {
        Ok(event) => Ok(event),
        Err(Unread::Damaged(error)) => Err(error),
        Err(Unread::Later { what }) => Ok(MatchEvent::Unknown(UnknownEvent { field: None, what })),
    }
}

fn read_known(event: Wire) -> Read<MatchEvent> {
    match event {
        Wire::Created(created) => {
            Ok(MatchEvent::Created(Arc::new(read_meta(need(created.r#match, "created.match")?)?)))
        }
        Wire::Moved(to) => Ok(MatchEvent::Moved(read_move(to)?)),
        Wire::ResultReported(result) => Ok(MatchEvent::ResultReported(read_result(result)?)),
        Wire::StrokesRecorded(strokes) => Ok(MatchEvent::StrokesRecorded(read_strokes(strokes)?)),
        law => Ok(MatchEvent::Law(need(law_event_read::read(law)?, "event")?)),
    }
}

/// The first field number in the range of events. The payload is known to be well formed.
pub(super) fn unknown_event_field(payload: &[u8]) -> Option<u32> {
    const FIRST_EVENT: u64 = 20;
    let mut rest = payload;
    while !rest.is_empty() {
        let key = prost::encoding::decode_varint(&mut rest).ok()?;
        if key >> 3 >= FIRST_EVENT {
            return u32::try_from(key >> 3).ok();
        }
        let skipped = match key & 7 {
            0 => {
                prost::encoding::decode_varint(&mut rest).ok()?;
                0
            }
            1 => 8,
            2 => usize::try_from(prost::encoding::decode_varint(&mut rest).ok()?).ok()?,
            5 => 4,
            _ => return None,
        };
        rest = rest.get(skipped..)?;
    }
    None
}
