//! Rows beside a broadcast table that changes before, between and after them, in steps that others come between.

use std::collections::BTreeMap;

use proptest::prelude::*;
use topspin_stream::limits::LOOKED_UP_A_STEP;
use topspin_stream::{Broadcast, Builder, Input, Progress, Reason, SourceKind, Stream};

use crate::rig::{Bag, Rig, Said, add, changes, observe, possible};

/// What a row says: a number, and what the table has of the two keys that it names.
type Told = (i64, Option<u8>, Option<u8>);

/// One input.
#[derive(Debug, Clone)]
enum Step {
    /// Rows come or go.
    Change(Vec<(u8, Said, i64)>),
    /// The table has another value, or none; between the steps of it rows come or go, if it takes several.
    Refer(u8, Option<u8>, Vec<(u8, Said, i64)>),
    /// What is in memory only is gone.
    Restart,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let row = || (0_u8..14, (0_i64..4, 0_u8..3), -2_i64..4);
    let rows = move || prop::collection::vec(row(), 1..6);
    let step = prop_oneof![
        4 => rows().prop_map(Step::Change),
        3 => (0_u8..4, prop::option::of(0_u8..3), rows())
            .prop_map(|(key, value, rows)| Step::Refer(key, value, rows)),
        1 => Just(Step::Restart),
    ];
    prop::collection::vec(step, 1..60)
}

fn named(key: u8, said: &Said) -> [u8; 2] {
    [said.1, key % 4]
}

fn table(builder: &Builder) -> Broadcast<u8, u8> {
    let first = |bytes: Option<&[u8]>| bytes.and_then(|bytes| bytes.first().copied());
    builder.broadcast(
        "table",
        move |input: &Input<'_>| Ok(first(input.key).filter(|key| *key < 100)),
        move |input| first(input.value).ok_or_else(|| Reason::from("no value")),
    )
}

fn looked_up(rows: &Stream<u8, Said>, name: &str, table: &Broadcast<u8, u8>) -> Stream<u8, Told> {
    let to = |_: &u8, said: &Said, found: &[Option<u8>]| (said.0, found[0], found[1]);
    rows.lookup(name, table, |key, said| named(*key, said).to_vec(), to)
}

/// One lookup of a table, or one behind another of the same.
fn rig(twice: bool) -> Rig {
    let builder = Builder::new("lookups", 1);
    let (rows, table) = (changes(&builder, "changes"), table(&builder));
    let told = looked_up(&rows, "told", &table);
    if twice {
        let of_told = |_: &u8, told: &Told| vec![told.1.unwrap_or(0), told.2.unwrap_or(0)];
        let to = |_: &u8, told: &Told, found: &[Option<u8>]| (told.0, found[0], found[1]);
        observe(&told.lookup("twice", &table, of_told, to), "out");
    } else {
        observe(&told, "out");
    }
    Rig::of(&builder.build().expect("a topology"))
}

fn naive(rows: &Bag<u8, Said>, table: &BTreeMap<u8, u8>, twice: bool) -> Bag<u8, Told> {
    let mut bag = Bag::new();
    for ((key, said), weight) in rows {
        let mut found = named(*key, said).map(|name| table.get(&name).copied());
        if twice {
            found = found.map(|name| table.get(&name.unwrap_or(0)).copied());
        }
        add(&mut bag, (*key, (said.0, found[0], found[1])), *weight);
    }
    bag
}

struct World {
    rig: Rig,
    rows: Bag<u8, Said>,
    table: BTreeMap<u8, u8>,
    /// How many records took more than one step.
    long: usize,
}

impl World {
    fn new(twice: bool) -> Self {
        World { rig: rig(twice), rows: Bag::new(), table: BTreeMap::new(), long: 0 }
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Change(rows) => self.change(rows),
            Step::Refer(key, value, between) => self.refer(*key, *value, between),
            Step::Restart => self.rig.instance = self.rig.part.instantiate(),
        }
    }

    fn change(&mut self, rows: &[(u8, Said, i64)]) {
        let rows = possible(&self.rows, rows);
        self.rig.change(&rows).map(|_| ()).expect("a possible change");
        for (key, said, weight) in rows {
            add(&mut self.rows, (key, said), weight);
        }
    }

    fn refer(&mut self, key: u8, value: Option<u8>, between: &[(u8, Said, i64)]) {
        let bytes = value.map(|value| vec![value]);
        let sequence = self.rig.causes + 1;
        let take = |world: &mut Self| {
            world.rig.causes = sequence - 1;
            world.rig.keyed("table", Some(&[key]), bytes.as_deref(), 0).expect("a row of the table")
        };
        let mut steps = 1;
        while take(self) == Progress::Again {
            steps += 1;
            if steps == 3 {
                self.rig.causes += 1;
                self.change(between);
                self.rig.instance = self.rig.part.instantiate();
            }
        }
        self.rig.causes += 100;
        self.long += usize::from(steps > 1);
        match value {
            Some(value) => self.table.insert(key, value),
            None => self.table.remove(&key),
        };
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn lookup(history in steps(), twice in any::<bool>()) {
        let mut world = World::new(twice);
        for step in &history {
            world.step(step);
            prop_assert_eq!(world.rig.bag::<u8, Told>(), naive(&world.rows, &world.table, twice), "after {:?}", step);
        }
        // When all rows are gone, only the table is left, and how far its records have come.
        let all: Vec<_> = world.rows.iter().map(|((key, said), weight)| (*key, *said, -*weight)).collect();
        world.change(&all);
        for store in ["told.rows", "told.named"] {
            prop_assert!(world.rig.state.entries(world.rig.store(store)).is_empty(), "{} keeps rows", store);
        }
    }
}

#[test]
fn a_change_that_many_rows_name_takes_steps_and_says_nothing_twice() {
    let mut world = World::new(false);
    let count = 3 * LOOKED_UP_A_STEP as u8;
    let rows: Vec<_> = (0..count).map(|key| (4 * key, (0, 1), 1)).collect();
    world.change(&rows);
    world.refer(1, Some(7), &[]);
    world.refer(0, Some(8), &[]);
    assert_eq!(world.long, 2);
    assert_eq!(world.rig.bag::<u8, Told>(), naive(&world.rows, &world.table, false));
    // The same value in a later record: every row is looked at, and nothing is said.
    let said = world.rig.said.clone();
    world.refer(1, Some(7), &[]);
    assert_eq!((world.long, &world.rig.said), (3, &said));
}

#[test]
fn an_earlier_record_of_a_key_and_what_is_passed_over_change_nothing() {
    let mut world = World::new(false);
    world.change(&[(0, (0, 1), 1)]);
    world.rig.causes = 1_000;
    world.refer(1, Some(7), &[]);
    let before = (world.rig.stores(), world.rig.said.clone());
    world.rig.causes = 500;
    assert_eq!(world.rig.keyed("table", Some(&[1]), Some(&[2]), 0).expect("ignored"), Progress::Done);
    assert_eq!(world.rig.keyed("table", Some(&[200]), Some(&[2]), 0).expect("passed over"), Progress::Done);
    assert_eq!((world.rig.stores(), world.rig.said.clone()), before);
}

/// Every subtopology that looks rows up has the table; none is led by it.
#[test]
fn a_broadcast_table_is_in_every_part_that_reads_it() {
    let builder = Builder::new("parts", 1);
    let table = table(&builder);
    let rows = changes(&builder, "changes");
    let first = looked_up(&rows, "first", &table);
    let moved = first.map("moved", |key, told| (u64::from(*key), *told)).repartition("moved-by");
    let second = moved.lookup("second", &table, |_, _| vec![0], |key, told, _| (*key, *told));
    observe(&second, "out");
    let topology = builder.build().expect("a topology");
    let parts: Vec<(&str, Vec<SourceKind>)> = topology
        .subtopologies()
        .iter()
        .map(|part| (part.name(), part.sources().iter().map(|source| source.kind).collect()))
        .collect();
    let broadcast = SourceKind::Broadcast;
    assert_eq!(
        parts,
        [
            ("changes", vec![broadcast, SourceKind::Stream]),
            ("moved-by", vec![broadcast, SourceKind::Repartition])
        ]
    );
}
