//! Rows of two streams under one key, side by side.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::key::Key;
use crate::node::{Binary, Context, Fault};
use crate::operators::bag::Bag;
use crate::operators::store::{Changes, each_key_of_both, net};
use crate::row::{Row, Weight};
use crate::stream::{Described, Stream};
use crate::value::Value;

impl<K: Key, V: Value> Stream<K, V> {
    /// Each row with each row that the other has under the same key. Both sides are kept, so a row of either side that
    /// comes late, or goes, changes what was joined before: this is the join of a stream with a table and that of two
    /// tables alike. What a stream's side keeps is bounded by a window before the join.
    ///
    /// Costs as much as the rows that are joined anew: a change of a table is as dear as its key has rows on the
    /// stream's side. Both are to be partitioned alike: by the bytes of this key, or both by an older key that it
    /// tells ([`Stream::refine`]).
    pub fn join<W: Value, X: Value>(
        &self,
        name: &str,
        other: &Stream<K, W>,
        to: impl Fn(&K, &V, &W) -> X + Send + Sync + 'static,
    ) -> Stream<K, X> {
        self.joined(
            &Described::new(name, "join", &["left", "right"]),
            other,
            move |rows| rows.into_iter().map(|(row, weight)| (Some(row), weight)).collect(),
            move |key, left, right: Option<&W>| right.map(|right| to(key, left, right)),
        )
    }

    /// As [`Stream::join`]; a row for which the other has none is there with `None`.
    pub fn left_join<W: Value, X: Value>(
        &self,
        name: &str,
        other: &Stream<K, W>,
        to: impl Fn(&K, &V, Option<&W>) -> X + Send + Sync + 'static,
    ) -> Stream<K, X> {
        self.joined(
            &Described::new(name, "left join", &["left", "right"]),
            other,
            |rows| {
                if rows.is_empty() {
                    return vec![(None, 1)];
                }
                rows.into_iter().map(|(row, weight)| (Some(row), weight)).collect()
            },
            move |key, left, right| Some(to(key, left, right)),
        )
    }

    fn joined<W: Value, X: Value>(
        &self,
        described: &Described<'_>,
        other: &Stream<K, W>,
        fill: impl Fn(Vec<(W, i64)>) -> Vec<(Option<W>, i64)> + Send + Sync + 'static,
        to: impl Fn(&K, &V, Option<&W>) -> Option<X> + Send + Sync + 'static,
    ) -> Stream<K, X> {
        self.needs_partitions(described.name);
        other.needs_partitions(described.name);
        let (fill, to) = (Arc::new(fill), Arc::new(to));
        self.binary(other, described, move |stores| Join {
            left: Bag::new(stores[0]),
            right: Bag::new(stores[1]),
            fill: Arc::clone(&fill),
            to: Arc::clone(&to),
            kinds: PhantomData::<fn() -> (K, X)>,
        })
    }
}

struct Join<V, W, G, F, T> {
    left: Bag<V>,
    right: Bag<W>,
    /// The right side as the left sees it.
    fill: Arc<G>,
    to: Arc<F>,
    kinds: PhantomData<T>,
}

impl<K, V, W, X, G, F> Binary for Join<V, W, G, F, fn() -> (K, X)>
where
    K: Key,
    V: Value,
    W: Value,
    X: Value,
    G: Fn(Vec<(W, i64)>) -> Vec<(Option<W>, i64)> + Send + Sync,
    F: Fn(&K, &V, Option<&W>) -> Option<X> + Send + Sync,
{
    type LeftKey = K;
    type Left = V;
    type RightKey = K;
    type Right = W;
    type OutKey = K;
    type Out = X;

    fn apply(
        &mut self,
        left: &mut Vec<Row<K, V>>,
        right: &mut Vec<Row<K, W>>,
        out: &mut Vec<Row<K, X>>,
        context: &mut Context<'_>,
    ) -> Result<(), Fault> {
        each_key_of_both(left, right, |key, left, right| self.join(key, (left, right), out, context))
    }
}

impl<K, V, W, X, G, F> Join<V, W, G, F, fn() -> (K, X)>
where
    K: Key,
    V: Value,
    W: Value,
    G: Fn(Vec<(W, i64)>) -> Vec<(Option<W>, i64)>,
    F: Fn(&K, &V, Option<&W>) -> Option<X>,
{
    /// What comes on the left meets the right as it is now; what was there on the left meets what comes on the right.
    fn join(
        &mut self,
        key: &K,
        (left, right): (Changes<V>, Changes<W>),
        out: &mut Vec<Row<K, X>>,
        context: &mut Context<'_>,
    ) -> Result<(), Fault> {
        let bytes = key.to_bytes();
        let before = (self.fill)(self.right.load(context.state, &bytes)?);
        if right.is_empty() {
            self.pair(key, &left, &before, out)?;
            return self.left.add(context.state, &bytes, &left);
        }
        self.right.add(context.state, &bytes, &right)?;
        let after = (self.fill)(self.right.load(context.state, &bytes)?);
        self.pair(key, &left, &after, out)?;
        let gone = before.into_iter().map(|(row, weight)| (row, -weight));
        let turned = net(after.into_iter().chain(gone).collect())?;
        if !turned.is_empty() {
            let there = self.left.load(context.state, &bytes)?;
            self.pair(key, &there, &turned, out)?;
        }
        self.left.add(context.state, &bytes, &left)
    }

    fn pair(
        &self,
        key: &K,
        left: &[(V, i64)],
        right: &[(Option<W>, i64)],
        out: &mut Vec<Row<K, X>>,
    ) -> Result<(), Fault> {
        for (l, left_weight) in left {
            for (r, right_weight) in right {
                let (Some(a), Some(b)) = (Weight::new(*left_weight), Weight::new(*right_weight)) else {
                    continue;
                };
                if let Some(value) = (self.to)(key, l, r.as_ref()) {
                    out.push(Row { key: key.clone(), value, weight: a.times(b)? });
                }
            }
        }
        Ok(())
    }
}
