//! What becomes of one sealed segment: nothing, its removal, or a successor.
//!
//! A successor is written beside the segment and renamed; a crash leaves the one or the other.

use std::path::Path;
use std::sync::Arc;

use topspin_log::limits::TOMBSTONE_RETENTION;
use topspin_log::{ReadError, Record, Timestamp};

use crate::catalog::PartitionId;
use crate::cleaner::{Pass, Thoroughness};
use crate::commit::{self, Section, SectionHead, encode};
use crate::compaction::Latest;
use crate::disk::read_all;
use crate::frame::{self, Kind};
use crate::index::{GrowingIndex, Summary};
use crate::journal::{AppendFault, write_temporary};
use crate::limits::COMPACTION_GARBAGE_PERCENT;
use crate::segment::{
    Image, SEGMENT_HEADER, SegmentId, corrupt, header, index_path, new_salt, segment_path, temporary,
    unreadable,
};
use crate::store::{Sealed, Store};
use crate::{CleanError, CleanReport};

/// What goes from segments.
pub(crate) struct Filter<'a> {
    pub(crate) pass: &'a Pass<'a>,
    /// `None` if only what has expired goes.
    pub(crate) superseded: Option<Superseded<'a>>,
}

/// What a round of compaction removes.
pub(crate) struct Superseded<'a> {
    pub(crate) latest: &'a Latest,
    pub(crate) tombstones_may_go: bool,
}

/// What is left in a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Left {
    /// Nothing that is superseded.
    Clean,
    /// Too little to be worth a rewrite.
    Dirty,
}

impl Filter<'_> {
    /// Removes what may go from a segment, if it is worth it.
    pub(crate) fn clean_segment(&self, id: SegmentId, report: &mut CleanReport) -> Result<Left, CleanError> {
        let sealed = self.pass.store.sealed().get(&id).cloned();
        let Some(sealed) = sealed else { return Ok(Left::Clean) };
        let trimmed =
            || sealed.directory.iter().filter(|summary| summary.next <= self.start(summary.partition));
        if trimmed().count() == sealed.directory.len() {
            remove_segment(self.pass.store, id)?;
            report.segments_removed += 1;
            return Ok(Left::Clean);
        }
        let compacts = self.superseded.is_some()
            && sealed.directory.iter().any(|summary| self.pass.is_compacted(summary.partition));
        // Without compaction the summaries say what there is to gain, and nothing has to be read to decide.
        if !compacts && trimmed().map(Summary::stored_bytes).sum::<u64>() < self.enough(&sealed) {
            return Ok(Left::Clean);
        }
        let successor = self.rewrite(id)?;
        if successor.records_removed == 0 {
            return Ok(Left::Clean);
        }
        let removed = sealed.bytes.saturating_sub(successor.bytes.len() as u64);
        if compacts && removed < self.enough(&sealed) {
            return Ok(Left::Dirty);
        }
        self.succeed(id, &sealed, &successor, report)?;
        Ok(Left::Clean)
    }

    /// Bytes for which a segment is rewritten.
    fn enough(&self, sealed: &Sealed) -> u64 {
        match self.pass.thoroughness {
            Thoroughness::Everything => 1,
            Thoroughness::Expired | Thoroughness::Worthwhile => {
                (sealed.bytes * COMPACTION_GARBAGE_PERCENT / 100).max(1)
            }
        }
    }

    fn succeed(
        &self,
        id: SegmentId,
        sealed: &Sealed,
        successor: &Successor,
        report: &mut CleanReport,
    ) -> Result<(), CleanError> {
        report.records_removed += successor.records_removed;
        if successor.index.is_empty() {
            remove_segment(self.pass.store, id)?;
            report.segments_removed += 1;
        } else {
            replace_segment(self.pass.store, id, successor)?;
            report.segments_rewritten += 1;
        }
        self.forget_recent(sealed);
        Ok(())
    }

    /// Makes tailing readers see what is left on disk rather than what was committed.
    fn forget_recent(&self, sealed: &Sealed) {
        let catalog = self.pass.store.catalog();
        for summary in sealed.directory.iter() {
            if let Some(tail) = catalog.tail(summary.partition) {
                tail.forget_before(summary.next);
            }
        }
    }

    fn start(&self, id: PartitionId) -> u64 {
        self.pass.store.catalog().tail(id).map_or(0, |tail| tail.bounds().0)
    }

    fn rewrite(&self, id: SegmentId) -> Result<Successor, ReadError> {
        let path = segment_path(&self.pass.store.directory, id);
        let mut successor = Successor::new(id);
        read_sealed(self.pass.store, id)?.frames(&path, |sections| {
            let mut contents = Vec::with_capacity(sections.len());
            for section in &sections {
                let kept = self.keep(section).ok_or_else(|| undecodable(&path, section.head.base))?;
                successor.records_removed += u64::from(section.head.records - kept.0.records);
                if kept.0.records > 0 {
                    contents.push(kept);
                }
            }
            successor.push(contents).ok_or_else(|| undecodable(&path, 0))
        })?;
        Ok(successor)
    }

    /// The part of a section that stays.
    fn keep(&self, section: &Section) -> Option<(SectionHead, Vec<u8>)> {
        let mut head = section.head;
        if head.next() <= self.start(head.partition) {
            head.records = 0;
            return Some((head, Vec::new()));
        }
        let compacted = self.pass.is_compacted(head.partition);
        let Some(superseded) = self.superseded.as_ref().filter(|_| compacted) else {
            return Some((head, section.records.to_vec()));
        };
        (head.records, head.newest_millis) = (0, 0);
        let mut records = Vec::with_capacity(section.records.len());
        let mut at = 0;
        while at < section.records.len() {
            let (offset, record, next) = section.decode_at(at)?;
            if superseded.spares(self.pass.now, head.partition, &record, offset) {
                records.extend_from_slice(&section.records[at..next]);
                head.records += 1;
                head.newest_millis = head.newest_millis.max(record.timestamp.as_millis());
            }
            at = next;
        }
        Some((head, records))
    }
}

impl Superseded<'_> {
    fn spares(&self, now: Timestamp, partition: PartitionId, record: &Record, offset: u64) -> bool {
        let retention = u64::try_from(TOMBSTONE_RETENTION.as_millis()).unwrap_or(u64::MAX);
        let young = record.timestamp.as_millis() >= now.as_millis().saturating_sub(retention);
        let visible_tombstone = record.value.is_some() || young || !self.tombstones_may_go;
        visible_tombstone && !self.latest.is_superseded(partition, record, offset)
    }
}

/// What a segment becomes.
struct Successor {
    bytes: Vec<u8>,
    salt: u64,
    index: GrowingIndex,
    records_removed: u64,
}

impl Successor {
    fn new(id: SegmentId) -> Self {
        let salt = new_salt();
        Self { bytes: header(id, salt).to_vec(), salt, index: GrowingIndex::default(), records_removed: 0 }
    }

    fn push(&mut self, contents: Vec<(SectionHead, Vec<u8>)>) -> Option<()> {
        if contents.is_empty() {
            return Some(());
        }
        let (mut frame, sections) = encode(contents, &[])?;
        let at = self.bytes.len();
        frame::seal(&mut frame, self.salt, at as u64, u32::try_from(at).ok()?);
        for section in &sections {
            self.index.add(&section.head, at + section.at, section.len());
        }
        self.bytes.extend_from_slice(&frame);
        Some(())
    }
}

/// A sealed segment in memory; any bad frame in it is an error.
pub(crate) struct SealedImage(Image);

pub(crate) fn read_sealed(store: &Store, id: SegmentId) -> Result<SealedImage, ReadError> {
    let path = segment_path(&store.directory, id);
    let file = store.disk.open(&path).map_err(|error| unreadable(&path, &error))?;
    let bytes = read_all(file.as_ref()).map_err(|error| unreadable(&path, &error))?;
    Ok(SealedImage(Image::new(bytes, id, &path)?))
}

impl SealedImage {
    fn frames(
        &self,
        path: &Path,
        mut visit: impl FnMut(Vec<Section>) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        let extent = self.0.walk(|at, frame| {
            if frame.kind != Kind::Commit {
                return Ok(());
            }
            let commit = commit::decode(&self.0.bytes, frame.payload.clone());
            visit(commit.ok_or_else(|| undecodable(path, at as u64))?.sections)
        })?;
        let whole = extent.end == self.0.bytes.len() && extent.end >= SEGMENT_HEADER;
        whole.then_some(()).ok_or_else(|| corrupt(path, extent.end as u64, "a bad frame in a sealed segment"))
    }

    pub(crate) fn sections(
        &self,
        path: &Path,
        mut visit: impl FnMut(&Path, &Section) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        self.frames(path, |sections| sections.iter().try_for_each(|section| visit(path, section)))
    }
}

pub(crate) fn undecodable(path: &Path, position: u64) -> ReadError {
    corrupt(path, position, "a frame that cannot be decoded")
}

fn remove_segment(store: &Store, id: SegmentId) -> Result<(), CleanError> {
    let (path, index) = (segment_path(&store.directory, id), index_path(&store.directory, id));
    store.sealed_mut().remove(&id);
    let remove = || {
        store.disk.remove(&path)?;
        store.disk.remove(&index)?;
        store.disk.sync_dir(&store.directory)
    };
    remove().map_err(|error| CleanError::Read(unreadable(&path, &error)))
}

fn replace_segment(store: &Store, id: SegmentId, successor: &Successor) -> Result<(), CleanError> {
    let bytes = successor.bytes.len() as u64;
    let (index, directory) = successor.index.encode(successor.salt, bytes);
    let (path, index_path) = (segment_path(&store.directory, id), index_path(&store.directory, id));
    let fault = |fault| match fault {
        AppendFault::Full => CleanError::StorageFull,
        AppendFault::Broken(reason) => {
            CleanError::Read(ReadError::Storage { file: path.display().to_string(), reason })
        }
    };
    write_temporary(store.disk.as_ref(), &path, &successor.bytes).map_err(fault)?;
    write_temporary(store.disk.as_ref(), &index_path, &index).map_err(fault)?;
    let sealed = Sealed { bytes, directory: Arc::new(directory) };
    // A crash between the renames leaves a sidecar that does not fit; opening makes it anew.
    let mut all_sealed = store.sealed_mut();
    let rename = || {
        store.disk.rename(&temporary(&path), &path)?;
        store.disk.rename(&temporary(&index_path), &index_path)
    };
    rename().map_err(|error| CleanError::Read(unreadable(&path, &error)))?;
    all_sealed.insert(id, sealed);
    drop(all_sealed);
    store.disk.sync_dir(&store.directory).map_err(|error| CleanError::Read(unreadable(&path, &error)))
}
