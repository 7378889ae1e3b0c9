//! A record as Kafka carries it.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::Bytes;
use rdkafka::message::{BorrowedMessage, Header as KafkaHeader, Headers as _, Message as _, OwnedHeaders};
use rdkafka::producer::BaseRecord;
use topspin_log::{CommitError, Committed, Header, Offset, Record, Timestamp};

/// Kafka's "no timestamp", which stands for 0: librdkafka takes 0 for "now".
const NO_TIMESTAMP: i64 = -1;

/// What a record needs to be sent; checked, so that sending fails for the cluster's reasons only.
pub(crate) fn check(record: &Record) -> Result<(), CommitError> {
    if i64::try_from(record.timestamp.as_millis()).is_err() {
        let reason = format!("a timestamp is at most {} ms", i64::MAX);
        return Err(CommitError::Refused { reason });
    }
    if let Some(header) = record.headers.iter().find(|header| header.name.contains('\0')) {
        let reason =
            format!("the header name {:?} contains a NUL, which Kafka's clients cut off", header.name);
        return Err(CommitError::Refused { reason });
    }
    Ok(())
}

/// The record for a partition; `number` comes back with its acknowledgement.
pub(crate) fn outgoing<'a>(
    topic: &'a str,
    partition: i32,
    record: &'a Record,
    number: usize,
) -> BaseRecord<'a, [u8], [u8], usize> {
    let millis = record.timestamp.as_millis().cast_signed();
    let mut outgoing = BaseRecord::with_opaque_to(topic, number).partition(partition);
    outgoing.timestamp = Some(if millis == 0 { NO_TIMESTAMP } else { millis });
    outgoing.key = record.key.as_deref();
    outgoing.payload = record.value.as_deref();
    if !record.headers.is_empty() {
        let empty = OwnedHeaders::new_with_capacity(record.headers.len());
        outgoing.headers = Some(record.headers.iter().fold(empty, |headers, header| {
            headers.insert(KafkaHeader { key: &header.name, value: Some(header.value.as_ref()) })
        }));
    }
    outgoing
}

/// The record as it was appended, with its place; an error names what a foreign writer did that cannot be told here.
pub(crate) fn incoming(message: &BorrowedMessage<'_>) -> Result<Committed, &'static str> {
    let copy = |bytes: &[u8]| Bytes::copy_from_slice(bytes);
    let offset = message.offset().max(0).cast_unsigned();
    let headers = match message.headers() {
        None => Vec::new(),
        // The client panics over a header name that is not UTF-8, and another program may have written one.
        Some(headers) => catch_unwind(AssertUnwindSafe(|| {
            let header = |header: KafkaHeader<'_, &[u8]>| Header {
                name: header.key.to_owned(),
                value: header.value.map(copy).unwrap_or_default(),
            };
            headers.iter().map(header).collect()
        }))
        .map_err(|_| "the name of a header is not UTF-8")?,
    };
    let millis = message.timestamp().to_millis().unwrap_or(0);
    Ok(Committed {
        offset: Offset::new(offset),
        resume_at: Offset::new(offset + 1),
        record: Record {
            key: message.key().map(copy),
            value: message.payload().map(copy),
            headers,
            timestamp: Timestamp::from_millis(millis.max(0).cast_unsigned()),
        },
    })
}
