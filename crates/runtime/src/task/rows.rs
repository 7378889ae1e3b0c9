//! What a store holds over its shard: found by its key at once, and in order as soon as somebody has asked for the order.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::OnceLock;

use foldhash::fast::RandomState;
use indexmap::IndexMap;
use indexmap::map::Entry;
use smallvec::SmallVec;

/// Most keys and values are short: they live in the table itself, not each in memory of its own.
type Piece = SmallVec<[u8; 16]>;
type Key = Piece;
/// `None` is a row that was removed.
pub(super) type Value = Option<Piece>;

#[derive(Default)]
pub(super) struct Rows {
    rows: IndexMap<Key, Written, RandomState>,
    /// The keys, from the first scan on. Most stores are never scanned.
    order: OnceLock<BTreeSet<Key>>,
}

/// A value, and the batch that wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    value: Value,
    pub(super) batch: u64,
}

/// A write that can be taken back.
pub(super) struct Undo {
    row: usize,
    /// Nothing if the row is new.
    pub(super) before: Option<Written>,
}

impl Written {
    pub(super) fn new(value: Option<&[u8]>, batch: u64) -> Self {
        Self { value: value.map(Piece::from_slice), batch }
    }

    pub(super) fn value(&self) -> Option<&[u8]> {
        self.value.as_deref()
    }
}

impl Rows {
    pub(super) fn get(&self, key: &[u8]) -> Option<&Value> {
        self.rows.get(key).map(|written| &written.value)
    }

    /// Writes a row.
    pub(super) fn set(&mut self, key: &[u8], written: Written) -> Undo {
        match self.rows.entry(Key::from_slice(key)) {
            Entry::Occupied(mut row) => {
                let before = Some(row.insert(written));
                Undo { row: row.index(), before }
            }
            Entry::Vacant(row) => {
                if let Some(order) = self.order.get_mut() {
                    order.insert(row.key().clone());
                }
                let undo = Undo { row: row.index(), before: None };
                row.insert(written);
                undo
            }
        }
    }

    /// The row that was written, as it is now.
    pub(super) fn written(&self, undo: &Undo) -> (&[u8], Option<&[u8]>) {
        let (key, written) = self.rows.get_index(undo.row).expect("a row that was written is there");
        (key, written.value())
    }

    /// Takes the last write back that is not taken back yet.
    pub(super) fn take_back(&mut self, undo: Undo) {
        if let Some(before) = undo.before {
            self.rows[undo.row] = before;
            return;
        }
        let (key, _) = self.rows.pop().expect("a row that was written is there");
        assert_eq!(self.rows.len(), undo.row, "the last row that is new goes first");
        if let Some(order) = self.order.get_mut() {
            order.remove(&key);
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
        self.rows.iter().map(|(key, written)| (key.as_ref(), &written.value))
    }

    pub(super) fn clear(&mut self) {
        self.rows.clear();
        self.order.take();
    }
}
