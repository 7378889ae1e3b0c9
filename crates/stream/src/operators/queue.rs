//! Entries by time, of which the earliest go.
//!
//! A store keeps a mark of what went for long: whoever looks for its first entry passes them all, and pays for what ever was
//! there. So where the entries begin is remembered beside them.

use std::ops::ControlFlow;

use crate::key::{Key, after_prefix};
use crate::node::Fault;
use crate::operators::store::Store;
use crate::state::{Direction, KeyRange, State};
use crate::time::Time;
use crate::value::decode_value;

pub(crate) struct Queue {
    /// (lane, time, entry) to weight.
    entries: Store,
    /// Lane to a time before which it has no entry.
    fronts: Store,
}

impl Queue {
    pub(crate) fn new(entries: usize, fronts: usize) -> Self {
        Queue { entries: Store::new(entries), fronts: Store::new(fronts) }
    }

    /// Adds to the weight of an entry.
    pub(crate) fn add(
        &mut self,
        state: &mut dyn State,
        lane: &[u8],
        (at, entry): (Time, &[u8]),
        weight: i64,
    ) -> Result<(), Fault> {
        let front: Option<Time> = self.fronts.read(state, lane)?;
        if front.is_none_or(|front| at < front) {
            self.fronts.write(state, lane, &at)?;
        }
        self.entries.add(state, &[lane, &at.to_bytes(), entry].concat(), weight)?;
        Ok(())
    }

    /// The lanes that ever had an entry.
    pub(crate) fn lanes<L: Key>(&self, state: &dyn State) -> Result<Vec<L>, Fault> {
        let mut lanes = Vec::new();
        self.fronts.scan_prefix(state, &[], Direction::Forward, |mut lane, _| {
            lanes.push(L::decode(&mut lane)?);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(lanes)
    }

    /// Visits the entries from one time on and not after another: time, entry and weight.
    pub(crate) fn scan(
        &mut self,
        state: &dyn State,
        lane: &[u8],
        (from, until): (Time, Time),
        mut visit: impl FnMut(Time, &[u8], i64) -> Result<ControlFlow<()>, Fault>,
    ) -> Result<(), Fault> {
        let Some(front) = self.fronts.read::<Time>(state, lane)? else { return Ok(()) };
        let place = |at: Time| [lane, &at.to_bytes()].concat();
        let end = until.0.checked_add(1).map(|end| place(Time(end))).or_else(|| after_prefix(lane));
        let range = KeyRange { from: &place(from.max(front)), to: end.as_deref() };
        self.entries.scan(state, range, Direction::Forward, |key, weight| {
            let mut entry = &key[lane.len()..];
            let at = Time::decode(&mut entry)?;
            visit(at, entry, decode_value(weight)?)
        })
    }

    /// Takes the entries that are not after a time, the earliest first, for as long as `goes` says so. Whether that was all.
    pub(crate) fn take(
        &mut self,
        state: &mut dyn State,
        lane: &[u8],
        until: Time,
        mut goes: impl FnMut(Time, &[u8], i64) -> Result<bool, Fault>,
    ) -> Result<bool, Fault> {
        let (mut gone, mut stays) = (Vec::new(), None);
        self.scan(state, lane, (Time::MIN, until), |at, entry, weight| {
            if goes(at, entry, weight)? {
                gone.push([lane, &at.to_bytes(), entry].concat());
                Ok(ControlFlow::Continue(()))
            } else {
                stays = Some(at);
                Ok(ControlFlow::Break(()))
            }
        })?;
        if !gone.is_empty() {
            gone.iter().try_for_each(|entry| self.entries.remove(state, entry))?;
            self.fronts.write(state, lane, &stays.unwrap_or(until.saturating_add(1)))?;
        }
        Ok(stays.is_none())
    }
}
