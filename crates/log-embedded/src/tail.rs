//! The end of one partition: where it starts and ends, who waits for more, and what was just committed.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::commit::Section;
use crate::limits::READ_BYTES;

/// One partition's tail.
pub(crate) struct Tail {
    state: Mutex<State>,
    end: watch::Sender<u64>,
}

struct State {
    start: u64,
    end: u64,
    /// The last sections of the partition, without gap up to `end`.
    recent: VecDeque<Section>,
}

/// What a reader finds at a position.
pub(crate) enum Found {
    /// Retention has removed it; the partition starts here.
    Trimmed(u64),
    /// Nothing yet.
    AtEnd,
    /// These sections, the first of which holds the position or follows it.
    Recent(Vec<Section>),
    /// It is on disk only; the partition ends here now.
    OnDisk { end: u64 },
}

impl Tail {
    pub(crate) fn new(start: u64, end: u64) -> Self {
        Self {
            state: Mutex::new(State { start, end, recent: VecDeque::new() }),
            end: watch::Sender::new(end),
        }
    }

    /// The first offset that can be read, and the end.
    pub(crate) fn bounds(&self) -> (u64, u64) {
        let state = self.lock();
        (state.start, state.end)
    }

    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.end.subscribe()
    }

    /// Shows a section that is durable. The watchers are told by [`Tail::wake`], once a whole group is shown.
    pub(crate) fn extend(&self, section: Section) {
        let mut state = self.lock();
        state.end = section.head.next();
        state.recent.push_back(section);
    }

    /// Moves the end without keeping records, when opening.
    pub(crate) fn advance(&self, end: u64) {
        self.lock().end = end;
        self.wake();
    }

    pub(crate) fn wake(&self) {
        let end = self.lock().end;
        self.end.send_replace(end);
    }

    /// Forgets the oldest recent section; it is on disk.
    pub(crate) fn forget_oldest(&self) {
        self.lock().recent.pop_front();
    }

    /// Forgets the recent sections before `offset`, because their segment was cleaned.
    pub(crate) fn forget_before(&self, offset: u64) {
        let mut state = self.lock();
        while state.recent.front().is_some_and(|section| section.head.next() <= offset) {
            state.recent.pop_front();
        }
    }

    pub(crate) fn trim(&self, start: u64) {
        let mut state = self.lock();
        state.start = state.start.max(start);
    }

    pub(crate) fn find(&self, position: u64) -> Found {
        let state = self.lock();
        if position < state.start {
            return Found::Trimmed(state.start);
        }
        if position >= state.end {
            return Found::AtEnd;
        }
        if state.recent.front().is_none_or(|oldest| oldest.head.base > position) {
            return Found::OnDisk { end: state.end };
        }
        let from = state.recent.partition_point(|section| section.head.next() <= position);
        let mut bytes = 0;
        let fits = |section: &&Section| {
            let fits = bytes < READ_BYTES;
            bytes += section.records.len();
            fits
        };
        Found::Recent(state.recent.range(from..).take_while(fits).cloned().collect())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Every change under the lock is complete before anything can panic, so a poisoned lock is still good.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
