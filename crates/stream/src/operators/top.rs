//! The first rows of each key in an order.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::ops::ControlFlow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::key::Key;
use crate::node::{Context, Fault, Unary};
use crate::operators::store::{GONE, Store, each_key, net, weighted};
use crate::row::Row;
use crate::state::{Direction, State};
use crate::stream::{Described, Stream};
use crate::value::{Value, decode_value, encode_value};

impl<K: Key, V: Value> Stream<K, V> {
    /// The first `count` rows of each key, in the order of `order` and then of their encoding; a row of weight two takes
    /// two places. For the greatest first, order by [`Reverse`]. All rows are kept: when one of the first goes, the
    /// next one comes.
    ///
    /// A change behind the last place, or while all rows have one, costs O(log n), any other O(`count`) besides.
    pub fn top<O: Key>(
        &self,
        name: &str,
        count: NonZeroU32,
        order: impl Fn(&K, &V) -> O + Send + Sync + 'static,
    ) -> Stream<K, V> {
        self.top_of_each(name, count, |_, _| (), order)
    }

    /// [`Stream::top`] of each group of the rows of a key. A group is told by the row, and is not part of the key.
    pub fn top_of_each<G: Key, O: Key>(
        &self,
        name: &str,
        count: NonZeroU32,
        group: impl Fn(&K, &V) -> G + Send + Sync + 'static,
        order: impl Fn(&K, &V) -> O + Send + Sync + 'static,
    ) -> Stream<K, V> {
        let (group, order) = (Arc::new(group), Arc::new(order));
        self.unary(&Described::new(name, format!("top {count}"), &["", "boundary"]), move |stores| Top {
            rows: Store::new(stores[0]),
            boundary: Store::new(stores[1]),
            count: i64::from(count.get()),
            group: Arc::clone(&group),
            order: Arc::clone(&order),
            kinds: PhantomData::<fn() -> (K, V, O)>,
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
}

struct Top<E, G, T> {
    rows: Store,
    /// For each group, how far its places reach.
    boundary: Store,
    count: i64,
    group: Arc<E>,
    order: Arc<G>,
    kinds: PhantomData<T>,
}

/// How far the places of a group reach.
#[derive(Serialize, Deserialize)]
enum Reach {
    /// To all of its rows: they take so many places, and there are more.
    All(i64),
    /// To the row of this order and value: there may be others behind it.
    Last(Vec<u8>),
}

/// The rows on the places: order and value, and how many places each takes.
type Places = Vec<(Vec<u8>, i64)>;

impl<K, V, E, O, F, G> Unary for Top<F, G, fn() -> (K, V, O)>
where
    K: Key,
    V: Value,
    E: Key,
    O: Key,
    F: Fn(&K, &V) -> E + Send + Sync,
    G: Fn(&K, &V) -> O + Send + Sync,
{
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
            let mut groups: BTreeMap<Vec<u8>, Places> = BTreeMap::new();
            for row in rows {
                let mut group = key.to_bytes();
                (self.group)(key, &row.value).encode(&mut group);
                let mut place = (self.order)(key, &row.value).to_bytes();
                encode_value(&row.value, &mut place);
                groups.entry(group).or_default().push((place, row.weight.get()));
            }
            for (group, placed) in groups {
                for (place, weight) in self.change(context.state, &group, &net(placed)?)? {
                    let mut value = place.as_slice();
                    O::decode(&mut value)?;
                    out.extend(weighted(key.clone(), decode_value(value)?, weight));
                }
            }
            Ok(())
        })
    }
}

impl<F, G, T> Top<F, G, T> {
    /// Applies the changes and tells those among the first places. Where all rows have a place, that is all of them; where as
    /// many come among the first as go, nothing behind them moves up. Else they are read again.
    fn change(&mut self, state: &mut dyn State, key: &[u8], changes: &Places) -> Result<Places, Fault> {
        let more = changes.iter().map(|(_, weight)| weight).sum::<i64>();
        match self.boundary.read(state, key)?.unwrap_or(Reach::All(0)) {
            Reach::All(before) if before.saturating_add(more) < self.count => {
                self.write(state, key, changes)?;
                self.reach(state, key, &Reach::All(before + more))?;
                Ok(changes.clone())
            }
            Reach::Last(last) if changes.iter().all(|(place, _)| *place > last) => {
                self.write(state, key, changes)?;
                Ok(Places::new())
            }
            Reach::All(_) | Reach::Last(_) => self.turn(state, key, changes),
        }
    }

    fn turn(&mut self, state: &mut dyn State, key: &[u8], changes: &Places) -> Result<Places, Fault> {
        let before = self.first(state, key)?;
        self.write(state, key, changes)?;
        let after = match self.among(&before, changes)? {
            Some(after) => after,
            None => self.first(state, key)?,
        };
        let places = after.iter().map(|(_, weight)| weight).sum::<i64>();
        let reach = match after.last() {
            Some((last, _)) if places >= self.count => Reach::Last(last.clone()),
            Some(_) | None => Reach::All(places),
        };
        self.reach(state, key, &reach)?;
        let gone = before.into_iter().map(|(place, weight)| (place, -weight));
        Ok(net(after.into_iter().chain(gone).collect())?)
    }

    fn reach(&mut self, state: &mut dyn State, key: &[u8], reach: &Reach) -> Result<(), Fault> {
        match reach {
            Reach::All(0) => Ok(self.boundary.remove(state, key)?),
            Reach::All(1..) | Reach::Last(_) => Ok(self.boundary.write(state, key, reach)?),
            Reach::All(..0) => Err(GONE.into()),
        }
    }

    /// The first places, if those that had one and those that come before the last of them fill all: what had none is behind.
    fn among(&self, before: &Places, changes: &Places) -> Result<Option<Places>, Fault> {
        let Some((last, _)) = before.last() else { return Ok(None) };
        let within = changes.iter().filter(|(place, _)| place <= last);
        let mut places = net(before.iter().chain(within).cloned().collect())?;
        let mut left = self.count;
        for (_, weight) in &mut places {
            *weight = left.min(*weight);
            left -= *weight;
        }
        places.retain(|(_, weight)| *weight > 0);
        Ok((left == 0).then_some(places))
    }

    fn write(&mut self, state: &mut dyn State, key: &[u8], changes: &Places) -> Result<(), Fault> {
        for (place, weight) in changes {
            self.rows.add(state, &[key, place].concat(), *weight)?;
        }
        Ok(())
    }

    fn first(&self, state: &dyn State, key: &[u8]) -> Result<Places, Fault> {
        let (mut places, mut left) = (Places::new(), self.count);
        self.rows.scan_prefix(state, key, Direction::Forward, |place, weight| {
            let taken = left.min(decode_value(weight)?);
            places.push((place.to_vec(), taken));
            left -= taken;
            Ok(if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        Ok(places)
    }
}
