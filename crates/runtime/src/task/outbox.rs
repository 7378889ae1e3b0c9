//! What a batch says: the records for the sinks and the dead letters.

use foldhash::fast::RandomState;
use indexmap::IndexSet;
use topspin_log::limits::{MAX_HEADERS, MAX_RECORD_BYTES};
use topspin_log::{Header, Record, Timestamp, TopicPartition, partition_for};
use topspin_stream::{Emit, Output, SinkKind, Time};

use super::packer::Packer;
use crate::deployment::Part;

/// Records in the order in which they are appended.
#[derive(Default)]
pub(super) struct Outbox {
    records: Vec<Outgoing>,
    bytes: usize,
}

/// A record with where it goes.
pub(super) struct Outgoing {
    pub(super) partition: TopicPartition,
    pub(super) record: Record,
    /// The number of the sink, if that is a view.
    view: Option<usize>,
}

/// A point to which records can be taken back.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    records: usize,
    bytes: usize,
}

impl Outbox {
    pub(super) fn mark(&self) -> Mark {
        Mark { records: self.records.len(), bytes: self.bytes }
    }

    pub(super) fn roll_back_to(&mut self, mark: Mark) {
        self.records.truncate(mark.records);
        self.bytes = mark.bytes;
    }

    pub(super) fn clear(&mut self) {
        self.records.clear();
        self.bytes = 0;
    }

    pub(super) fn push(&mut self, partition: TopicPartition, record: Record) {
        self.push_to(partition, record, None);
    }

    fn push_to(&mut self, partition: TopicPartition, record: Record, view: Option<usize>) {
        self.bytes += record.size();
        self.records.push(Outgoing { partition, record, view });
    }

    /// Of a view, leaves the last record of each key: those before it would be visible at the same moment.
    pub(super) fn supersede(&mut self) {
        let mut last = IndexSet::<_, RandomState>::default();
        let mut current: Vec<bool> = self
            .records
            .iter()
            .rev()
            .map(|output| output.view.is_none_or(|view| last.insert((view, output.record.key.as_deref()))))
            .collect();
        self.records.retain(|_| current.pop().unwrap_or(true));
    }

    pub(super) fn records(&self) -> &[Outgoing] {
        &self.records
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}

/// The outbox, for one record.
pub(super) struct Emission<'a> {
    pub(super) outbox: &'a mut Outbox,
    pub(super) part: &'a Part,
    pub(super) packer: &'a mut Packer,
    /// The time of what is written to compacted topics.
    pub(super) now: Timestamp,
    /// Why what the record says cannot be written.
    pub(super) refused: Option<&'static str>,
}

impl Emit for Emission<'_> {
    fn emit(&mut self, output: Output<'_>) {
        let sink = &self.part.sinks[output.sink];
        let timestamp = match sink.kind {
            // A log removes tombstones some time after their timestamp: the time of the event may be long ago.
            SinkKind::View => self.now,
            SinkKind::Repartition | SinkKind::Stream => instant(output.timestamp),
        };
        let packer = &mut *self.packer;
        let mut pack = |bytes: &[u8]| packer.pack(&[bytes]);
        let headers = output.headers.iter();
        let record = Record {
            key: Some(pack(output.key)),
            value: output.value.map(&mut pack),
            headers: headers
                .map(|header| Header { name: header.name.to_owned(), value: pack(header.value) })
                .collect(),
            timestamp,
        };
        if record.size() > MAX_RECORD_BYTES {
            self.refused = Some("it makes a record that is larger than a log takes");
        }
        let long_name = record.headers.iter().any(|header| header.name.len() > usize::from(u16::MAX));
        if record.headers.len() > MAX_HEADERS || long_name {
            self.refused = Some("it makes a record whose headers a log does not take");
        }
        let count = u32::try_from(sink.partitions.len()).expect("partitions are counted in 32 bits");
        let partition = partition_for(output.key, count);
        let view = (sink.kind == SinkKind::View).then_some(output.sink);
        self.outbox.push_to(sink.partitions[partition.0 as usize].clone(), record, view);
    }
}

/// The log knows no time before 1970.
fn instant(time: Time) -> Timestamp {
    Timestamp::from_millis(u64::try_from(time.0).unwrap_or(0))
}

/// The time of a record, for the operators.
pub(super) fn time(timestamp: Timestamp) -> Time {
    Time(i64::try_from(timestamp.as_millis()).unwrap_or(i64::MAX))
}
