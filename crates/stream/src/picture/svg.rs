//! Boxes and lines.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::layout::{LINE_HEIGHT, Layout, Placed, lay_out, parents};
use super::title;
use crate::graph::{NodeSpec, Role};
use crate::topology::{Subtopology, Topology};

/// In pixels from the left upper corner.
type Point = (usize, usize);

const MARGIN: usize = 24;
const HEADING: usize = 34;

/// Names are checked when a topology is built: no character in them means anything to XML.
const STYLE: &str = "\
text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#1b1f24}\
.heading{font-weight:600;font-size:15px}.kind,.store{fill:#57606a}\
.paper{fill:#fff}.part{fill:#f6f8fa;stroke:#d0d7de}\
rect.operator{fill:#fff;stroke:#8c959f}rect.topic{fill:#ddf4ff;stroke:#0969da}\
.line{fill:none;stroke:#57606a;stroke-width:1.5}.topic-line{stroke:#0969da;stroke-dasharray:5 4}\
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.kind,.store{fill:#9198a1}\
.paper{fill:#0d1117}.part{fill:#151b23;stroke:#3d444d}\
rect.operator{fill:#0d1117;stroke:#656c76}rect.topic{fill:#0c2d4a;stroke:#4493f8}\
.line{stroke:#9198a1}.topic-line{stroke:#4493f8}}";

pub(super) fn draw(topology: &Topology) -> String {
    let (mut body, mut width, mut y) = (String::new(), 0, MARGIN + HEADING);
    // Where the records of each repartition topic leave, and where they arrive.
    let mut ends: BTreeMap<&str, (Option<Point>, Option<Point>)> = BTreeMap::new();
    for part in &topology.subtopologies {
        let layout = lay_out(part);
        draw_part(&mut body, part, &layout, y);
        for (index, spec) in part.specs() {
            let placed = shifted(layout.boxes[&index], y);
            match &spec.role {
                Role::Source { topic, .. } => ends.entry(topic).or_default().1 = Some(top(placed)),
                Role::Sink { topic, .. } => ends.entry(topic).or_default().0 = Some(bottom(placed)),
                Role::Operator => {}
            }
        }
        width = width.max(layout.width + 4 * MARGIN);
        y += layout.height + HEADING + 3 * MARGIN;
    }
    for (from, to) in ends.into_values() {
        if let (Some(from), Some(to)) = (from, to) {
            topic_line(&mut body, from, to);
        }
    }
    let Topology { name, version, .. } = topology;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {y}\" width=\"{width}\" height=\"{y}\" \
         role=\"img\" aria-label=\"Topology {name}\"><style>{STYLE}</style>\n\
         <rect class=\"paper\" width=\"{width}\" height=\"{y}\"/>\n\
         <text class=\"heading\" x=\"{MARGIN}\" y=\"{}\">{name}, version {version}</text>\n{body}</svg>\n",
        MARGIN + 12
    )
}

fn draw_part(out: &mut String, part: &Subtopology, layout: &Layout, y: usize) {
    _ = writeln!(
        out,
        "<rect class=\"part\" x=\"{MARGIN}\" y=\"{y}\" width=\"{}\" height=\"{}\" rx=\"10\"/>\
         <text class=\"heading\" x=\"{}\" y=\"{}\">{}</text>",
        layout.width + 2 * MARGIN,
        layout.height + HEADING + 2 * MARGIN,
        2 * MARGIN,
        y + MARGIN + 6,
        part.name,
    );
    // Lines first: where one has to pass a box, it goes behind it.
    for (index, spec) in part.specs() {
        for parent in parents(part, spec) {
            line(
                out,
                "line",
                right(shifted(layout.boxes[&parent], y)),
                left(shifted(layout.boxes[&index], y)),
            );
        }
    }
    for (index, spec) in part.specs() {
        draw_box(out, part, spec, shifted(layout.boxes[&index], y));
    }
}

fn draw_box(out: &mut String, part: &Subtopology, spec: &NodeSpec, placed: Placed) {
    let Placed { x, y, width, height } = placed;
    let class = if spec.role == Role::Operator { "operator" } else { "topic" };
    _ = write!(
        out,
        "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" rx=\"5\"/>"
    );
    let (name, kind) = title(spec);
    let stores = part.store_names(spec).into_iter().map(|store| ("store", format!("▤ {store}")));
    let lines = [("name", name.to_owned()), ("kind", kind.to_owned())].into_iter().chain(stores);
    for (number, (class, text)) in lines.enumerate() {
        let baseline = y + LINE_HEIGHT * (number + 1);
        _ = write!(out, "<text class=\"{class}\" x=\"{}\" y=\"{baseline}\">{text}</text>", x + 11);
    }
    out.push('\n');
}

fn shifted(placed: Placed, y: usize) -> Placed {
    Placed { x: placed.x + 2 * MARGIN, y: placed.y + y + HEADING + MARGIN, ..placed }
}

fn left(placed: Placed) -> Point {
    (placed.x, placed.y + placed.height / 2)
}

fn right(placed: Placed) -> Point {
    (placed.x + placed.width, placed.y + placed.height / 2)
}

fn top(placed: Placed) -> Point {
    (placed.x + placed.width / 2, placed.y)
}

fn bottom(placed: Placed) -> Point {
    (placed.x + placed.width / 2, placed.y + placed.height)
}

fn topic_line(out: &mut String, (x1, y1): Point, (x2, y2): Point) {
    let (out_of, into) = (y1 + 90, y2.saturating_sub(90));
    _ = writeln!(
        out,
        "<path class=\"line topic-line\" d=\"M{x1} {y1}C{x1} {out_of} {x2} {into} {x2} {y2}\"/>"
    );
}

fn line(out: &mut String, class: &str, (x1, y1): Point, (x2, y2): Point) {
    let (out_of, into) = (x1 + 40, x2.saturating_sub(40));
    _ = writeln!(out, "<path class=\"{class}\" d=\"M{x1} {y1}C{out_of} {y1} {into} {y2} {x2} {y2}\"/>");
}
