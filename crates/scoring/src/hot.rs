//! The folds of matches in memory: bounded, and void when a commit fails.

use std::collections::HashSet;
use std::num::NonZeroUsize;

use lru::LruCache;
use topspin_event::MatchId;

use crate::fold::MatchFold;

/// The folds of the matches used last. Within a batch nothing is evicted, so that it can grow by one batch.
pub(crate) struct HotMatches {
    folds: LruCache<MatchId, MatchFold>,
    keep: NonZeroUsize,
    /// Matches that the batch has changed.
    changed: HashSet<MatchId>,
}

impl HotMatches {
    pub(crate) fn new(keep: usize) -> Self {
        let keep = NonZeroUsize::new(keep).unwrap_or(NonZeroUsize::MIN);
        HotMatches { folds: LruCache::unbounded(), keep, changed: HashSet::new() }
    }

    /// Takes a fold out; whoever takes it puts it back, or leaves it to be folded again.
    pub(crate) fn take(&mut self, id: MatchId) -> Option<MatchFold> {
        self.folds.pop(&id)
    }

    /// Puts a fold back that the batch has not changed.
    pub(crate) fn put_back(&mut self, id: MatchId, fold: MatchFold) {
        self.folds.put(id, fold);
    }

    /// Puts a fold back that the batch has changed.
    pub(crate) fn put_changed(&mut self, id: MatchId, fold: MatchFold) {
        self.changed.insert(id);
        self.folds.put(id, fold);
    }

    /// The batch is committed.
    pub(crate) fn settle(&mut self) {
        self.changed.clear();
        while self.folds.len() > self.keep.get() {
            self.folds.pop_lru();
        }
    }

    /// The batch is void.
    pub(crate) fn forget_changed(&mut self) {
        for id in self.changed.drain() {
            self.folds.pop(&id);
        }
    }
}
