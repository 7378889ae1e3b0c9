//! One partition in memory.

use std::collections::BTreeMap;

use tokio::sync::watch;

use crate::limits::TOMBSTONE_RETENTION;
use crate::{BatchLimit, Cleanup, Committed, Offset, Record, Timestamp};

/// What an offset holds.
enum Slot {
    Committed(Record),
    /// A record of a transaction that was aborted, or the marker that ends one: readers pass it.
    Hidden,
}

pub(super) struct Partition {
    slots: BTreeMap<u64, Slot>,
    start: u64,
    next: u64,
    /// Readers see offsets below this.
    visible: watch::Sender<u64>,
    bytes: usize,
}

impl Partition {
    pub(super) fn new() -> Self {
        Self { slots: BTreeMap::new(), start: 0, next: 0, visible: watch::Sender::new(0), bytes: 0 }
    }

    pub(super) fn start(&self) -> Offset {
        Offset::new(self.start)
    }

    pub(super) fn visible_end(&self) -> Offset {
        Offset::new(*self.visible.borrow())
    }

    pub(super) fn next(&self) -> u64 {
        self.next
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn watch(&self) -> watch::Receiver<u64> {
        self.visible.subscribe()
    }

    pub(super) fn append(&mut self, record: Record) -> Offset {
        self.bytes += record.size();
        self.push(Slot::Committed(record))
    }

    pub(super) fn hide_one(&mut self) {
        self.push(Slot::Hidden);
    }

    /// Shows everything below `end`; never hides again.
    pub(super) fn publish(&mut self, end: u64) {
        self.visible.send_if_modified(|visible| {
            let grows = *visible < end;
            *visible = end.max(*visible);
            grows
        });
    }

    /// The records from `from` on, and where to go on after them.
    pub(super) fn read(&self, from: Offset, limit: BatchLimit) -> (Vec<Committed>, Offset) {
        let end = *self.visible.borrow();
        let mut position = from.get().max(self.start);
        let mut records = Vec::new();
        let mut bytes = 0;
        for (&offset, slot) in self.slots.range(position..end.max(position)) {
            if let Slot::Committed(record) = slot {
                bytes += record.size();
                if !records.is_empty() && (bytes > limit.max_bytes() || records.len() == limit.max_records())
                {
                    return (records, Offset::new(position));
                }
                let resume_at = Offset::new(offset + 1);
                records.push(Committed { offset: Offset::new(offset), resume_at, record: record.clone() });
            }
            position = offset + 1;
        }
        (records, Offset::new(position.max(end)))
    }

    pub(super) fn trim(&mut self, before: Offset) {
        let left = self.slots.split_off(&before.get());
        let gone = std::mem::replace(&mut self.slots, left);
        let sizes = gone.values().map(|slot| match slot {
            Slot::Committed(record) => record.size(),
            Slot::Hidden => 0,
        });
        self.bytes -= sizes.sum::<usize>();
        self.start = self.start.max(before.get());
    }

    pub(super) fn clean(&mut self, cleanup: Cleanup, now: Timestamp) {
        match cleanup {
            Cleanup::KeepForever => {}
            Cleanup::Retain { max_age, max_bytes } => {
                let oldest = max_age.map(|age| now.as_millis().saturating_sub(millis(age)));
                self.retain(oldest.unwrap_or(0), max_bytes.unwrap_or(u64::MAX));
            }
            Cleanup::Compact => self.compact(now),
        }
    }

    fn push(&mut self, slot: Slot) -> Offset {
        let offset = self.next;
        self.slots.insert(offset, slot);
        self.next += 1;
        Offset::new(offset)
    }

    fn retain(&mut self, oldest_millis: u64, max_bytes: u64) {
        let visible = *self.visible.borrow();
        while let Some(entry) = self.slots.first_entry() {
            let size = match entry.get() {
                Slot::Hidden => 0,
                Slot::Committed(record) => {
                    let enough = (self.bytes - record.size()) as u64 >= max_bytes;
                    if *entry.key() >= visible || (record.timestamp.as_millis() >= oldest_millis && !enough) {
                        return;
                    }
                    record.size()
                }
            };
            self.bytes -= size;
            self.start = *entry.key() + 1;
            entry.remove();
        }
    }

    fn compact(&mut self, now: Timestamp) {
        let visible = *self.visible.borrow();
        let mut latest = BTreeMap::new();
        for (offset, slot) in self.slots.range(..visible) {
            if let Slot::Committed(record) = slot {
                latest.insert(record.key.clone(), *offset);
            }
        }
        let tombstones_before = now.as_millis().saturating_sub(millis(TOMBSTONE_RETENTION));
        let bytes = &mut self.bytes;
        self.slots.retain(|offset, slot| {
            let Slot::Committed(record) = slot else { return true };
            let expired = record.value.is_none() && record.timestamp.as_millis() < tombstones_before;
            let keep = *offset >= visible || (latest.get(&record.key) == Some(offset) && !expired);
            *bytes -= if keep { 0 } else { record.size() };
            keep
        });
    }
}

fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
