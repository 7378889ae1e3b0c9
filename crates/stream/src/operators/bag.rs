//! The rows of each key, in one entry while they are few: a key of a table has one row, and a look at it is then a look at one
//! entry.

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
const FEW: usize = 4;

/// How the rows of a key are kept: always so that the same rows are kept alike.
#[derive(Serialize, Deserialize)]
enum Kept<V> {
    /// Here, ordered by value.
    Few(Rows<V>),
    /// So many, each in an entry of its own.
    Many(u64),
}

impl<V: Value> Bag<V> {
    pub(crate) fn new(store: usize) -> Self {
        Self { store: Store::new(store), kinds: PhantomData }
    }

    /// All rows of a key, ordered by value.
    pub(crate) fn load(&mut self, state: &dyn State, key: &[u8]) -> Result<Rows<V>, Fault> {
        match self.store.read(state, key)? {
            None => Ok(Vec::new()),
            Some(Kept::Few(rows)) => Ok(rows),
            Some(Kept::Many(_)) => self.many(state, key),
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
        match self.store.read(state, key)?.unwrap_or(Kept::Few(Vec::new())) {
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
        if rows.len() <= FEW {
            return self.keep_few(state, key, rows);
        }
        self.store.write(state, key, &Kept::<V>::Many(rows.len() as u64))?;
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
            return Ok(self.store.write(state, key, &Kept::<V>::Many(count))?);
        }
        let rows = self.many(state, key)?;
        for (value, _) in &rows {
            self.store.remove(state, &entry(key, value))?;
        }
        self.keep_few(state, key, rows)
    }

    fn keep_few(&mut self, state: &mut dyn State, key: &[u8], rows: Rows<V>) -> Result<(), Fault> {
        if rows.is_empty() {
            return Ok(self.store.remove(state, key)?);
        }
        Ok(self.store.write(state, key, &Kept::Few(rows))?)
    }
}

fn entry<V: Value>(key: &[u8], value: &V) -> Vec<u8> {
    let mut entry = key.to_vec();
    encode_value(value, &mut entry);
    entry
}
