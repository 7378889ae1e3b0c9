//! State machines whose states are not stored: what is stored are their events, and the states used last are at hand.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::Arc;

use crate::cause::CauseId;
use crate::error::Reason;
use crate::key::Key;
use crate::node::{Context, Fault, Unary};
use crate::operators::difference::{Facts, only_come};
use crate::operators::store::{Store, each_key};
use crate::row::Row;
use crate::state::{Direction, State};
use crate::stream::{Described, Stream};
use crate::value::{Value, decode_value};

impl<K: Key, V: Value> Stream<K, V> {
    /// As [`Stream::machine`], for states that are dear or impossible to store: the events of a key are stored instead, one
    /// entry each, and its state is the replay of them. The states of the `at_hand` keys whose events came last are
    /// remembered, so that an event of one of them costs what `step` costs; the first event of any other key costs a
    /// replay of its events.
    ///
    /// `step` must be a function of the state and the event alone: what it said of an event it would say again.
    pub fn replayed<S: Default + Send + 'static, F: Value>(
        &self,
        name: &str,
        at_hand: NonZeroUsize,
        step: impl Fn(&mut S, &K, &V, &mut Facts<F>) -> Result<(), Reason> + Send + Sync + 'static,
    ) -> Stream<K, F> {
        let step = Arc::new(step);
        self.unary(&Described::new(name, "replayed machine", &["events", "head"]), move |stores| Replayed {
            events: Store::new(stores[0]),
            head: Store::new(stores[1]),
            at_hand: AtHand { most: at_hand.get(), ..AtHand::default() },
            step: Arc::clone(&step),
            kinds: PhantomData,
        })
    }
}

struct Replayed<S, G, T> {
    /// (key, number of the event) to the event.
    events: Store,
    /// For each key: how many events it has, and the cause of the last.
    head: Store,
    at_hand: AtHand<S>,
    step: Arc<G>,
    kinds: PhantomData<fn() -> T>,
}

/// Where a key stands: the number of its events, and the name of the cause of the last.
type Head = (u64, Vec<u8>);

/// States of keys, the oldest forgotten first. Each with where it stands: what was rolled back after it was made, or
/// made by another, is told by that.
struct AtHand<S> {
    most: usize,
    states: BTreeMap<Vec<u8>, (u64, Head, S)>,
    /// Keys by when they were used.
    used: BTreeMap<u64, Vec<u8>>,
    clock: u64,
}

impl<S> Default for AtHand<S> {
    fn default() -> Self {
        AtHand { most: 1, states: BTreeMap::new(), used: BTreeMap::new(), clock: 0 }
    }
}

impl<S> AtHand<S> {
    fn take(&mut self, key: &[u8], at: &Head) -> Option<S> {
        let (used, head, state) = self.states.remove(key)?;
        self.used.remove(&used);
        (head == *at).then_some(state)
    }

    fn put(&mut self, key: &[u8], at: Head, state: S) {
        while self.states.len() >= self.most
            && let Some((_, oldest)) = self.used.pop_first()
        {
            self.states.remove(&oldest);
        }
        self.clock += 1;
        self.used.insert(self.clock, key.to_vec());
        self.states.insert(key.to_vec(), (self.clock, at, state));
    }
}

impl<K, V, S, F, G> Unary for Replayed<S, G, (K, V, F)>
where
    K: Key,
    V: Value,
    S: Default + Send,
    F: Value,
    G: Fn(&mut S, &K, &V, &mut Facts<F>) -> Result<(), Reason> + Send + Sync,
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
        let cause = context.cause.id;
        each_key(rows, |key, events| {
            let bytes = key.to_bytes();
            let head: Head = self.head.read(context.state, &bytes)?.unwrap_or_default();
            // Taken out while it changes: if a step fails, nothing half changed is left.
            let mut state = match self.at_hand.take(&bytes, &head) {
                Some(state) => state,
                None => self.replay(context.state, key, &bytes)?,
            };
            let mut changes = Facts::default();
            let mut count = head.0;
            for event in events {
                (self.step)(&mut state, key, &event.value, &mut changes)?;
                self.events.write(context.state, &entry(&bytes, count), &event.value)?;
                count += 1;
            }
            let head = (count, cause_bytes(&cause));
            self.head.write(context.state, &bytes, &head)?;
            self.at_hand.put(&bytes, head, state);
            changes.tell(key, out)
        })
    }
}

impl<K, V, S, F, G> Replayed<S, G, (K, V, F)>
where
    K: Key,
    V: Value,
    S: Default,
    F: Value,
    G: Fn(&mut S, &K, &V, &mut Facts<F>) -> Result<(), Reason>,
{
    fn replay(&self, state: &dyn State, key: &K, bytes: &[u8]) -> Result<S, Fault> {
        let mut replayed = S::default();
        self.events.scan_prefix(state, bytes, Direction::Forward, |_, event| {
            (self.step)(&mut replayed, key, &decode_value(event)?, &mut Facts::said_before())?;
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(replayed)
    }
}

fn entry(key: &[u8], number: u64) -> Vec<u8> {
    [key, &number.to_be_bytes()].concat()
}

fn cause_bytes(cause: &CauseId) -> Vec<u8> {
    cause.as_bytes().to_vec()
}
