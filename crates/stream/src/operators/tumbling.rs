//! Windows of equal length, one after the other.
//!
//! Rows that are still in the future wait by their time; those that have occurred stand by window and key. So a window
//! that is no longer kept goes key by key, each with all its rows in one change.

use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::key::Key;
use crate::limits::WINDOW_ROWS_A_STEP;
use crate::node::{Binary, Context, Fault};
use crate::operators::queue::Queue;
use crate::operators::store::{Store, net, weighted};
use crate::row::Row;
use crate::state::State;
use crate::stream::{Described, Stream, Ticks};
use crate::time::Time;
use crate::value::{Value, decode_value, encode_value};

/// Windows of equal length that follow each other without gaps, from 1970-01-01T00:00:00Z on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tumbling {
    /// The length, in milliseconds. At least one.
    pub size_ms: u32,
    /// How many windows are kept, with the one that the clock is in. At least one.
    pub kept: u32,
}

impl Tumbling {
    fn start(self, at: Time) -> Time {
        at.saturating_add(-at.0.rem_euclid(i64::from(self.size_ms)))
    }

    /// The start of the oldest window that is kept.
    fn oldest(self, now: Time) -> Time {
        self.start(now).saturating_add(-i64::from(self.size_ms) * i64::from(self.kept - 1))
    }
}

impl<K: Key, V: Value> Stream<K, V> {
    /// The rows in the window that each occurred in: the key tells its start. A window is there with what has occurred
    /// in it until it is no longer kept; a row in the future enters when the clock passes it, and one for a window that is
    /// no longer kept never. Driven by the clock alone, and empty before the first tick.
    ///
    /// A tick changes at most [`WINDOW_ROWS_A_STEP`] rows, and those of one key more, before the instance asks for it
    /// [again](crate::Progress::Again). Rows enter in the order of their time. A window that is no longer kept goes key
    /// by key: until it has gone, what there still is under a key is whole.
    pub fn tumbling(
        &self,
        name: &str,
        ticks: &Ticks,
        tumbling: Tumbling,
        at: impl Fn(&K, &V) -> Time + Send + Sync + 'static,
    ) -> Stream<(K, Time), V> {
        let Tumbling { size_ms, kept } = tumbling;
        assert!(size_ms > 0 && kept > 0, "a window has a length, and one is kept");
        let at = Arc::new(at);
        let kind = format!("tumbling {size_ms} ms, {kept} kept");
        let described =
            Described::new(name, kind, &["rows", "rows-front", "future", "future-front", "clock"]);
        self.binary(&ticks.0, &described, move |stores| Windows {
            rows: Queue::new(stores[0], stores[1]),
            future: Queue::new(stores[2], stores[3]),
            clock: Store::new(stores[4]),
            tumbling,
            at: Arc::clone(&at),
            kinds: PhantomData::<fn() -> (K, V)>,
        })
    }
}

struct Windows<F, T> {
    /// Key and value by the start of their window.
    rows: Queue,
    /// Key and value by their time.
    future: Queue,
    clock: Store,
    tumbling: Tumbling,
    at: Arc<F>,
    kinds: PhantomData<T>,
}

impl<K: Key, V: Value, F: Fn(&K, &V) -> Time + Send + Sync> Binary for Windows<F, fn() -> (K, V)> {
    type LeftKey = K;
    type Left = V;
    type RightKey = ();
    type Right = Time;
    type OutKey = (K, Time);
    type Out = V;

    fn apply(
        &mut self,
        left: &mut Vec<Row<K, V>>,
        ticks: &mut Vec<Row<(), Time>>,
        out: &mut Vec<Row<(K, Time), V>>,
        context: &mut Context<'_>,
    ) -> Result<(), Fault> {
        let clock: Option<Time> = self.clock.read(context.state, &[])?;
        let changes = net(left.iter().map(|row| ((&row.key, &row.value), row.weight.get())).collect())?;
        for ((key, value), weight) in changes {
            let at = (self.at)(key, value);
            if clock.is_some_and(|clock| self.tumbling.start(at) < self.tumbling.oldest(clock)) {
                continue;
            }
            if clock.is_some_and(|clock| at <= clock) {
                self.enter(context.state, at, (key, value, weight), out)?;
            } else {
                self.future.add(context.state, &[], (at, &entry(key, value)), weight)?;
            }
        }
        let Some(tick) = ticks.iter().map(|row| row.value).max() else { return Ok(()) };
        let now = self.reachable(context.state, tick)?;
        self.clock.write(context.state, &[], &now)?;
        let entered = self.pass(context.state, now, out)?;
        let left = WINDOW_ROWS_A_STEP.saturating_sub(entered);
        let whole = self.expire(context.state, now, left, out)?;
        context.behind |= now < tick || !whole;
        Ok(())
    }
}

fn entry<K: Key, V: Value>(key: &K, value: &V) -> Vec<u8> {
    let mut entry = key.to_bytes();
    encode_value(value, &mut entry);
    entry
}

impl<K: Key, V: Value, F: Fn(&K, &V) -> Time> Windows<F, fn() -> (K, V)> {
    fn enter(
        &mut self,
        state: &mut dyn State,
        at: Time,
        (key, value, weight): (&K, &V, i64),
        out: &mut Vec<Row<(K, Time), V>>,
    ) -> Result<(), Fault> {
        let start = self.tumbling.start(at);
        self.rows.add(state, &[], (start, &entry(key, value)), weight)?;
        out.extend(weighted((key.clone(), start), value.clone(), weight));
        Ok(())
    }

    /// The latest instant, not after the tick, that no more rows than one step may are to enter until. At least the next
    /// one at which any does.
    fn reachable(&mut self, state: &dyn State, tick: Time) -> Result<Time, Fault> {
        let (mut first, mut count, mut now) = (None, 0, tick);
        self.future.scan(state, &[], (Time::MIN, tick), |at, _, _| {
            let first = *first.get_or_insert(at);
            count += 1;
            if count <= WINDOW_ROWS_A_STEP {
                return Ok(ControlFlow::Continue(()));
            }
            now = at.saturating_add(-1).max(first);
            Ok(ControlFlow::Break(()))
        })?;
        Ok(now)
    }

    /// Lets in what occurred until now and is still to be kept, and tells how much that is.
    fn pass(
        &mut self,
        state: &mut dyn State,
        now: Time,
        out: &mut Vec<Row<(K, Time), V>>,
    ) -> Result<usize, Fault> {
        let mut passed = Vec::new();
        self.future.take(state, &[], now, |at, entry, weight| {
            passed.push((at, entry.to_vec(), weight));
            Ok(true)
        })?;
        for (at, entry, weight) in &passed {
            let mut rest = entry.as_slice();
            let key = K::decode(&mut rest)?;
            if self.tumbling.start(*at) >= self.tumbling.oldest(now) {
                self.enter(state, *at, (&key, &decode_value(rest)?, *weight), out)?;
            }
        }
        Ok(passed.len())
    }

    /// Takes out what is no longer kept, key by key, until so many rows have gone. Tells whether that was all.
    fn expire(
        &mut self,
        state: &mut dyn State,
        now: Time,
        most: usize,
        out: &mut Vec<Row<(K, Time), V>>,
    ) -> Result<bool, Fault> {
        let (mut gone, mut last) = (0, None);
        let until = self.tumbling.oldest(now).saturating_add(-1);
        self.rows.take(state, &[], until, |start, mut entry, weight| {
            let key = (K::decode(&mut entry)?, start);
            if gone >= most && last.as_ref() != Some(&key) {
                return Ok(false);
            }
            gone += 1;
            out.extend(weighted(key.clone(), decode_value(entry)?, -weight));
            last = Some(key);
            Ok(true)
        })
    }
}
