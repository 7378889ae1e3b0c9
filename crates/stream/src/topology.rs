//! Topologies as values.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::graph::{Graph, Places, Role};
use crate::instance::Instance;

/// What a source's records mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceKind {
    /// Each record is a row that comes.
    Stream,
    /// A compacted topic: the latest value of each key is its row, a tombstone takes it away.
    Table,
    /// Changes of another subtopology, keyed anew.
    Repartition,
    /// The clock. Every partition gets every tick.
    Ticks,
    /// A compacted topic of which every partition gets every record, of all its partitions.
    Broadcast,
}

impl SourceKind {
    /// Whether every partition of a subtopology gets the same records: such a source tells nothing of how many there are.
    pub const fn is_everywhere(self) -> bool {
        match self {
            Self::Ticks | Self::Broadcast => true,
            Self::Stream | Self::Table | Self::Repartition => false,
        }
    }
}

/// What a sink's records mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SinkKind {
    /// Changes for another subtopology, keyed anew.
    Repartition,
    /// A compacted topic: the value of each key, or a tombstone.
    View,
    /// A record for each row.
    Stream,
}

/// A topic that is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceSpec {
    /// Its name.
    pub topic: String,
    /// What its records mean.
    pub kind: SourceKind,
}

/// A store that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreSpec {
    /// Its name, unique in the topology.
    pub name: String,
}

/// A topic that is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SinkSpec {
    /// Its name.
    pub topic: String,
    /// What its records mean.
    pub kind: SinkKind,
}

/// Operators between topics: a plain value that can be printed, compared by its picture, and run.
#[derive(Clone)]
pub struct Topology {
    pub(crate) name: String,
    pub(crate) version: u32,
    pub(crate) subtopologies: Vec<Subtopology>,
}

impl Topology {
    /// The name it was built with.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Raised by whoever changes what is stored or repartitioned.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The parts between repartition topics, in the order of their first sources.
    pub fn subtopologies(&self) -> &[Subtopology] {
        &self.subtopologies
    }
}

impl std::fmt::Debug for Topology {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Topology")
            .field("name", &self.name)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// The part of a topology that runs in one place for one partition number: all its sources are partitioned alike.
#[derive(Clone)]
pub struct Subtopology {
    pub(crate) name: String,
    pub(crate) sources: Vec<SourceSpec>,
    pub(crate) stores: Vec<StoreSpec>,
    pub(crate) sinks: Vec<SinkSpec>,
    pub(crate) graph: Arc<Graph>,
    /// Which nodes of the graph, in the order in which they run.
    pub(crate) nodes: Vec<usize>,
    pub(crate) places: Arc<Places>,
}

impl Subtopology {
    /// The topic of its first source that is not [everywhere](SourceKind::is_everywhere). Unique in the topology.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it reads. The first that is not [everywhere](SourceKind::is_everywhere) leads: its partitions are those of the
    /// subtopology.
    pub fn sources(&self) -> &[SourceSpec] {
        &self.sources
    }

    /// What it keeps. The place in this slice is the number that [`State`](crate::State) is asked for.
    pub fn stores(&self) -> &[StoreSpec] {
        &self.stores
    }

    /// What it writes.
    pub fn sinks(&self) -> &[SinkSpec] {
        &self.sinks
    }

    /// Makes one to process the records of one partition.
    pub fn instantiate(&self) -> Instance {
        Instance::new(self)
    }
}

impl std::fmt::Debug for Subtopology {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subtopology").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Cuts at the repartition topics: what hangs together through streams is one part. Clocks and broadcast tables belong to
/// every part that reads them.
pub(crate) fn cut(graph: &Arc<Graph>) -> Vec<Subtopology> {
    let mut group: Vec<usize> = (0..graph.nodes.len()).collect();
    let mut writer: BTreeMap<usize, usize> = BTreeMap::new();
    for (index, node) in graph.nodes.iter().enumerate() {
        if is_everywhere(&node.role) {
            continue;
        }
        for from in node.reads.iter().filter_map(|slot| writer.get(slot)) {
            let (kept, gone) = (group[*from].min(group[index]), group[*from].max(group[index]));
            group.iter_mut().filter(|group| **group == gone).for_each(|group| *group = kept);
        }
        writer.extend(node.writes.map(|slot| (slot, index)));
    }
    let mut first: Vec<usize> = group.clone();
    first.sort_unstable();
    first.dedup();
    let parts = first.iter().filter(|first| !is_everywhere(&graph.nodes[**first].role));
    parts.map(|first| part(graph, &group, *first)).collect()
}

fn is_everywhere(role: &Role) -> bool {
    matches!(role, Role::Source { kind, .. } if kind.is_everywhere())
}

fn part(graph: &Arc<Graph>, group: &[usize], first: usize) -> Subtopology {
    let read: Vec<usize> = (0..group.len())
        .filter(|node| group[*node] == first)
        .flat_map(|node| graph.nodes[node].reads.iter().copied())
        .collect();
    let is_read = |slot: Option<usize>| slot.is_some_and(|slot| read.contains(&slot));
    let belongs = |node: &usize| {
        group[*node] == first
            || (is_everywhere(&graph.nodes[*node].role) && is_read(graph.nodes[*node].writes))
    };
    let nodes: Vec<usize> = (0..group.len()).filter(belongs).collect();
    let mut places = Places::default();
    let (mut sources, mut stores, mut sinks) = (Vec::new(), Vec::new(), Vec::new());
    for index in &nodes {
        let node = &graph.nodes[*index];
        for store in &node.stores {
            places.stores.insert(*store, stores.len());
            stores.push(StoreSpec { name: graph.stores[*store].clone() });
        }
        match &node.role {
            Role::Source { topic, kind } => sources.push(SourceSpec { topic: topic.clone(), kind: *kind }),
            Role::Sink { topic, kind } => {
                places.sinks.insert(*index, sinks.len());
                sinks.push(SinkSpec { topic: topic.clone(), kind: *kind });
            }
            Role::Operator => {}
        }
    }
    let lead = sources.iter().find(|source| !source.kind.is_everywhere());
    let name = lead.expect("streams begin at sources").topic.clone();
    Subtopology { name, sources, stores, sinks, graph: Arc::clone(graph), nodes, places: Arc::new(places) }
}
