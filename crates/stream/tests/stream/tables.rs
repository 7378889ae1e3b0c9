//! Tables from topics of their own, and views, against their naive twins.

use std::collections::BTreeMap;

use proptest::prelude::*;
use topspin_stream::{Builder, Input, Stream, encode_value};

use crate::rig::{Bag, Rig, Said, add, changes, observe, possible};

/// One record of one of the sources.
#[derive(Debug, Clone)]
enum Given {
    Rows(Vec<(u8, Said, i64)>),
    Left(u8, Option<u8>),
    Right(u8, Option<u8>),
    /// A record of a table that it refuses.
    Bad(u8),
}

fn history() -> impl Strategy<Value = Vec<Given>> {
    let rows = prop::collection::vec((0_u8..4, (0_i64..4, 0_u8..2), -2_i64..3), 1..4).prop_map(Given::Rows);
    let value = || prop::option::of(0_u8..4);
    let given = prop_oneof![
        3 => rows,
        3 => (0_u8..4, value()).prop_map(|(key, value)| Given::Left(key, value)),
        3 => (0_u8..4, value()).prop_map(|(key, value)| Given::Right(key, value)),
        1 => (0_u8..4).prop_map(Given::Bad),
    ];
    prop::collection::vec(given, 1..60)
}

fn table(builder: &Builder, topic: &str) -> Stream<u8, u8> {
    let only = |bytes: Option<&[u8]>| match bytes {
        Some([byte]) => Ok(*byte),
        _ => Err("one byte".into()),
    };
    builder.table(topic, move |input: &Input<'_>| only(input.key), move |input| only(input.value))
}

/// What the sources hold.
#[derive(Default)]
struct There {
    rows: Bag<u8, Said>,
    left: BTreeMap<u8, u8>,
    right: BTreeMap<u8, u8>,
}

impl There {
    fn give(&mut self, rig: &mut Rig, given: &Given) {
        match given {
            Given::Rows(rows) => {
                let rows = possible(&self.rows, rows);
                let _ = rig.change(&rows).expect("a possible change");
                for (key, said, weight) in rows {
                    add(&mut self.rows, (key, said), weight);
                }
            }
            Given::Left(key, value) => set(rig, "left", &mut self.left, *key, *value),
            Given::Right(key, value) => set(rig, "right", &mut self.right, *key, *value),
            Given::Bad(key) => {
                let refused = rig.keyed("left", Some(&[*key]), Some(b"two"), 0);
                assert!(refused.is_err() || rig.source("left").is_none());
            }
        }
    }
}

fn set(rig: &mut Rig, topic: &str, table: &mut BTreeMap<u8, u8>, key: u8, value: Option<u8>) {
    let bytes = value.map(|value| [value]);
    let _ = rig.keyed(topic, Some(&[key]), bytes.as_ref().map(<[u8; 1]>::as_slice), 0).expect("a row");
    match value {
        Some(value) => table.insert(key, value),
        None => table.remove(&key),
    };
}

fn rig<V: topspin_stream::Value>(
    build: impl FnOnce(&Stream<u8, Said>, &Stream<u8, u8>, &Stream<u8, u8>) -> Stream<u8, V>,
) -> Rig {
    let builder = Builder::new("tables", 1);
    let (left, right) = (table(&builder, "left"), table(&builder, "right"));
    observe(&build(&changes(&builder, "changes"), &left, &right), "out");
    Rig::of(&builder.build().expect("a topology"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn two_tables_from_two_topics(history in history()) {
        let mut inner = rig(|rows, left, right| {
            let both = left.join("both", right, |key, a, b| (*key, *a, i16::from(*b)));
            // The rows make it one subtopology, and say nothing.
            both.merge("with", &rows.filter("none", |_, _| false).map_values("as", |_, _| (0, 0, 0)))
        });
        let mut outer = rig(|rows, left, right| {
            let both = left.left_join("both", right, |key, a, b| (*key, *a, b.map_or(-1, |b| i16::from(*b))));
            both.merge("with", &rows.filter("none", |_, _| false).map_values("as", |_, _| (0, 0, 0)))
        });
        let (mut there, mut again) = (There::default(), There::default());
        for given in &history {
            there.give(&mut inner, given);
            again.give(&mut outer, given);
            let (mut pairs, mut all) = (Bag::new(), Bag::new());
            for (key, a) in &there.left {
                let b = there.right.get(key).map(|b| i16::from(*b));
                pairs.extend(b.map(|b| ((*key, (*key, *a, b)), 1)));
                all.insert((*key, (*key, *a, b.unwrap_or(-1))), 1);
            }
            prop_assert_eq!(inner.bag::<u8, (u8, u8, i16)>(), pairs);
            prop_assert_eq!(outer.bag::<u8, (u8, u8, i16)>(), all);
        }
    }

    /// The table's value may come after the rows, change, and go: what was joined before follows.
    #[test]
    fn a_stream_with_a_table(history in history()) {
        let mut rig = rig(|rows, left, right| {
            let named = rows.left_join("named", left, |_, said, name| (*said, name.copied()));
            let unnamed = right.filter("none", |_, _| false).map_values("as", |_, _| ((0, 0), None));
            named.merge("with", &unnamed)
        });
        let mut there = There::default();
        for given in &history {
            there.give(&mut rig, given);
            let of = |((key, said), weight): (&(u8, Said), &i64)| {
                ((*key, (*said, there.left.get(key).copied())), *weight)
            };
            prop_assert_eq!(rig.bag::<u8, (Said, Option<u8>)>(), there.rows.iter().map(of).collect());
        }
    }

    /// The latest record of each key is its row, as of the input that changed it last; nothing is said that a reader
    /// knows already.
    #[test]
    fn a_view_is_the_table(history in history()) {
        let builder = Builder::new("views", 1);
        let most = changes(&builder, "changes").reduce("most", |_, rows| {
            rows.iter().map(|(said, n)| said.0 * *n).sum::<i64>().checked_sub(3).filter(|sum| *sum > 0)
        });
        most.to_view_with_cause("view", |key, sum, cause, record| {
            record.key.push(*key);
            encode_value(&sum.map(|sum| (*sum, cause.id.as_bytes().to_vec())), &mut record.value);
        });
        let mut rig = Rig::of(&builder.build().expect("a topology"));
        let (mut there, mut view) = (There::default(), BTreeMap::<u8, (i64, Vec<u8>)>::new());
        for given in &history {
            let records = rig.view_records;
            there.give(&mut rig, given);
            let mut changed = 0;
            for key in 0..4 {
                let of_key = there.rows.iter().filter(|((k, _), _)| *k == key);
                let sum = of_key.map(|((_, said), n)| said.0 * n).sum::<i64>() - 3;
                let before = view.get(&key).map(|(sum, _)| *sum);
                let after = (sum > 0).then_some(sum);
                changed += usize::from(before != after);
                match after {
                    Some(sum) if before != after => drop(view.insert(key, (sum, rig.causes.to_be_bytes().to_vec()))),
                    Some(_) => {}
                    None => drop(view.remove(&key)),
                }
            }
            let encoded = view.iter().map(|(key, row)| {
                let mut value = Vec::new();
                encode_value(&Some(row), &mut value);
                (vec![*key], value)
            });
            prop_assert_eq!(&rig.views, &encoded.collect::<BTreeMap<_, _>>());
            prop_assert_eq!(rig.view_records - records, changed);
        }
    }
}
