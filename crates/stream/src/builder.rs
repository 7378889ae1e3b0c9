//! Where streams begin.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;

use crate::error::{BuildError, Reason};
use crate::graph::{Graph, MakeNode, NodeSpec, Places, Role};
use crate::key::Key;
use crate::node::Node;
use crate::operators::source::{BroadcastSource, ClockSource, StreamSource, TableSource};
use crate::record::Input;
use crate::slots::{Slot, make_slot};
use crate::stream::{Broadcast, Stream, Ticks};
use crate::topology::{SourceKind, Topology, cut};
use crate::value::Value;

/// Builds a topology. Operators are named by whoever adds them; names are checked by [`Builder::build`].
pub struct Builder {
    name: String,
    version: u32,
    graph: Rc<RefCell<Graph>>,
}

impl Builder {
    /// An empty topology. The version is part of what is stored: raise it when a stored shape changes.
    pub fn new(name: &str, version: u32) -> Self {
        Self { name: name.to_owned(), version, graph: Rc::default() }
    }

    /// Reads a topic each of whose records is a row that comes, or nothing. Records of one row key must be on one
    /// partition, as they are if the record's key tells the row's key. What `decode` refuses is poison.
    pub fn stream<K: Key, V: Value>(
        &self,
        topic: &str,
        decode: impl Fn(&Input<'_>) -> Result<Option<(K, V)>, Reason> + Send + Sync + 'static,
    ) -> Stream<K, V> {
        let decode = Arc::new(decode);
        self.source(topic, SourceKind::Stream, None, move |_, output| {
            Box::new(StreamSource { output, decode: Arc::clone(&decode) })
        })
    }

    /// Reads a compacted topic: each key has its latest value as its only row, until a tombstone takes it away. What `key`
    /// or `value` refuses is poison; `value` is not asked about tombstones.
    ///
    /// The latest is the one with the highest [`Input::sequence`]: a record that comes behind a later one of its key changes
    /// nothing, and `value` is not asked about it. The same record again counts. So that nothing comes back, a key that
    /// was taken away keeps its entry in the state: the key, and up to eleven bytes.
    pub fn table<K: Key, V: Value>(
        &self,
        topic: &str,
        key: impl Fn(&Input<'_>) -> Result<K, Reason> + Send + Sync + 'static,
        value: impl Fn(&Input<'_>) -> Result<V, Reason> + Send + Sync + 'static,
    ) -> Stream<K, V> {
        let (key, value) = (Arc::new(key), Arc::new(value));
        let store = self.graph.borrow_mut().store(topic);
        self.source(topic, SourceKind::Table, Some(store), move |places, output| {
            let (key, value) = (Arc::clone(&key), Arc::clone(&value));
            Box::new(TableSource::new(places.store(store), output, key, value))
        })
    }

    /// Reads the clock: records whose value is [`Time::to_tick`](crate::Time::to_tick). A tick before an earlier one is ignored.
    pub fn ticks(&self, topic: &str) -> Ticks {
        let store = self.graph.borrow_mut().store(topic);
        Ticks(self.source(topic, SourceKind::Ticks, Some(store), move |places, output| {
            Box::new(ClockSource::new(places.store(store), output))
        }))
    }

    /// Reads a compacted topic whole in every task of each subtopology that looks rows up in it, all its partitions. `key`
    /// passes over what it answers `None` to: nothing of it is kept. Otherwise as [`Builder::table`]; records of one key
    /// must be on one partition. Each task has all that is kept: reference data, not a stream.
    pub fn broadcast<K: Key, V: Value>(
        &self,
        topic: &str,
        key: impl Fn(&Input<'_>) -> Result<Option<K>, Reason> + Send + Sync + 'static,
        value: impl Fn(&Input<'_>) -> Result<V, Reason> + Send + Sync + 'static,
    ) -> Broadcast<K, V> {
        let (key, value) = (Arc::new(key), Arc::new(value));
        let store = self.graph.borrow_mut().store(topic);
        let read = self.source(topic, SourceKind::Broadcast, Some(store), move |places, output| {
            let (key, value) = (Arc::clone(&key), Arc::clone(&value));
            Box::new(BroadcastSource::new(places.store(store), output, key, value))
        });
        Broadcast { read, store, kinds: PhantomData }
    }

    /// The finished topology.
    ///
    /// # Errors
    /// The first fault that was found while it was built.
    pub fn build(self) -> Result<Topology, BuildError> {
        let mut graph = self.graph.take();
        graph.check_name(&self.name);
        if let Some(fault) = graph.fault {
            return Err(fault);
        }
        let graph = Arc::new(graph);
        let subtopologies = cut(&graph);
        Ok(Topology { name: self.name, version: self.version, subtopologies })
    }

    fn source<K: Key, V: Send + 'static>(
        &self,
        topic: &str,
        kind: SourceKind,
        store: Option<usize>,
        make: impl Fn(&Places, Slot<K, V>) -> Box<dyn Node> + Send + Sync + 'static,
    ) -> Stream<K, V> {
        add_source(&self.graph, (topic, kind), store, make)
    }
}

/// A source is an operator that is called as its topic is.
pub(crate) fn add_source<K: Send + 'static, V: Send + 'static>(
    graph: &Rc<RefCell<Graph>>,
    (topic, kind): (&str, SourceKind),
    store: Option<usize>,
    make: impl Fn(&Places, Slot<K, V>) -> Box<dyn Node> + Send + Sync + 'static,
) -> Stream<K, V> {
    let mut building = graph.borrow_mut();
    let slot = Slot::new(building.slot(make_slot::<K, V>, true));
    let make: MakeNode = Arc::new(move |places| make(places, slot));
    building.node(NodeSpec {
        name: topic.to_owned(),
        kind: "source".to_owned(),
        role: Role::Source { topic: topic.to_owned(), kind },
        reads: Vec::new(),
        writes: Some(slot.index),
        stores: store.into_iter().collect(),
        make,
    });
    Stream { graph: Rc::clone(graph), slot }
}
