//! The first rows of each key in an order.
//!
//! What has a place is together in one entry, what is behind has one of its own: so a change reads one entry, and rows
//! behind are looked at only where places become free.

use std::cmp::Reverse;
use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::ops::ControlFlow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::key::Key;
use crate::node::{Context, Fault, Unary};
use crate::operators::store::{Store, each_key, net, placed, replace, value_at, weighted};
use crate::row::Row;
use crate::state::{Direction, State};
use crate::stream::{Described, Stream};
use crate::value::{Value, decode_value};

impl<K: Key, V: Value> Stream<K, V> {
    /// The first `count` rows of each key, in the order of `order` and then of their encoding; a row of weight two takes
    /// two places. For the greatest first, order by [`Reverse`]. All rows are kept: when one of the first goes, the
    /// next one comes.
    ///
    /// A change costs O(`count`), and O(log n) of the rows behind. The first rows are one record of the changelog: with
    /// `count` of the largest rows it must not become too large for one.
    pub fn top<O: Key>(
        &self,
        name: &str,
        count: NonZeroU32,
        order: impl Fn(&K, &V) -> O + Send + Sync + 'static,
    ) -> Stream<K, V> {
        self.first(name, count, order, |key, before: Places, after: Places, out| {
            let gone = before.into_iter().map(|(place, weight)| (place, -weight));
            for (place, weight) in net(after.into_iter().chain(gone).collect())? {
                out.extend(weighted(key.clone(), value_at::<O, V>(&place)?, weight));
            }
            Ok(())
        })
    }

    /// [`Stream::top`] as one row: a table of lists, each in its order, of the keys that have rows.
    pub fn top_list<O: Key>(
        &self,
        name: &str,
        count: NonZeroU32,
        order: impl Fn(&K, &V) -> O + Send + Sync + 'static,
    ) -> Stream<K, Vec<V>> {
        self.first(name, count, order, |key, before: Places, after: Places, out| {
            replace(key, list::<O, V>(&before)?, list::<O, V>(&after)?, out);
            Ok(())
        })
    }

    /// The row of each key that is least by `order`: a table.
    pub fn min<O: Key>(
        &self,
        name: &str,
        order: impl Fn(&K, &V) -> O + Send + Sync + 'static,
    ) -> Stream<K, V> {
        self.top(name, NonZeroU32::MIN, order)
    }

    /// The row of each key that is greatest by `order`: a table.
    pub fn max<O: Key>(
        &self,
        name: &str,
        order: impl Fn(&K, &V) -> O + Send + Sync + 'static,
    ) -> Stream<K, V> {
        self.top(name, NonZeroU32::MIN, move |key, value| Reverse(order(key, value)))
    }

    /// [`Stream::top`] in two stages, for keys whose rows are on many partitions: each partition finds its own first rows
    /// and sends through `topic` only what changes among them; of these the first are taken where the key lives. When a
    /// row goes, the next one of its partition is in the same change.
    pub fn top_everywhere<O: Key>(
        &self,
        name: &str,
        topic: &str,
        count: NonZeroU32,
        order: impl Fn(&K, &V) -> O + Clone + Send + Sync + 'static,
    ) -> Stream<K, V> {
        let local = self.top(&format!("{name}.local"), count, order.clone());
        local.repartition(topic).top(name, count, order)
    }

    fn first<O: Key, W: Value>(
        &self,
        name: &str,
        count: NonZeroU32,
        order: impl Fn(&K, &V) -> O + Send + Sync + 'static,
        say: impl Fn(&K, Places, Places, &mut Vec<Row<K, W>>) -> Result<(), Fault> + Send + Sync + 'static,
    ) -> Stream<K, W> {
        let (order, say) = (Arc::new(order), Arc::new(say));
        self.unary(&Described::new(name, format!("top {count}"), &["", "behind"]), move |stores| Top {
            ranking: Ranking {
                first: Store::new(stores[0]),
                behind: Store::new(stores[1]),
                count: i64::from(count.get()),
            },
            order: Arc::clone(&order),
            say: Arc::clone(&say),
            kinds: PhantomData::<fn() -> (K, V, O, W)>,
        })
    }
}

struct Top<G, S, T> {
    ranking: Ranking,
    order: Arc<G>,
    /// What comes of places before and after.
    say: Arc<S>,
    kinds: PhantomData<T>,
}

/// Rows by their places: order and value, and how many places each takes. In order.
type Places = Vec<(Vec<u8>, i64)>;

fn list<O: Key, V: Value>(places: &Places) -> Result<Option<Vec<V>>, Fault> {
    let mut list = Vec::new();
    for (place, weight) in places {
        let value: V = value_at::<O, V>(place)?;
        list.extend((0..*weight).map(|_| value.clone()));
    }
    Ok(Some(list).filter(|list| !list.is_empty()))
}

impl<K, V, O, W, G, S> Unary for Top<G, S, fn() -> (K, V, O, W)>
where
    K: Key,
    V: Value,
    O: Key,
    W: Value,
    G: Fn(&K, &V) -> O + Send + Sync,
    S: Fn(&K, Places, Places, &mut Vec<Row<K, W>>) -> Result<(), Fault> + Send + Sync,
{
    type InKey = K;
    type In = V;
    type OutKey = K;
    type Out = W;

    fn apply(
        &mut self,
        rows: &mut Vec<Row<K, V>>,
        out: &mut Vec<Row<K, W>>,
        context: &mut Context<'_>,
    ) -> Result<(), Fault> {
        each_key(rows, |key, rows| {
            let changes = placed(rows, |value| (self.order)(key, value))?;
            match self.ranking.change(context.state, &key.to_bytes(), changes)? {
                Some((before, after)) => (self.say)(key, before, after, out),
                None => Ok(()),
            }
        })
    }
}

struct Ranking {
    /// Of each key, the rows that have a place.
    first: Store,
    /// Entries are (key, place) to weight: what has no place, or only some of it.
    behind: Store,
    count: i64,
}

/// The rows of a key that have a place.
#[derive(Default, Serialize, Deserialize)]
struct First {
    places: Places,
    /// A place before which nothing is behind; `None` where nothing is. Never while a place is free.
    behind: Option<Vec<u8>>,
}

impl Ranking {
    /// The places before the changes and after them, if they differ.
    fn change(
        &mut self,
        state: &mut dyn State,
        key: &[u8],
        changes: Places,
    ) -> Result<Option<(Places, Places)>, Fault> {
        let First { places: before, behind } = self.first.read(state, key)?.unwrap_or_default();
        let last = before.last().filter(|_| behind.is_some()).map(|(place, _)| place);
        let (gone, rows): (Places, Places) = changes
            .into_iter()
            .partition(|(place, weight)| *weight < 0 && last.is_some_and(|last| place > last));
        for (place, weight) in gone {
            self.behind.add(state, &[key, &place].concat(), weight)?;
        }
        let mut after = First { behind: behind.clone(), ..First::default() };
        self.place(state, key, net(before.iter().cloned().chain(rows).collect())?, &mut after)?;
        self.fill(state, key, &mut after)?;
        let same = after.places == before;
        if after.places.is_empty() {
            self.first.remove(state, key)?;
        } else if !same || after.behind != behind {
            self.first.write(state, key, &after)?;
        }
        Ok((!same).then_some((before, after.places)))
    }

    /// Gives places to rows as long as there are some and nothing behind can come before; the others are behind then.
    fn place(
        &mut self,
        state: &mut dyn State,
        key: &[u8],
        rows: Places,
        first: &mut First,
    ) -> Result<(), Fault> {
        let mut left = self.count;
        for (place, weight) in rows {
            let next = first.behind.as_ref().is_none_or(|behind| place <= *behind);
            // Of the last row some can be behind: so more of it can go than had a place.
            let taken = if next { left.min(weight.max(0)) } else { 0 };
            left -= taken;
            if taken != weight {
                let (_, rest) = self.behind.add(state, &[key, &place].concat(), weight - taken)?;
                if rest > 0 && next {
                    first.behind = Some(place.clone());
                }
            }
            if taken > 0 {
                first.places.push((place, taken));
            }
        }
        Ok(())
    }

    /// Gives free places to the next ones behind.
    fn fill(&mut self, state: &mut dyn State, key: &[u8], first: &mut First) -> Result<(), Fault> {
        let mut left = self.count - first.places.iter().map(|(_, weight)| weight).sum::<i64>();
        if left == 0 || first.behind.is_none() {
            return Ok(());
        }
        let mut next = Places::new();
        first.behind = None;
        self.behind.scan_prefix(state, key, Direction::Forward, |place, weight| {
            let weight: i64 = decode_value(weight)?;
            let taken = left.min(weight);
            left -= taken;
            if taken > 0 {
                next.push((place.to_vec(), taken));
            }
            if taken == weight {
                return Ok(ControlFlow::Continue(()));
            }
            first.behind = Some(place.to_vec());
            Ok(ControlFlow::Break(()))
        })?;
        for (place, weight) in &next {
            self.behind.add(state, &[key, place].concat(), -weight)?;
        }
        first.places = net(first.places.drain(..).chain(next).collect())?;
        Ok(())
    }
}
