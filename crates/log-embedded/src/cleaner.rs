//! Removing what the topics' policies allow: by segment for retention, by record for compaction.
//!
//! Only sealed segments change, each by writing its successor beside it and renaming; a crash leaves the one or the
//! other. Segments are cleaned from the oldest on, each durably before the next, so that a tombstone never goes before
//! what it removes. Memory: one segment, its successor, and [`COMPACTION_KEYS`] keys.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use topspin_log::limits::TOMBSTONE_RETENTION;
use topspin_log::{Cleanup, ReadError, Record, Timestamp};

use crate::catalog::PartitionId;
use crate::commit::{self, Section, SectionHead, encode};
use crate::compaction::Latest;
use crate::disk::read_all;
use crate::frame::{self, Kind};
use crate::index::GrowingIndex;
use crate::journal::{AppendFault, write_temporary};
use crate::limits::{COMPACTION_GARBAGE_PERCENT, COMPACTION_KEYS};
use crate::segment::{
    Image, SEGMENT_HEADER, SegmentId, corrupt, header, index_path, new_salt, segment_path, temporary,
    unreadable,
};
use crate::store::{Sealed, Store};
use crate::writer::Request;
use crate::{CleanError, CleanReport};

/// How much is worth a rewrite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Thoroughness {
    /// Segments with much to remove.
    Worthwhile,
    /// Everything, including what is in the active segment, which is sealed first.
    Everything,
}

/// One pass over the log.
pub(crate) struct Pass<'a> {
    pub(crate) store: &'a Store,
    pub(crate) requests: &'a mpsc::Sender<Request>,
    pub(crate) now: Timestamp,
    pub(crate) thoroughness: Thoroughness,
}

impl Pass<'_> {
    pub(crate) fn run(&self) -> Result<CleanReport, CleanError> {
        if self.thoroughness == Thoroughness::Everything {
            self.ask(|reply| Request::Roll { reply })?;
        }
        self.trim_expired()?;
        let mut report = CleanReport::default();
        let ids: Vec<SegmentId> = self.store.sealed().keys().copied().collect();
        let mut rest = ids.iter().copied().peekable();
        let mut first_round = true;
        while first_round || rest.peek().is_some() {
            first_round = false;
            let mut latest = Latest::new();
            let mut covered = 0;
            while latest.len() < COMPACTION_KEYS
                && let Some(id) = rest.next()
            {
                self.note_keys(id, &mut latest)?;
                covered = id;
            }
            let mut everything_before_cleaned = true;
            for id in ids.iter().copied().take_while(|id| *id <= covered) {
                let filter =
                    Filter { pass: self, latest: &latest, tombstones_may_go: everything_before_cleaned };
                everything_before_cleaned &= filter.clean_segment(id, &mut report)?;
            }
        }
        Ok(report)
    }

    fn ask(
        &self,
        request: impl FnOnce(oneshot::Sender<Result<(), CleanError>>) -> Request,
    ) -> Result<(), CleanError> {
        let closed = || CleanError::Failed { reason: "the log is closed".into() };
        let (reply, answer) = oneshot::channel();
        self.requests.blocking_send(request(reply)).map_err(|_| closed())?;
        answer.blocking_recv().map_err(|_| closed())?
    }

    /// Moves the start of partitions behind the segments whose records of theirs may all go.
    fn trim_expired(&self) -> Result<(), CleanError> {
        let ids: Vec<PartitionId> = self.store.catalog().ids().collect();
        for id in ids {
            let Some(Cleanup::Retain { max_age, max_bytes }) = self.store.catalog().cleanup(id) else {
                continue;
            };
            let age = max_age.map(|age| u64::try_from(age.as_millis()).unwrap_or(u64::MAX));
            let oldest_millis = age.map_or(0, |age| self.now.as_millis().saturating_sub(age));
            let Some(start) = self.expired_up_to(id, oldest_millis, max_bytes.unwrap_or(u64::MAX)) else {
                continue;
            };
            let begins = self.store.catalog().tail(id).map_or(0, |tail| tail.bounds().0);
            if start > begins {
                self.ask(|reply| Request::Trim { partition: id, start, reply })?;
            }
        }
        Ok(())
    }

    fn expired_up_to(&self, id: PartitionId, oldest_millis: u64, max_bytes: u64) -> Option<u64> {
        let sealed = self.store.sealed();
        let summaries = || sealed.values().filter_map(|sealed| sealed.summary(id));
        let mut left: u64 = summaries().map(|summary| summary.bytes).sum();
        let mut start = None;
        for summary in summaries() {
            left -= summary.bytes;
            if summary.newest_millis >= oldest_millis && left < max_bytes {
                break;
            }
            start = Some(summary.next);
        }
        start
    }

    fn is_compacted(&self, id: PartitionId) -> bool {
        self.store.catalog().cleanup(id) == Some(Cleanup::Compact)
    }

    fn note_keys(&self, id: SegmentId, latest: &mut Latest) -> Result<(), ReadError> {
        let sealed = self.store.sealed().get(&id).cloned();
        let Some(sealed) = sealed else { return Ok(()) };
        if !sealed.directory.iter().any(|summary| self.is_compacted(summary.partition)) {
            return Ok(());
        }
        let path = segment_path(&self.store.directory, id);
        read_sealed(self.store, id)?.sections(&path, |_, section| {
            if self.is_compacted(section.head.partition) {
                for decoded in section.decode() {
                    let (offset, record) = decoded.ok_or_else(|| undecodable(&path, section.head.base))?;
                    latest.note(section.head.partition, &record, offset);
                }
            }
            Ok(())
        })
    }
}

/// What goes from the segments of one round.
struct Filter<'a> {
    pass: &'a Pass<'a>,
    latest: &'a Latest,
    tombstones_may_go: bool,
}

impl Filter<'_> {
    /// Cleans a segment; whether nothing removable is left in it.
    fn clean_segment(&self, id: SegmentId, report: &mut CleanReport) -> Result<bool, CleanError> {
        let sealed = self.pass.store.sealed().get(&id).cloned();
        let Some(sealed) = sealed else { return Ok(true) };
        let live = sealed.directory.iter().filter(|summary| summary.next > self.start(summary.partition));
        let touchable = sealed.directory.iter().any(|summary| {
            self.pass.is_compacted(summary.partition) || summary.next <= self.start(summary.partition)
        });
        if live.count() == 0 {
            remove_segment(self.pass.store, id)?;
            report.segments_removed += 1;
            return Ok(true);
        }
        if !touchable {
            return Ok(true);
        }
        let successor = self.rewrite(id)?;
        let removed = sealed.bytes.saturating_sub(successor.bytes.len() as u64);
        let enough = match self.pass.thoroughness {
            Thoroughness::Everything => 1,
            Thoroughness::Worthwhile => (sealed.bytes * COMPACTION_GARBAGE_PERCENT / 100).max(1),
        };
        if successor.records_removed == 0 {
            return Ok(true);
        }
        if removed < enough {
            return Ok(false);
        }
        report.records_removed += successor.records_removed;
        if successor.index.is_empty() {
            remove_segment(self.pass.store, id)?;
            report.segments_removed += 1;
        } else {
            replace_segment(self.pass.store, id, &successor)?;
            report.segments_rewritten += 1;
        }
        self.forget_recent(&sealed);
        Ok(true)
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
        if !self.pass.is_compacted(head.partition) {
            return Some((head, section.records.to_vec()));
        }
        (head.records, head.newest_millis) = (0, 0);
        let mut records = Vec::with_capacity(section.records.len());
        let mut at = 0;
        while at < section.records.len() {
            let (offset, record, next) = section.decode_at(at)?;
            if self.stays(head.partition, &record, offset) {
                records.extend_from_slice(&section.records[at..next]);
                head.records += 1;
                head.newest_millis = head.newest_millis.max(record.timestamp.as_millis());
            }
            at = next;
        }
        Some((head, records))
    }

    fn stays(&self, partition: PartitionId, record: &Record, offset: u64) -> bool {
        let retention = u64::try_from(TOMBSTONE_RETENTION.as_millis()).unwrap_or(u64::MAX);
        let young = record.timestamp.as_millis() >= self.pass.now.as_millis().saturating_sub(retention);
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
struct SealedImage(Image);

fn read_sealed(store: &Store, id: SegmentId) -> Result<SealedImage, ReadError> {
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

    fn sections(
        &self,
        path: &Path,
        mut visit: impl FnMut(&Path, &Section) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        self.frames(path, |sections| sections.iter().try_for_each(|section| visit(path, section)))
    }
}

fn undecodable(path: &Path, position: u64) -> ReadError {
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
