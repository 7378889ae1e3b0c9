//! Folds that tell of every row, and worth that comes of meetings, beside naive twins.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use proptest::prelude::*;
use topspin_stream::{Meeting, Met, Progress, Valued, Worth};

use crate::rig::{Bag, Rig, Said, Step, add, compare, histories, keys, of_key, possible};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Each row with the sum of those before it, which a multiple of five takes back to nothing: so a change far back
    /// reaches so far and no further.
    #[test]
    fn ordered_scan(history in histories(0..60, 1..9)) {
        let step = |sum: &mut i64, said: &Said, weight: i64| {
            *sum = if said.0 % 5 == 0 { 0 } else { *sum + said.0 * weight };
        };
        let mut rig = Rig::new(|rows, _| {
            rows.ordered_scan("sums", |_, said| said.0, move |sum: &mut i64, said, weight| {
                step(sum, said, weight);
                Ok(())
            })
        });
        compare(&mut rig, &history, |rows, _| {
            let mut bag = Bag::new();
            for key in keys(rows) {
                let mut sum = 0;
                for (said, weight) in of_key(rows, key) {
                    step(&mut sum, &said, weight);
                    add(&mut bag, (key, (said, sum)), weight);
                }
            }
            bag
        });
    }

    /// Whoever is found again later is said to be pending; when nobody is, all is as a recomputation says.
    #[test]
    fn rounds(history in histories(0..120, 1..9), most in 1_u32..5) {
        let most = NonZeroU32::new(most).expect("not zero");
        let mut rig = Rig::new(|rows, ticks| {
            let meetings = rows.filter("two", |_, said| meeting(*said).is_some());
            meetings.flat_map_values("meetings", |_, said| meeting(*said)).rounds("worth", ticks, most, Toy)
        });
        let mut there = Bag::new();
        for step in &history {
            if let Step::Change(rows) = step {
                let rows = possible(&there, rows);
                rig.change(&rows).map(|_| ()).expect("a possible change");
                for (key, said, weight) in rows {
                    add(&mut there, (key, said), weight);
                }
            }
            let is_pending = |rig: &Rig| rig.bag::<u8, Says>().keys().any(|(_, says)| matches!(says, Valued::Pending(_)));
            for tick in 0.. {
                let pending = is_pending(&rig);
                if !pending {
                    prop_assert_eq!(rig.bag::<u8, Says>(), naive(&there));
                }
                let value = topspin_stream::Time(0).to_tick();
                let progress = rig.record("ticks", &value, 0).expect("a tick");
                prop_assert_eq!(progress == Progress::Again, is_pending(&rig));
                if !pending {
                    break;
                }
                prop_assert!(tick < 1_000, "it ends");
            }
        }
    }
}

type Says = Valued<i64, u8, u8, i64>;

/// Three entities in rounds of ten numbers each.
fn meeting((number, outcome): Said) -> Option<Meeting<i64, u8, u8>> {
    let between = [(number % 3) as u8, (number / 3 % 3) as u8];
    let is_two = between[0] != between[1];
    is_two.then_some(Meeting { round: (number / 10) as i32, order: -number, between, outcome })
}

/// Worth that depends on everything: who, against whom, in which order, with which result, and after how long.
struct Toy;

impl Worth for Toy {
    type Key = u8;
    type Order = i64;
    type Entity = u8;
    type Outcome = u8;
    type Value = i64;

    fn first(&self, key: &u8) -> i64 {
        100 + i64::from(*key)
    }

    fn aged(&self, _: &u8, value: &i64, rounds: u32) -> i64 {
        value - i64::from(rounds)
    }

    fn after(&self, _: &u8, before: &i64, met: &[Met<i64, u8>]) -> i64 {
        met.iter().fold(*before, |value, met| {
            let sign = if met.place == 0 { 1 } else { -1 };
            (value * 3 + met.other / 2 + sign * i64::from(met.outcome)) % 1_009
        })
    }
}

/// All rounds of all, one after the other.
fn naive(rows: &Bag<u8, Said>) -> Bag<u8, Says> {
    let mut bag = Bag::new();
    for key in keys(rows) {
        let mut rounds: BTreeMap<i32, Vec<Meeting<i64, u8, u8>>> = BTreeMap::new();
        for meeting in of_key(rows, key).into_iter().filter_map(|(said, _)| meeting(said)) {
            rounds.entry(meeting.round).or_default().push(meeting);
        }
        let mut latest: BTreeMap<u8, (i32, i64)> = BTreeMap::new();
        for (round, mut meetings) in rounds {
            meetings.sort_by_key(|meeting| (meeting.order, meeting.outcome));
            let began = |entity: &u8| match latest.get(entity) {
                None => Toy.first(&key),
                Some((last, value)) if round - last == 1 => *value,
                Some((last, value)) => Toy.aged(&key, value, (round - last - 1) as u32),
            };
            let mut after = BTreeMap::new();
            for entity in 0_u8..3 {
                let (mut met, mut value) = (Vec::new(), began(&entity));
                for meeting in meetings.iter().filter(|meeting| meeting.between.contains(&entity)) {
                    let place = usize::from(meeting.between[1] == entity);
                    let before = Valued::Before { meeting: meeting.clone(), place: place as u8, value };
                    add(&mut bag, (key, before), 1);
                    let other = began(&meeting.between[1 - place]);
                    met.push(Met { other, outcome: meeting.outcome, place });
                    value = Toy.after(&key, &began(&entity), &met);
                }
                after.extend((!met.is_empty()).then_some((entity, (round, value))));
            }
            latest.extend(after);
        }
        for (entity, (round, value)) in latest {
            add(&mut bag, (key, Valued::Latest { entity, round, value }), 1);
        }
    }
    bag
}
