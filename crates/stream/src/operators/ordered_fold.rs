//! Folds in an order that is not that of arrival.
//!
//! Rows stand in an index by key and order. Every few rows the accumulator is kept beside its row; a change folds again from
//! the last one kept before the earliest row that changed, until the accumulator is what was kept before, or to the end.

use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::ops::ControlFlow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::Reason;
use crate::key::{Key, after_prefix};
use crate::node::{Context, Fault, Unary};
use crate::operators::store::{GONE, Store, each_key, placed, replace, value_at};
use crate::row::{OVERFLOW, Row};
use crate::state::{Direction, KeyRange, State};
use crate::stream::{Described, Stream};
use crate::value::{Value, decode_value};

impl<K: Key, V: Value> Stream<K, V> {
    /// A table of accumulators, each the fold of the rows of its key in the order of `order`, then of their encoding.
    /// `step` takes a row with its weight, which is above zero; what it refuses is poison.
    ///
    /// A row after all others costs O(1), whatever the history. Any other change costs the rows from it on, or fewer if
    /// the accumulator soon is as it was; taking back the last row costs at most `every` rows, as does finding where to
    /// begin. An accumulator is kept for every `every` rows.
    pub fn ordered_fold<O: Key, A: Value + Default>(
        &self,
        name: &str,
        every: NonZeroU32,
        order: impl Fn(&K, &V) -> O + Send + Sync + 'static,
        step: impl Fn(&mut A, &V, i64) -> Result<(), Reason> + Send + Sync + 'static,
    ) -> Stream<K, A> {
        let (order, step) = (Arc::new(order), Arc::new(step));
        self.unary(&Described::new(name, "ordered fold", &["rows", "head"]), move |stores| OrderedFold {
            rows: Store::new(stores[0]),
            head: Store::new(stores[1]),
            every: every.get(),
            order: Arc::clone(&order),
            step: Arc::clone(&step),
            kinds: PhantomData::<fn() -> (K, V, O, A)>,
        })
    }
}

/// The end of a key's rows.
#[derive(Clone, Serialize, Deserialize)]
struct Head<A> {
    /// Order and value of the last row; `None` before the first.
    last: Option<Vec<u8>>,
    /// How many rows there are after the last accumulator that was kept.
    since: u32,
    accumulator: A,
}

impl<A: Default> Default for Head<A> {
    fn default() -> Self {
        Self { last: None, since: 0, accumulator: A::default() }
    }
}

/// A row: how often it is there, and the accumulator after it if it is kept.
type Entry<A> = (i64, Option<A>);

struct OrderedFold<G, F, T> {
    rows: Store,
    head: Store,
    every: u32,
    order: Arc<G>,
    step: Arc<F>,
    kinds: PhantomData<T>,
}

impl<K, V, O, A, G, F> Unary for OrderedFold<G, F, fn() -> (K, V, O, A)>
where
    K: Key,
    V: Value,
    O: Key,
    A: Value + Default,
    G: Fn(&K, &V) -> O + Send + Sync,
    F: Fn(&mut A, &V, i64) -> Result<(), Reason> + Send + Sync,
{
    type InKey = K;
    type In = V;
    type OutKey = K;
    type Out = A;

    fn apply(
        &mut self,
        rows: &mut Vec<Row<K, V>>,
        out: &mut Vec<Row<K, A>>,
        context: &mut Context<'_>,
    ) -> Result<(), Fault> {
        each_key(rows, |key, rows| {
            let bytes = key.to_bytes();
            let changes = placed(rows, |value| (self.order)(key, value))?;
            let Some((earliest, _)) = changes.first() else { return Ok(()) };
            let before: Option<Head<A>> = self.head.read(context.state, &bytes)?;
            let after = if before.as_ref().is_none_or(|head| Some(earliest) > head.last.as_ref()) {
                Some(self.append(context.state, &bytes, before.clone(), &changes)?)
            } else {
                self.fold_again(context.state, &bytes, before.as_ref(), &changes)?
            };
            match &after {
                Some(head) => self.head.write(context.state, &bytes, head)?,
                None => self.head.remove(context.state, &bytes)?,
            }
            replace(key, before.map(|head| head.accumulator), after.map(|head| head.accumulator), out);
            Ok(())
        })
    }
}

impl<K, V, O, A, G, F> OrderedFold<G, F, fn() -> (K, V, O, A)>
where
    V: Value,
    O: Key,
    A: Value + Default,
    F: Fn(&mut A, &V, i64) -> Result<(), Reason>,
{
    fn append(
        &mut self,
        state: &mut dyn State,
        key: &[u8],
        head: Option<Head<A>>,
        changes: &[(Vec<u8>, i64)],
    ) -> Result<Head<A>, Fault> {
        let mut head = head.unwrap_or_default();
        for (place, weight) in changes {
            if *weight < 0 {
                return Err(GONE.into());
            }
            (self.step)(&mut head.accumulator, &value_at::<O, V>(place)?, *weight)?;
            head.since += 1;
            let kept = (head.since >= self.every).then(|| head.accumulator.clone());
            head.since = if kept.is_some() { 0 } else { head.since };
            self.rows.write(state, &[key, place].concat(), &(*weight, kept))?;
            head.last = Some(place.clone());
        }
        Ok(head)
    }

    fn fold_again(
        &mut self,
        state: &mut dyn State,
        key: &[u8],
        before: Option<&Head<A>>,
        changes: &[(Vec<u8>, i64)],
    ) -> Result<Option<Head<A>>, Fault> {
        let (Some((earliest, _)), Some((latest, _))) = (changes.first(), changes.last()) else {
            return Ok(before.cloned());
        };
        for (place, weight) in changes {
            self.change(state, &[key, place].concat(), *weight)?;
        }
        let start = self.kept_before(state, key, earliest)?;
        let Refolded { head, kept, met } = self.refold(state, key, start, latest)?;
        for (place, entry) in kept {
            self.rows.write(state, &[key, &place].concat(), &entry)?;
        }
        if met { Ok(before.cloned()) } else { Ok(head.last.is_some().then_some(head)) }
    }

    fn change(&mut self, state: &mut dyn State, entry: &[u8], weight: i64) -> Result<(), Fault> {
        let (count, kept): Entry<A> = self.rows.read(state, entry)?.unwrap_or_default();
        match count.checked_add(weight).ok_or(OVERFLOW)? {
            ..0 => return Err(GONE.into()),
            0 => self.rows.remove(state, entry)?,
            count => self.rows.write(state, entry, &(count, kept))?,
        }
        Ok(())
    }

    /// The last row before a place whose accumulator is kept; the very beginning if there is none.
    fn kept_before(&self, state: &dyn State, key: &[u8], place: &[u8]) -> Result<Head<A>, Fault> {
        let to = [key, place].concat();
        let mut start = Head::default();
        let range = KeyRange { from: key, to: Some(&to) };
        self.rows.scan(state, range, Direction::Backward, |entry, value| {
            let (_, kept): Entry<A> = decode_value(value)?;
            let Some(accumulator) = kept else { return Ok(ControlFlow::Continue(())) };
            start = Head { last: Some(entry[key.len()..].to_vec()), since: 0, accumulator };
            Ok(ControlFlow::Break(()))
        })?;
        Ok(start)
    }

    /// Folds on from `head` until an accumulator after `latest` is the one that is kept there, or to the end.
    fn refold(
        &self,
        state: &dyn State,
        key: &[u8],
        head: Head<A>,
        latest: &[u8],
    ) -> Result<Refolded<A>, Fault> {
        let from = match &head.last {
            None => key.to_vec(),
            Some(last) => [key, last, &[0]].concat(),
        };
        let to = after_prefix(key);
        let mut refolded = Refolded { head, kept: Vec::new(), met: false };
        let range = KeyRange { from: &from, to: to.as_deref() };
        self.rows.scan(state, range, Direction::Forward, |entry, value| {
            let (place, (weight, kept)) = (&entry[key.len()..], decode_value::<Entry<A>>(value)?);
            let head = &mut refolded.head;
            (self.step)(&mut head.accumulator, &value_at::<O, V>(place)?, weight)?;
            place.clone_into(head.last.get_or_insert_default());
            head.since += 1;
            if place > latest && kept.as_ref() == Some(&head.accumulator) {
                refolded.met = true;
                return Ok(ControlFlow::Break(()));
            }
            if kept.is_some() || head.since >= self.every {
                head.since = 0;
                refolded.kept.push((place.to_vec(), (weight, Some(head.accumulator.clone()))));
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(refolded)
    }
}

struct Refolded<A> {
    head: Head<A>,
    /// The rows beside which an accumulator is to be kept.
    kept: Vec<(Vec<u8>, Entry<A>)>,
    /// Whether all later rows are as they were.
    met: bool,
}
