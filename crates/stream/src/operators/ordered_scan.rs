//! Each row with what the rows before it come to.

use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::error::Reason;
use crate::key::{Key, after_prefix};
use crate::node::{Context, Fault, Unary};
use crate::operators::store::{GONE, Store, each_key, placed, value_at, weighted};
use crate::row::{OVERFLOW, Row};
use crate::state::{Direction, KeyRange, State};
use crate::stream::{Described, Stream};
use crate::value::{Value, decode_value};

impl<K: Key, V: Value> Stream<K, V> {
    /// Each row beside the accumulator after it: the fold of the rows of its key up to it, in the order of `order`, then of
    /// their encoding. `step` takes a row with its weight, which is above zero; what it refuses is poison.
    ///
    /// A row after all others costs O(1), whatever the history. Any other change costs the rows from it on whose accumulator
    /// becomes another. An accumulator is kept for every row.
    pub fn ordered_scan<O: Key, A: Value + Default>(
        &self,
        name: &str,
        order: impl Fn(&K, &V) -> O + Send + Sync + 'static,
        step: impl Fn(&mut A, &V, i64) -> Result<(), Reason> + Send + Sync + 'static,
    ) -> Stream<K, (V, A)> {
        let (order, step) = (Arc::new(order), Arc::new(step));
        self.unary(&Described::new(name, "ordered scan", &["rows"]), move |stores| OrderedScan {
            rows: Store::new(stores[0]),
            order: Arc::clone(&order),
            step: Arc::clone(&step),
            kinds: PhantomData::<fn() -> (K, V, O, A)>,
        })
    }
}

/// Entries are (key, order, value) to weight and the accumulator after it; `None` in one that is new.
struct OrderedScan<G, F, T> {
    rows: Store,
    order: Arc<G>,
    step: Arc<F>,
    kinds: PhantomData<T>,
}

/// How often a row is there, and the accumulator after it.
type Entry<A> = (i64, Option<A>);

/// Entries by order and value.
type Entries<A> = Vec<(Vec<u8>, Entry<A>)>;

impl<K, V, O, A, G, F> Unary for OrderedScan<G, F, fn() -> (K, V, O, A)>
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
    type Out = (V, A);

    fn apply(
        &mut self,
        rows: &mut Vec<Row<K, V>>,
        out: &mut Vec<Row<K, (V, A)>>,
        context: &mut Context<'_>,
    ) -> Result<(), Fault> {
        each_key(rows, |key, rows| {
            let bytes = key.to_bytes();
            let changes = placed(rows, |value| (self.order)(key, value))?;
            let (Some((earliest, _)), Some((latest, _))) = (changes.first(), changes.last()) else {
                return Ok(());
            };
            for (place, weight) in &changes {
                self.change(context.state, (key, &bytes), (place, *weight), out)?;
            }
            for (place, entry) in self.refold(context.state, (key, &bytes), (earliest, latest), out)? {
                self.rows.write(context.state, &[&bytes[..], &place].concat(), &entry)?;
            }
            Ok(())
        })
    }
}

impl<K, V, O, A, G, F> OrderedScan<G, F, fn() -> (K, V, O, A)>
where
    K: Key,
    V: Value,
    O: Key,
    A: Value + Default,
    F: Fn(&mut A, &V, i64) -> Result<(), Reason>,
{
    /// Takes what was said of a row back, and stores how often it is there now.
    fn change(
        &mut self,
        state: &mut dyn State,
        (key, bytes): (&K, &[u8]),
        (place, weight): (&[u8], i64),
        out: &mut Vec<Row<K, (V, A)>>,
    ) -> Result<(), Fault> {
        let entry = [bytes, place].concat();
        let (before, said): Entry<A> = self.rows.read(state, &entry)?.unwrap_or_default();
        if let Some(accumulator) = said {
            out.extend(weighted(key.clone(), (value_at::<O, V>(place)?, accumulator), -before));
        }
        match before.checked_add(weight).ok_or(OVERFLOW)? {
            ..0 => return Err(GONE.into()),
            0 => self.rows.remove(state, &entry)?,
            after => self.rows.write(state, &entry, &(after, None::<A>))?,
        }
        Ok(())
    }

    /// Folds on from the row before `earliest` until, behind `latest`, an accumulator is what it was: the entries to write.
    fn refold(
        &self,
        state: &dyn State,
        (key, bytes): (&K, &[u8]),
        (earliest, latest): (&[u8], &[u8]),
        out: &mut Vec<Row<K, (V, A)>>,
    ) -> Result<Entries<A>, Fault> {
        let from = [bytes, earliest].concat();
        let mut accumulator = A::default();
        let earlier = KeyRange { from: bytes, to: Some(&from) };
        self.rows.scan(state, earlier, Direction::Backward, |_, value| {
            accumulator = decode_value::<Entry<A>>(value)?.1.unwrap_or_default();
            Ok(ControlFlow::Break(()))
        })?;
        let (to, mut entries) = (after_prefix(bytes), Vec::new());
        let range = KeyRange { from: &from, to: to.as_deref() };
        self.rows.scan(state, range, Direction::Forward, |entry, value| {
            let (place, (weight, said)) = (&entry[bytes.len()..], decode_value::<Entry<A>>(value)?);
            let row = value_at::<O, V>(place)?;
            (self.step)(&mut accumulator, &row, weight)?;
            if said.as_ref() == Some(&accumulator) {
                let is_behind = place > latest;
                return Ok(if is_behind { ControlFlow::Break(()) } else { ControlFlow::Continue(()) });
            }
            out.extend(said.and_then(|said| weighted(key.clone(), (row.clone(), said), -weight)));
            out.extend(weighted(key.clone(), (row, accumulator.clone()), weight));
            entries.push((place.to_vec(), (weight, Some(accumulator.clone()))));
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(entries)
    }
}
