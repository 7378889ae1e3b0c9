//! Removing what the topics' policies allow: by segment for retention, by record for compaction.
//!
//! What has expired is worked out from the summaries of the sealed segments, so when only time has passed a pass reads
//! nothing but the segments that it changes. Compaction reads every segment with compacted topics twice, and runs when
//! a segment was sealed.
//!
//! Segments are cleaned from the oldest on, each durably before the next, so that a tombstone never goes before what it
//! removes. Memory: one segment, its successor, and the keys of one round.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use topspin_log::{Cleanup, ReadError, Timestamp};

use crate::catalog::PartitionId;
use crate::compaction::Latest;
use crate::rewrite::{Filter, Left, Superseded, read_sealed, undecodable};
use crate::segment::{SegmentId, segment_path};
use crate::store::Store;
use crate::writer::Request;
use crate::{CleanError, CleanReport};

/// How much is worth a rewrite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Thoroughness {
    /// Segments of which much has expired.
    Expired,
    /// Segments with much to remove.
    Worthwhile,
    /// Everything that is sealed.
    Everything,
}

/// Cleans one log, pass after pass.
pub(crate) struct Cleaner {
    store: Arc<Store>,
    requests: mpsc::Sender<Request>,
    /// Keys after which a round of compaction takes no further segment.
    round_keys: usize,
    /// The segments before this one have been compacted.
    compacted_before: SegmentId,
}

impl Cleaner {
    pub(crate) fn new(store: Arc<Store>, requests: mpsc::Sender<Request>, round_keys: usize) -> Self {
        assert!(round_keys > 0, "a round takes at least one segment");
        Self { store, requests, round_keys, compacted_before: 0 }
    }

    /// Removes what is worth it, as far as something new can be removed since the last pass.
    pub(crate) fn look(&mut self, now: Timestamp) -> Result<CleanReport, CleanError> {
        let active = self.store.active().id;
        let thoroughness =
            if active == self.compacted_before { Thoroughness::Expired } else { Thoroughness::Worthwhile };
        self.pass(active, now, thoroughness)
    }

    /// Removes everything that can be removed, including what is in the active segment, which is sealed first.
    pub(crate) fn clean(&mut self, now: Timestamp) -> Result<CleanReport, CleanError> {
        ask(&self.requests, |reply| Request::Roll { reply })?;
        let active = self.store.active().id;
        self.pass(active, now, Thoroughness::Everything)
    }

    fn pass(
        &mut self,
        active: SegmentId,
        now: Timestamp,
        thoroughness: Thoroughness,
    ) -> Result<CleanReport, CleanError> {
        let Self { store, requests, round_keys, .. } = &*self;
        let outcome = Pass { store, requests, round_keys: *round_keys, now, thoroughness }.run();
        // What fails for good is not read again and again, but once there is something new.
        if outcome.as_ref().err().is_none_or(|error| !error.is_retryable()) {
            self.compacted_before = active;
        }
        outcome
    }
}

fn ask(
    requests: &mpsc::Sender<Request>,
    request: impl FnOnce(oneshot::Sender<Result<(), CleanError>>) -> Request,
) -> Result<(), CleanError> {
    let closed = || CleanError::Failed { reason: "the log is closed".into() };
    let (reply, answer) = oneshot::channel();
    requests.blocking_send(request(reply)).map_err(|_| closed())?;
    answer.blocking_recv().map_err(|_| closed())?
}

/// One pass over the log.
pub(crate) struct Pass<'a> {
    pub(crate) store: &'a Store,
    requests: &'a mpsc::Sender<Request>,
    round_keys: usize,
    pub(crate) now: Timestamp,
    pub(crate) thoroughness: Thoroughness,
}

impl Pass<'_> {
    fn run(&self) -> Result<CleanReport, CleanError> {
        self.trim_expired()?;
        let mut report = CleanReport::default();
        match self.thoroughness {
            Thoroughness::Expired => {
                for id in self.sealed() {
                    Filter { pass: self, superseded: None }.clean_segment(id, &mut report)?;
                }
            }
            Thoroughness::Worthwhile | Thoroughness::Everything => self.compact(&mut report)?,
        }
        Ok(report)
    }

    fn sealed(&self) -> Vec<SegmentId> {
        self.store.sealed().keys().copied().collect()
    }

    /// Removes what a later record of the same key supersedes, in rounds of as many keys as memory allows.
    fn compact(&self, report: &mut CleanReport) -> Result<(), CleanError> {
        let ids = self.sealed();
        let mut rest = ids.as_slice();
        // A round does not know what an earlier one found superseded and left where it is.
        let mut oldest_dirty = SegmentId::MAX;
        loop {
            let (latest, left) = self.note_round(rest)?;
            rest = left;
            for id in &ids[..ids.len() - rest.len()] {
                let superseded = Superseded { latest: &latest, tombstones_may_go: *id < oldest_dirty };
                let filter = Filter { pass: self, superseded: Some(superseded) };
                match filter.clean_segment(*id, report)? {
                    Left::Clean => {}
                    Left::Dirty => oldest_dirty = oldest_dirty.min(*id),
                }
            }
            if rest.is_empty() {
                return Ok(());
            }
        }
    }

    /// The latest offsets of the keys of the next segments, and the segments after those.
    fn note_round<'ids>(&self, ids: &'ids [SegmentId]) -> Result<(Latest, &'ids [SegmentId]), ReadError> {
        let mut latest = Latest::new();
        let mut rest = ids;
        while latest.len() < self.round_keys
            && let Some((id, left)) = rest.split_first()
        {
            self.note_keys(*id, &mut latest)?;
            rest = left;
        }
        Ok((latest, rest))
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
                ask(self.requests, |reply| Request::Trim { partition: id, start, reply })?;
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

    pub(crate) fn is_compacted(&self, id: PartitionId) -> bool {
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
