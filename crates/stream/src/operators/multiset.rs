//! The rows of each key, with how often they are there.

use std::marker::PhantomData;
use std::ops::ControlFlow;

use crate::node::Fault;
use crate::operators::store::Store;
use crate::state::{Direction, State};
use crate::value::{Value, decode_value, encode_value};

/// Entries are (key, value) to weight.
pub(crate) struct Multiset<V> {
    store: Store,
    key: Vec<u8>,
    kinds: PhantomData<fn() -> V>,
}

impl<V: Value> Multiset<V> {
    pub(crate) fn new(store: usize) -> Self {
        Self { store: Store::new(store), key: Vec::new(), kinds: PhantomData }
    }

    /// All rows of a key, ordered by value.
    pub(crate) fn load(&self, state: &dyn State, key: &[u8]) -> Result<Vec<(V, i64)>, Fault> {
        let mut rows = Vec::new();
        self.store.scan_prefix(state, key, Direction::Forward, |value, weight| {
            rows.push((decode_value(value)?, decode_value(weight)?));
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
        for (value, weight) in changes {
            self.key.clear();
            self.key.extend_from_slice(key);
            encode_value(value, &mut self.key);
            self.store.add(state, &self.key, *weight)?;
        }
        Ok(())
    }
}
