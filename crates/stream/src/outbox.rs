//! What one cause says to the outside, kept until the cause is processed whole.

use std::ops::Range;

use crate::record::{Emit, Header, Output};
use crate::time::Time;

/// One record for a sink, as the encoder of the sink makes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Encoded {
    /// The key, which also decides about the partition.
    pub key: Vec<u8>,
    /// The value.
    pub value: Vec<u8>,
    /// The headers, in their order.
    pub headers: Vec<(String, Vec<u8>)>,
}

impl Encoded {
    pub(crate) fn clear(&mut self) {
        self.key.clear();
        self.value.clear();
        self.headers.clear();
    }
}

struct Entry {
    sink: usize,
    key: Range<usize>,
    value: Option<Range<usize>>,
    headers: Vec<(String, Vec<u8>)>,
    timestamp: Time,
}

#[derive(Default)]
pub(crate) struct Outbox {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

impl Outbox {
    pub(crate) fn push(&mut self, sink: usize, timestamp: Time, record: &mut Encoded, tombstone: bool) {
        let key = self.append(&record.key);
        let value = (!tombstone).then(|| self.append(&record.value));
        let headers = std::mem::take(&mut record.headers);
        self.entries.push(Entry { sink, key, value, headers, timestamp });
    }

    fn append(&mut self, bytes: &[u8]) -> Range<usize> {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        start..self.bytes.len()
    }

    pub(crate) fn flush(&mut self, out: &mut dyn Emit) {
        for entry in &self.entries {
            let headers: Vec<Header<'_>> =
                entry.headers.iter().map(|(name, value)| Header { name, value }).collect();
            out.emit(Output {
                sink: entry.sink,
                key: &self.bytes[entry.key.clone()],
                value: entry.value.clone().map(|value| &self.bytes[value]),
                headers: &headers,
                timestamp: entry.timestamp,
            });
        }
        self.clear();
    }

    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.entries.clear();
    }
}
