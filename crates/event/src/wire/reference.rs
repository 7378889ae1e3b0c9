//! Reference data, anomalies and tablets.

use bytes::Bytes;
use prost::Message as _;

use super::meta::read_external_ids;
use super::read::{DecodeError, fit, id, id_bytes, optional_id, text, time};
use super::v1;
use crate::{
    Anomaly, AnomalyId, Device, Heartbeat, MatchId, NewAnomaly, OrgId, Reference, ReferenceDetails,
    ReferenceId, TieId,
};

/// The bytes of an item of reference data.
pub fn encode_reference(item: &Reference) -> Bytes {
    write_reference(item).encode_to_vec().into()
}

pub(super) fn write_reference(item: &Reference) -> v1::Reference {
    let details = &item.details;
    v1::Reference {
        kind: item.kind.as_str().to_owned(),
        id: id_bytes(item.id.0),
        org: id_bytes(item.org.0),
        external_ids: item.external_ids.iter().map(ToString::to_string).collect(),
        name: details.name.clone(),
        short_name: details.short_name.clone(),
        country: details.country.clone(),
        zone: details.zone.clone(),
        parent_id: details.parent_id.map(|id| id_bytes(id.0)),
        created_at: item.created_at.as_millis(),
        updated_at: item.updated_at.as_millis(),
    }
}

/// Reads an item of reference data.
///
/// # Errors
/// [`DecodeError`] if the bytes are damaged, or the kind is one of a later version.
pub fn decode_reference(bytes: &[u8]) -> Result<Reference, DecodeError> {
    read_reference(v1::Reference::decode(bytes)?)
}

pub(super) fn read_reference(wire: v1::Reference) -> Result<Reference, DecodeError> {
    Ok(Reference {
        kind: wire.kind.parse().map_err(|_| DecodeError::Invalid { field: "kind" })?,
        id: ReferenceId(id(&wire.id, "id")?),
        org: OrgId(id(&wire.org, "org")?),
        external_ids: read_external_ids(wire.external_ids)?,
        details: ReferenceDetails {
            name: wire.name,
            short_name: wire.short_name,
            country: wire.country,
            zone: wire.zone,
            parent_id: optional_id(wire.parent_id.as_ref(), "parent_id")?.map(ReferenceId),
        },
        created_at: time(wire.created_at, "created_at")?,
        updated_at: time(wire.updated_at, "updated_at")?,
    })
}

/// The bytes of an anomaly.
pub fn encode_anomaly(anomaly: &Anomaly) -> Bytes {
    write_anomaly(anomaly).encode_to_vec().into()
}

pub(super) fn write_anomaly(anomaly: &Anomaly) -> v1::Anomaly {
    let fault = &anomaly.fault;
    v1::Anomaly {
        id: id_bytes(fault.id.0),
        org: id_bytes(anomaly.org.0),
        source: fault.source.clone(),
        kind: fault.kind.clone(),
        match_id: fault.match_id.map(|id| id_bytes(id.0)),
        tie_id: fault.tie_id.map(|id| id_bytes(id.0)),
        detail: fault.detail.clone(),
        raw: fault.raw.clone(),
        recorded_at: anomaly.recorded_at.as_millis(),
    }
}

/// Reads an anomaly.
///
/// # Errors
/// [`DecodeError`] if the bytes are damaged.
pub fn decode_anomaly(bytes: &[u8]) -> Result<Anomaly, DecodeError> {
    read_anomaly(v1::Anomaly::decode(bytes)?)
}

pub(super) fn read_anomaly(wire: v1::Anomaly) -> Result<Anomaly, DecodeError> {
    Ok(Anomaly {
        org: OrgId(id(&wire.org, "org")?),
        fault: NewAnomaly {
            id: AnomalyId(id(&wire.id, "id")?),
            source: wire.source,
            kind: wire.kind,
            match_id: optional_id(wire.match_id.as_ref(), "match_id")?.map(MatchId),
            tie_id: optional_id(wire.tie_id.as_ref(), "tie_id")?.map(TieId),
            detail: wire.detail,
            raw: wire.raw,
        },
        recorded_at: time(wire.recorded_at, "recorded_at")?,
    })
}

/// The bytes of a tablet's sign of life.
pub fn encode_device(device: &Device) -> Bytes {
    write_device(device).encode_to_vec().into()
}

pub(super) fn write_device(device: &Device) -> v1::Device {
    let heartbeat = &device.heartbeat;
    v1::Device {
        device: device.device.to_string(),
        battery_percent: heartbeat.battery_percent.map(u32::from),
        charging: heartbeat.charging,
        client_time: heartbeat.client_time.as_millis(),
        match_id: heartbeat.match_id.map(|id| id_bytes(id.0)),
        heard_at: device.heard_at.as_millis(),
    }
}

/// Reads a tablet's sign of life.
///
/// # Errors
/// [`DecodeError`] if the bytes are damaged.
pub fn decode_device(bytes: &[u8]) -> Result<Device, DecodeError> {
    read_device(v1::Device::decode(bytes)?)
}

pub(super) fn read_device(wire: v1::Device) -> Result<Device, DecodeError> {
    let client_time = time(wire.client_time, "client_time")?;
    let heard_at = time(wire.heard_at, "heard_at")?;
    Ok(Device {
        device: text(wire.device, "device")?,
        heartbeat: Heartbeat {
            battery_percent: wire
                .battery_percent
                .map(|percent| fit(percent, "battery_percent"))
                .transpose()?,
            charging: wire.charging,
            client_time,
            match_id: optional_id(wire.match_id.as_ref(), "match_id")?.map(MatchId),
        },
        heard_at,
        clock_offset_ms: heard_at.millis_since(client_time),
    })
}
