//! Where records become rows.

use std::sync::Arc;

use crate::error::Reason;
use crate::key::Key;
use crate::node::{Context, Fault, Node};
use crate::operators::store::{Store, replace};
use crate::record::Input;
use crate::row::Row;
use crate::slots::Slot;
use crate::time::Time;
use crate::value::Value;

pub(crate) struct StreamSource<K, V, F> {
    pub(crate) output: Slot<K, V>,
    pub(crate) decode: Arc<F>,
}

impl<K, V, F> Node for StreamSource<K, V, F>
where
    K: Key,
    V: Value,
    F: Fn(&Input<'_>) -> Result<Option<(K, V)>, Reason> + Send + Sync,
{
    fn run(&mut self, context: &mut Context<'_>) -> Result<(), Fault> {
        if let Some((key, value)) = (self.decode)(context.input)? {
            let mut rows = context.slots.take(self.output);
            rows.push(Row::comes(key, value));
            context.slots.put(self.output, rows);
        }
        Ok(())
    }
}

pub(crate) struct TableSource<K, V, F, G> {
    store: Store,
    output: Slot<K, V>,
    key: Arc<F>,
    value: Arc<G>,
}

impl<K, V, F, G> TableSource<K, V, F, G> {
    pub(crate) fn new(store: usize, output: Slot<K, V>, key: Arc<F>, value: Arc<G>) -> Self {
        Self { store: Store::new(store), output, key, value }
    }
}

impl<K, V, F, G> Node for TableSource<K, V, F, G>
where
    K: Key,
    V: Value,
    F: Fn(&Input<'_>) -> Result<K, Reason> + Send + Sync,
    G: Fn(&Input<'_>) -> Result<V, Reason> + Send + Sync,
{
    fn run(&mut self, context: &mut Context<'_>) -> Result<(), Fault> {
        let sequence = context.input.sequence;
        let key = (self.key)(context.input)?;
        let bytes = key.to_bytes();
        // A removed key is kept as `None`: nothing earlier may bring it back.
        let latest: Option<(u64, Option<V>)> = self.store.read(context.state, &bytes)?;
        if latest.as_ref().is_some_and(|(latest, _)| sequence < *latest) {
            return Ok(());
        }
        let after = context.input.value.map(|_| (self.value)(context.input)).transpose()?;
        self.store.write(context.state, &bytes, &(sequence, &after))?;
        let before = latest.and_then(|(_, value)| value);
        let mut rows = context.slots.take(self.output);
        replace(&key, before, after, &mut rows);
        context.slots.put(self.output, rows);
        Ok(())
    }
}

pub(crate) struct ClockSource {
    store: Store,
    output: Slot<(), Time>,
}

impl ClockSource {
    pub(crate) fn new(store: usize, output: Slot<(), Time>) -> Self {
        Self { store: Store::new(store), output }
    }
}

impl Node for ClockSource {
    fn run(&mut self, context: &mut Context<'_>) -> Result<(), Fault> {
        let value = context.input.value.unwrap_or_default();
        let tick = Time::from_tick(value).map_err(|_| Reason::from("a tick is eight bytes, big-endian"))?;
        let latest: Option<Time> = self.store.read(context.state, &[])?;
        if latest.is_some_and(|latest| tick < latest) {
            return Ok(());
        }
        self.store.write(context.state, &[], &tick)?;
        let mut rows = context.slots.take(self.output);
        rows.push(Row::comes((), tick));
        context.slots.put(self.output, rows);
        Ok(())
    }
}

pub(crate) struct BroadcastSource<K, F, G> {
    store: Store,
    output: Slot<K, u64>,
    key: Arc<F>,
    value: Arc<G>,
}

impl<K, F, G> BroadcastSource<K, F, G> {
    pub(crate) fn new(store: usize, output: Slot<K, u64>, key: Arc<F>, value: Arc<G>) -> Self {
        Self { store: Store::new(store), output, key, value }
    }
}

impl<K, V, F, G> Node for BroadcastSource<K, F, G>
where
    K: Key,
    V: Value,
    F: Fn(&Input<'_>) -> Result<Option<K>, Reason> + Send + Sync,
    G: Fn(&Input<'_>) -> Result<V, Reason> + Send + Sync,
{
    /// Says of every record that it was read, also of the same one again: those who look up know how far they have come
    /// with it.
    fn run(&mut self, context: &mut Context<'_>) -> Result<(), Fault> {
        let sequence = context.input.sequence;
        let Some(key) = (self.key)(context.input)? else { return Ok(()) };
        let bytes = key.to_bytes();
        let latest: Option<(u64, Option<V>)> = self.store.read(context.state, &bytes)?;
        match latest {
            Some((latest, _)) if sequence < latest => return Ok(()),
            Some((latest, _)) if sequence == latest => {}
            Some(_) | None => {
                let value = context.input.value.map(|_| (self.value)(context.input)).transpose()?;
                self.store.write(context.state, &bytes, &(sequence, &value))?;
            }
        }
        let mut rows = context.slots.take(self.output);
        rows.push(Row::comes(key, sequence));
        context.slots.put(self.output, rows);
        Ok(())
    }
}
