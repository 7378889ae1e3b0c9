//! Rows beside what reference data says of the keys that they name.
//!
//! What was said of a row is kept with it, so that it can be taken back, whatever the table says by then. An index leads from
//! each key of the table to the rows that name it: when it changes, those are looked up anew, some keys a step.

use std::marker::PhantomData;
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::key::{Key, after_prefix};
use crate::limits::LOOKED_UP_A_STEP;
use crate::node::{Binary, Context, Fault};
use crate::operators::store::{GONE, Store, net, weighted};
use crate::row::{OVERFLOW, Row};
use crate::state::{Direction, KeyRange, State};
use crate::stream::{Broadcast, Described, Stream};
use crate::value::{Value, decode_value, encode_value};

impl<K: Key, V: Value> Stream<K, V> {
    /// Each row with what a broadcast table has under the keys that `named` tells of it, in their order; `None` where it has
    /// nothing. When the table changes, the rows looked up before change too.
    ///
    /// A change of the table costs as much as the rows that name its key. Those of
    /// [`limits::LOOKED_UP_A_STEP`](crate::limits::LOOKED_UP_A_STEP) keys are looked up anew in one step, in the order of
    /// the keys; if there are more, the instance asks for the record [again](crate::Progress::Again). Meanwhile the others
    /// are as they were, and rows that come see the table as it is. So what follows must not refuse rows: the table's record
    /// would be poison half-way.
    ///
    /// Keeps each row with what came of it, and an entry of two keys for each key that it names.
    pub fn lookup<K2: Key, V2: Value, X: Value>(
        &self,
        name: &str,
        table: &Broadcast<K2, V2>,
        named: impl Fn(&K, &V) -> Vec<K2> + Send + Sync + 'static,
        to: impl Fn(&K, &V, &[Option<V2>]) -> X + Send + Sync + 'static,
    ) -> Stream<K, X> {
        let described = Described::new(name, "lookup", &["rows", "named", "steps"]);
        let (shared, named, to) = (table.store, Arc::new(named), Arc::new(to));
        self.binary_at(&table.read, &described, move |places, stores| Lookup {
            table: Store::new(places.store(shared)),
            rows: Store::new(stores[0]),
            index: Store::new(stores[1]),
            steps: Store::new(stores[2]),
            named: Arc::clone(&named),
            to: Arc::clone(&to),
            kinds: PhantomData::<fn() -> (K, V, K2, V2, X)>,
        })
    }
}

struct Lookup<F, G, T> {
    table: Store,
    /// (key, value) to weight and what came of it.
    rows: Store,
    /// (key of the table, key of a row) to how many rows.
    index: Store,
    /// Of each key of the table that took more than a step: the sequence of its record, and the key of the rows that are
    /// next; `None` when all are done.
    steps: Store,
    named: Arc<F>,
    to: Arc<G>,
    kinds: PhantomData<T>,
}

impl<K, V, K2, V2, X, F, G> Binary for Lookup<F, G, fn() -> (K, V, K2, V2, X)>
where
    K: Key,
    V: Value,
    K2: Key,
    V2: Value,
    X: Value,
    F: Fn(&K, &V) -> Vec<K2> + Send + Sync,
    G: Fn(&K, &V, &[Option<V2>]) -> X + Send + Sync,
{
    type LeftKey = K;
    type Left = V;
    type RightKey = K2;
    type Right = u64;
    type OutKey = K;
    type Out = X;

    fn apply(
        &mut self,
        left: &mut Vec<Row<K, V>>,
        read: &mut Vec<Row<K2, u64>>,
        out: &mut Vec<Row<K, X>>,
        context: &mut Context<'_>,
    ) -> Result<(), Fault> {
        let changes = net(left.iter().map(|row| ((&row.key, &row.value), row.weight.get())).collect())?;
        for ((key, value), weight) in changes {
            self.change(context.state, (key, value), weight, out)?;
        }
        for row in read.iter() {
            context.behind |= !self.look_again(context.state, &row.key, row.value, out)?;
        }
        Ok(())
    }
}

impl<K, V, K2, V2, X, F, G> Lookup<F, G, fn() -> (K, V, K2, V2, X)>
where
    K: Key,
    V: Value,
    K2: Key,
    V2: Value,
    X: Value,
    F: Fn(&K, &V) -> Vec<K2>,
    G: Fn(&K, &V, &[Option<V2>]) -> X,
{
    /// A row comes or goes. What it came to when it came is what goes.
    fn change(
        &mut self,
        state: &mut dyn State,
        (key, value): (&K, &V),
        weight: i64,
        out: &mut Vec<Row<K, X>>,
    ) -> Result<(), Fault> {
        let mut entry = key.to_bytes();
        encode_value(value, &mut entry);
        let (before, said) = match self.rows.read(state, &entry)? {
            Some(stored) => stored,
            None => (0, self.look_up(state, key, value)?),
        };
        let after: i64 = i64::checked_add(before, weight).ok_or(OVERFLOW)?;
        match after {
            ..0 => return Err(GONE.into()),
            0 => self.rows.remove(state, &entry)?,
            1.. => self.rows.write(state, &entry, &(after, &said))?,
        }
        if before == 0 || after == 0 {
            self.enter(state, (key, value), if after == 0 { -1 } else { 1 })?;
        }
        out.extend(weighted(key.clone(), said, weight));
        Ok(())
    }

    /// Enters a row into the index under every key that it names, or takes it out.
    fn enter(&mut self, state: &mut dyn State, (key, value): (&K, &V), count: i64) -> Result<(), Fault> {
        let mut names = (self.named)(key, value);
        names.sort_unstable();
        names.dedup();
        for name in names {
            let mut entry = name.to_bytes();
            key.encode(&mut entry);
            self.index.add(state, &entry, count)?;
        }
        Ok(())
    }

    fn look_up(&mut self, state: &dyn State, key: &K, value: &V) -> Result<X, Fault> {
        let mut found = Vec::new();
        for name in (self.named)(key, value) {
            let row: Option<(u64, Option<V2>)> = self.table.read(state, &name.to_bytes())?;
            found.push(row.and_then(|(_, value)| value));
        }
        Ok((self.to)(key, value, &found))
    }

    /// Looks the rows that name a key up anew, from where the record of this sequence has come; whether it has come to the
    /// end.
    fn look_again(
        &mut self,
        state: &mut dyn State,
        name: &K2,
        sequence: u64,
        out: &mut Vec<Row<K, X>>,
    ) -> Result<bool, Fault> {
        let prefix = name.to_bytes();
        let stood: Option<(u64, Option<Vec<u8>>)> = self.steps.read(state, &prefix)?;
        let next = match &stood {
            Some((of, next)) if *of == sequence => match next {
                Some(next) => Some(next.as_slice()),
                None => return Ok(true),
            },
            Some(_) | None => None,
        };
        let mut keys = self.keys(state, &prefix, next.unwrap_or_default())?;
        let rest = (keys.len() > LOOKED_UP_A_STEP).then(|| keys.pop()).flatten();
        for key in &keys {
            self.turn(state, key, out)?;
        }
        let done = rest.is_none();
        if done && next.is_none() {
            if stood.is_some() {
                self.steps.remove(state, &prefix)?;
            }
        } else {
            self.steps.write(state, &prefix, &(sequence, rest))?;
        }
        Ok(done)
    }

    /// The keys of rows that name a key of the table, from one on: those of a step, and the one that is next.
    fn keys(&self, state: &dyn State, prefix: &[u8], next: &[u8]) -> Result<Vec<Vec<u8>>, Fault> {
        let (from, to) = ([prefix, next].concat(), after_prefix(prefix));
        let mut keys = Vec::new();
        let range = KeyRange { from: &from, to: to.as_deref() };
        self.index.scan(state, range, Direction::Forward, |entry, _| {
            keys.push(entry[prefix.len()..].to_vec());
            let full = keys.len() > LOOKED_UP_A_STEP;
            Ok(if full { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
        })?;
        Ok(keys)
    }

    /// All rows of a key, as the table is now.
    fn turn(&mut self, state: &mut dyn State, bytes: &[u8], out: &mut Vec<Row<K, X>>) -> Result<(), Fault> {
        let key = K::from_bytes(bytes)?;
        let mut rows: Vec<(V, (i64, X))> = Vec::new();
        self.rows.scan_prefix(state, bytes, Direction::Forward, |value, said| {
            rows.push((decode_value(value)?, decode_value(said)?));
            Ok(ControlFlow::Continue(()))
        })?;
        for (value, (weight, before)) in rows {
            let after = self.look_up(state, &key, &value)?;
            if before == after {
                continue;
            }
            let mut entry = bytes.to_vec();
            encode_value(&value, &mut entry);
            self.rows.write(state, &entry, &(weight, &after))?;
            out.extend(weighted(key.clone(), before, -weight));
            out.extend(weighted(key.clone(), after, weight));
        }
        Ok(())
    }
}
