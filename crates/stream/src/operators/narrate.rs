//! What is said of the rows that are there, by one who remembers what was said before.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::key::Key;
use crate::node::{Context, Fault, Unary};
use crate::operators::MachineState;
use crate::operators::bag::Bag;
use crate::operators::store::{Store, changes, each_key};
use crate::row::Row;
use crate::stream::{Described, Stream};
use crate::time::Time;
use crate::value::Value;

impl<K: Key, V: Value> Stream<K, V> {
    /// At each change of a key, `tell` sees all rows of it (each with its weight, which is above zero, ordered by value), the
    /// time of the cause, and what it remembers; what it says are rows that only come. So it can wait, choose, and take
    /// back what it said, as [`Stream::decisions`] cannot.
    ///
    /// What is said depends on arrival: it is outside what a recomputation gives. It is up to `tell` that what it said and did
    /// not take back agrees with the rows. Costs as much as the rows of a key are many, at each change of it.
    pub fn narrate<S: MachineState, D: Value>(
        &self,
        name: &str,
        tell: impl Fn(&mut S, &K, &[(V, i64)], Time) -> Vec<D> + Send + Sync + 'static,
    ) -> Stream<K, D> {
        let tell = Arc::new(tell);
        self.unary(&Described::new(name, "narrate", &["", "memory"]), move |stores| Narrate {
            rows: Bag::new(stores[0]),
            memory: Store::new(stores[1]),
            tell: Arc::clone(&tell),
            kinds: PhantomData,
        })
    }
}

struct Narrate<V, F, T> {
    rows: Bag<V>,
    /// Of each key, what is remembered.
    memory: Store,
    tell: Arc<F>,
    kinds: PhantomData<fn() -> T>,
}

impl<K, V, S, D, F> Unary for Narrate<V, F, (K, S, D)>
where
    K: Key,
    V: Value,
    S: MachineState,
    D: Value,
    F: Fn(&mut S, &K, &[(V, i64)], Time) -> Vec<D> + Send + Sync,
{
    type InKey = K;
    type In = V;
    type OutKey = K;
    type Out = D;

    fn apply(
        &mut self,
        rows: &mut Vec<Row<K, V>>,
        out: &mut Vec<Row<K, D>>,
        context: &mut Context<'_>,
    ) -> Result<(), Fault> {
        let at = context.cause.at;
        each_key(rows, |key, rows| {
            let changes = changes(rows)?;
            if changes.is_empty() {
                return Ok(());
            }
            let bytes = key.to_bytes();
            self.rows.add(context.state, &bytes, &changes)?;
            let all = self.rows.load(context.state, &bytes)?;
            let mut memory: S = self.memory.read(context.state, &bytes)?.unwrap_or_default();
            let said = (self.tell)(&mut memory, key, &all, at);
            self.memory.write(context.state, &bytes, &memory)?;
            out.extend(said.into_iter().map(|said| Row::comes(key.clone(), said)));
            Ok(())
        })
    }
}
