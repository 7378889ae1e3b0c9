//! The state of a task: what is not in its shard yet, laid over the shard.
//!
//! Writes go into one map for each store, with a journal that can take them back: those of one record, or of
//! the whole batch. What is committed stays in the maps until they are large, and goes to the shard in one piece: a row
//! that changes often costs the disk one write for many commits.
//!
//! Where the sources go on is part of the state: a cluster forgets the positions of a group that nobody was in for a
//! week, and the state must not take in twice what it has.

use std::cmp::Ordering;
use std::ops::ControlFlow;

use bytes::Bytes;
use topspin_log::limits::MAX_RECORD_BYTES;
use topspin_log::{Offset, Record, TopicPartition};
use topspin_stream::{Direction, KeyRange, State, StateError, Visit};

use super::packer::Packer;
use super::rows::{Rows, Undo, Value, Written};
use crate::StoreError;
use crate::local::{Order, Origin, Scan, Shard, Standing};
use crate::store::Position;

/// What a row costs beside its key and value, bytes: the record on the changelog, or the entry in memory.
const ROW_BYTES: usize = 96;

/// The row of the changelog that names it.
pub(super) const ORIGIN_KEY: &[u8] = b"\xff\xff~origin";

pub(super) struct TaskState {
    shard: Shard,
    /// Whether the shard can have rows that the maps do not hold.
    shard_has_rows: bool,
    /// Those of the operators, and the positions.
    stores: Vec<Rows>,
    /// What every write since the last commit has replaced, in order.
    journal: Vec<Entry>,
    /// Numbers the batch.
    batch: u64,
    /// An upper bound of what the batch writes to the changelog.
    batch_bytes: usize,
    /// An upper bound of what the maps hold.
    held_bytes: usize,
    /// Whether a row was written that no record of the changelog can hold.
    oversize: bool,
    /// What the committed rows are.
    standing: Option<Standing>,
}

struct Entry {
    store: usize,
    write: Undo,
    /// Whether the batch had not written the row yet.
    first: bool,
}

/// A point to which writes can be taken back.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    journal: usize,
    batch_bytes: usize,
}

/// A row as the changelog has it; `None` removes.
pub(super) type Change = (Bytes, Option<Bytes>);

impl TaskState {
    pub(super) fn open(shard: Shard, stores: usize) -> Result<Self, StoreError> {
        let standing = shard.standing()?;
        if standing.is_none() {
            shard.clear()?;
        }
        Ok(Self {
            shard,
            shard_has_rows: standing.is_some(),
            stores: (0..=stores).map(|_| Rows::default()).collect(),
            journal: Vec::new(),
            batch: 1,
            batch_bytes: 0,
            held_bytes: 0,
            oversize: false,
            standing,
        })
    }

    pub(super) fn standing(&self) -> Option<&Standing> {
        self.standing.as_ref()
    }

    /// Where a source goes on, as the last commit has it.
    pub(super) fn position(&self, source: &TopicPartition) -> Result<Option<Offset>, StoreError> {
        let (store, key) = (self.positions(), source.to_string());
        let stored = match self.stores[store].get(key.as_bytes()) {
            Some(value) => value.as_deref().map(Bytes::copy_from_slice),
            None if self.shard_has_rows => self.shard.get(&self.row_key(store, key.as_bytes()))?,
            None => None,
        };
        let offset = stored.as_deref().and_then(|bytes| bytes.try_into().ok()).map(u64::from_be_bytes);
        Ok(offset.map(Offset::new))
    }

    /// The batch ends so far in a source.
    pub(super) fn go_on_at(&mut self, source: &TopicPartition, position: Offset) {
        let (store, key) = (self.positions(), source.to_string());
        self.write(store, key.as_bytes(), Some(&position.get().to_be_bytes()));
    }

    pub(super) fn mark(&mut self) -> Mark {
        self.oversize = false;
        Mark { journal: self.journal.len(), batch_bytes: self.batch_bytes }
    }

    /// Takes back what was written since the mark.
    pub(super) fn roll_back_to(&mut self, mark: Mark) {
        for entry in self.journal.drain(mark.journal..).rev() {
            self.stores[entry.store].take_back(entry.write);
        }
        self.batch_bytes = mark.batch_bytes;
        self.oversize = false;
    }

    /// Takes back what was written since the last commit.
    pub(super) fn roll_back(&mut self) {
        self.roll_back_to(Mark { journal: 0, batch_bytes: 0 });
    }

    /// An upper bound of the bytes that the batch writes to the changelog.
    pub(super) fn batch_bytes(&self) -> usize {
        self.batch_bytes
    }

    /// An upper bound of the rows that the batch writes to the changelog.
    pub(super) fn batch_rows(&self) -> usize {
        self.journal.len()
    }

    /// Whether a row since the mark is too large for the changelog.
    pub(super) fn is_oversize(&self) -> bool {
        self.oversize
    }

    /// The rows that the batch has changed, each once, in the order in which they were written first.
    pub(super) fn changes(&self, packer: &mut Packer) -> Vec<Change> {
        let mut changes = Vec::with_capacity(self.journal.len());
        for Entry { store, write, .. } in self.journal.iter().filter(|entry| entry.first) {
            let (key, now) = self.stores[*store].written(write);
            if write.before.as_ref().is_none_or(|before| before.value() != now) {
                let value = now.map(|value| packer.pack(&[value]));
                changes.push((self.pack_row_key(packer, *store, key), value));
            }
        }
        changes
    }

    /// The batch is on the changelog; `last` is its last record there, if it has one.
    pub(super) fn committed(&mut self, last: Option<(Offset, &Record)>) {
        self.journal.clear();
        self.batch += 1;
        self.batch_bytes = 0;
        if let Some((offset, record)) = last {
            self.stand_at(offset, record);
        }
    }

    /// Folds a record of the changelog.
    pub(super) fn apply(&mut self, offset: Offset, record: &Record) {
        if let Some((store, key)) = record.key.as_ref().and_then(|row| self.split(row))
            && let Some(rows) = self.stores.get_mut(store)
        {
            self.held_bytes += ROW_BYTES + key.len() + record.value.as_ref().map_or(0, Bytes::len);
            rows.set(&key, Written::new(record.value.as_deref(), 0));
        }
        self.stand_at(offset, record);
    }

    /// Begins a copy of the changelog of `origin`, whose first record is at `offset`.
    pub(super) fn begin(
        &mut self,
        origin: Origin,
        offset: Offset,
        record: &Record,
    ) -> Result<(), StoreError> {
        self.forget()?;
        let position = Position::of(offset, record);
        self.standing = Some(Standing { origin, position, at: record.timestamp, sealed: None });
        Ok(())
    }

    /// Forgets everything.
    pub(super) fn forget(&mut self) -> Result<(), StoreError> {
        self.standing = None;
        self.stores.iter_mut().for_each(Rows::clear);
        self.journal.clear();
        (self.batch_bytes, self.held_bytes) = (0, 0);
        self.shard.clear()?;
        self.shard_has_rows = false;
        Ok(())
    }

    /// Makes the shard good again after a failure.
    pub(super) fn mend(&self) -> Result<(), StoreError> {
        self.shard.mend()
    }

    /// Brings what is committed to the shard if there is much of it. Only between batches.
    pub(super) fn flush_if_large(&mut self) -> Result<(), StoreError> {
        if self.held_bytes <= self.shard.memory_bytes() { Ok(()) } else { self.flush(None) }
    }

    /// Brings what is committed to the shard; `sealed` is the end of the changelog if nothing more will be appended.
    pub(super) fn flush(&mut self, sealed: Option<Offset>) -> Result<(), StoreError> {
        assert!(self.journal.is_empty(), "only what is committed goes to the shard");
        let Some(standing) = &self.standing else { return Ok(()) };
        let mut packer = Packer::default();
        let mut rows = Vec::new();
        for (store, held) in self.stores.iter().enumerate() {
            rows.extend(
                held.iter()
                    .map(|(key, value)| (self.pack_row_key(&mut packer, store, key), value.as_deref())),
            );
        }
        // A store on disk takes rows faster in their order.
        rows.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        let standing = Standing { sealed, ..*standing };
        self.shard.write(rows.iter().map(|(key, value)| (key.as_ref(), *value)), &standing)?;
        self.shard_has_rows |= !rows.is_empty();
        self.standing = Some(standing);
        self.stores.iter_mut().for_each(Rows::clear);
        self.held_bytes = 0;
        Ok(())
    }

    fn stand_at(&mut self, offset: Offset, record: &Record) {
        if let Some(standing) = &mut self.standing {
            standing.position = Position::of(offset, record);
            standing.at = standing.at.max(record.timestamp);
            standing.sealed = None;
        }
    }

    fn stored(&self, store: usize, range: KeyRange<'_>, order: Order) -> Result<Scan, StateError> {
        if !self.shard_has_rows {
            return Ok(Box::new(std::iter::empty()));
        }
        let from = self.row_key(store, range.from);
        let to = range.to.map_or_else(|| self.row_key(store + 1, &[]), |to| self.row_key(store, to));
        self.shard.scan(&from, &to, order).map_err(storage)
    }

    fn write(&mut self, store: usize, key: &[u8], value: Option<&[u8]>) {
        let bytes = ROW_BYTES + key.len() + value.map_or(0, <[u8]>::len);
        self.oversize |= bytes > MAX_RECORD_BYTES;
        self.batch_bytes += bytes;
        let write = self.stores[store].set(key, Written::new(value, self.batch));
        if write.before.is_none() {
            self.held_bytes += bytes;
        }
        let first = write.before.as_ref().is_none_or(|before| before.batch != self.batch);
        self.journal.push(Entry { store, write, first });
    }

    /// The store of the positions.
    fn positions(&self) -> usize {
        self.stores.len() - 1
    }

    /// The key of a row on the changelog and in the shard: the number of its store, big endian, and its key there.
    fn row_key(&self, store: usize, key: &[u8]) -> Vec<u8> {
        [self.number(store).as_slice(), key].concat()
    }

    fn pack_row_key(&self, packer: &mut Packer, store: usize, key: &[u8]) -> Bytes {
        packer.pack(&[&self.number(store), key])
    }

    fn number(&self, store: usize) -> [u8; STORE_BYTES] {
        if store == self.positions() {
            return POSITIONS_NUMBER;
        }
        u16::try_from(store).expect("a subtopology has far fewer stores").to_be_bytes()
    }

    fn split(&self, row: &Bytes) -> Option<(usize, Bytes)> {
        let number = row.first_chunk::<STORE_BYTES>()?;
        let store = match *number {
            POSITIONS_NUMBER => self.positions(),
            number => Some(u16::from_be_bytes(number).into()).filter(|store| *store < self.positions())?,
        };
        Some((store, row.slice(STORE_BYTES..)))
    }
}

impl State for TaskState {
    fn get(&self, store: usize, key: &[u8], into: &mut Vec<u8>) -> Result<bool, StateError> {
        if let Some(value) = self.stores[store].get(key) {
            into.extend_from_slice(value.as_deref().unwrap_or_default());
            return Ok(value.is_some());
        }
        if !self.shard_has_rows {
            return Ok(false);
        }
        let value = self.shard.get(&self.row_key(store, key)).map_err(storage)?;
        into.extend_from_slice(value.as_deref().unwrap_or_default());
        Ok(value.is_some())
    }

    fn put(&mut self, store: usize, key: &[u8], value: Option<&[u8]>) -> Result<(), StateError> {
        self.write(store, key, value);
        Ok(())
    }

    fn scan(
        &self,
        store: usize,
        range: KeyRange<'_>,
        direction: Direction,
        visit: &mut Visit<'_>,
    ) -> Result<(), StateError> {
        if range.to.is_some_and(|to| to <= range.from) {
            return Ok(());
        }
        let mut written = self.stores[store].range(range.from, range.to);
        match direction {
            Direction::Forward => {
                let stored = self.stored(store, range, Order::Ascending)?;
                merge(&mut written, stored, Ordering::is_le, visit)
            }
            Direction::Backward => {
                let stored = self.stored(store, range, Order::Descending)?;
                merge(&mut written.rev(), stored, Ordering::is_ge, visit)
            }
        }
    }
}

/// Visits the rows of two scans in order; of a row that both have, the written one. `first` says whether a key that
/// compares so to one of the other scan comes before it, or is the same.
fn merge<'row>(
    written: &mut dyn Iterator<Item = (&'row [u8], &'row Value)>,
    mut stored: Scan,
    first: fn(Ordering) -> bool,
    visit: &mut Visit<'_>,
) -> Result<(), StateError> {
    let mut next_stored = move || stored.next().transpose().map_err(storage);
    let (mut over, mut under) = (written.next(), next_stored()?);
    loop {
        let order = match (&over, &under) {
            (None, None) => return Ok(()),
            (Some((over, _)), Some((under, _))) => (*over).cmp(&under[STORE_BYTES..]),
            // Whatever comes first, as there is no other.
            (Some(_), None) | (None, Some(_)) => Ordering::Equal,
        };
        let flow = match (over, &under) {
            (Some((key, value)), _) if first(order) => {
                over = written.next();
                if order == Ordering::Equal && under.is_some() {
                    under = next_stored()?;
                }
                value.as_ref().map_or(ControlFlow::Continue(()), |value| visit(key, value))
            }
            (_, Some((key, value))) => {
                let flow = visit(&key[STORE_BYTES..], value);
                under = next_stored()?;
                flow
            }
            (_, None) => return Ok(()),
        };
        if flow.is_break() {
            return Ok(());
        }
    }
}

/// The number of a store, before the key of a row.
const STORE_BYTES: usize = 2;

/// The store of the positions, on the changelog and in the shard. The row that names a changelog comes after all.
const POSITIONS_NUMBER: [u8; STORE_BYTES] = [0xff, 0xfe];

fn storage(error: StoreError) -> StateError {
    StateError::Storage(Box::new(error))
}
