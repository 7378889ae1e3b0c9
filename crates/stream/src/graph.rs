//! A topology while it is built, and what is kept of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::error::BuildError;
use crate::node::Node;
use crate::slots::MakeSlot;
use crate::topology::{SinkKind, SourceKind};

/// Which part of a topology's outside an operator is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Role {
    Source { topic: String, kind: SourceKind },
    Operator,
    Sink { topic: String, kind: SinkKind },
}

/// Where the stores and sinks of the whole are in one subtopology.
#[derive(Default)]
pub(crate) struct Places {
    pub(crate) stores: BTreeMap<usize, usize>,
    pub(crate) sinks: BTreeMap<usize, usize>,
}

impl Places {
    pub(crate) fn store(&self, store: usize) -> usize {
        self.stores[&store]
    }
}

pub(crate) type MakeNode = Arc<dyn Fn(&Places) -> Box<dyn Node> + Send + Sync>;

#[derive(Clone)]
pub(crate) struct NodeSpec {
    pub(crate) name: String,
    /// The operator in a word or a few, for pictures.
    pub(crate) kind: String,
    pub(crate) role: Role,
    pub(crate) reads: Vec<usize>,
    pub(crate) writes: Option<usize>,
    pub(crate) stores: Vec<usize>,
    pub(crate) make: MakeNode,
}

#[derive(Clone)]
pub(crate) struct SlotSpec {
    pub(crate) make: MakeSlot,
    pub(crate) partitioned: bool,
}

/// Nodes in the order they were added, which is an order in which they can run.
#[derive(Clone, Default)]
pub(crate) struct Graph {
    pub(crate) nodes: Vec<NodeSpec>,
    pub(crate) slots: Vec<SlotSpec>,
    pub(crate) stores: Vec<String>,
    pub(crate) fault: Option<BuildError>,
}

const NAME_MAX_BYTES: usize = 100;

impl Graph {
    pub(crate) fn slot(&mut self, make: MakeSlot, partitioned: bool) -> usize {
        self.slots.push(SlotSpec { make, partitioned });
        self.slots.len() - 1
    }

    pub(crate) fn store(&mut self, name: impl Into<String>) -> usize {
        self.stores.push(name.into());
        self.stores.len() - 1
    }

    pub(crate) fn node(&mut self, node: NodeSpec) {
        if self.nodes.iter().any(|other| other.name == node.name) {
            self.fail(BuildError::DuplicateName(node.name.clone()));
        }
        self.check_name(&node.name);
        self.check_topic(&node);
        self.nodes.push(node);
    }

    pub(crate) fn fail(&mut self, fault: BuildError) {
        self.fault.get_or_insert(fault);
    }

    pub(crate) fn check_name(&mut self, name: &str) {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
        if name.is_empty() || name.len() > NAME_MAX_BYTES || !name.chars().all(allowed) {
            self.fail(BuildError::BadName(name.to_owned()));
        }
    }

    /// A topic is read by one source and written by one sink; both only if it is a repartition topic.
    fn check_topic(&mut self, node: &NodeSpec) {
        let clash = |other: &NodeSpec| match (&node.role, &other.role) {
            (Role::Source { topic: a, .. }, Role::Source { topic: b, .. })
            | (Role::Sink { topic: a, .. }, Role::Sink { topic: b, .. }) => a == b,
            (Role::Source { topic: a, kind }, Role::Sink { topic: b, .. })
            | (Role::Sink { topic: b, .. }, Role::Source { topic: a, kind }) => {
                a == b && *kind != SourceKind::Repartition
            }
            (Role::Operator, _) | (_, Role::Operator) => false,
        };
        if let (Role::Source { topic, .. } | Role::Sink { topic, .. }, true) =
            (&node.role, self.nodes.iter().any(clash))
        {
            let topic = topic.clone();
            self.fail(BuildError::DuplicateTopic(topic));
        }
    }
}
