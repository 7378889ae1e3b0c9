//! The payload of a commit frame: one transaction.
//!
//! ```text
//! sections u32, each: topic u32 │ partition u32 │ base u64 │ span u32 │ records u32 │ newest u64 │ bytes u32
//!                     │ crc32c u32 │ records
//! positions u32, each: group name │ topic u32 │ partition u32 │ offset u64
//! ```
//!
//! A section has a checksum of its own, of its other fields and its records, so that a reader of one partition needs no
//! more of a transaction than its section.
//!
//! A section is what the transaction adds to one partition: the offsets from `base` to `base + span`. After
//! compaction it may hold fewer records than offsets.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use bytes::Bytes;
use foldhash::fast::RandomState;
use topspin_log::{Batch, GroupId, Offset, Record, TopicPartition};

use crate::catalog::PartitionId;
use crate::codec::{Cursor, put_name, put_record, record};
use crate::frame::{self, FRAME_HEADER, Kind};

/// The fixed part of a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SectionHead {
    pub(crate) partition: PartitionId,
    pub(crate) base: u64,
    pub(crate) span: u32,
    pub(crate) records: u32,
    pub(crate) newest_millis: u64,
    pub(crate) bytes: u32,
}

impl SectionHead {
    pub(crate) const BYTES: usize = 40;
    const BASE_AT: usize = 8;
    const CRC_AT: usize = 36;

    /// The first offset after the section.
    pub(crate) fn next(&self) -> u64 {
        self.base.saturating_add(u64::from(self.span))
    }

    /// Of a section that is to be filled.
    fn of(partition: PartitionId) -> Self {
        Self { partition, base: 0, span: 0, records: 0, newest_millis: 0, bytes: 0 }
    }

    fn put(&self, buffer: &mut Vec<u8>) {
        buffer.extend_from_slice(&self.partition.topic.to_le_bytes());
        buffer.extend_from_slice(&self.partition.partition.to_le_bytes());
        buffer.extend_from_slice(&self.base.to_le_bytes());
        buffer.extend_from_slice(&self.span.to_le_bytes());
        buffer.extend_from_slice(&self.records.to_le_bytes());
        buffer.extend_from_slice(&self.newest_millis.to_le_bytes());
        buffer.extend_from_slice(&self.bytes.to_le_bytes());
    }

    fn read(cursor: &mut Cursor<'_>) -> Option<Self> {
        Some(Self {
            partition: PartitionId { topic: cursor.u32()?, partition: cursor.u32()? },
            base: cursor.u64()?,
            span: cursor.u32()?,
            records: cursor.u32()?,
            newest_millis: cursor.u64()?,
            bytes: cursor.u32()?,
        })
    }
}

/// Puts the checksum into the section at the start of `bytes`.
fn seal_section(bytes: &mut [u8]) {
    let crc = section_crc(bytes);
    bytes[SectionHead::CRC_AT..SectionHead::BYTES].copy_from_slice(&crc.to_le_bytes());
}

fn section_crc(bytes: &[u8]) -> u32 {
    crc32c::crc32c_append(crc32c::crc32c(&bytes[..SectionHead::CRC_AT]), &bytes[SectionHead::BYTES..])
}

/// The records that one transaction added to one partition.
#[derive(Debug, Clone)]
pub(crate) struct Section {
    /// Where the section was in the bytes that it was decoded from.
    pub(crate) at: usize,
    pub(crate) head: SectionHead,
    pub(crate) records: Bytes,
}

impl Section {
    /// The section that fills a part of `bytes`, by its own checksum; `None` if it is damaged.
    pub(crate) fn read(bytes: &Bytes, range: std::ops::Range<usize>) -> Option<Self> {
        let at = range.start;
        let whole = bytes.get(range.clone())?;
        let mut cursor = Cursor::new(whole);
        let head = SectionHead::read(&mut cursor)?;
        let crc = cursor.u32()?;
        let complete = whole.len() - SectionHead::BYTES == head.bytes as usize && section_crc(whole) == crc;
        complete.then(|| Self { at, head, records: bytes.slice(at + SectionHead::BYTES..range.end) })
    }

    /// Bytes of the section with its head.
    pub(crate) fn len(&self) -> usize {
        SectionHead::BYTES + self.records.len()
    }

    /// All records with their offsets; `None` where the bytes make no sense.
    pub(crate) fn decode(&self) -> impl Iterator<Item = Option<(u64, Record)>> + '_ {
        let mut at = 0;
        std::iter::from_fn(move || {
            if at >= self.records.len() {
                return None;
            }
            let decoded = self.decode_at(at);
            at = decoded.as_ref().map_or(usize::MAX, |(_, _, next)| *next);
            Some(decoded.map(|(offset, record, _)| (offset, record)))
        })
    }

    /// The record at a byte of the section, its offset, and the byte of the next one.
    pub(crate) fn decode_at(&self, at: usize) -> Option<(u64, Record, usize)> {
        let (delta, record, next) = record(&self.records, at)?;
        let offset = self.head.base.checked_add(delta)?;
        (delta < u64::from(self.head.span)).then_some((offset, record, next))
    }
}

/// A position that a transaction commits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) group: GroupId,
    pub(crate) partition: PartitionId,
    pub(crate) offset: Offset,
}

/// A decoded transaction.
pub(crate) struct Commit {
    pub(crate) sections: Vec<Section>,
    pub(crate) positions: Vec<Position>,
}

/// Reads a payload that lies in `bytes`.
pub(crate) fn decode(bytes: &Bytes, payload: std::ops::Range<usize>) -> Option<Commit> {
    let payload_at = payload.start;
    let payload = bytes.slice(payload);
    let mut cursor = Cursor::new(&payload);
    let mut sections = Vec::new();
    for _ in 0..cursor.u32()? {
        let at = payload_at + cursor.at();
        let head = SectionHead::read(&mut cursor)?;
        cursor.u32()?;
        let start = cursor.at();
        cursor.take(head.bytes as usize)?;
        sections.push(Section { at, head, records: payload.slice(start..cursor.at()) });
    }
    let mut positions = Vec::new();
    for _ in 0..cursor.u32()? {
        let group = GroupId::new(cursor.name()?).ok()?;
        let partition = PartitionId { topic: cursor.u32()?, partition: cursor.u32()? };
        positions.push(Position { group, partition, offset: Offset::new(cursor.u64()?) });
    }
    cursor.is_at_end().then_some(Commit { sections, positions })
}

/// A transaction as a finished frame without its offsets, which the writer puts in.
pub(crate) struct Draft {
    pub(crate) frame: Vec<u8>,
    pub(crate) sections: Vec<DraftSection>,
    pub(crate) positions: Vec<Position>,
    /// For each append, its section and its offset's distance from the base.
    placement: Vec<(usize, u32)>,
}

pub(crate) struct DraftSection {
    pub(crate) head: SectionHead,
    /// Where it is in the frame.
    pub(crate) at: usize,
}

impl DraftSection {
    /// Bytes of the section with its head.
    pub(crate) fn len(&self) -> usize {
        SectionHead::BYTES + self.head.bytes as usize
    }
}

impl Draft {
    /// Gives a section its offsets.
    pub(crate) fn place(&mut self, section: usize, base: u64) {
        let section = &mut self.sections[section];
        section.head.base = base;
        let bytes = &mut self.frame[section.at..section.at + section.len()];
        bytes[SectionHead::BASE_AT..SectionHead::BASE_AT + 8].copy_from_slice(&base.to_le_bytes());
        seal_section(bytes);
    }

    /// The offset of each append.
    pub(crate) fn offsets(&self) -> Vec<Offset> {
        let offset = |(section, delta): &(usize, u32)| {
            Offset::new(self.sections[*section].head.base + u64::from(*delta))
        };
        self.placement.iter().map(offset).collect()
    }

    /// The sections, sharing the memory of the frame.
    pub(crate) fn into_sections(self) -> Vec<Section> {
        let frame = Bytes::from(self.frame);
        let share = |section: DraftSection| {
            let records = frame.slice(section.at + SectionHead::BYTES..section.at + section.len());
            Section { at: section.at, head: section.head, records }
        };
        self.sections.into_iter().map(share).collect()
    }
}

/// Encodes a batch; `id` finds each partition once. `None` if it is too large for the format.
pub(crate) fn draft<E>(
    batch: &Batch,
    id: impl Fn(&TopicPartition) -> Result<PartitionId, E>,
) -> Result<Option<Draft>, E> {
    let mut by_partition: HashMap<&TopicPartition, usize, RandomState> = HashMap::default();
    let mut contents: Vec<(SectionHead, Vec<u8>)> = Vec::new();
    let mut placement = Vec::with_capacity(batch.appends().len());
    for append in batch.appends() {
        let index = match by_partition.entry(&append.partition) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                contents.push((SectionHead::of(id(&append.partition)?), Vec::new()));
                *new.insert(contents.len() - 1)
            }
        };
        let (head, buffer) = &mut contents[index];
        placement.push((index, head.span));
        put_record(buffer, head.span, &append.record);
        head.span += 1;
        head.records += 1;
        head.newest_millis = head.newest_millis.max(append.record.timestamp.as_millis());
    }
    let mut positions = Vec::new();
    for commit in batch.positions() {
        for (partition, offset) in &commit.positions {
            let (group, partition) = (commit.group.group().clone(), id(partition)?);
            positions.push(Position { group, partition, offset: *offset });
        }
    }
    let encoded = encode(contents, &positions);
    Ok(encoded.map(|(frame, sections)| Draft { frame, sections, positions, placement }))
}

/// A finished frame with the given sections and positions.
pub(crate) fn encode(
    contents: Vec<(SectionHead, Vec<u8>)>,
    positions: &[Position],
) -> Option<(Vec<u8>, Vec<DraftSection>)> {
    let bytes: usize = contents.iter().map(|(_, records)| records.len() + SectionHead::BYTES).sum();
    let mut frame = frame::begin();
    frame.reserve(FRAME_HEADER + bytes + positions.len() * 64);
    frame.extend_from_slice(&u32::try_from(contents.len()).ok()?.to_le_bytes());
    let mut sections = Vec::with_capacity(contents.len());
    for (mut head, records) in contents {
        head.bytes = u32::try_from(records.len()).ok()?;
        let at = frame.len();
        head.put(&mut frame);
        frame.extend_from_slice(&[0; SectionHead::BYTES - SectionHead::CRC_AT]);
        frame.extend_from_slice(&records);
        seal_section(&mut frame[at..]);
        sections.push(DraftSection { head, at });
    }
    frame.extend_from_slice(&u32::try_from(positions.len()).ok()?.to_le_bytes());
    for position in positions {
        put_name(&mut frame, position.group.as_str());
        frame.extend_from_slice(&position.partition.topic.to_le_bytes());
        frame.extend_from_slice(&position.partition.partition.to_le_bytes());
        frame.extend_from_slice(&position.offset.get().to_le_bytes());
    }
    frame::finish(&mut frame, Kind::Commit)?;
    Some((frame, sections))
}
