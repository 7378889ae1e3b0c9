//! Places in an order: who is how manieth.

use std::marker::PhantomData;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::StateError;
use crate::key::Key;
use crate::node::{Binary, Context, Fault};
use crate::operators::bag::Bag;
use crate::operators::ranks::Ranks;
use crate::operators::store::{each_key_of_both, weighted};
use crate::row::{Row, consolidate};
use crate::state::State;
use crate::stream::{Described, Stream};
use crate::topology::Subtopology;
use crate::value::{Value, encode_value};

/// Where something stands among the rows of a key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place<W> {
    /// What was asked about.
    pub of: W,
    /// How many rows come before it: 0 is the first place.
    pub before: i64,
    /// How many rows there are.
    pub among: i64,
}

impl<K: Key, V: Value> Stream<K, V> {
    /// The places of what is `watched` among the rows of this stream under the same key, both ordered by a key of the
    /// same kind: how many rows come strictly before it. A row of weight two counts twice.
    ///
    /// A change costs the bytes of the order, and as much again for each that is watched under the key, whatever the
    /// number of rows. [`RankReader`] asks the same index from outside.
    pub fn rank<W: Value, O: Key>(
        &self,
        name: &str,
        watched: &Stream<K, W>,
        order: impl Fn(&K, &V) -> O + Send + Sync + 'static,
        place: impl Fn(&K, &W) -> O + Send + Sync + 'static,
    ) -> Stream<K, Place<W>> {
        let (order, place) = (Arc::new(order), Arc::new(place));
        let described = Described::new(name, "rank", &["rows", "nodes", "watched"]);
        self.binary(watched, &described, move |stores| Rank {
            ranks: Ranks::new(stores[0], stores[1]),
            watched: Bag::new(stores[2]),
            order: Arc::clone(&order),
            place: Arc::clone(&place),
            kinds: PhantomData::<fn() -> (K, V)>,
        })
    }
}

struct Rank<W, G, F, T> {
    ranks: Ranks,
    watched: Bag<W>,
    order: Arc<G>,
    place: Arc<F>,
    kinds: PhantomData<T>,
}

impl<K, V, W, O, G, F> Binary for Rank<W, G, F, fn() -> (K, V)>
where
    K: Key,
    V: Value,
    W: Value,
    O: Key,
    G: Fn(&K, &V) -> O + Send + Sync,
    F: Fn(&K, &W) -> O + Send + Sync,
{
    type LeftKey = K;
    type Left = V;
    type RightKey = K;
    type Right = W;
    type OutKey = K;
    type Out = Place<W>;

    fn apply(
        &mut self,
        left: &mut Vec<Row<K, V>>,
        right: &mut Vec<Row<K, W>>,
        out: &mut Vec<Row<K, Place<W>>>,
        context: &mut Context<'_>,
    ) -> Result<(), Fault> {
        let start = out.len();
        each_key_of_both(left, right, |key, rows, watched| {
            let bytes = key.to_bytes();
            self.places(context.state, (key, &bytes), -1, out)?;
            for (value, weight) in rows {
                let mut place = (self.order)(key, &value).to_bytes();
                encode_value(&value, &mut place);
                self.ranks.add(context.state, &bytes, &place, weight)?;
            }
            self.watched.add(context.state, &bytes, &watched)?;
            self.places(context.state, (key, &bytes), 1, out)
        })?;
        let mut changed = out.split_off(start);
        consolidate(&mut changed)?;
        out.append(&mut changed);
        Ok(())
    }
}

impl<W, G, F, T> Rank<W, G, F, T> {
    fn places<K: Key, O: Key>(
        &mut self,
        state: &dyn State,
        (key, bytes): (&K, &[u8]),
        sign: i64,
        out: &mut Vec<Row<K, Place<W>>>,
    ) -> Result<(), Fault>
    where
        W: Value,
        F: Fn(&K, &W) -> O,
    {
        let watched = self.watched.load(state, bytes)?;
        if watched.is_empty() {
            return Ok(());
        }
        let among = self.ranks.total(state, bytes)?;
        for (of, weight) in watched {
            let before = self.ranks.before(state, bytes, &(self.place)(key, &of).to_bytes())?;
            let place = Place { of, before, among };
            out.extend(weighted(key.clone(), place, weight * sign));
        }
        Ok(())
    }
}

/// Asks the index of a [`Stream::rank`] from outside its topology, for example for a page of a long list.
pub struct RankReader<K, O> {
    name: String,
    ranks: Ranks,
    kinds: PhantomData<fn() -> (K, O)>,
}

impl<K: Key, O: Key> RankReader<K, O> {
    /// The index of the operator of this name; `None` if the subtopology has none.
    pub fn new(part: &Subtopology, name: &str) -> Option<Self> {
        let store = |end: &str| part.stores().iter().position(|store| store.name == format!("{name}.{end}"));
        Some(Self {
            name: name.to_owned(),
            ranks: Ranks::new(store("rows")?, store("nodes")?),
            kinds: PhantomData,
        })
    }

    /// How many rows of a key come strictly before an order.
    ///
    /// # Errors
    /// The state failed.
    pub fn before(&mut self, state: &dyn State, key: &K, order: &O) -> Result<i64, StateError> {
        let found = self.ranks.before(state, &key.to_bytes(), &order.to_bytes());
        found.map_err(|fault| self.error(fault))
    }

    /// The order of the row that so many come before; `None` behind the last.
    ///
    /// # Errors
    /// The state failed.
    pub fn nth(&mut self, state: &dyn State, key: &K, before: i64) -> Result<Option<O>, StateError> {
        let found = self.ranks.nth(state, &key.to_bytes(), before).map_err(|fault| self.error(fault))?;
        let order = found.map(|place| O::decode(&mut place.as_slice())).transpose();
        order.map_err(|_| self.error(Fault::Corrupt))
    }

    fn error(&self, fault: Fault) -> StateError {
        match fault {
            Fault::State(error) => error,
            Fault::Bad(_) | Fault::Corrupt => StateError::Corrupt { operator: self.name.clone() },
        }
    }
}
