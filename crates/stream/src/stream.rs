//! Streams while a topology is built: what the operators are called on.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;

use crate::error::BuildError;
use crate::graph::{Graph, NodeSpec, Places, Role};
use crate::node::{Binary, BinaryNode, Unary, UnaryNode};
use crate::slots::{Slot, make_slot};
use crate::time::Time;

/// A collection of rows that changes. Its operators are methods, each with a name that is unique in the topology; stores
/// are called as their operators are.
///
/// A *table* is a stream that never has two rows under one key, as [`Stream::aggregate`] or [`Builder::table`] give it.
///
/// [`Builder::table`]: crate::Builder::table
#[must_use = "a stream that nothing reads changes nothing"]
pub struct Stream<K, V> {
    pub(crate) graph: Rc<RefCell<Graph>>,
    pub(crate) slot: Slot<K, V>,
}

impl<K, V> Clone for Stream<K, V> {
    fn clone(&self) -> Self {
        Self { graph: Rc::clone(&self.graph), slot: self.slot }
    }
}

/// The clock of a topology, which drives its windows.
#[derive(Clone)]
pub struct Ticks(pub(crate) Stream<(), Time>);

/// A compacted topic that every task has whole, whatever its partition: what rows are [looked up](Stream::lookup) in.
#[derive(Clone)]
pub struct Broadcast<K, V> {
    /// The keys of which a record was read, with the sequence of the record.
    pub(crate) read: Stream<K, u64>,
    /// Where the rows are: sequence and value, by key.
    pub(crate) store: usize,
    pub(crate) kinds: PhantomData<fn() -> V>,
}

/// What an operator is called, what it is, and what it keeps.
pub(crate) struct Described<'a> {
    pub(crate) name: &'a str,
    pub(crate) kind: String,
    /// What follows the operator's name in the name of each store.
    pub(crate) stores: &'a [&'a str],
    pub(crate) partitions: Partitions,
}

/// Whether rows of one key are on one partition behind an operator.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Partitions {
    /// If they were before.
    Kept,
    /// No more.
    Lost,
    /// Again: they came from these keys, and have not moved since.
    Found,
}

impl Partitions {
    fn after(self, before: bool) -> bool {
        match self {
            Partitions::Kept => before,
            Partitions::Lost => false,
            Partitions::Found => true,
        }
    }
}

impl<'a> Described<'a> {
    pub(crate) fn new(name: &'a str, kind: impl Into<String>, stores: &'a [&'a str]) -> Self {
        Self { name, kind: kind.into(), stores, partitions: Partitions::Kept }
    }
}

impl<K: Send + 'static, V: Send + 'static> Stream<K, V> {
    pub(crate) fn is_partitioned(&self) -> bool {
        self.graph.borrow().slots[self.slot.index].partitioned
    }

    pub(crate) fn needs_partitions(&self, operator: &str) {
        if !self.is_partitioned() {
            self.graph.borrow_mut().fail(BuildError::NotPartitioned { operator: operator.to_owned() });
        }
    }

    /// Adds an operator that reads this stream. `make` is given its stores in the order of their description.
    pub(crate) fn unary<U: Unary<InKey = K, In = V> + 'static>(
        &self,
        described: &Described<'_>,
        make: impl Fn(&[usize]) -> U + Send + Sync + 'static,
    ) -> Stream<U::OutKey, U::Out> {
        let partitioned = described.partitions.after(self.is_partitioned());
        let mut graph = self.graph.borrow_mut();
        let (input, output) = (self.slot, Slot::new(graph.slot(make_slot::<U::OutKey, U::Out>, partitioned)));
        let stores = add_stores(&mut graph, described);
        let kept = stores.clone();
        graph.node(NodeSpec {
            name: described.name.to_owned(),
            kind: described.kind.clone(),
            role: Role::Operator,
            reads: vec![input.index],
            writes: Some(output.index),
            stores,
            make: Arc::new(move |places| {
                let stores: Vec<usize> = kept.iter().map(|store| places.store(*store)).collect();
                Box::new(UnaryNode { input, output, unary: make(&stores) })
            }),
        });
        Stream { graph: Rc::clone(&self.graph), slot: output }
    }

    /// Adds an operator that reads this stream and another.
    pub(crate) fn binary<B: Binary<LeftKey = K, Left = V> + 'static>(
        &self,
        other: &Stream<B::RightKey, B::Right>,
        described: &Described<'_>,
        make: impl Fn(&[usize]) -> B + Send + Sync + 'static,
    ) -> Stream<B::OutKey, B::Out> {
        self.binary_at(other, described, move |_, stores| make(stores))
    }

    /// As [`Stream::binary`], for one that also reads what another operator keeps: `make` is told where that is.
    pub(crate) fn binary_at<B: Binary<LeftKey = K, Left = V> + 'static>(
        &self,
        other: &Stream<B::RightKey, B::Right>,
        described: &Described<'_>,
        make: impl Fn(&Places, &[usize]) -> B + Send + Sync + 'static,
    ) -> Stream<B::OutKey, B::Out> {
        assert!(Rc::ptr_eq(&self.graph, &other.graph), "both streams are of one topology");
        let partitioned = described.partitions.after(self.is_partitioned() && other.is_partitioned());
        let mut graph = self.graph.borrow_mut();
        let (left, right) = (self.slot, other.slot);
        let output = Slot::new(graph.slot(make_slot::<B::OutKey, B::Out>, partitioned));
        let stores = add_stores(&mut graph, described);
        let kept = stores.clone();
        graph.node(NodeSpec {
            name: described.name.to_owned(),
            kind: described.kind.clone(),
            role: Role::Operator,
            reads: vec![left.index, right.index],
            writes: Some(output.index),
            stores,
            make: Arc::new(move |places| {
                let stores: Vec<usize> = kept.iter().map(|store| places.store(*store)).collect();
                Box::new(BinaryNode { left, right, output, binary: make(places, &stores) })
            }),
        });
        Stream { graph: Rc::clone(&self.graph), slot: output }
    }
}

fn add_stores(graph: &mut Graph, described: &Described<'_>) -> Vec<usize> {
    let name = |part: &&str| match *part {
        "" => described.name.to_owned(),
        part => format!("{}.{part}", described.name),
    };
    described.stores.iter().map(|part| graph.store(name(part))).collect()
}
