//! Where the boxes stand: each node right of all that it reads from, and a source just left of its first reader, so that
//! few lines have to pass a box.

use std::collections::BTreeMap;

use super::title;
use crate::graph::NodeSpec;
use crate::topology::Subtopology;

const LETTER_WIDTH: usize = 8;
pub(super) const LINE_HEIGHT: usize = 17;
const PADDING: usize = 11;
const GAP_X: usize = 56;
const GAP_Y: usize = 20;

/// A box, in pixels from the left upper corner of its subtopology.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) height: usize,
}

#[derive(Debug)]
pub(super) struct Layout {
    /// By the number of the node in the graph.
    pub(super) boxes: BTreeMap<usize, Placed>,
    pub(super) width: usize,
    pub(super) height: usize,
}

pub(super) fn lay_out(part: &Subtopology) -> Layout {
    let layers = layers(part);
    let mut layout = Layout { boxes: BTreeMap::new(), width: 0, height: 0 };
    for mut layer in layers {
        let wish = |node: &usize| middle_of_parents(part, &layout, *node);
        layer.sort_by_key(|node| (wish(node), *node));
        let mut y = 0;
        let mut right = layout.width;
        for node in layer {
            let spec = &part.graph.nodes[node];
            let (width, height) = size(part, spec);
            let top = middle_of_parents(part, &layout, node).saturating_sub(height / 2).max(y);
            layout.boxes.insert(node, Placed { x: layout.width, y: top, width, height });
            y = top + height + GAP_Y;
            right = right.max(layout.width + width + GAP_X);
            layout.height = layout.height.max(top + height);
        }
        layout.width = right;
    }
    layout.width = layout.width.saturating_sub(GAP_X);
    layout
}

fn layers(part: &Subtopology) -> Vec<Vec<usize>> {
    let mut layer_of: BTreeMap<usize, usize> = BTreeMap::new();
    for (index, spec) in part.specs() {
        let before = parents(part, spec).filter_map(|parent| layer_of.get(&parent)).max();
        layer_of.insert(index, before.map_or(0, |layer| layer + 1));
    }
    for (index, spec) in part.specs().filter(|(_, spec)| spec.reads.is_empty()) {
        let first = part.readers(spec.writes).filter_map(|reader| layer_of.get(&reader)).min();
        layer_of.insert(index, first.map_or(0, |layer| layer - 1));
    }
    let mut layers = vec![Vec::new(); layer_of.values().max().map_or(0, |layer| layer + 1)];
    for (node, layer) in layer_of {
        layers[layer].push(node);
    }
    layers
}

/// The nodes whose streams a node reads.
pub(super) fn parents<'a>(part: &'a Subtopology, spec: &'a NodeSpec) -> impl Iterator<Item = usize> + 'a {
    let wrote = |from: &NodeSpec| from.writes.is_some_and(|slot| spec.reads.contains(&slot));
    part.specs().filter(move |(_, from)| wrote(from)).map(|(index, _)| index)
}

fn middle_of_parents(part: &Subtopology, layout: &Layout, node: usize) -> usize {
    let boxes = parents(part, &part.graph.nodes[node]).filter_map(|parent| layout.boxes.get(&parent));
    let middles: Vec<usize> = boxes.map(|placed| placed.y + placed.height / 2).collect();
    middles.iter().sum::<usize>() / middles.len().max(1)
}

fn size(part: &Subtopology, spec: &NodeSpec) -> (usize, usize) {
    let (name, kind) = title(spec);
    let stores = part.store_names(spec);
    let longest =
        stores.iter().map(|store| store.len() + 2).chain([name.len(), kind.len()]).max().unwrap_or(0);
    (longest * LETTER_WIDTH + 2 * PADDING, (2 + stores.len()) * LINE_HEIGHT + PADDING)
}
