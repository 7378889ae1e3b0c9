//! Trees of words.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::title;
use crate::topology::{Subtopology, Topology};

pub(super) fn draw(topology: &Topology) -> String {
    let mut out = format!("{}, version {}\n", topology.name, topology.version);
    for part in &topology.subtopologies {
        _ = write!(out, "\nsubtopology {}\n", part.name);
        let mut tree = Tree { part, told: BTreeSet::new(), out: &mut out };
        for (index, spec) in part.specs() {
            if spec.reads.is_empty() {
                tree.node(index, "  ", "  ");
            }
        }
    }
    out
}

struct Tree<'a> {
    part: &'a Subtopology,
    told: BTreeSet<usize>,
    out: &'a mut String,
}

impl Tree<'_> {
    /// `first` stands before the node itself, `rest` before what hangs on it.
    fn node(&mut self, index: usize, first: &str, rest: &str) {
        let spec = &self.part.graph.nodes[index];
        let (name, kind) = title(spec);
        if !self.told.insert(index) {
            _ = writeln!(self.out, "{first}{name} (above)");
            return;
        }
        _ = write!(self.out, "{first}{name}: {kind}");
        let stores = self.part.store_names(spec);
        if stores.is_empty() {
            self.out.push('\n');
        } else {
            _ = writeln!(self.out, " [{}]", stores.join(", "));
        }
        let readers: Vec<usize> = self.part.readers(spec.writes).collect();
        for (place, reader) in readers.iter().enumerate() {
            let (corner, line) =
                if place + 1 == readers.len() { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            self.node(*reader, &format!("{rest}{corner}"), &format!("{rest}{line}"));
        }
    }
}
