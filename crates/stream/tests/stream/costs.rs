//! What a change costs does not grow with what is there.

use std::cell::Cell;
use std::num::NonZeroU32;

use proptest::prelude::*;
use topspin_stream::memory::Memory;
use topspin_stream::{
    Builder, CauseId, Direction, Input, KeyRange, RankReader, State, StateError, Time, Visit, encode_value,
};

use crate::rig::{Collected, Rig, Said, changes, observe};

/// Counts what is read and written, entry by entry.
struct Counting {
    memory: Memory,
    touched: Cell<usize>,
}

impl Counting {
    fn touch(&self) {
        self.touched.set(self.touched.get() + 1);
    }
}

impl State for Counting {
    fn get(&self, store: usize, key: &[u8], into: &mut Vec<u8>) -> Result<bool, StateError> {
        self.touch();
        self.memory.get(store, key, into)
    }

    fn put(&mut self, store: usize, key: &[u8], value: Option<&[u8]>) -> Result<(), StateError> {
        self.touch();
        self.memory.put(store, key, value)
    }

    fn scan(
        &self,
        store: usize,
        range: KeyRange<'_>,
        direction: Direction,
        visit: &mut Visit<'_>,
    ) -> Result<(), StateError> {
        self.memory.scan(store, range, direction, &mut |key, value| {
            self.touch();
            visit(key, value)
        })
    }
}

/// How many entries the changes touch, one by one.
fn costs(
    build: impl FnOnce(&topspin_stream::Stream<u8, Said>) -> topspin_stream::Stream<u8, Said>,
    rows: impl Iterator<Item = (u8, Said, i64)>,
) -> Vec<usize> {
    let builder = Builder::new("costs", 1);
    observe(&build(&changes(&builder, "changes")), "out");
    let part = builder.build().expect("a topology").subtopologies()[0].clone();
    let mut state = Counting { memory: Memory::new(part.stores().len()), touched: Cell::new(0) };
    let mut instance = part.instantiate();
    let cost = |row| {
        let mut value = Vec::new();
        encode_value(&vec![row], &mut value);
        let cause = CauseId::new(b"c").expect("short");
        let input = Input {
            source: 0,
            key: None,
            value: Some(&value),
            headers: &[],
            timestamp: Time(0),
            sequence: 0,
            cause,
        };
        let before = state.touched.get();
        let _ = instance.process(input, &mut state, &mut Collected::default()).expect("a change");
        state.touched.get() - before
    };
    rows.map(cost).collect()
}

#[test]
fn an_append_to_an_ordered_fold_costs_the_same_after_20_000_rows() {
    let every = NonZeroU32::new(16).expect("not zero");
    let rows = (0..20_000).map(|at| (0, (at, 0), 1));
    let fold = |rows: &topspin_stream::Stream<u8, Said>| {
        rows.ordered_fold(
            "fold",
            every,
            |_, said| said.0,
            |last: &mut Said, said, _| {
                *last = *said;
                Ok(())
            },
        )
    };
    let append = costs(fold, rows.clone());
    assert!(append.iter().max() <= Some(&5), "{:?}", append.iter().max());
    let undone = costs(fold, rows.clone().chain([(0, (19_999, 0), -1)]));
    assert!(undone.last() <= Some(&60), "taking back the last row: {:?}", undone.last());
    let early = costs(fold, rows.chain([(0, (100, 1), 1)]));
    assert!(early.last() <= Some(&60), "the accumulator is soon as it was: {:?}", early.last());
}

#[test]
fn a_row_behind_the_last_place_costs_the_same_after_20_000_rows() {
    let count = NonZeroU32::new(10).expect("not zero");
    let costs = costs(|rows| rows.top("top", count, |_, said| said.0), (0..20_000).map(|at| (0, (at, 0), 1)));
    assert!(costs[100..].iter().max() <= Some(&6), "{:?}", costs[100..].iter().max());
}

#[test]
fn a_rank_among_20_000_rows_costs_the_bytes_of_its_order() {
    let rank = |rows: &topspin_stream::Stream<u8, Said>| {
        let watched = rows.filter("watched", |_, said| said.1 == 1);
        let rank = rows.rank("rank", &watched, |_, said| said.0, |_, said| said.0);
        rank.map_values("flat", |_, place| (place.before, 0))
    };
    let rows = (0..20_000).map(|at| (0, (at * 7_919 % 20_000, u8::from(at == 5)), 1));
    let costs = costs(rank, rows);
    let mean = |costs: &[usize]| costs.iter().sum::<usize>() / costs.len();
    assert!(mean(&costs[15_000..]) <= 150, "{}", mean(&costs[15_000..]));
    assert!(mean(&costs[15_000..]) <= mean(&costs[1_000..6_000]) * 3 / 2, "{}", mean(&costs[1_000..6_000]));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    /// Enough rows that nodes are split, and enough that go that they become leaves again.
    #[test]
    fn ranks_of_many_rows(
        rows in prop::collection::vec((0_i64..5_000, 0_u8..3), 50..400),
        spread in prop::sample::select(vec![1_i64, 1_000_003]),
        asked in 0_i64..5_000,
    ) {
        let mut rig = Rig::new(|rows, _| {
            let nobody = rows.filter("nobody", |_, _| false);
            rows.rank("rank", &nobody, |_, said| said.0, |_, said| said.0)
        });
        let mut reader = RankReader::<u8, i64>::new(&rig.part, "rank").expect("an index");
        let check = |rig: &Rig, reader: &mut RankReader<u8, i64>, there: &[Said]| {
            let mut orders: Vec<i64> = there.iter().map(|said| said.0).collect();
            orders.sort_unstable();
            let before = orders.iter().filter(|order| **order < asked * spread).count() as i64;
            assert_eq!(reader.before(&rig.state, &0, &(asked * spread)).expect("memory"), before);
            for place in [0, orders.len() / 3, orders.len()] {
                let found = reader.nth(&rig.state, &0, place as i64).expect("memory");
                assert_eq!(found, orders.get(place).copied());
            }
        };
        let rows: Vec<Said> = rows.into_iter().map(|said| (said.0 * spread, said.1)).collect();
        for (number, said) in rows.iter().enumerate() {
            rig.change(&[(0, *said, 1)]).map(|_| ()).expect("a row");
            check(&rig, &mut reader, &rows[..=number]);
        }
        for (number, said) in rows.iter().enumerate() {
            rig.change(&[(0, *said, -1)]).map(|_| ()).expect("a row");
            check(&rig, &mut reader, &rows[number + 1..]);
        }
        prop_assert!(rig.state.entries(rig.store("rank.nodes")).is_empty());
    }
}
