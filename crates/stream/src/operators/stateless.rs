//! Operators that look at one row at a time.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::key::Key;
use crate::node::{Binary, Context, Fault, Unary};
use crate::row::Row;
use crate::stream::{Described, Partitions, Stream};
use crate::value::Value;

impl<K: Key, V: Value> Stream<K, V> {
    /// Each row becomes one of another value under the same key.
    pub fn map_values<W: Value>(
        &self,
        name: &str,
        to: impl Fn(&K, &V) -> W + Send + Sync + 'static,
    ) -> Stream<K, W> {
        self.each(&Described::new(name, "map values", &[]), move |row, out| {
            out.push(with(row, row.key.clone(), to(&row.key, &row.value)));
        })
    }

    /// Each row becomes another under any key. Rows of one new key may then be on several partitions: what is kept for
    /// them is kept for each partition apart, until they are [repartitioned](Stream::repartition).
    pub fn map<K2: Key, W: Value>(
        &self,
        name: &str,
        to: impl Fn(&K, &V) -> (K2, W) + Send + Sync + 'static,
    ) -> Stream<K2, W> {
        self.rekeyed(&moving(name, "map", Partitions::Lost), to)
    }

    /// As [`map`](Stream::map), for new keys that tell the old one: (player) to (player, season). Rows of one new
    /// key had one old key, so they are on one partition.
    pub fn refine<K2: Key, W: Value>(
        &self,
        name: &str,
        to: impl Fn(&K, &V) -> (K2, W) + Send + Sync + 'static,
    ) -> Stream<K2, W> {
        self.rekeyed(&Described::new(name, "refine", &[]), to)
    }

    /// As [`map`](Stream::map), back to keys that the rows came from by [`map`](Stream::map) or
    /// [`flat_map`](Stream::flat_map), with no topic in between: rows of one key are still on the partition of that key.
    pub fn back<K2: Key, W: Value>(
        &self,
        name: &str,
        to: impl Fn(&K, &V) -> (K2, W) + Send + Sync + 'static,
    ) -> Stream<K2, W> {
        self.rekeyed(&moving(name, "back", Partitions::Found), to)
    }

    /// Keeps the rows for which `keep` holds.
    pub fn filter(&self, name: &str, keep: impl Fn(&K, &V) -> bool + Send + Sync + 'static) -> Stream<K, V> {
        self.each(&Described::new(name, "filter", &[]), move |row, out| {
            if keep(&row.key, &row.value) {
                out.push(row.clone());
            }
        })
    }

    /// Each row becomes any number of others under any keys, which are then on any partitions, as with
    /// [`map`](Stream::map).
    pub fn flat_map<K2: Key, W: Value, I: IntoIterator<Item = (K2, W)>>(
        &self,
        name: &str,
        to: impl Fn(&K, &V) -> I + Send + Sync + 'static,
    ) -> Stream<K2, W> {
        self.each(&moving(name, "flat map", Partitions::Lost), move |row, out| {
            out.extend(to(&row.key, &row.value).into_iter().map(|(key, value)| with(row, key, value)));
        })
    }

    /// Each row becomes any number of others under the same key.
    pub fn flat_map_values<W: Value, I: IntoIterator<Item = W>>(
        &self,
        name: &str,
        to: impl Fn(&K, &V) -> I + Send + Sync + 'static,
    ) -> Stream<K, W> {
        self.each(&Described::new(name, "flat map values", &[]), move |row, out| {
            out.extend(to(&row.key, &row.value).into_iter().map(|value| with(row, row.key.clone(), value)));
        })
    }

    /// The rows of both.
    pub fn merge(&self, name: &str, other: &Stream<K, V>) -> Stream<K, V> {
        self.binary(other, &Described::new(name, "merge", &[]), |_| Merge(PhantomData))
    }

    fn rekeyed<K2: Key, W: Value>(
        &self,
        described: &Described<'_>,
        to: impl Fn(&K, &V) -> (K2, W) + Send + Sync + 'static,
    ) -> Stream<K2, W> {
        self.each(described, move |row, out| {
            let (key, value) = to(&row.key, &row.value);
            out.push(with(row, key, value));
        })
    }

    fn each<K2: Key, W: Value>(
        &self,
        described: &Described<'_>,
        each: impl Fn(&Row<K, V>, &mut Vec<Row<K2, W>>) + Send + Sync + 'static,
    ) -> Stream<K2, W> {
        let each = Arc::new(each);
        self.unary(described, move |_| Each { each: Arc::clone(&each), kinds: PhantomData })
    }
}

fn moving<'a>(name: &'a str, kind: &str, partitions: Partitions) -> Described<'a> {
    Described { partitions, ..Described::new(name, kind, &[]) }
}

fn with<K, V, K2, W>(row: &Row<K, V>, key: K2, value: W) -> Row<K2, W> {
    Row { key, value, weight: row.weight }
}

struct Each<F, T> {
    each: Arc<F>,
    kinds: PhantomData<fn() -> T>,
}

impl<K, V, K2, W, F> Unary for Each<F, (K, V, K2, W)>
where
    K: Key,
    V: Value,
    K2: Key,
    W: Value,
    F: Fn(&Row<K, V>, &mut Vec<Row<K2, W>>) + Send + Sync,
{
    type InKey = K;
    type In = V;
    type OutKey = K2;
    type Out = W;

    fn apply(
        &mut self,
        rows: &mut Vec<Row<K, V>>,
        out: &mut Vec<Row<K2, W>>,
        _: &mut Context<'_>,
    ) -> Result<(), Fault> {
        for row in rows.iter() {
            (self.each)(row, out);
        }
        Ok(())
    }
}

struct Merge<T>(PhantomData<fn() -> T>);

impl<K: Key, V: Value> Binary for Merge<(K, V)> {
    type LeftKey = K;
    type Left = V;
    type RightKey = K;
    type Right = V;
    type OutKey = K;
    type Out = V;

    fn apply(
        &mut self,
        left: &mut Vec<Row<K, V>>,
        right: &mut Vec<Row<K, V>>,
        out: &mut Vec<Row<K, V>>,
        _: &mut Context<'_>,
    ) -> Result<(), Fault> {
        out.extend(left.iter().chain(right.iter()).cloned());
        Ok(())
    }
}
