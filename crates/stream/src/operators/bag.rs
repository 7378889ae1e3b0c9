//! The rows of each key, with how often they are there: in one entry while they are few, so that a look at them is a look at
//! one entry.

use std::marker::PhantomData;
use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use crate::node::Fault;
use crate::operators::store::{GONE, Store, net};
use crate::state::{Direction, State};
use crate::value::{Value, decode_value, encode_value};

/// Entries are key to [`Kept`] and, of keys with many rows, (key, value) to weight.
pub(crate) struct Bag<V> {
    store: Store,
    kinds: PhantomData<fn() -> V>,
}

/// Rows with how often they are there, ordered.
type Rows<V> = Vec<(V, i64)>;

/// Rows that are together in one entry, at most.
const FEW: usize = 16;

/// Bytes that they take together, at most, where they are several.
const FEW_BYTES: usize = 4 * 1024;

/// How the rows of a key are kept: always so that the same rows are kept alike.
#[derive(Serialize, Deserialize)]
enum Kept<R> {
    /// Here, ordered by value.
    Few(R),
    /// So many, each in an entry of its own.
    Many(u64),
}

impl<V: Value> Bag<V> {
    pub(crate) fn new(store: usize) -> Self {
        Self { store: Store::new(store), kinds: PhantomData }
    }

    /// All rows of a key, ordered by value.
    pub(crate) fn load(&mut self, state: &dyn State, key: &[u8]) -> Result<Rows<V>, Fault> {
        match self.read(state, key)? {
            Kept::Few(rows) => Ok(rows),
            Kept::Many(_) => self.many(state, key),
        }
    }

    fn many(&self, state: &dyn State, key: &[u8]) -> Result<Rows<V>, Fault> {
        let mut rows = Vec::new();
        self.store.scan_prefix(state, key, Direction::Forward, |value, weight| {
            // The first is the entry of the key itself.
            if !value.is_empty() {
                rows.push((decode_value(value)?, decode_value(weight)?));
            }
            Ok(ControlFlow::Continue(()))
        })?;
        rows.sort();
        Ok(rows)
    }

    pub(crate) fn add(
        &mut self,
        state: &mut dyn State,
        key: &[u8],
        changes: &[(V, i64)],
    ) -> Result<(), Fault> {
        if changes.is_empty() {
            return Ok(());
        }
        match self.read(state, key)? {
            Kept::Few(rows) => self.add_to_few(state, key, (rows, changes)),
            Kept::Many(count) => self.add_to_many(state, key, (count, changes)),
        }
    }

    fn add_to_few(
        &mut self,
        state: &mut dyn State,
        key: &[u8],
        (rows, changes): (Rows<V>, &[(V, i64)]),
    ) -> Result<(), Fault> {
        let rows = net(rows.into_iter().chain(changes.iter().cloned()).collect())?;
        if rows.iter().any(|(_, weight)| *weight < 0) {
            return Err(GONE.into());
        }
        if self.keep_few(state, key, &rows)? {
            return Ok(());
        }
        self.keep_count(state, key, rows.len() as u64)?;
        for (value, weight) in rows {
            self.store.write(state, &entry(key, &value), &weight)?;
        }
        Ok(())
    }

    fn add_to_many(
        &mut self,
        state: &mut dyn State,
        key: &[u8],
        (mut count, changes): (u64, &[(V, i64)]),
    ) -> Result<(), Fault> {
        for (value, weight) in changes {
            let (before, after) = self.store.add(state, &entry(key, value), *weight)?;
            count = count + u64::from(before == 0 && after > 0) - u64::from(before > 0 && after == 0);
        }
        if count > FEW as u64 {
            return self.keep_count(state, key, count);
        }
        let rows = self.many(state, key)?;
        if !self.keep_few(state, key, &rows)? {
            return self.keep_count(state, key, count);
        }
        rows.iter().try_for_each(|(value, _)| Ok(self.store.remove(state, &entry(key, value))?))
    }

    fn read(&mut self, state: &dyn State, key: &[u8]) -> Result<Kept<Rows<V>>, Fault> {
        Ok(self.store.read(state, key)?.unwrap_or(Kept::Few(Vec::new())))
    }

    fn keep_count(&mut self, state: &mut dyn State, key: &[u8], count: u64) -> Result<(), Fault> {
        Ok(self.store.write(state, key, &Kept::<()>::Many(count))?)
    }

    /// Whether they are few: then they are kept so.
    fn keep_few(&mut self, state: &mut dyn State, key: &[u8], rows: &Rows<V>) -> Result<bool, Fault> {
        if rows.is_empty() {
            self.store.remove(state, key)?;
            return Ok(true);
        }
        // One row is as large as it is, here or there.
        let bytes = if rows.len() == 1 { usize::MAX } else { FEW_BYTES };
        Ok(rows.len() <= FEW && self.store.write_within(state, key, &Kept::Few(rows), bytes)?)
    }
}

fn entry<V: Value>(key: &[u8], value: &V) -> Vec<u8> {
    let mut entry = key.to_vec();
    encode_value(value, &mut entry);
    entry
}
