//! Topologies as text and SVG: every topic, store and operator is named.

use expect_test::{expect, expect_file};
use std::cmp::Reverse;
use std::num::NonZeroU32;
use topspin_stream::{Builder, Horizon, Moment, Time, Topology};

use crate::rig::{changes, observe};

fn boards() -> Topology {
    let builder = Builder::new("boards", 3);
    let ticks = builder.ticks("clock");
    let names = builder.table("players", |_| Ok(1_u8), |_| Ok("Ma".to_owned()));
    let rallies = changes(&builder, "rallies");
    let horizon = Horizon { months: 24, zones: vec![jiff::tz::TimeZone::UTC] };
    let recent =
        rallies.last_months("recent", &ticks, horizon, |_, said| Moment { at: Time(said.0), zone: 0 });
    let named = recent.left_join("named", &names, |_, said, name| (said.0, name.cloned()));
    let scopes = named.flat_map("scopes", |key, rally| [(*key, rally.clone()), (0, rally.clone())]);
    let ten = NonZeroU32::new(10).expect("ten");
    let top = scopes.top_everywhere("longest", "boards.longest", ten, |_, rally| Reverse(rally.0));
    observe(&top.decisions("records"), "records");
    top.reduce("list", |_, rows| Some(rows.len() as u64)).to_view("longest-lists", |_, _, _| {});
    builder.build().expect("a topology")
}

#[test]
fn a_topology_as_text() {
    expect![[r#"
        boards, version 3

        subtopology players
          clock: from clock [clock]
          └─ recent: last 24 months [recent.rows, recent.fronts, recent.clock]
             └─ named: left join [named.left, named.right]
                └─ scopes: flat map
                   └─ longest.local: top 10 [longest.local, longest.local.behind]
                      └─ boards.longest: to repartition
          players: from table [players]
          └─ named (above)
          rallies: from stream
          └─ rallies.rows: machine [rallies.rows]
             └─ rallies.keyed: refine
                └─ recent (above)

        subtopology boards.longest
          boards.longest: from repartition
          └─ longest: top 10 [longest, longest.behind]
             ├─ records: decisions [records.open, records.last]
             │  └─ records: to stream
             └─ list: reduce [list, list.result]
                └─ longest-lists: to view
    "#]]
    .assert_eq(&boards().to_text());
}

#[test]
fn a_topology_as_svg() {
    let svg = boards().to_svg();
    expect_file!["boards.svg"].assert_eq(&svg);
    let topology = boards();
    for part in topology.subtopologies() {
        let topics = part
            .sources()
            .iter()
            .map(|source| &source.topic)
            .chain(part.sinks().iter().map(|sink| &sink.topic));
        for name in topics.chain(part.stores().iter().map(|store| &store.name)) {
            assert!(svg.contains(name.as_str()), "{name}");
        }
    }
    assert!(svg.contains("prefers-color-scheme:dark"));
    assert!(!svg.contains("http://") || svg.matches("http://").count() == 1, "it loads nothing");
}
