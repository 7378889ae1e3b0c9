//! How many rows come before a place, without counting them.
//!
//! A tree over the half bytes of the places: a node counts what is below each of its sixteen children, and stands only
//! where there are more than [`LEAF_MAX`] entries. Below that the index itself is scanned. So finding a rank and changing
//! a row cost no more than the half bytes of a place.

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use crate::key::after_prefix;
use crate::node::Fault;
use crate::operators::store::Store;
use crate::state::{Direction, KeyRange, State};
use crate::value::decode_value;

/// A leaf with more entries is split.
const LEAF_MAX: u64 = 32;
/// A node with no more entries becomes a leaf again. Less than half, so that no row to and fro splits each time.
const NODE_MIN: u64 = 12;

#[derive(Default, Clone, Copy, Serialize, Deserialize)]
struct Child {
    entries: u64,
    weight: i64,
}

#[derive(Default, Serialize, Deserialize)]
struct Node([Child; 16]);

impl Node {
    fn entries(&self) -> u64 {
        self.0.iter().map(|child| child.entries).sum()
    }
}

/// An index of places, none of which begins another, each with a weight above zero.
pub(crate) struct Ranks {
    rows: Store,
    nodes: Store,
}

fn half_byte(place: &[u8], depth: usize) -> Option<u8> {
    place.get(depth / 2).map(|byte| if depth.is_multiple_of(2) { byte >> 4 } else { byte & 15 })
}

impl Ranks {
    pub(crate) fn new(rows: usize, nodes: usize) -> Self {
        Self { rows: Store::new(rows), nodes: Store::new(nodes) }
    }

    pub(crate) fn add(
        &mut self,
        state: &mut dyn State,
        key: &[u8],
        place: &[u8],
        weight: i64,
    ) -> Result<(), Fault> {
        let (before, after) = self.rows.add(state, &[key, place].concat(), weight)?;
        let change = i64::from(after > 0) - i64::from(before > 0);
        let mut path = key.to_vec();
        loop {
            let Some(mut node) = self.nodes.read::<Node>(state, &path)? else { break };
            let half = half_byte(place, path.len() - key.len()).ok_or(Fault::Corrupt)?;
            let child = &mut node.0[usize::from(half)];
            child.entries = child.entries.checked_add_signed(change).ok_or(Fault::Corrupt)?;
            child.weight += weight;
            if node.entries() <= NODE_MIN {
                self.nodes.remove(state, &path)?;
            } else {
                self.nodes.write(state, &path, &node)?;
            }
            path.push(half);
        }
        if change > 0 { self.split(state, key, path, place) } else { Ok(()) }
    }

    /// Makes nodes of leaves that have become too large, from `path` towards `place`.
    fn split(
        &mut self,
        state: &mut dyn State,
        key: &[u8],
        mut path: Vec<u8>,
        place: &[u8],
    ) -> Result<(), Fault> {
        loop {
            let mut node = Node::default();
            let depth = path.len() - key.len();
            let (from, to) = bounds(key, &path[key.len()..]);
            let range = KeyRange { from: &from, to: to.as_deref() };
            let mut entries = 0;
            self.rows.scan(state, range, Direction::Forward, |entry, weight| {
                if let Some(half) = half_byte(&entry[key.len()..], depth) {
                    let child = &mut node.0[usize::from(half)];
                    child.entries += 1;
                    child.weight += decode_value::<i64>(weight)?;
                }
                entries += 1;
                Ok(ControlFlow::Continue(()))
            })?;
            if entries <= LEAF_MAX {
                return Ok(());
            }
            self.nodes.write(state, &path, &node)?;
            path.push(half_byte(place, depth).ok_or(Fault::Corrupt)?);
        }
    }

    /// The weight of all places before this one.
    pub(crate) fn before(&mut self, state: &dyn State, key: &[u8], place: &[u8]) -> Result<i64, Fault> {
        let (mut path, mut sum) = (key.to_vec(), 0);
        while let Some(node) = self.nodes.read::<Node>(state, &path)? {
            let Some(half) = half_byte(place, path.len() - key.len()) else { return Ok(sum) };
            sum += node.0[..usize::from(half)].iter().map(|child| child.weight).sum::<i64>();
            path.push(half);
        }
        let (from, _) = bounds(key, &path[key.len()..]);
        let to = [key, place].concat();
        self.rows.scan(state, KeyRange { from: &from, to: Some(&to) }, Direction::Forward, |_, weight| {
            sum += decode_value::<i64>(weight)?;
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(sum)
    }

    /// The weight of all places.
    pub(crate) fn total(&mut self, state: &dyn State, key: &[u8]) -> Result<i64, Fault> {
        if let Some(node) = self.nodes.read::<Node>(state, key)? {
            return Ok(node.0.iter().map(|child| child.weight).sum());
        }
        let mut sum = 0;
        self.rows.scan_prefix(state, key, Direction::Forward, |_, weight| {
            sum += decode_value::<i64>(weight)?;
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(sum)
    }

    /// The place that so much weight comes before; `None` behind the last.
    pub(crate) fn nth(
        &mut self,
        state: &dyn State,
        key: &[u8],
        mut before: i64,
    ) -> Result<Option<Vec<u8>>, Fault> {
        let mut path = key.to_vec();
        'down: while let Some(node) = self.nodes.read::<Node>(state, &path)? {
            for (half, child) in (0..).zip(&node.0) {
                if before < child.weight {
                    path.push(half);
                    continue 'down;
                }
                before -= child.weight;
            }
            return Ok(None);
        }
        let (from, to) = bounds(key, &path[key.len()..]);
        let mut found = None;
        let range = KeyRange { from: &from, to: to.as_deref() };
        self.rows.scan(state, range, Direction::Forward, |entry, weight| {
            before -= decode_value::<i64>(weight)?;
            if before >= 0 {
                return Ok(ControlFlow::Continue(()));
            }
            found = Some(entry[key.len()..].to_vec());
            Ok(ControlFlow::Break(()))
        })?;
        Ok(found)
    }
}

/// The range of all entries of a key whose places begin with these half bytes.
fn bounds(key: &[u8], halves: &[u8]) -> (Vec<u8>, Option<Vec<u8>>) {
    let (pairs, last) = halves.as_chunks::<2>();
    let mut from = key.to_vec();
    from.extend(pairs.iter().map(|[high, low]| high << 4 | low));
    let [high] = last else {
        let to = after_prefix(&from);
        return (from, to);
    };
    let mut to = from.clone();
    from.push(high << 4);
    if *high == 15 {
        return (from, after_prefix(&to));
    }
    to.push((high + 1) << 4);
    (from, Some(to))
}
