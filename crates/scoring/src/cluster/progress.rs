//! How far this process has come in a lane, so that nothing is answered that a later read does not see.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use topspin_event::Reply as Told;
use topspin_log::{Offset, Topic, TopicPartition};
use topspin_runtime::{Placed, Store, StoreError};

use super::THROUGH_HEADER;
use crate::topics::Lane;

/// What a process knows of a lane: which requests' records its store has, and when it was last at the end of the log.
pub(crate) struct Progress {
    known: Mutex<Known>,
    changed: watch::Sender<()>,
}

#[derive(Default)]
struct Known {
    /// By topic: the last record that says so.
    marks: HashMap<Topic, Mark>,
    /// All requests before this offset are decided and in the store.
    decided: u64,
    /// By topic: up to where it was read, exclusive.
    read: HashMap<Topic, Offset>,
    /// When the store was last known to have what was on the log.
    fresh_at: Option<Instant>,
    /// How far it was behind when that was looked at last, in offsets of all topics.
    behind: u64,
}

/// A record with the last request whose records, and those of all before, the store has with it.
struct Mark {
    offset: Offset,
    through: u64,
}

impl Mark {
    /// Whether it is of the transaction that a reply is about, or a later one. What stood in the topic before that may be
    /// copied from another log, whose requests have other offsets.
    fn covers(&self, told: &Told, topic: &str) -> bool {
        let before = told.after.iter().find(|(known, _)| known == topic);
        self.through >= told.through && before.is_none_or(|(_, offset)| self.offset.get() > *offset)
    }
}

impl Progress {
    pub(crate) fn new() -> Self {
        Progress { known: Mutex::default(), changed: watch::Sender::new(()) }
    }

    /// The store has taken these records.
    pub(crate) fn note(&self, placed: &[Placed]) {
        let mut known = self.known();
        for Placed { partition, offset, record } in placed {
            let mark = record.headers.iter().find(|header| header.name == THROUGH_HEADER);
            let Some(through) = mark.and_then(|mark| mark.value.as_ref().try_into().ok()) else { continue };
            let mark = Mark { offset: *offset, through: u64::from_be_bytes(through) };
            known.marks.insert(partition.topic.clone(), mark);
        }
        drop(known);
        self.changed.send_replace(());
    }

    /// The store has what was decided about all requests before `position`.
    pub(crate) fn decided_before(&self, position: Offset) {
        let mut known = self.known();
        known.decided = known.decided.max(position.get());
        drop(known);
        self.changed.send_replace(());
    }

    /// The topics are read up to here, and what was read is in the store.
    pub(crate) fn read_up_to<'topic>(&self, positions: impl Iterator<Item = (&'topic Topic, Offset)>) {
        let mut moved = false;
        let mut known = self.known();
        for (topic, position) in positions {
            moved |= known.read.insert(topic.clone(), position) != Some(position);
        }
        drop(known);
        if moved {
            self.changed.send_replace(());
        }
    }

    /// Waits until each topic is read up to its end.
    pub(crate) async fn reads_to(&self, ends: &[(Topic, Offset)]) {
        let mut changed = self.changed.subscribe();
        loop {
            {
                let mut known = self.known();
                let left = ends.iter().map(|(topic, end)| {
                    end.get().saturating_sub(known.read.get(topic).copied().map_or(0, Offset::get))
                });
                known.behind = left.sum();
                if known.behind == 0 {
                    return;
                }
            }
            // The sender lives as long as this.
            let _ = changed.changed().await;
        }
    }

    /// Waits until the store has everything that a reply rests on.
    pub(crate) async fn reaches(&self, told: &Told, lane: &Lane, store: &Store) -> Result<(), StoreError> {
        let mut changed = self.changed.subscribe();
        while !self.has(told, lane, store)? {
            let _ = changed.changed().await;
        }
        Ok(())
    }

    /// The store had everything that was on the log at this time.
    pub(crate) fn fresh(&self, at: Instant) {
        let mut known = self.known();
        known.fresh_at = known.fresh_at.max(Some(at));
    }

    /// For how long the store may have been behind; for ever, if it never was known to be at the end.
    pub(crate) fn age(&self) -> Option<Duration> {
        self.known().fresh_at.map(|at| at.elapsed())
    }

    /// How far the lane was behind when that was looked at last, in offsets of all its topics.
    pub(crate) fn behind(&self) -> u64 {
        self.known().behind
    }

    /// There is nothing to read: this process writes the lane itself.
    pub(crate) fn level(&self) {
        self.known().behind = 0;
    }

    fn has(&self, told: &Told, lane: &Lane, store: &Store) -> Result<bool, StoreError> {
        {
            let known = self.known();
            if told.through < known.decided {
                return Ok(true);
            }
            let has = |topic: &String| {
                let found = known.marks.iter().find(|(known, _)| known.as_str() == topic);
                found.is_some_and(|(_, mark)| mark.covers(told, topic))
            };
            if !told.topics.iter().all(has) {
                return Ok(false);
            }
        }
        for (topic, offset) in &told.after {
            let Ok(topic) = Topic::new(topic.as_str()) else { continue };
            let applied = store.applied(&TopicPartition::new(topic, lane.number()))?;
            if applied.is_none_or(|applied| applied.get() < *offset) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        // Nothing that holds the lock can panic half-way through a change of it.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use topspin_event::Outcome;
    use topspin_log::{Record, Timestamp};

    use super::*;
    use crate::tables;
    use crate::topics::Kind;

    fn marked(lane: &Lane, offset: u64, through: u64) -> Placed {
        let record = Record::new(format!("t{offset}"), "", Timestamp::from_millis(1));
        Placed {
            partition: lane.of(Kind::Devices),
            offset: Offset::new(offset),
            record: record.with_header(THROUGH_HEADER, through.to_be_bytes().to_vec()),
        }
    }

    /// A reply that rests on what `devices` says of it, after the record at an offset.
    fn told(through: u64, after: u64) -> Told {
        Told {
            through,
            topics: vec!["devices".to_owned()],
            after: vec![("devices".to_owned(), after)],
            outcome: Outcome::Done,
        }
    }

    #[tokio::test]
    async fn a_reply_is_reached_when_all_that_it_rests_on_is_in_the_store() {
        let dir = tempfile::tempdir().expect("a directory");
        let store = Store::open(dir.path(), tables::VERSION, tables::all()).expect("opened");
        let (lane, progress) = (Lane::new(0), Progress::new());
        let device = |offset, through| marked(&lane, offset, through);
        let has = |told: &Told| progress.has(told, &lane, &store).expect("readable");
        assert!(!has(&told(3, 7)));
        store.apply(&[device(8, 3)]).expect("applied");
        assert!(!has(&told(3, 7)), "nobody has said so");
        progress.note(&[device(8, 3)]);
        assert!(has(&told(3, 7)));
        assert!(has(&told(2, 6)), "an earlier one too");
        assert!(!has(&told(4, 7)), "a later one not");
        assert!(!has(&told(3, 9)), "nor one that rests on more");
        progress.decided_before(Offset::new(10));
        assert!(has(&told(9, 9)) && !has(&told(10, 9)));
    }

    #[tokio::test]
    async fn a_mark_that_was_copied_from_another_log_says_nothing_of_requests_of_this_one() {
        let dir = tempfile::tempdir().expect("a directory");
        let store = Store::open(dir.path(), tables::VERSION, tables::all()).expect("opened");
        let (lane, progress) = (Lane::new(0), Progress::new());
        let device = |offset, through| marked(&lane, offset, through);
        let take = |placed: Placed| {
            store.apply(std::slice::from_ref(&placed)).expect("applied");
            progress.note(&[placed]);
            progress.has(&told(3, 8), &lane, &store).expect("readable")
        };
        assert!(!take(device(8, 5_000)), "copied");
        assert!(take(device(9, 3)));
    }
}
