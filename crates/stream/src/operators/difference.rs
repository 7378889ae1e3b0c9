//! State machines over events, and the differences between their facts.

use std::marker::PhantomData;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Reason;
use crate::key::Key;
use crate::node::{Context, Fault, Unary};
use crate::operators::store::{Store, each_key, net, weighted};
use crate::row::Row;
use crate::stream::{Described, Stream};
use crate::value::Value;

/// What a state machine can remember.
pub trait MachineState: Default + Serialize + DeserializeOwned + Send + Sync + 'static {}

impl<T: Default + Serialize + DeserializeOwned + Send + Sync + 'static> MachineState for T {}

/// What a step of a [machine](Stream::machine) changes among its facts.
#[derive(Debug)]
pub struct Facts<F> {
    changes: Vec<(F, i64)>,
    replayed: bool,
}

impl<F> Default for Facts<F> {
    fn default() -> Self {
        Facts { changes: Vec::new(), replayed: false }
    }
}

impl<F> Facts<F> {
    /// A fact holds from now on.
    pub fn comes(&mut self, fact: F) {
        self.changes.push((fact, 1));
    }

    /// A fact no longer holds.
    pub fn goes(&mut self, fact: F) {
        self.changes.push((fact, -1));
    }

    /// Of a state that is replayed: what was said of its events was said before.
    pub(crate) fn said_before() -> Self {
        Facts { changes: Vec::new(), replayed: true }
    }

    /// Whether what is said counts. While a state is [replayed](Stream::replayed) it does not, and need not be found out.
    pub const fn are_wanted(&self) -> bool {
        !self.replayed
    }
}

impl<F: Value> Facts<F> {
    /// Tells what changed in the end, under a key.
    pub(super) fn tell<K: Key>(self, key: &K, out: &mut Vec<Row<K, F>>) -> Result<(), Fault> {
        let changes = net(self.changes)?.into_iter();
        out.extend(changes.filter_map(|(fact, weight)| weighted(key.clone(), fact, weight)));
        Ok(())
    }
}

/// Checks that rows are events: a state machine cannot take one back.
pub(super) fn only_come<K, V>(rows: &[Row<K, V>]) -> Result<(), Fault> {
    if rows.iter().any(|row| row.weight.get() != 1) {
        return Err(Reason::from("events only come, and once").into());
    }
    Ok(())
}

impl<K: Key, V: Value> Stream<K, V> {
    /// Folds append-only events into a state for each key, and gives the difference between the facts of the state
    /// before and after: what was a correction among the events is rows that go and come. Events of one key are taken
    /// in the order in which they arrive. What `step` refuses is poison, as is an event that goes.
    ///
    /// Costs as much as the facts of a key are many, at each of its events; [`Stream::machine`] costs what changes.
    pub fn difference<S: MachineState, F: Value, I: IntoIterator<Item = F>>(
        &self,
        name: &str,
        step: impl Fn(&mut S, &K, &V) -> Result<(), Reason> + Send + Sync + 'static,
        facts: impl Fn(&S, &K) -> I + Send + Sync + 'static,
    ) -> Stream<K, F> {
        let step = move |state: &mut S, key: &K, events: &[Row<K, V>], changes: &mut Facts<F>| {
            facts(state, key).into_iter().for_each(|fact| changes.goes(fact));
            events.iter().try_for_each(|event| step(state, key, &event.value))?;
            facts(state, key).into_iter().for_each(|fact| changes.comes(fact));
            Ok(())
        };
        self.steps(name, "difference", step)
    }

    /// As [`Stream::difference`], where each step says by itself which facts come and go. It is up to the step that their
    /// sum is always the facts of the state.
    pub fn machine<S: MachineState, F: Value>(
        &self,
        name: &str,
        step: impl Fn(&mut S, &K, &V, &mut Facts<F>) -> Result<(), Reason> + Send + Sync + 'static,
    ) -> Stream<K, F> {
        let step = move |state: &mut S, key: &K, events: &[Row<K, V>], changes: &mut Facts<F>| {
            events.iter().try_for_each(|event| step(state, key, &event.value, changes))
        };
        self.steps(name, "machine", step)
    }

    fn steps<S: MachineState, F: Value>(
        &self,
        name: &str,
        kind: &str,
        step: impl Fn(&mut S, &K, &[Row<K, V>], &mut Facts<F>) -> Result<(), Reason> + Send + Sync + 'static,
    ) -> Stream<K, F> {
        let step = Arc::new(step);
        self.unary(&Described::new(name, kind, &[""]), move |stores| Machine {
            store: Store::new(stores[0]),
            step: Arc::clone(&step),
            kinds: PhantomData,
        })
    }
}

struct Machine<G, T> {
    store: Store,
    step: Arc<G>,
    kinds: PhantomData<fn() -> T>,
}

impl<K, V, S, F, G> Unary for Machine<G, (K, V, S, F)>
where
    K: Key,
    V: Value,
    S: MachineState,
    F: Value,
    G: Fn(&mut S, &K, &[Row<K, V>], &mut Facts<F>) -> Result<(), Reason> + Send + Sync,
{
    type InKey = K;
    type In = V;
    type OutKey = K;
    type Out = F;

    fn apply(
        &mut self,
        rows: &mut Vec<Row<K, V>>,
        out: &mut Vec<Row<K, F>>,
        context: &mut Context<'_>,
    ) -> Result<(), Fault> {
        only_come(rows)?;
        each_key(rows, |key, events| {
            let bytes = key.to_bytes();
            let mut machine: S = self.store.read(context.state, &bytes)?.unwrap_or_default();
            let mut changes = Facts::default();
            (self.step)(&mut machine, key, events, &mut changes)?;
            self.store.write(context.state, &bytes, &machine)?;
            changes.tell(key, out)
        })
    }
}
