//! One store of one operator, with buffers that are used again.

use std::ops::ControlFlow;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Reason, StateError};
use crate::key::{Key, after_prefix};
use crate::node::Fault;
use crate::row::{OVERFLOW, Row, Weight};
use crate::state::{Direction, KeyRange, State};
use crate::value::{Value, decode_value, encode_value};

pub(crate) struct Store {
    index: usize,
    buffer: Vec<u8>,
}

impl Store {
    pub(crate) fn new(index: usize) -> Self {
        Self { index, buffer: Vec::new() }
    }

    pub(crate) fn read<T: DeserializeOwned>(
        &mut self,
        state: &dyn State,
        key: &[u8],
    ) -> Result<Option<T>, Fault> {
        self.buffer.clear();
        if !state.get(self.index, key, &mut self.buffer)? {
            return Ok(None);
        }
        Ok(Some(decode_value(&self.buffer)?))
    }

    pub(crate) fn write<T: Serialize>(
        &mut self,
        state: &mut dyn State,
        key: &[u8],
        value: &T,
    ) -> Result<(), StateError> {
        self.write_within(state, key, value, usize::MAX).map(|_| ())
    }

    /// Writes what takes at most so many bytes; whether it does.
    pub(crate) fn write_within<T: Serialize>(
        &mut self,
        state: &mut dyn State,
        key: &[u8],
        value: &T,
        bytes: usize,
    ) -> Result<bool, StateError> {
        self.buffer.clear();
        encode_value(value, &mut self.buffer);
        let fits = self.buffer.len() <= bytes;
        if fits {
            state.put(self.index, key, Some(&self.buffer))?;
        }
        Ok(fits)
    }

    pub(crate) fn remove(&self, state: &mut dyn State, key: &[u8]) -> Result<(), StateError> {
        state.put(self.index, key, None)
    }

    /// Adds to the weight that is stored under a key and tells it before and after. An entry of weight zero is none.
    pub(crate) fn add(
        &mut self,
        state: &mut dyn State,
        key: &[u8],
        weight: i64,
    ) -> Result<(i64, i64), Fault> {
        let before: i64 = self.read(state, key)?.unwrap_or(0);
        let after = before.checked_add(weight).ok_or(OVERFLOW)?;
        if after < 0 {
            return Err(GONE.into());
        }
        if after == 0 {
            self.remove(state, key)?;
        } else {
            self.write(state, key, &after)?;
        }
        Ok((before, after))
    }

    /// Visits the entries whose keys begin with `prefix`: the rest of the key, and the value.
    pub(crate) fn scan_prefix(
        &self,
        state: &dyn State,
        prefix: &[u8],
        direction: Direction,
        mut visit: impl FnMut(&[u8], &[u8]) -> Result<ControlFlow<()>, Fault>,
    ) -> Result<(), Fault> {
        let to = after_prefix(prefix);
        let range = KeyRange { from: prefix, to: to.as_deref() };
        self.scan(state, range, direction, |key, value| visit(&key[prefix.len()..], value))
    }

    pub(crate) fn scan(
        &self,
        state: &dyn State,
        range: KeyRange<'_>,
        direction: Direction,
        mut visit: impl FnMut(&[u8], &[u8]) -> Result<ControlFlow<()>, Fault>,
    ) -> Result<(), Fault> {
        let mut fault = None;
        state.scan(self.index, range, direction, &mut |key, value| match visit(key, value) {
            Ok(flow) => flow,
            Err(stopped) => {
                fault = Some(stopped);
                ControlFlow::Break(())
            }
        })?;
        fault.map_or(Ok(()), Err)
    }
}

/// A row may go only after it came.
pub(crate) const GONE: Reason = Reason::fixed("a row goes that is not there");

/// Calls for each key with all of its rows, in their order.
pub(crate) fn each_key<K: Key, V>(
    rows: &mut [Row<K, V>],
    mut each: impl FnMut(&K, &[Row<K, V>]) -> Result<(), Fault>,
) -> Result<(), Fault> {
    if !rows.is_sorted_by(|a, b| a.key <= b.key) {
        rows.sort_by(|a, b| a.key.cmp(&b.key));
    }
    rows.chunk_by(|a, b| a.key == b.key).try_for_each(|group| each(&group[0].key, group))
}

/// Values with how often they come or go.
pub(crate) type Changes<V> = Vec<(V, i64)>;

/// Calls for each key of either side with what changes on both.
pub(crate) fn each_key_of_both<K: Key, V: Clone + Ord, W: Clone + Ord>(
    left: &mut [Row<K, V>],
    right: &mut [Row<K, W>],
    mut each: impl FnMut(&K, Changes<V>, Changes<W>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    left.sort_by(|a, b| a.key.cmp(&b.key));
    right.sort_by(|a, b| a.key.cmp(&b.key));
    let (mut left, mut right) = (&*left, &*right);
    while let Some(key) =
        left.first().map(|row| &row.key).into_iter().chain(right.first().map(|row| &row.key)).min()
    {
        let (of_left, rest) = left.split_at(left.partition_point(|row| row.key <= *key));
        left = rest;
        let (of_right, rest) = right.split_at(right.partition_point(|row| row.key <= *key));
        right = rest;
        each(key, changes(of_left)?, changes(of_right)?)?;
    }
    Ok(())
}

/// What the rows of one key change.
pub(crate) fn changes<K, V: Clone + Ord>(rows: &[Row<K, V>]) -> Result<Changes<V>, Reason> {
    net(rows.iter().map(|row| (row.value.clone(), row.weight.get())).collect())
}

/// What goes when `before` becomes `after`, and what comes.
pub(crate) fn replace<K: Key, V: PartialEq>(
    key: &K,
    before: Option<V>,
    after: Option<V>,
    out: &mut Vec<Row<K, V>>,
) {
    if before == after {
        return;
    }
    out.extend(before.map(|value| Row::goes(key.clone(), value)));
    out.extend(after.map(|value| Row::comes(key.clone(), value)));
}

/// The weights of equal things added up, in order, without those that add up to nothing.
pub(crate) fn net<T: Ord>(mut parts: Vec<(T, i64)>) -> Result<Vec<(T, i64)>, Reason> {
    if parts.len() > 1 {
        parts.sort_by(|a, b| a.0.cmp(&b.0));
        let mut fits = true;
        parts.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                let sum = kept.1.checked_add(next.1);
                fits &= sum.is_some();
                kept.1 = sum.unwrap_or(0);
            }
            same
        });
        if !fits {
            return Err(OVERFLOW);
        }
    }
    parts.retain(|(_, weight)| *weight != 0);
    Ok(parts)
}

/// A row of this weight, if it is one.
pub(crate) fn weighted<K, V>(key: K, value: V, weight: i64) -> Option<Row<K, V>> {
    Weight::new(weight).map(|weight| Row { key, value, weight })
}

/// What changes, each row by its order and then its encoding.
pub(crate) fn placed<K, V: Value, O: Key>(
    rows: &[Row<K, V>],
    order: impl Fn(&V) -> O,
) -> Result<Vec<(Vec<u8>, i64)>, Reason> {
    let place = |row: &Row<K, V>| {
        let mut place = order(&row.value).to_bytes();
        encode_value(&row.value, &mut place);
        (place, row.weight.get())
    };
    net(rows.iter().map(place).collect())
}

/// The value that is encoded behind its order.
pub(crate) fn value_at<O: Key, V: Value>(mut place: &[u8]) -> Result<V, Fault> {
    O::decode(&mut place)?;
    Ok(decode_value(place)?)
}
