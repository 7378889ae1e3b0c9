//! Where the sections of each partition are.
//!
//! The index of the active segment is in memory. That of a sealed segment is a sidecar file, derived from the segment
//! and rebuilt if it is missing or does not fit:
//!
//! ```text
//! magic 8 bytes │ version u32 │ crc32c u32 (of header and directory) │ salt u64 │ segment bytes u64 │ partitions u32
//! directory, for each partition: topic u32 │ partition u32 │ first u64 │ next u64 │ records u64 │ newest u64
//!                                │ bytes u64 │ entries u32 │ firsts_at u64
//! for each partition, at firsts_at: the first offset of each block u64 … │ crc32c u32
//!                                   blocks of 256 entries (offset u64 │ position u32 │ bytes u32) … │ crc32c u32
//! ```

use std::collections::BTreeMap;
use std::path::Path;

use topspin_log::ReadError;

use crate::catalog::PartitionId;
use crate::codec::Cursor;
use crate::commit::SectionHead;
use crate::disk::DiskFile;
use crate::limits::INDEX_BLOCK;
use crate::segment::{corrupt, unreadable};

const MAGIC: &[u8; 8] = b"TOPSPIDX";
const VERSION: u32 = 1;
const HEADER: usize = 36;
const SUMMARY: usize = 60;
const ENTRY: usize = 16;

/// A section with records of one partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Its first offset.
    pub(crate) base: u64,
    pub(crate) position: u32,
    pub(crate) bytes: u32,
}

/// What a segment holds of one partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) partition: PartitionId,
    /// The base of the first section.
    pub(crate) first: u64,
    /// The first offset after the last section.
    pub(crate) next: u64,
    pub(crate) records: u64,
    pub(crate) newest_millis: u64,
    /// Bytes of encoded records.
    pub(crate) bytes: u64,
    entries: u32,
    firsts_at: u64,
}

/// The index of a segment that still grows.
#[derive(Default)]
pub(crate) struct GrowingIndex {
    partitions: BTreeMap<PartitionId, (Summary, Vec<Entry>)>,
}

impl GrowingIndex {
    pub(crate) fn add(&mut self, head: &SectionHead, position: usize, bytes: usize) {
        let (summary, entries) = self.partitions.entry(head.partition).or_insert_with(|| {
            let summary = Summary {
                partition: head.partition,
                first: head.base,
                next: head.base,
                records: 0,
                newest_millis: 0,
                bytes: 0,
                entries: 0,
                firsts_at: 0,
            };
            (summary, Vec::new())
        });
        summary.next = head.next();
        summary.records += u64::from(head.records);
        summary.newest_millis = summary.newest_millis.max(head.newest_millis);
        summary.bytes += u64::from(head.bytes);
        summary.entries += 1;
        entries.push(Entry { base: head.base, position: position as u32, bytes: bytes as u32 });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.partitions.is_empty()
    }

    pub(crate) fn summaries(&self) -> impl Iterator<Item = &Summary> {
        self.partitions.values().map(|(summary, _)| summary)
    }

    /// At most one block of entries, from the section that holds `offset` or the first after it.
    pub(crate) fn block_at(&self, partition: PartitionId, offset: u64) -> Vec<Entry> {
        let Some((summary, entries)) = self.partitions.get(&partition) else { return Vec::new() };
        if offset >= summary.next {
            return Vec::new();
        }
        let from = entries.partition_point(|entry| entry.base <= offset).saturating_sub(1);
        entries[from..].iter().take(INDEX_BLOCK).copied().collect()
    }

    /// The bytes of the sidecar, and its directory.
    pub(crate) fn encode(&self, salt: u64, segment_bytes: u64) -> (Vec<u8>, Vec<Summary>) {
        let mut directory = Vec::with_capacity(self.partitions.len());
        let mut body = Vec::new();
        let body_at = HEADER + SUMMARY * self.partitions.len();
        for (summary, entries) in self.partitions.values() {
            directory.push(Summary { firsts_at: (body_at + body.len()) as u64, ..*summary });
            put_checked(&mut body, entries.chunks(INDEX_BLOCK).flat_map(|block| block[0].base.to_le_bytes()));
            for block in entries.chunks(INDEX_BLOCK) {
                put_checked(&mut body, block.iter().flat_map(|entry| entry.to_bytes()));
            }
        }
        let mut bytes = Vec::with_capacity(body_at + body.len());
        bytes.extend_from_slice(MAGIC);
        bytes.extend_from_slice(&VERSION.to_le_bytes());
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(&salt.to_le_bytes());
        bytes.extend_from_slice(&segment_bytes.to_le_bytes());
        bytes.extend_from_slice(&(directory.len() as u32).to_le_bytes());
        for summary in &directory {
            summary.put(&mut bytes);
        }
        let crc = crc32c::crc32c(&bytes);
        bytes[12..16].copy_from_slice(&crc.to_le_bytes());
        bytes.extend_from_slice(&body);
        (bytes, directory)
    }
}

fn put_checked(buffer: &mut Vec<u8>, bytes: impl Iterator<Item = u8>) {
    let start = buffer.len();
    buffer.extend(bytes);
    let crc = crc32c::crc32c(&buffer[start..]);
    buffer.extend_from_slice(&crc.to_le_bytes());
}

impl Entry {
    fn to_bytes(self) -> [u8; ENTRY] {
        let mut bytes = [0; ENTRY];
        bytes[0..8].copy_from_slice(&self.base.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.position.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.bytes.to_le_bytes());
        bytes
    }

    fn read(cursor: &mut Cursor<'_>) -> Option<Self> {
        Some(Self { base: cursor.u64()?, position: cursor.u32()?, bytes: cursor.u32()? })
    }
}

impl Summary {
    fn put(&self, buffer: &mut Vec<u8>) {
        buffer.extend_from_slice(&self.partition.topic.to_le_bytes());
        buffer.extend_from_slice(&self.partition.partition.to_le_bytes());
        for number in [self.first, self.next, self.records, self.newest_millis, self.bytes] {
            buffer.extend_from_slice(&number.to_le_bytes());
        }
        buffer.extend_from_slice(&self.entries.to_le_bytes());
        buffer.extend_from_slice(&self.firsts_at.to_le_bytes());
    }

    fn read(cursor: &mut Cursor<'_>) -> Option<Self> {
        Some(Self {
            partition: PartitionId { topic: cursor.u32()?, partition: cursor.u32()? },
            first: cursor.u64()?,
            next: cursor.u64()?,
            records: cursor.u64()?,
            newest_millis: cursor.u64()?,
            bytes: cursor.u64()?,
            entries: cursor.u32()?,
            firsts_at: cursor.u64()?,
        })
    }

    /// Bytes that the sections take, with their heads.
    pub(crate) fn stored_bytes(&self) -> u64 {
        self.bytes + u64::from(self.entries) * SectionHead::BYTES as u64
    }

    fn blocks(&self) -> usize {
        (self.entries as usize).div_ceil(INDEX_BLOCK)
    }
}

/// The directory of a sidecar for the segment with this salt and length; `None` if it is damaged or for another.
pub(crate) fn read_directory(file: &dyn DiskFile, salt: u64, segment_bytes: u64) -> Option<Vec<Summary>> {
    let mut bytes = vec![0; HEADER];
    file.read_exact_at(&mut bytes, 0).ok()?;
    let count = u32::from_le_bytes(bytes[32..36].try_into().ok()?) as usize;
    let length = HEADER + count.checked_mul(SUMMARY)?;
    if length as u64 > file.len().ok()? {
        return None;
    }
    bytes.resize(length, 0);
    file.read_exact_at(&mut bytes, 0).ok()?;
    let crc: [u8; 4] = bytes[12..16].try_into().ok()?;
    bytes[12..16].fill(0);
    let mut cursor = Cursor::new(&bytes);
    let known =
        cursor.take(8)? == MAGIC && cursor.u32()? == VERSION && crc32c::crc32c(&bytes).to_le_bytes() == crc;
    cursor.u32()?;
    if !known || cursor.u64()? != salt || cursor.u64()? != segment_bytes {
        return None;
    }
    (0..cursor.u32()?).map(|_| Summary::read(&mut cursor)).collect()
}

/// At most one block of entries of a sidecar, from the section that holds `offset` or the first after it.
pub(crate) fn read_block(
    file: &dyn DiskFile,
    path: &Path,
    summary: &Summary,
    offset: u64,
) -> Result<Vec<Entry>, ReadError> {
    if offset >= summary.next {
        return Ok(Vec::new());
    }
    let blocks = summary.blocks();
    let firsts = read_checked(file, path, summary.firsts_at, blocks * 8)?;
    let (firsts, _) = firsts.as_chunks::<8>();
    let block = firsts.partition_point(|first| u64::from_le_bytes(*first) <= offset).saturating_sub(1);
    let mut entries = read_entries(file, path, summary, block)?;
    let from = entries.partition_point(|entry| entry.base <= offset).saturating_sub(1);
    entries.drain(..from);
    if entries.len() == 1 && block + 1 < blocks {
        // Compaction may have left a gap behind this section; then the wanted one is in the next block.
        entries.extend(read_entries(file, path, summary, block + 1)?);
    }
    Ok(entries)
}

fn read_entries(
    file: &dyn DiskFile,
    path: &Path,
    summary: &Summary,
    block: usize,
) -> Result<Vec<Entry>, ReadError> {
    let block_at = summary.firsts_at + (summary.blocks() * 8 + 4 + block * (INDEX_BLOCK * ENTRY + 4)) as u64;
    let count = (summary.entries as usize - block * INDEX_BLOCK).min(INDEX_BLOCK);
    let bytes = read_checked(file, path, block_at, count * ENTRY)?;
    let mut cursor = Cursor::new(&bytes);
    Ok(std::iter::from_fn(|| Entry::read(&mut cursor)).collect())
}

fn read_checked(file: &dyn DiskFile, path: &Path, position: u64, bytes: usize) -> Result<Vec<u8>, ReadError> {
    let mut checked = vec![0; bytes + 4];
    file.read_exact_at(&mut checked, position).map_err(|error| unreadable(path, &error))?;
    let crc = checked.split_off(bytes);
    if crc32c::crc32c(&checked).to_le_bytes()[..] != crc[..] {
        return Err(corrupt(path, position, "a wrong checksum in the index"));
    }
    Ok(checked)
}
