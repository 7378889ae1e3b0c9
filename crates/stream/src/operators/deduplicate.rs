//! Rows that were there before are dropped, as long as they are remembered.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::error::Reason;
use crate::key::Key;
use crate::limits::CLEARED_A_STEP;
use crate::node::{Binary, Context, Fault};
use crate::operators::queue::Queue;
use crate::operators::store::{Store, each_key};
use crate::row::Row;
use crate::state::State;
use crate::stream::{Described, Stream, Ticks};
use crate::time::Time;
use crate::value::Value;

impl<K: Key, V: Value> Stream<K, V> {
    /// Of the rows of a key with the same id, the first that arrives. An id is remembered for `horizon_ms` after the
    /// time of its cause, or after the clock if that was later; then the clock forgets it, and the next row with this id
    /// is a first one again. A row of any weight comes once.
    ///
    /// Which of them is the first depends on arrival, so rows must not go: one that does is poison. Corrections are made
    /// to what comes before.
    pub fn deduplicate<D: Key>(
        &self,
        name: &str,
        ticks: &Ticks,
        horizon_ms: u32,
        id: impl Fn(&K, &V) -> D + Send + Sync + 'static,
    ) -> Stream<K, V> {
        let id = Arc::new(id);
        let described = Described::new(
            name,
            format!("deduplicate {horizon_ms} ms"),
            &["ids", "expiry", "front", "clock"],
        );
        self.binary(&ticks.0, &described, move |stores| Deduplicate {
            ids: Store::new(stores[0]),
            expiry: Queue::new(stores[1], stores[2]),
            clock: Store::new(stores[3]),
            horizon_ms: i64::from(horizon_ms),
            id: Arc::clone(&id),
            kinds: PhantomData::<fn() -> (K, V)>,
        })
    }
}

struct Deduplicate<F, T> {
    /// (key, id) to when it is forgotten.
    ids: Store,
    /// Key and id by when they are forgotten.
    expiry: Queue,
    clock: Store,
    horizon_ms: i64,
    id: Arc<F>,
    kinds: PhantomData<T>,
}

impl<K: Key, V: Value, D: Key, F: Fn(&K, &V) -> D + Send + Sync> Binary for Deduplicate<F, fn() -> (K, V)> {
    type LeftKey = K;
    type Left = V;
    type RightKey = ();
    type Right = Time;
    type OutKey = K;
    type Out = V;

    fn apply(
        &mut self,
        rows: &mut Vec<Row<K, V>>,
        ticks: &mut Vec<Row<(), Time>>,
        out: &mut Vec<Row<K, V>>,
        context: &mut Context<'_>,
    ) -> Result<(), Fault> {
        let mut clock: Option<Time> = self.clock.read(context.state, &[])?;
        if let Some(tick) = ticks.iter().map(|row| row.value).max() {
            clock = Some(tick);
            self.clock.write(context.state, &[], &tick)?;
            self.clear(context.state, tick)?;
        }
        let now = clock.unwrap_or(Time::MIN);
        let until = context.cause.at.max(now).saturating_add(self.horizon_ms);
        each_key(rows, |key, rows| {
            for row in rows {
                if row.weight.get() < 0 {
                    return Err(Reason::from("rows to be deduplicated only come").into());
                }
                let mut entry = key.to_bytes();
                (self.id)(key, &row.value).encode(&mut entry);
                if self.is_first(context.state, &entry, now, until)? {
                    out.push(Row::comes(key.clone(), row.value.clone()));
                }
            }
            Ok(())
        })
    }
}

impl<F, T> Deduplicate<F, T> {
    fn is_first(
        &mut self,
        state: &mut dyn State,
        entry: &[u8],
        now: Time,
        until: Time,
    ) -> Result<bool, Fault> {
        let known: Option<Time> = self.ids.read(state, entry)?;
        if known.is_some_and(|known| known > now) {
            return Ok(false);
        }
        if let Some(known) = known {
            self.expiry.add(state, &[], (known, entry), -1)?;
        }
        self.ids.write(state, entry, &until)?;
        self.expiry.add(state, &[], (until, entry), 1)?;
        Ok(true)
    }

    /// Clears away ids that count as forgotten already.
    fn clear(&mut self, state: &mut dyn State, now: Time) -> Result<(), Fault> {
        let mut gone = Vec::new();
        self.expiry.take(state, &[], now, |_, entry, _| {
            let goes = gone.len() < CLEARED_A_STEP;
            if goes {
                gone.push(entry.to_vec());
            }
            Ok(goes)
        })?;
        gone.iter().try_for_each(|entry| Ok(self.ids.remove(state, entry)?))
    }
}
