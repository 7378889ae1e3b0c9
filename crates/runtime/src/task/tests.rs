//! The state against a map that is copied at every mark.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use bytes::Bytes;
use topspin_log::{Offset, Partition, Record, Timestamp, Topic, TopicPartition};
use topspin_stream::{Direction, KeyRange, State as _};

use super::packer::Packer;
use super::state::TaskState;
use crate::local::{LocalState, Origin};

type Model = BTreeMap<(usize, Vec<u8>), Vec<u8>>;

/// A small seeded generator.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

fn key(dice: &mut Dice) -> Vec<u8> {
    (0..dice.roll(3)).map(|_| [0, 7, 255][dice.roll(3) as usize]).collect()
}

fn scan(
    state: &TaskState,
    store: usize,
    range: KeyRange<'_>,
    way: Direction,
    limit: usize,
) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut rows = Vec::new();
    let mut visit = |key: &[u8], value: &[u8]| {
        rows.push((key.to_vec(), value.to_vec()));
        if rows.len() == limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    state.scan(store, range, way, &mut visit).expect("readable");
    rows
}

fn check(state: &TaskState, model: &Model, dice: &mut Dice) {
    let store = dice.roll(2) as usize;
    let (from, to, limit) = (key(dice), key(dice), 1 + dice.roll(20) as usize);
    let to = (dice.roll(3) > 0).then_some(to);
    let range = KeyRange { from: &from, to: to.as_deref() };
    let within = |key: &[u8]| key >= from.as_slice() && to.as_ref().is_none_or(|to| key < to.as_slice());
    let rows = model.iter().filter(|((number, key), _)| *number == store && within(key));
    let rows: Vec<_> = rows.map(|((_, key), value)| (key.clone(), value.clone())).collect();
    let forward: Vec<_> = rows.iter().take(limit).cloned().collect();
    let backward: Vec<_> = rows.iter().rev().take(limit).cloned().collect();
    assert_eq!(scan(state, store, range, Direction::Forward, limit), forward);
    assert_eq!(scan(state, store, range, Direction::Backward, limit), backward);
    let mut value = b"before".to_vec();
    let found = state.get(store, &from, &mut value).expect("readable");
    let held = model.get(&(store, from));
    assert_eq!((found, &value[6..]), (held.is_some(), held.map_or(&[][..], Vec::as_slice)));
}

fn random_histories(local: &LocalState, seeds: std::ops::Range<u64>) {
    for seed in seeds {
        let mut dice = Dice(seed);
        let name = seed.to_string();
        let mut state = TaskState::open(local.shard(&name).expect("free"), 2).expect("opened");
        let record = Record::new("k", "v", Timestamp::default());
        state.begin(Origin([0; 16]), Offset::ZERO, &record).expect("begun");
        let (mut model, mut committed, mut changelog) = (Model::new(), Model::new(), Model::new());
        for offset in 1..60 {
            let (mark, marked) = (state.mark(), model.clone());
            for _ in 0..dice.roll(6) {
                let (store, key) = (dice.roll(2) as usize, key(&mut dice));
                let value = (dice.roll(3) > 0).then(|| vec![dice.roll(4) as u8]);
                state.put(store, &key, value.as_deref()).expect("written");
                match value {
                    Some(value) => model.insert((store, key), value),
                    None => model.remove(&(store, key)),
                };
            }
            match dice.roll(6) {
                0 => {
                    state.roll_back_to(mark);
                    model = marked;
                }
                1 => {
                    state.roll_back();
                    model = committed.clone();
                }
                2 => {
                    for (row, value) in state.changes(&mut Packer::default()) {
                        let at = (usize::from(row[1]), row[2..].to_vec());
                        match value {
                            Some(value) => changelog.insert(at, value.to_vec()),
                            None => changelog.remove(&at),
                        };
                    }
                    state.committed(Some((Offset::new(offset), &record)));
                    committed = model.clone();
                    assert_eq!(changelog, committed, "seed {seed}");
                    if dice.roll(2) == 0 {
                        state.flush(None).expect("flushed");
                    }
                }
                _ => {}
            }
            check(&state, &model, &mut dice);
        }
        state.roll_back();
        state.flush(None).expect("flushed");
        drop(state);
        let again = TaskState::open(local.shard(&name).expect("free"), 2).expect("opened");
        for _ in 0..10 {
            check(&again, &committed, &mut dice);
        }
    }
}

#[test]
fn in_memory_it_is_a_map() {
    random_histories(&LocalState::in_memory(), 0..300);
}

#[test]
fn in_a_directory_it_is_a_map() {
    let directory = tempfile::tempdir().expect("a directory");
    random_histories(&LocalState::open(directory.path()).expect("opened"), 0..30);
}

#[test]
fn positions_go_with_the_rows_and_are_taken_back_with_them() {
    let local = LocalState::in_memory();
    let source = |number| TopicPartition::new(Topic::new("words").expect("a name"), Partition(number));
    let record = Record::new("k", "v", Timestamp::default());
    let positions =
        |state: &TaskState| [0, 1].map(|number| state.position(&source(number)).expect("readable"));
    let mut state = TaskState::open(local.shard("x").expect("free"), 2).expect("opened");
    state.begin(Origin([0; 16]), Offset::ZERO, &record).expect("begun");
    state.put(1, b"", Some(b"a row beside it")).expect("written");
    state.go_on_at(&source(0), Offset::new(5));
    let changes = state.changes(&mut Packer::default());
    assert!(changes.iter().any(|(key, value)| key.as_ref() == b"\xff\xfewords/0"
        && value.as_deref() == Some(5_u64.to_be_bytes().as_slice())));
    state.committed(Some((Offset::new(1), &record)));
    state.go_on_at(&source(0), Offset::new(9));
    state.go_on_at(&source(1), Offset::new(9));
    assert_eq!(positions(&state), [Some(Offset::new(9)); 2]);
    state.roll_back();
    assert_eq!(positions(&state), [Some(Offset::new(5)), None]);
    state.flush(None).expect("flushed");
    assert_eq!(positions(&state), [Some(Offset::new(5)), None]);
    // Another copy of the same changelog, a row of which is of a store that this topology does not have.
    let mut copy = TaskState::open(local.shard("y").expect("free"), 2).expect("opened");
    copy.begin(Origin([0; 16]), Offset::ZERO, &record).expect("begun");
    let foreign = (Bytes::from_static(b"\0\x02words/1"), Some(Bytes::from_static(&[0; 8])));
    for (key, value) in changes.into_iter().chain([foreign]) {
        copy.apply(Offset::new(1), &Record { key: Some(key), value, ..record.clone() });
    }
    assert_eq!(positions(&copy), [Some(Offset::new(5)), None]);
    let whole = KeyRange { from: b"", to: None };
    assert_eq!(scan(&copy, 1, whole, Direction::Forward, 9), [(Vec::new(), b"a row beside it".to_vec())]);
}
