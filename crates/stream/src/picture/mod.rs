//! Topologies as pictures.

mod layout;
mod svg;
mod text;

use crate::graph::{NodeSpec, Role};
use crate::topology::{SinkKind, SourceKind, Subtopology, Topology};

impl Topology {
    /// A tree for each subtopology, for terminals. What is read by several is told once and pointed to afterwards.
    pub fn to_text(&self) -> String {
        text::draw(self)
    }

    /// A picture that stands alone, in the colours that the reader prefers, dark or light.
    pub fn to_svg(&self) -> String {
        svg::draw(self)
    }
}

impl Subtopology {
    fn specs(&self) -> impl Iterator<Item = (usize, &NodeSpec)> {
        self.nodes.iter().map(|index| (*index, &self.graph.nodes[*index]))
    }

    fn readers(&self, slot: Option<usize>) -> impl Iterator<Item = usize> {
        let reads = move |spec: &NodeSpec| slot.is_some_and(|slot| spec.reads.contains(&slot));
        self.specs().filter(move |(_, spec)| reads(spec)).map(|(index, _)| index)
    }

    fn store_names(&self, spec: &NodeSpec) -> Vec<&str> {
        spec.stores.iter().map(|store| self.graph.stores[*store].as_str()).collect()
    }
}

/// What is written large, and what below it.
fn title(spec: &NodeSpec) -> (&str, &str) {
    match &spec.role {
        Role::Source { topic, kind } => (
            topic,
            match kind {
                SourceKind::Stream => "from stream",
                SourceKind::Table => "from table",
                SourceKind::Repartition => "from repartition",
                SourceKind::Ticks => "from clock",
                SourceKind::Broadcast => "from broadcast",
            },
        ),
        Role::Sink { topic, kind } => (
            topic,
            match kind {
                SinkKind::Repartition => "to repartition",
                SinkKind::View => "to view",
                SinkKind::Stream => "to stream",
            },
        ),
        Role::Operator => (&spec.name, &spec.kind),
    }
}
