//! Changes that go to where their new keys live, through a topic.
//!
//! One record is all rows of one cause for one key: the key is the encoded key, the value is the cause and the rows. So
//! what is one change before the topic is one change behind it, for each key.

use std::sync::Arc;

use crate::builder::add_source;
use crate::cause::{Cause, CauseId};
use crate::error::Reason;
use crate::graph::{NodeSpec, Role};
use crate::key::{DecodeError, Key};
use crate::node::{Context, Fault, Node};
use crate::operators::store::net;
use crate::outbox::Encoded;
use crate::row::Row;
use crate::slots::Slot;
use crate::stream::Stream;
use crate::time::Time;
use crate::topology::{SinkKind, SourceKind};
use crate::value::{Value, encode_value, take_value};

impl<K: Key, V: Value> Stream<K, V> {
    /// Sends the rows through a topic, so that those of one key come to one partition. The topology is cut here.
    pub fn repartition(&self, topic: &str) -> Stream<K, V> {
        let input = self.slot;
        {
            let mut graph = self.graph.borrow_mut();
            let index = graph.nodes.len();
            graph.node(NodeSpec {
                name: format!("{topic}.out"),
                kind: "repartition".to_owned(),
                role: Role::Sink { topic: topic.to_owned(), kind: SinkKind::Repartition },
                reads: vec![input.index],
                writes: None,
                stores: Vec::new(),
                make: Arc::new(move |places| {
                    Box::new(Outgoing { input, sink: places.sinks[&index], record: Encoded::default() })
                }),
            });
        }
        add_source(&self.graph, (topic, SourceKind::Repartition), None, |_, output| {
            Box::new(Incoming { output })
        })
    }
}

struct Outgoing<K, V> {
    input: Slot<K, V>,
    sink: usize,
    record: Encoded,
}

impl<K: Key, V: Value> Node for Outgoing<K, V> {
    fn run(&mut self, context: &mut Context<'_>) -> Result<(), Fault> {
        let rows = context.slots.take(self.input);
        let sent = self.send(&rows, context);
        context.slots.put(self.input, rows);
        sent
    }
}

impl<K: Key, V: Value> Outgoing<K, V> {
    fn send(&mut self, rows: &[Row<K, V>], context: &mut Context<'_>) -> Result<(), Fault> {
        let parts = rows.iter().map(|row| ((&row.key, &row.value), row.weight.get())).collect();
        for group in net(parts)?.chunk_by(|a, b| a.0.0 == b.0.0) {
            self.record.clear();
            group[0].0.0.encode(&mut self.record.key);
            encode_cause(&context.cause, &mut self.record.value);
            for ((_, value), weight) in group {
                encode_value(weight, &mut self.record.value);
                encode_value(value, &mut self.record.value);
            }
            context.outbox.push(self.sink, context.cause.at, &mut self.record, false);
        }
        Ok(())
    }
}

/// Time, then length and bytes of the name, in one byte and as many as it says.
fn encode_cause(cause: &Cause, out: &mut Vec<u8>) {
    let id = cause.id.as_bytes();
    encode_value(&cause.at, out);
    out.push(id.len() as u8);
    out.extend_from_slice(id);
}

fn take_cause(input: &mut &[u8]) -> Result<Cause, DecodeError> {
    let at: Time = take_value(input)?;
    let (len, rest) = input.split_first().ok_or(DecodeError)?;
    let (id, rest) = rest.split_at_checked(usize::from(*len)).ok_or(DecodeError)?;
    *input = rest;
    Ok(Cause { id: CauseId::new(id).ok_or(DecodeError)?, at })
}

struct Incoming<K, V> {
    output: Slot<K, V>,
}

impl<K: Key, V: Value> Node for Incoming<K, V> {
    fn run(&mut self, context: &mut Context<'_>) -> Result<(), Fault> {
        let mut rows = context.slots.take(self.output);
        let read = receive(context, &mut rows);
        context.slots.put(self.output, rows);
        Ok(read.map_err(|_| Reason::from("these bytes are no change of this topology's version"))?)
    }
}

fn receive<K: Key, V: Value>(
    context: &mut Context<'_>,
    rows: &mut Vec<Row<K, V>>,
) -> Result<(), DecodeError> {
    let key = K::from_bytes(context.input.key.ok_or(DecodeError)?)?;
    let mut value = context.input.value.ok_or(DecodeError)?;
    context.cause = take_cause(&mut value)?;
    while !value.is_empty() {
        let weight = take_value(&mut value)?;
        rows.push(Row { key: key.clone(), weight, value: take_value(&mut value)? });
    }
    Ok(())
}
