//! Bytes of records: little endian, with LEB128 for what is usually small.

use bytes::Bytes;
use topspin_log::{Header, Record, Timestamp};

/// Reads from untrusted bytes: every method answers `None` instead of reading past the end.
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub(crate) fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.at == self.bytes.len()
    }

    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..self.at.checked_add(count)?)?;
        self.at += count;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.array().map(u8::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    pub(crate) fn varint(&mut self) -> Option<u64> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.u8()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn length(&mut self) -> Option<usize> {
        usize::try_from(self.varint()?).ok()
    }

    /// A name of at most 255 bytes.
    pub(crate) fn name(&mut self) -> Option<&'a str> {
        let length = usize::from(self.u8()?);
        std::str::from_utf8(self.take(length)?).ok()
    }
}

pub(crate) fn put_varint(buffer: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        buffer.push((value as u8) | 0x80);
        value >>= 7;
    }
    buffer.push(value as u8);
}

/// Writes a name; those of the contract have at most 249 bytes.
pub(crate) fn put_name(buffer: &mut Vec<u8>, name: &str) {
    buffer.push(name.len() as u8);
    buffer.extend_from_slice(name.as_bytes());
}

fn put_optional(buffer: &mut Vec<u8>, bytes: Option<&Bytes>) {
    match bytes {
        None => buffer.push(0),
        Some(bytes) => {
            put_varint(buffer, bytes.len() as u64 + 1);
            buffer.extend_from_slice(bytes);
        }
    }
}

/// Appends a record that is `delta` offsets after its section's base.
pub(crate) fn put_record(buffer: &mut Vec<u8>, delta: u32, record: &Record) {
    put_varint(buffer, u64::from(delta));
    put_varint(buffer, record.timestamp.as_millis());
    put_optional(buffer, record.key.as_ref());
    put_optional(buffer, record.value.as_ref());
    put_varint(buffer, record.headers.len() as u64);
    for header in &record.headers {
        put_varint(buffer, header.name.len() as u64);
        buffer.extend_from_slice(header.name.as_bytes());
        put_varint(buffer, header.value.len() as u64);
        buffer.extend_from_slice(&header.value);
    }
}

/// The record at the start of `bytes[at..]`, its delta, and where the next one starts. Keys and values share the
/// memory of `bytes`.
pub(crate) fn record(bytes: &Bytes, at: usize) -> Option<(u64, Record, usize)> {
    let mut cursor = Cursor { bytes, at };
    let delta = cursor.varint()?;
    let timestamp = Timestamp::from_millis(cursor.varint()?);
    let key = optional(bytes, &mut cursor)?;
    let value = optional(bytes, &mut cursor)?;
    let count = cursor.length()?;
    let mut headers = Vec::new();
    for _ in 0..count {
        let length = cursor.length()?;
        let name = std::str::from_utf8(cursor.take(length)?).ok()?.to_owned();
        let length = cursor.length()?;
        headers.push(Header { name, value: slice(bytes, &mut cursor, length)? });
    }
    Some((delta, Record { key, value, headers, timestamp }, cursor.at))
}

#[expect(clippy::option_option, reason = "the outer is a fault, the inner a null")]
fn optional(bytes: &Bytes, cursor: &mut Cursor<'_>) -> Option<Option<Bytes>> {
    match cursor.length()? {
        0 => Some(None),
        length => Some(Some(slice(bytes, cursor, length - 1)?)),
    }
}

fn slice(bytes: &Bytes, cursor: &mut Cursor<'_>, length: usize) -> Option<Bytes> {
    let start = cursor.at;
    cursor.take(length)?;
    Some(bytes.slice(start..start + length))
}
