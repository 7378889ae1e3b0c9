//! What a store holds over its shard: found by its key at once, and in order as soon as somebody has asked for the order.

use std::collections::{BTreeSet, HashMap};
use std::ops::Bound;
use std::sync::{Arc, OnceLock};

pub(super) type Key = Arc<[u8]>;
/// `None` is a row that was removed.
pub(super) type Value = Option<Box<[u8]>>;

#[derive(Default)]
pub(super) struct Rows {
    rows: HashMap<Key, Row>,
    /// The keys, from the first scan on. Most stores are never scanned.
    order: OnceLock<BTreeSet<Key>>,
}

struct Row {
    /// As in the map, to be shared.
    key: Key,
    written: Written,
}

/// A value, and the batch that wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) value: Value,
    pub(super) batch: u64,
}

impl Rows {
    pub(super) fn get(&self, key: &[u8]) -> Option<&Value> {
        self.rows.get(key).map(|row| &row.written.value)
    }

    /// Writes a row; answers its key, and what was there.
    pub(super) fn set(&mut self, key: &[u8], written: Written) -> (Key, Option<Written>) {
        if let Some(row) = self.rows.get_mut(key) {
            return (row.key.clone(), Some(std::mem::replace(&mut row.written, written)));
        }
        let key = Key::from(key);
        self.rows.insert(key.clone(), Row { key: key.clone(), written });
        if let Some(order) = self.order.get_mut() {
            order.insert(key.clone());
        }
        (key, None)
    }

    /// Takes a write back.
    pub(super) fn put_back(&mut self, key: &Key, before: Option<Written>) {
        if let Some(written) = before {
            self.set(key, written);
            return;
        }
        self.rows.remove(key);
        if let Some(order) = self.order.get_mut() {
            order.remove(key);
        }
    }

    /// The rows from `from` on, inclusive, to `to`, exclusive, in order.
    pub(super) fn range(
        &self,
        from: &[u8],
        to: Option<&[u8]>,
    ) -> impl DoubleEndedIterator<Item = (&[u8], &Value)> {
        let order = self.order.get_or_init(|| self.rows.keys().cloned().collect());
        let to = to.map_or(Bound::Unbounded, Bound::Excluded);
        let keys = order.range::<[u8], _>((Bound::Included(from), to));
        keys.filter_map(|key| Some((key.as_ref(), self.get(key)?)))
    }

    /// All rows, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&[u8], &Value)> {
        self.rows.values().map(|row| (row.key.as_ref(), &row.written.value))
    }

    pub(super) fn clear(&mut self) {
        self.rows.clear();
        self.order.take();
    }
}
