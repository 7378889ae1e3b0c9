//! Folds whose steps can be taken back.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::error::Reason;
use crate::key::Key;
use crate::node::{Context, Fault, Unary};
use crate::operators::store::{GONE, Store, each_key, replace};
use crate::row::{OVERFLOW, Row};
use crate::stream::{Described, Stream};
use crate::value::Value;

impl<K: Key, V: Value> Stream<K, V> {
    /// A table of accumulators, one for each key that has rows. `add` adds a row so many times, or takes it away so many
    /// times: with integers, what was added and taken away again leaves nothing. O(1) a row.
    ///
    /// A row that goes more often than it came is seen only when fewer than no rows would be left, or when the last one
    /// leaves an accumulator that is not the default one. Both are poison, as is what `add` refuses.
    pub fn aggregate<A: Value + Default>(
        &self,
        name: &str,
        add: impl Fn(&mut A, &V, i64) -> Result<(), Reason> + Send + Sync + 'static,
    ) -> Stream<K, A> {
        let add = Arc::new(add);
        self.unary(&Described::new(name, "aggregate", &[""]), move |stores| Aggregate {
            store: Store::new(stores[0]),
            key: Vec::new(),
            add: Arc::clone(&add),
            kinds: PhantomData,
        })
    }

    /// A table of the number of rows of each key that has some.
    pub fn count(&self, name: &str) -> Stream<K, i64> {
        self.aggregate(name, |count: &mut i64, _, weight| {
            *count = count.checked_add(weight).ok_or(OVERFLOW)?;
            Ok(())
        })
    }
}

struct Aggregate<F, T> {
    store: Store,
    key: Vec<u8>,
    add: Arc<F>,
    kinds: PhantomData<fn() -> T>,
}

impl<K, V, A, F> Unary for Aggregate<F, (K, V, A)>
where
    K: Key,
    V: Value,
    A: Value + Default,
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
            self.key.clear();
            key.encode(&mut self.key);
            let stored: Option<(i64, A)> = self.store.read(context.state, &self.key)?;
            let (mut count, mut sum) = stored.clone().unwrap_or_default();
            for row in rows {
                (self.add)(&mut sum, &row.value, row.weight.get())?;
                count = count.checked_add(row.weight.get()).ok_or(OVERFLOW)?;
            }
            let after = match count {
                ..0 => return Err(GONE.into()),
                0 if sum != A::default() => return Err(GONE.into()),
                0 => None,
                1.. => Some((count, sum)),
            };
            match &after {
                None => self.store.remove(context.state, &self.key)?,
                Some(after) => self.store.write(context.state, &self.key, after)?,
            }
            replace(key, stored.map(|(_, sum)| sum), after.map(|(_, sum)| sum), out);
            Ok(())
        })
    }
}
