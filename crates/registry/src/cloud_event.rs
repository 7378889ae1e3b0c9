//! The headers of a CloudEvent in Kafka's binary content mode (CloudEvents 1.0.2, Kafka protocol binding 3.2).

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use topspin_event::{Timestamp, wire};
use topspin_log::{Header, Record, Topic};

use crate::schemas::Schema;

const PREFIX: &str = "ce_";
const CONTENT_TYPE: &str = "content-type";
const PROTOBUF: &str = "application/protobuf";
/// Bytes of the digest in an id.
const DIGEST_BYTES: usize = 16;
/// Longer keys are no subject: what is added to a record is bounded.
const MAX_SUBJECT_BYTES: usize = 512;

/// Puts the attributes before the record's own headers. `record` is as it was appended: without a frame.
pub(crate) fn add(record: &mut Record, topic: &Topic, schema: &Schema) {
    let mut headers = Vec::with_capacity(record.headers.len() + 7);
    let mut attribute = |name: &str, value: String| {
        headers.push(Header { name: format!("{PREFIX}{name}"), value: Bytes::from(value) });
    };
    attribute("specversion", "1.0".to_owned());
    attribute("id", id(record, schema));
    attribute("source", format!("/topspin/{topic}"));
    attribute("type", schema.message.clone());
    let key = record.key.as_deref().filter(|key| key.len() <= MAX_SUBJECT_BYTES);
    if let Some(key) = key.and_then(|key| std::str::from_utf8(key).ok()) {
        attribute("subject", key.to_owned());
    }
    let time = i64::try_from(record.timestamp.as_millis()).ok().and_then(Timestamp::from_millis);
    if let Some(time) = time {
        attribute("time", time.to_string());
    }
    headers.push(Header { name: CONTENT_TYPE.to_owned(), value: Bytes::from_static(PROTOBUF.as_bytes()) });
    headers.append(&mut record.headers);
    record.headers = headers;
}

/// Takes them away again.
pub(crate) fn remove(record: &mut Record) {
    record.headers.retain(|header| !is_attribute(header));
}

fn is_attribute(header: &Header) -> bool {
    header.name.starts_with(PREFIX) || (header.name == CONTENT_TYPE && header.value == PROTOBUF.as_bytes())
}

/// The position of an event; of everything else a digest. Two records with one id in one source are the same record.
fn id(record: &Record, schema: &Schema) -> String {
    let payload = record.value.as_deref().unwrap_or_default();
    let position = match schema.message.as_str() {
        "topspin.v1.Recorded" => wire::decode_recorded(payload)
            .ok()
            .map(|event| format!("{}/{}-{}", event.match_id, event.epoch.0, event.seq.0)),
        "topspin.v1.TieRecorded" => wire::decode_tie_recorded(payload)
            .ok()
            .map(|event| format!("{}/{}-{}", event.tie_id, event.epoch.0, event.seq.0)),
        _ => None,
    };
    position.unwrap_or_else(|| {
        let mut hash = Sha256::new();
        hash.update(record.timestamp.as_millis().to_be_bytes());
        let key = record.key.as_deref().unwrap_or_default();
        hash.update((key.len() as u64).to_be_bytes());
        hash.update(key);
        hash.update(payload);
        hex::encode(&hash.finalize()[..DIGEST_BYTES])
    })
}
