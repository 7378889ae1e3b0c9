//! State in memory, for tests and for topologies that may forget.

use std::collections::BTreeMap;
use std::ops::{Bound, ControlFlow};

use crate::error::StateError;
use crate::state::{Direction, KeyRange, State, Visit};

type Store = BTreeMap<Vec<u8>, Vec<u8>>;

/// Store, key, and the value that was there.
type Overwritten = (usize, Vec<u8>, Option<Vec<u8>>);

/// Stores in memory that can take back what was written since [`Memory::mark`].
#[derive(Debug, Default)]
pub struct Memory {
    stores: Vec<Store>,
    undo: Option<Vec<Overwritten>>,
}

impl Memory {
    /// So many empty stores.
    pub fn new(stores: usize) -> Self {
        Self { stores: vec![Store::new(); stores], undo: None }
    }

    /// From here on writes can be taken back. A mark before this one is forgotten.
    pub fn mark(&mut self) {
        self.undo.get_or_insert_default().clear();
    }

    /// Takes back everything that was written since the mark.
    pub fn rollback(&mut self) {
        for (store, key, before) in self.undo.take().unwrap_or_default().into_iter().rev() {
            match before {
                Some(value) => self.stores[store].insert(key, value),
                None => self.stores[store].remove(&key),
            };
        }
    }

    /// All entries of a store, in order.
    pub fn entries(&self, store: usize) -> &BTreeMap<Vec<u8>, Vec<u8>> {
        &self.stores[store]
    }

    /// How many entries there are in all stores.
    pub fn len(&self) -> usize {
        self.stores.iter().map(Store::len).sum()
    }

    /// Whether nothing is stored.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl State for Memory {
    fn get(&self, store: usize, key: &[u8], into: &mut Vec<u8>) -> Result<bool, StateError> {
        let Some(value) = self.stores[store].get(key) else { return Ok(false) };
        into.extend_from_slice(value);
        Ok(true)
    }

    fn put(&mut self, store: usize, key: &[u8], value: Option<&[u8]>) -> Result<(), StateError> {
        if let Some(undo) = &mut self.undo {
            undo.push((store, key.to_vec(), self.stores[store].get(key).cloned()));
        }
        match value {
            Some(value) => match self.stores[store].get_mut(key) {
                Some(stored) => {
                    stored.clear();
                    stored.extend_from_slice(value);
                }
                None => {
                    self.stores[store].insert(key.to_vec(), value.to_vec());
                }
            },
            None => {
                self.stores[store].remove(key);
            }
        }
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
        let to = range.to.map_or(Bound::Unbounded, Bound::Excluded);
        let mut entries = self.stores[store].range::<[u8], _>((Bound::Included(range.from), to));
        let mut next = || match direction {
            Direction::Forward => entries.next(),
            Direction::Backward => entries.next_back(),
        };
        while let Some((key, value)) = next() {
            if visit(key, value) == ControlFlow::Break(()) {
                break;
            }
        }
        Ok(())
    }
}
