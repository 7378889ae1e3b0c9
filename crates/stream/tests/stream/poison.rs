//! Poison leaves nothing behind, and a topology that cannot be is refused.

use proptest::prelude::*;
use topspin_stream::{BuildError, Builder, CauseId, Input, ProcessError, State as _, StateError, Time};

use crate::rig::{Bag, Collected, Rig, Said, Step, changes, histories};

fn limited() -> Rig {
    Rig::new(|rows, _| {
        let counted = rows.count("count");
        let strict = rows.aggregate("sum", |sum: &mut i64, said, weight| {
            *sum += said.0 * weight;
            if *sum > 20 { Err("more than twenty".into()) } else { Ok(()) }
        });
        counted.join("both", &strict, |_, count, sum| (*count, *sum))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// The refused change had been counted already when it was refused: state and result are as if it never came.
    #[test]
    fn poison_leaves_no_partial_state(history in histories(1..5, 1..2)) {
        let mut rig = limited();
        for step in history {
            let Step::Change(rows) = step else { continue };
            let before: Vec<_> = (0..rig.part.stores().len()).map(|store| rig.state.entries(store).clone()).collect();
            let said = rig.said.clone();
            let mut rows: Vec<_> = rows.into_iter().map(|(key, said, _)| (key, said, 1)).collect();
            rows.push((2, (30, 0), 1));
            let refused = rig.change(&rows);
            let is_poison = matches!(&refused, Err(ProcessError::Poison { operator, .. }) if operator == "sum");
            prop_assert!(is_poison);
            let after: Vec<_> = (0..rig.part.stores().len()).map(|store| rig.state.entries(store).clone()).collect();
            prop_assert_eq!(before, after);
            prop_assert_eq!(said, rig.said.clone());
            rows.pop();
            let _ = rig.change(&rows);
        }
    }

    /// Also after poison, which these histories have.
    #[test]
    fn an_instance_can_be_made_anew_between_any_two_records(history in histories(0..60, 1..9)) {
        let (mut lasting, mut renewed) = (of_many(), of_many());
        for step in &history {
            renewed.instance = renewed.part.instantiate();
            match step {
                Step::Change(rows) => prop_assert_eq!(lasting.change(rows).is_ok(), renewed.change(rows).is_ok()),
                Step::Pass(pass) => [&mut lasting, &mut renewed].into_iter().for_each(|rig| rig.tick(rig.now.unwrap_or(0) + pass)),
            }
            prop_assert_eq!(&lasting.said, &renewed.said);
            prop_assert_eq!(lasting.stores(), renewed.stores());
        }
    }
}

/// Operators of every kind that keeps something, one behind the other.
fn of_many() -> Rig {
    Rig::new(|rows, ticks| {
        let window = topspin_stream::Tumbling { size_ms: 4, kept: 2 };
        let recent = rows.tumbling("window", ticks, window, |_, said| Time(said.0));
        let recent = recent.refine("flat", |key, said| (key.0, *said));
        let first = rows.filter("coming", |_, said| said.1 < 2).distinct("distinct");
        let ranked = recent.rank("rank", &first, |_, said| said.0, |_, said| said.0);
        let counted = recent.count("count").left_join(
            "with-top",
            &rows.max("max", |_, said| *said),
            |_, count, max| (*count, max.copied()),
        );
        let decided = counted.decisions("decisions").count("decided");
        ranked.join("all", &decided, |_, place, count| (place.clone(), *count))
    })
}

#[test]
fn a_row_that_is_not_there_cannot_go() {
    let said = (1, 1);
    let refused = |mut rig: Rig| {
        assert!(matches!(rig.change(&[(0, said, -1)]), Err(ProcessError::Poison { .. })));
    };
    refused(Rig::new(|rows, _| rows.count("count")));
    refused(Rig::new(|rows, _| rows.distinct("distinct")));
    refused(Rig::new(|rows, _| rows.min("min", |_, said| *said)));
    refused(Rig::new(|rows, _| rows.join("join", rows, |_, a, _| *a)));
    refused(Rig::new(|rows, _| rows.reduce("reduce", |_, rows| Some(rows.len() as u64))));
    refused(Rig::new(|rows, _| rows.decisions("decisions")));
    refused(Rig::new(|rows, ticks| rows.deduplicate("once", ticks, 5, |_, said| *said)));
}

#[test]
fn bytes_that_are_no_change_are_poison() {
    let mut rig = limited();
    let refused = rig.record("changes", &[0xFF; 20], 0);
    assert!(matches!(refused, Err(ProcessError::Poison { operator, .. }) if operator == "changes"));
    let builder = Builder::new("moved", 1);
    let moved = changes(&builder, "changes").repartition("moved");
    crate::rig::observe(&moved, "out");
    let part = builder.build().expect("a topology").subtopologies()[1].clone();
    let cause = CauseId::new(b"c").expect("short");
    let input = Input {
        source: 0,
        key: Some(&[1]),
        value: Some(&[9, 9]),
        headers: &[],
        timestamp: Time(0),
        sequence: 0,
        cause,
    };
    let mut state = topspin_stream::memory::Memory::new(0);
    let refused = part.instantiate().process(input, &mut state, &mut Collected::default());
    assert!(matches!(refused, Err(ProcessError::Poison { .. })));
}

#[test]
fn what_another_version_stored_voids_the_batch() {
    let mut rig = Rig::new(|rows, _| rows.count("count"));
    rig.state.put(rig.store("count"), &[3], Some(b"what is this")).expect("memory");
    let failed = rig.change(&[(3, (1, 1), 1)]);
    let is_corrupt =
        matches!(&failed, Err(ProcessError::State(StateError::Corrupt { operator })) if operator == "count");
    assert!(is_corrupt);
    rig.change(&[(4, (1, 1), 1)]).map(|_| ()).expect("another key");
}

#[test]
fn an_earlier_tick_is_ignored() {
    let mut rig = Rig::new(|rows, ticks| {
        rows.tumbling("w", ticks, topspin_stream::Tumbling { size_ms: 10, kept: 1 }, |_, said| Time(said.0))
    });
    rig.change(&[(0, (5, 0), 1), (0, (25, 0), 1)]).map(|_| ()).expect("rows");
    rig.tick(25);
    let at_25 = rig.said.clone();
    rig.tick(5);
    assert_eq!(rig.said, at_25);
}

#[test]
fn two_rows_under_one_key_are_no_view() {
    let builder = Builder::new("views", 1);
    changes(&builder, "changes").to_view("view", |key, _, record| record.key.push(*key));
    let mut rig = Rig::of(&builder.build().expect("a topology"));
    let refused = rig.change(&[(1, (1, 0), 1), (1, (2, 0), 1)]);
    assert!(matches!(refused, Err(ProcessError::Poison { .. })));
}

#[test]
fn topologies_that_cannot_be_are_refused() {
    let build = |add: fn(&Builder, &topspin_stream::Stream<u8, Said>)| {
        let builder = Builder::new("faulty", 1);
        let rows = changes(&builder, "changes");
        add(&builder, &rows);
        builder.build().expect_err("a fault")
    };
    let name = |fault: BuildError| format!("{fault}");
    assert_eq!(
        build(|_, rows| drop((rows.count("count"), rows.count("count")))),
        BuildError::DuplicateName("count".into())
    );
    assert_eq!(
        build(|builder, _| drop(changes(builder, "changes"))),
        BuildError::DuplicateName("changes".into())
    );
    assert_eq!(build(|_, rows| drop(rows.count("A b"))), BuildError::BadName("A b".into()));
    let unpartitioned = build(|_, rows| {
        rows.map("moved", |key, said| (said.1, i64::from(*key))).count("count").to_view("view", |_, _, _| {});
    });
    assert_eq!(
        name(unpartitioned),
        "`view` needs rows that are partitioned by their key: repartition them first"
    );
    let itself = build(|_, rows| rows.to_stream("changes", |_, _, _| {}));
    assert_eq!(itself, BuildError::DuplicateTopic("changes".into()));
    let _: Bag<u8, u8> = Bag::new();
}
