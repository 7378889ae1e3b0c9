//! Every operator against its naive twin, which recomputes everything from all rows, after every change.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::num::{NonZeroU32, NonZeroUsize};

use crate::rig::{Bag, Rig, Said, Step, add, compare, histories, keys, observe, of_key};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};
use topspin_stream::{Builder, Facts, Place, Reason, Tumbling, decode_value, encode_value};

/// Few and small rows of a key are kept in another way than many or large ones.
fn payload(said: &Said) -> (Said, String) {
    (*said, "x".repeat(said.0 as usize * 20))
}

const THREE: NonZeroU32 = NonZeroU32::new(3).expect("three");

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn map_and_filter(history in histories(0..9, 1..9)) {
        let mut rig = Rig::new(|rows, _| {
            let some = rows.filter("some", |_, said| said.0 % 2 == 0);
            let more = some.flat_map_values("more", |_, said| vec![(said.0, 9_u8); usize::from(said.1)]);
            more.merge("both", &rows.map_values("flat", |_, _| (0, 0)))
        });
        compare(&mut rig, &history, |rows, _| {
            let mut bag = Bag::new();
            for ((key, said), weight) in rows {
                add(&mut bag, (*key, (0_i64, 0_u8)), *weight);
                if said.0 % 2 == 0 {
                    add(&mut bag, (*key, (said.0, 9)), *weight * i64::from(said.1));
                }
            }
            bag
        });
    }

    /// Rows under several old keys become equal under a new one.
    #[test]
    fn map_and_flat_map(history in histories(0..9, 1..9)) {
        let mut rig = Rig::new(|rows, _| {
            let turned = rows.map("turned", |key, said| (said.1, (said.0 / 3, key % 2)));
            let spread = rows.flat_map("spread", |key, said| (0..*key).map(|to| (to, *said)).collect::<Vec<_>>());
            turned.merge("both", &spread)
        });
        compare(&mut rig, &history, |rows, _| {
            let mut bag = Bag::new();
            for ((key, said), weight) in rows {
                add(&mut bag, (said.1, (said.0 / 3, key % 2)), *weight);
                (0..*key).for_each(|to| add(&mut bag, (to, *said), *weight));
            }
            bag
        });
    }

    /// A finer key is good enough for what is kept by key.
    #[test]
    fn refine(history in histories(0..9, 1..9)) {
        let mut rig = Rig::new(|rows, _| rows.refine("finer", |key, said| ((*key, said.1), said.0)).distinct("distinct"));
        compare(&mut rig, &history, |rows, _| {
            rows.keys().map(|(key, said)| (((*key, said.1), said.0), 1)).collect()
        });
    }

    #[test]
    fn aggregate_and_count(history in histories(-5..9, 1..9)) {
        let mut rig = Rig::new(|rows, _| {
            rows.aggregate("sum", |sum: &mut (i64, i64), said, weight| {
                sum.0 += said.0 * weight;
                sum.1 += i64::from(said.1) * weight;
                Ok(())
            })
        });
        compare(&mut rig, &history, |rows, _| {
            let sum = |key| {
                let rows = of_key(rows, key);
                let of = |part: fn(&Said) -> i64| rows.iter().map(|(said, weight)| part(said) * weight).sum::<i64>();
                (of(|said| said.0), of(|said| i64::from(said.1)))
            };
            keys(rows).into_iter().map(|key| ((key, sum(key)), 1)).collect()
        });
        let mut rig = Rig::new(|rows, _| rows.count("count"));
        compare(&mut rig, &history, |rows, _| {
            let count = |key| of_key(rows, key).iter().map(|(_, weight)| weight).sum::<i64>();
            keys(rows).into_iter().map(|key| ((key, count(key)), 1)).collect()
        });
    }

    #[test]
    fn reduce_and_distinct(history in histories(0..9, 1..9)) {
        let mut rig = Rig::new(|rows, _| {
            rows.reduce("median", |_, rows| {
                let all: Vec<i64> = rows.iter().flat_map(|(said, n)| vec![said.0; *n as usize]).collect();
                (all.len() > 2).then(|| all[all.len() / 2])
            })
        });
        compare(&mut rig, &history, |rows, _| {
            let mut bag = Bag::new();
            for key in keys(rows) {
                let mut all = Vec::new();
                for (said, weight) in of_key(rows, key) {
                    (0..weight).for_each(|_| all.push(said.0));
                }
                all.sort_unstable();
                if all.len() > 2 {
                    bag.insert((key, all[all.len() / 2]), 1);
                }
            }
            bag
        });
        let mut rig = Rig::new(|rows, _| rows.distinct("distinct"));
        compare(&mut rig, &history, |rows, _| rows.keys().map(|row| (*row, 1)).collect());
    }

    /// Both sides are branches of one source: half a change would show.
    #[test]
    fn joins(history in histories(0..30, 1..9)) {
        let sides = |rows: &topspin_stream::Stream<u8, Said>| {
            let left = rows.filter("low", |_, said| said.0 < 20);
            let right = rows.filter("high", |_, said| said.0 > 10);
            let right = right.map_values("payload", |_, said| payload(said));
            (left, right)
        };
        let mut inner = Rig::new(|rows, _| {
            let (left, right) = sides(rows);
            left.join("pairs", &right, |_, a, b| (a.0, b.1.len()))
        });
        let mut outer = Rig::new(|rows, _| {
            let (left, right) = sides(rows);
            left.left_join("pairs", &right, |_, a, b| (a.0, b.map_or(usize::MAX, |b| b.1.len())))
        });
        let naive = |rows: &Bag<u8, Said>, outer: bool| {
            let mut bag = Bag::new();
            for ((key, a), n) in rows.iter().filter(|((_, a), _)| a.0 < 20) {
                let mut met = false;
                for (b, m) in of_key(rows, *key).into_iter().filter(|(b, _)| b.0 > 10) {
                    add(&mut bag, (*key, (a.0, payload(&b).1.len())), n * m);
                    met = true;
                }
                if outer && !met {
                    add(&mut bag, (*key, (a.0, usize::MAX)), *n);
                }
            }
            bag
        };
        compare(&mut inner, &history, |rows, _| naive(rows, false));
        compare(&mut outer, &history, |rows, _| naive(rows, true));
    }

    #[test]
    fn top_min_max(history in histories(0..30, 1..9)) {
        let mut rig = Rig::new(|rows, _| rows.top("top", THREE, |_, said| (Reverse(said.0), said.1)));
        let first = |rows: &Bag<u8, Said>, count: usize, reverse: bool| {
            let mut bag = Bag::new();
            for key in keys(rows) {
                let all = of_key(rows, key).into_iter();
                let mut all: Vec<Said> = all.flat_map(|(said, n)| vec![said; n as usize]).collect();
                all.sort_by_key(|said| (if reverse { -said.0 } else { said.0 }, said.1));
                all.into_iter().take(count).for_each(|said| add(&mut bag, (key, said), 1));
            }
            bag
        };
        compare(&mut rig, &history, |rows, _| first(rows, 3, true));
        let mut rig = Rig::new(|rows, _| rows.min("min", |_, said| *said));
        compare(&mut rig, &history, |rows, _| first(rows, 1, false));
        let mut rig = Rig::new(|rows, _| rows.max("max", |_, said| (said.0, Reverse(said.1))));
        compare(&mut rig, &history, |rows, _| first(rows, 1, true));
    }

    /// As one row, and of what went to other keys and came back.
    #[test]
    fn top_list(history in histories(0..30, 1..9)) {
        let mut rig = Rig::new(|rows, _| {
            let spread = rows.map("spread", |key, said| (said.1, (*key, said.0)));
            let back = spread.back("back", |mark, (key, order)| (*key, (*order, *mark)));
            let lists = back.top_list("top", THREE, |_, said| (said.1, said.0));
            rows.join("beside", &lists, |_, said, list| (*said, list.clone()))
        });
        compare(&mut rig, &history, |rows, _| {
            let mut bag = Bag::new();
            for key in keys(rows) {
                let all = of_key(rows, key).into_iter();
                let mut list: Vec<Said> = all.flat_map(|(said, n)| vec![said; n as usize]).collect();
                list.sort_by_key(|said| (said.1, said.0));
                list.truncate(3);
                for (said, weight) in of_key(rows, key) {
                    bag.insert((key, (said, list.clone())), weight);
                }
            }
            bag
        });
    }

    #[test]
    fn rank(history in histories(-3..12, 1..9)) {
        let mut rig = Rig::new(|rows, _| {
            let watched = rows.filter("watched", |_, said| said.1 == 0);
            rows.rank("rank", &watched, |_, said| said.0, |_, said| said.0)
        });
        compare(&mut rig, &history, |rows, _| {
            let mut bag = Bag::new();
            for ((key, of), weight) in rows.iter().filter(|((_, said), _)| said.1 == 0) {
                let all = of_key(rows, *key);
                let before = all.iter().filter(|(said, _)| said.0 < of.0).map(|(_, n)| n).sum();
                let place = Place { of: *of, before, among: all.iter().map(|(_, n)| n).sum() };
                bag.insert((*key, place), *weight);
            }
            bag
        });
    }

    /// The longest run of rows that say the same, and the last one: both depend on the order alone.
    #[test]
    fn ordered_fold(history in histories(0..60, 1..9), every in 1_u32..7) {
        let every = NonZeroU32::new(every).expect("not zero");
        let mut rig = Rig::new(|rows, _| {
            rows.ordered_fold("runs", every, |_, said| said.0, |runs: &mut Runs, said, weight| {
                runs.step(said.1, weight);
                Ok(())
            })
        });
        compare(&mut rig, &history, |rows, _| {
            let mut bag = Bag::new();
            for key in keys(rows) {
                let mut runs = Runs::default();
                for (said, weight) in of_key(rows, key) {
                    runs.step(said.1, weight);
                }
                bag.insert((key, runs), 1);
            }
            bag
        });
    }

    #[test]
    fn tumbling(history in histories(-50..200, 1..60)) {
        let windows = Tumbling { size_ms: 20, kept: 3 };
        let mut rig = Rig::new(|rows, ticks| {
            let rows = rows.tumbling("windows", ticks, windows, |_, said| topspin_stream::Time(said.0));
            rows.map_values("flat", |key, said| (key.1.0, *said)).refine("by-key", |key, value| (key.0, *value))
        });
        compare(&mut rig, &history, |rows, now| {
            let mut bag = Bag::new();
            let Some(now) = now else { return bag };
            for ((key, said), weight) in rows {
                let start = said.0.div_euclid(20) * 20;
                let oldest = now.div_euclid(20) * 20 - 40;
                if said.0 <= now && start >= oldest {
                    add(&mut bag, (*key, (start, *said)), *weight);
                }
            }
            bag
        });
    }

    #[test]
    fn decisions_that_stand_are_the_rows_that_are_there(history in histories(0..9, 1..9)) {
        let mut rig = Rig::new(|rows, _| rows.decisions("decisions"));
        let mut there = Bag::new();
        for step in &history {
            let Step::Change(rows) = step else { continue };
            for (key, said, weight) in rows {
                let weight = (*weight).max(-there.get(&(*key, *said)).copied().unwrap_or(0));
                rig.change(&[(*key, *said, weight)]).map(|_| ()).expect("possible");
                add(&mut there, (*key, *said), weight);
            }
            stands(&rig.bag(), &there);
        }
    }

    #[test]
    fn narrate_sees_all_rows_and_remembers_what_it_said(history in histories(0..9, 1..9)) {
        type Rows = Vec<(Said, i64)>;
        let mut rig = Rig::new(|rows, _| rows.narrate("narrate", |before: &mut Rows, _, now, _| {
            let gone = before.iter().map(|(said, weight)| (*said, -weight));
            let said: Vec<(Said, i64)> = now.iter().copied().chain(gone).collect();
            *before = now.to_vec();
            said
        }));
        let mut there = Bag::new();
        for step in &history {
            let Step::Change(rows) = step else { continue };
            for (key, said, weight) in rows {
                let weight = (*weight).max(-there.get(&(*key, *said)).copied().unwrap_or(0));
                rig.change(&[(*key, *said, weight)]).map(|_| ()).expect("possible");
                add(&mut there, (*key, *said), weight);
            }
            let mut said = Bag::new();
            for ((key, (row, weight)), times) in rig.bag::<u8, (Said, i64)>() {
                add(&mut said, (key, row), weight * times);
            }
            prop_assert_eq!(&said, &there);
        }
    }

    #[test]
    fn difference(events in prop::collection::vec((0_u8..3, 0_i64..6, any::<bool>()), 1..60)) {
        let build = |rows: &topspin_stream::Stream<u8, Said>| rows.difference(
            "facts",
            |list: &mut Vec<i64>, _, said: &Said| { apply(list, *said); Ok(()) },
            |list, _| list.iter().enumerate().map(|(place, point)| (place as u64, *point)).collect::<Vec<_>>(),
        );
        let mut rig = Rig::new(|rows, _| build(rows));
        let mut lists: BTreeMap<u8, Vec<i64>> = BTreeMap::new();
        for (number, (key, point, undo)) in events.into_iter().enumerate() {
            let said = (point, u8::from(undo));
            let _ = number;
            rig.change(&[(key, said, 1)]).map(|_| ()).expect("an event");
            apply(lists.entry(key).or_default(), said);
            let mut bag = Bag::new();
            for (key, list) in &lists {
                list.iter().enumerate().for_each(|(place, point)| add(&mut bag, (*key, (place as u64, *point)), 1));
            }
            prop_assert_eq!(rig.bag::<u8, (u64, i64)>(), bag);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Several events at once, in their order; a refused one takes the others of its record with it. States that are
    /// stored, and those that are replayed when they are not at hand: of three keys, two are, and none after a restart.
    #[test]
    fn machine(
        history in prop::collection::vec(
            (prop::collection::vec((0_u8..3, 0_i64..6, 0_u8..4), 1..4), prop::bool::weighted(0.1)),
            1..40,
        ),
        replayed in any::<bool>(),
    ) {
        let mut rig = scores(if replayed { Kept::Events } else { Kept::State });
        let mut lists: BTreeMap<u8, Vec<i64>> = BTreeMap::new();
        for (events, restarted) in history {
            if restarted {
                rig.instance = rig.part.instantiate();
            }
            let mut value = Vec::new();
            encode_value(&events, &mut value);
            let done = rig.record("events", &value, 0);
            let mut after = lists.clone();
            let possible = events.iter().all(|(key, point, undo)| score(after.entry(*key).or_default(), (*point, *undo)).is_ok());
            // What comes behind the machine refuses some sums.
            let sum = |lists: &BTreeMap<u8, Vec<i64>>, key| lists.get(key).map_or(0, |list| list.iter().sum::<i64>());
            let taken = possible && after.keys().all(|key| sum(&after, key) == sum(&lists, key) || !is_refused(sum(&after, key)));
            prop_assert_eq!(done.is_ok(), taken);
            if taken {
                lists = after;
            }
            let mut bag = Bag::new();
            for (key, list) in lists.iter().filter(|(_, list)| !list.is_empty()) {
                bag.insert((*key, (true, list.iter().sum::<i64>())), 1);
                for point in list {
                    add(&mut bag, (*key, (false, *point)), 1);
                }
            }
            prop_assert_eq!(rig.bag::<u8, (bool, i64)>(), bag);
        }
    }
}

/// What a machine stores.
#[derive(Clone, Copy)]
enum Kept {
    State,
    Events,
}

/// Facts are the points that count, and their sum if there are any: each step says only what it changes.
fn scores(kept: Kept) -> Rig {
    let builder = Builder::new("scores", 1);
    let records = builder.stream("events", |input| {
        let events: Vec<(u8, i64, u8)> =
            decode_value(input.value.unwrap_or_default()).map_err(|_| "no events")?;
        Ok(Some(((), events)))
    });
    let events = records.flat_map("each", |(), events| {
        events.iter().map(|(key, point, undo)| (*key, (*point, *undo))).collect::<Vec<_>>()
    });
    let step = |(list, sum): &mut (Vec<i64>, i64), _: &u8, event: &Said, facts: &mut Facts<(bool, i64)>| {
        let (before, last) = (list.len(), list.last().copied());
        let was = *sum;
        score(list, *event)?;
        if list.len() > before {
            facts.comes((false, event.0));
            *sum += event.0;
        } else if let Some(last) = last {
            facts.goes((false, last));
            *sum -= last;
        }
        if before > 0 {
            facts.goes((true, was));
        }
        if !list.is_empty() {
            facts.comes((true, *sum));
        }
        Ok(())
    };
    let facts = match kept {
        Kept::State => events.machine("facts", step),
        Kept::Events => events.replayed("facts", NonZeroUsize::new(2).expect("not zero"), step),
    };
    observe(&facts, "out");
    let checked = facts.aggregate("checked", |count: &mut i64, (is_sum, value), weight| {
        *count += weight;
        if *is_sum && weight > 0 && is_refused(*value) { Err(Reason::from("not this sum")) } else { Ok(()) }
    });
    observe(&checked.filter("silent", |_, _| false), "counts");
    Rig::of(&builder.build().expect("a topology"))
}

fn is_refused(sum: i64) -> bool {
    sum > 0 && sum % 7 == 0
}

fn score(list: &mut Vec<i64>, event: Said) -> Result<(), Reason> {
    if event.1 == 1 && list.is_empty() {
        return Err("nothing to undo".into());
    }
    apply(list, (event.0, u8::from(event.1 == 1)));
    Ok(())
}

fn apply(list: &mut Vec<i64>, (point, undo): Said) {
    match undo {
        0 => list.push(point),
        _ => drop(list.pop()),
    }
}

fn stands(said: &Bag<u8, topspin_stream::Decision<Said>>, there: &Bag<u8, Said>) {
    use topspin_stream::Decision::{Made, Withdrawn};
    let mut open: BTreeSet<(u8, Said)> = BTreeSet::new();
    let mut ids: BTreeMap<u8, BTreeSet<u64>> = BTreeMap::new();
    let of =
        |withdrawn: bool| said.iter().filter(move |((_, d), _)| matches!(d, Withdrawn { .. }) == withdrawn);
    for ((key, decision), count) in of(false) {
        assert_eq!(*count, 1, "said once");
        let Made { id, value } = decision else { continue };
        assert!(ids.entry(*key).or_default().insert(*id), "a number of its own");
        let gone = Withdrawn { id: *id, value: *value };
        if !said.contains_key(&(*key, gone)) {
            assert!(open.insert((*key, *value)), "open once");
        }
    }
    for (_, ids) in ids {
        assert_eq!(ids.last().copied(), Some(ids.len() as u64), "no gaps");
    }
    assert_eq!(open, there.keys().copied().collect());
}

#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Runs {
    last: u8,
    run: i64,
    longest: i64,
}

impl Runs {
    fn step(&mut self, said: u8, weight: i64) {
        self.run = if said == self.last { self.run + weight } else { weight };
        self.last = said;
        self.longest = self.longest.max(self.run);
    }
}
