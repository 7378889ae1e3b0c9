//! Where rows become records.

use std::sync::Arc;

use crate::cause::Cause;
use crate::error::Reason;
use crate::graph::{NodeSpec, Role};
use crate::key::Key;
use crate::node::{Context, Fault, Node};
use crate::operators::store::{net, weighted};
use crate::outbox::Encoded;
use crate::row::Row;
use crate::slots::Slot;
use crate::stream::Stream;
use crate::topology::SinkKind;
use crate::value::Value;

impl<K: Key, V: Value> Stream<K, V> {
    /// Writes a table into a compacted topic: the value of each key that changes, or a tombstone. Two rows under one key
    /// are poison. `encode` fills in the record; with `None` for a tombstone, whose value is ignored.
    pub fn to_view(
        &self,
        topic: &str,
        encode: impl Fn(&K, Option<&V>, &mut Encoded) + Send + Sync + 'static,
    ) {
        self.to_view_with_cause(topic, move |key, value, _, record| encode(key, value, record));
    }

    /// As [`Stream::to_view`], for records that say which input they are as of.
    pub fn to_view_with_cause(
        &self,
        topic: &str,
        encode: impl Fn(&K, Option<&V>, &Cause, &mut Encoded) + Send + Sync + 'static,
    ) {
        self.needs_partitions(topic);
        let encode = Arc::new(encode);
        self.sink(topic, SinkKind::View, move |input, sink| {
            Box::new(View { input, sink, encode: Arc::clone(&encode), record: Encoded::default() })
        });
    }

    /// Writes a record for each row that comes or goes. Rows that only ever come, as decisions are, make an append-only
    /// topic; `encode` sees the weight of others.
    pub fn to_stream(
        &self,
        topic: &str,
        encode: impl Fn(&Row<K, V>, &Cause, &mut Encoded) + Send + Sync + 'static,
    ) {
        let encode = Arc::new(encode);
        self.sink(topic, SinkKind::Stream, move |input, sink| {
            Box::new(Append { input, sink, encode: Arc::clone(&encode), record: Encoded::default() })
        });
    }

    fn sink(
        &self,
        topic: &str,
        kind: SinkKind,
        make: impl Fn(Slot<K, V>, usize) -> Box<dyn Node> + Send + Sync + 'static,
    ) {
        let input = self.slot;
        let mut graph = self.graph.borrow_mut();
        let index = graph.nodes.len();
        graph.node(NodeSpec {
            name: format!("{topic}.out"),
            kind: "sink".to_owned(),
            role: Role::Sink { topic: topic.to_owned(), kind },
            reads: vec![input.index],
            writes: None,
            stores: Vec::new(),
            make: Arc::new(move |places| make(input, places.sinks[&index])),
        });
    }
}

struct View<K, V, F> {
    input: Slot<K, V>,
    sink: usize,
    encode: Arc<F>,
    record: Encoded,
}

impl<K: Key, V: Value, F: Fn(&K, Option<&V>, &Cause, &mut Encoded) + Send + Sync> Node for View<K, V, F> {
    fn run(&mut self, context: &mut Context<'_>) -> Result<(), Fault> {
        let rows = context.slots.take(self.input);
        let sent = self.send(&rows, context);
        context.slots.put(self.input, rows);
        sent
    }
}

impl<K: Key, V: Value, F: Fn(&K, Option<&V>, &Cause, &mut Encoded)> View<K, V, F> {
    fn send(&mut self, rows: &[Row<K, V>], context: &mut Context<'_>) -> Result<(), Fault> {
        let parts = rows.iter().map(|row| ((&row.key, &row.value), row.weight.get())).collect();
        for group in net(parts)?.chunk_by(|a, b| a.0.0 == b.0.0) {
            let value = only(group)?;
            self.record.clear();
            (self.encode)(group[0].0.0, value, &context.cause, &mut self.record);
            context.outbox.push(self.sink, context.cause.at, &mut self.record, value.is_none());
        }
        Ok(())
    }
}

fn only<'a, K, V>(group: &[((&K, &'a V), i64)]) -> Result<Option<&'a V>, Reason> {
    let mut coming = group.iter().filter(|(_, weight)| *weight > 0);
    let mut going = group.iter().filter(|(_, weight)| *weight < 0);
    let value = coming.next();
    let single =
        value.is_none_or(|(_, weight)| *weight == 1) && going.next().is_none_or(|(_, weight)| *weight == -1);
    if single && coming.next().is_none() && going.next().is_none() {
        Ok(value.map(|((_, value), _)| *value))
    } else {
        Err("a view has one row for each key".into())
    }
}

struct Append<K, V, F> {
    input: Slot<K, V>,
    sink: usize,
    encode: Arc<F>,
    record: Encoded,
}

impl<K: Key, V: Value, F: Fn(&Row<K, V>, &Cause, &mut Encoded) + Send + Sync> Node for Append<K, V, F> {
    fn run(&mut self, context: &mut Context<'_>) -> Result<(), Fault> {
        let rows = context.slots.take(self.input);
        let sent = self.send(&rows, context);
        context.slots.put(self.input, rows);
        sent
    }
}

impl<K: Key, V: Value, F: Fn(&Row<K, V>, &Cause, &mut Encoded)> Append<K, V, F> {
    fn send(&mut self, rows: &[Row<K, V>], context: &mut Context<'_>) -> Result<(), Fault> {
        let parts = rows.iter().map(|row| ((row.key.clone(), row.value.clone()), row.weight.get())).collect();
        for ((key, value), weight) in net(parts)? {
            let Some(row) = weighted(key, value, weight) else { continue };
            self.record.clear();
            (self.encode)(&row, &context.cause, &mut self.record);
            context.outbox.push(self.sink, context.cause.at, &mut self.record, false);
        }
        Ok(())
    }
}
