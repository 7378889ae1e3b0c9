//! Folds whose steps cannot be taken back.

use std::sync::Arc;

use crate::key::Key;
use crate::node::{Context, Fault, Unary};
use crate::operators::bag::Bag;
use crate::operators::store::{Store, changes, each_key, replace};
use crate::row::Row;
use crate::stream::{Described, Stream};
use crate::value::{Value, encode_value};

impl<K: Key, V: Value> Stream<K, V> {
    /// A table of what `reduce` makes of all rows of a key: each with its weight, which is above zero, ordered by value.
    /// It is not asked about keys without rows. Costs as much as the rows of a key are many, at each change of the
    /// key: for what can be taken back there is [`Stream::aggregate`], for the first and last ones [`Stream::top`].
    pub fn reduce<R: Value>(
        &self,
        name: &str,
        reduce: impl Fn(&K, &[(V, i64)]) -> Option<R> + Send + Sync + 'static,
    ) -> Stream<K, R> {
        let reduce = Arc::new(reduce);
        self.unary(&Described::new(name, "reduce", &["", "result"]), move |stores| Reduce {
            rows: Bag::new(stores[0]),
            result: Store::new(stores[1]),
            to: Arc::clone(&reduce),
            kinds: std::marker::PhantomData::<fn() -> (K, R)>,
        })
    }

    /// Each row that is there at all, once.
    pub fn distinct(&self, name: &str) -> Stream<K, V> {
        self.unary(&Described::new(name, "distinct", &[""]), |stores| Distinct {
            store: Store::new(stores[0]),
            kinds: std::marker::PhantomData,
        })
    }
}

struct Reduce<V, F, T> {
    rows: Bag<V>,
    result: Store,
    to: Arc<F>,
    kinds: std::marker::PhantomData<T>,
}

impl<K, V, R, F> Unary for Reduce<V, F, fn() -> (K, R)>
where
    K: Key,
    V: Value,
    R: Value,
    F: Fn(&K, &[(V, i64)]) -> Option<R> + Send + Sync,
{
    type InKey = K;
    type In = V;
    type OutKey = K;
    type Out = R;

    fn apply(
        &mut self,
        rows: &mut Vec<Row<K, V>>,
        out: &mut Vec<Row<K, R>>,
        context: &mut Context<'_>,
    ) -> Result<(), Fault> {
        each_key(rows, |key, rows| {
            let bytes = key.to_bytes();
            let changes = changes(rows)?;
            self.rows.add(context.state, &bytes, &changes)?;
            let all = self.rows.load(context.state, &bytes)?;
            let before: Option<R> = self.result.read(context.state, &bytes)?;
            let after = if all.is_empty() { None } else { (self.to)(key, &all) };
            match &after {
                Some(after) => self.result.write(context.state, &bytes, after)?,
                None => self.result.remove(context.state, &bytes)?,
            }
            replace(key, before, after, out);
            Ok(())
        })
    }
}

struct Distinct<T> {
    store: Store,
    kinds: std::marker::PhantomData<fn() -> T>,
}

impl<K: Key, V: Value> Unary for Distinct<(K, V)> {
    type InKey = K;
    type In = V;
    type OutKey = K;
    type Out = V;

    fn apply(
        &mut self,
        rows: &mut Vec<Row<K, V>>,
        out: &mut Vec<Row<K, V>>,
        context: &mut Context<'_>,
    ) -> Result<(), Fault> {
        each_key(rows, |key, rows| {
            for (value, weight) in changes(rows)? {
                let mut entry = key.to_bytes();
                encode_value(&value, &mut entry);
                match self.store.add(context.state, &entry, weight)? {
                    (0, _) => out.push(Row::comes(key.clone(), value)),
                    (_, 0) => out.push(Row::goes(key.clone(), value)),
                    (_, _) => {}
                }
            }
            Ok(())
        })
    }
}
