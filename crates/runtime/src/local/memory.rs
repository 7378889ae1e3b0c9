//! Shards in memory.

use std::collections::{BTreeMap, VecDeque};
use std::ops::{Bound, Range};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::{Order, Scan, Standing, standing};
use crate::Row;

/// Rows that a scan takes out at once, so that a long one does not copy everything.
const CHUNK_ROWS: usize = 64;

type Rows = BTreeMap<Bytes, Bytes>;

#[derive(Default)]
pub(super) struct Memory(Mutex<BTreeMap<String, Rows>>);

impl Memory {
    pub(super) fn get(&self, shard: &str, key: &[u8]) -> Option<Bytes> {
        self.lock().get(shard)?.get(key).cloned()
    }

    pub(super) fn scan(memory: Arc<Self>, shard: &str, keys: Range<&[u8]>, order: Order) -> Scan {
        let from = Bound::Included(Bytes::copy_from_slice(keys.start));
        let to = Bound::Excluded(Bytes::copy_from_slice(keys.end));
        Box::new(Cursor { memory, shard: shard.to_owned(), from, to, order, chunk: VecDeque::new() })
    }

    pub(super) fn write<'row>(
        &self,
        shard: &str,
        rows: impl Iterator<Item = (&'row [u8], Option<&'row [u8]>)>,
        standing: &Standing,
    ) {
        let mut shards = self.lock();
        let held = shards.entry(shard.to_owned()).or_default();
        for (key, value) in rows {
            match value {
                Some(value) => held.insert(Bytes::copy_from_slice(key), Bytes::copy_from_slice(value)),
                None => held.remove(key),
            };
        }
        held.insert(Bytes::from_static(standing::KEY), Bytes::copy_from_slice(&standing.bytes()));
    }

    pub(super) fn clear(&self, shard: &str) {
        self.lock().remove(shard);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Rows>> {
        // Every change under the lock is complete before anything can panic, so a poisoned lock is still good.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Cursor {
    memory: Arc<Memory>,
    shard: String,
    from: Bound<Bytes>,
    to: Bound<Bytes>,
    order: Order,
    chunk: VecDeque<Row>,
}

impl Cursor {
    fn refill(&mut self) {
        let empty = match (&self.from, &self.to) {
            (Bound::Included(from) | Bound::Excluded(from), Bound::Excluded(to)) => from >= to,
            (_, Bound::Included(_) | Bound::Unbounded) | (Bound::Unbounded, _) => false,
        };
        if empty {
            return;
        }
        let shards = self.memory.lock();
        let Some(rows) = shards.get(&self.shard) else { return };
        let range = rows.range((self.from.clone(), self.to.clone()));
        let row = |(key, value): (&Bytes, &Bytes)| (key.clone(), value.clone());
        self.chunk = match self.order {
            Order::Ascending => range.map(row).take(CHUNK_ROWS).collect(),
            Order::Descending => range.rev().map(row).take(CHUNK_ROWS).collect(),
        };
        let Some((last, _)) = self.chunk.back() else { return };
        match self.order {
            Order::Ascending => self.from = Bound::Excluded(last.clone()),
            Order::Descending => self.to = Bound::Excluded(last.clone()),
        }
    }
}

impl Iterator for Cursor {
    type Item = Result<Row, crate::StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.chunk.is_empty() {
            self.refill();
        }
        self.chunk.pop_front().map(Ok)
    }
}
