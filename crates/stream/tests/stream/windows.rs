//! Windows against their naive twins: calendars, ticks, expiry, and huge expiries in bounded steps.

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use proptest::prelude::*;
use topspin_stream::limits::WINDOW_ROWS_A_STEP;
use topspin_stream::{Horizon, Moment, Progress, Time, Tumbling, decode_value};

use crate::rig::{Bag, Rig, Said, Step, add, compare};

const HOUR_MS: i64 = 3_600_000;

/// Central Europe, and a zone far away whose clocks never change.
fn zones() -> Vec<TimeZone> {
    vec![
        TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a rule"),
        TimeZone::posix("<-11>11").expect("a rule"),
    ]
}

fn instant(local: &str, zone: &TimeZone) -> i64 {
    let local: DateTime = local.parse().expect("a time");
    zone.to_zoned(local).expect("in range").timestamp().as_millisecond()
}

/// The definition, as it stands: t minus calendar months, day clipped, before what occurred, and that not after t.
fn holds(now: i64, occurred: i64, months: u32, zone: &TimeZone) -> bool {
    let now_there = Timestamp::from_millisecond(now).expect("in range").to_zoned(zone.clone());
    let earlier = now_there.checked_sub(i64::from(months).months()).expect("in range");
    earlier.timestamp().as_millisecond() < occurred && occurred <= now
}

/// `said.0` is hours after `start`, `said.1` tells the zone.
fn rig(months: u32, start: i64) -> Rig {
    rig_at(months, move |hours| start + hours * HOUR_MS)
}

/// `said.0` tells when by `at`.
fn rig_at(months: u32, at: impl Fn(i64) -> i64 + Send + Sync + 'static) -> Rig {
    Rig::new(|rows, ticks| {
        let horizon = Horizon { months, zones: zones() };
        rows.last_months("window", ticks, horizon, move |_, said| Moment {
            at: Time(at(said.0)),
            zone: u16::from(said.1 % 2),
        })
    })
}

fn naive(rows: &Bag<u8, Said>, now: Option<i64>, months: u32, start: i64) -> Bag<u8, Said> {
    naive_at(rows, now, months, |hours| start + hours * HOUR_MS)
}

fn naive_at(rows: &Bag<u8, Said>, now: Option<i64>, months: u32, at: impl Fn(i64) -> i64) -> Bag<u8, Said> {
    let zones = zones();
    let Some(now) = now else { return Bag::new() };
    let in_it = |said: &Said| holds(now, at(said.0), months, &zones[usize::from(said.1 % 2)]);
    rows.iter().filter(|((_, said), _)| in_it(said)).map(|(row, weight)| (*row, *weight)).collect()
}

/// The hours of eight days around the end of each February, from 2022 on, one behind the other.
const TURN: i64 = 8 * 24;

fn turn(hour: i64) -> i64 {
    let year = 2022 + hour.div_euclid(TURN);
    instant(&format!("{year}-02-25T00:00"), &zones()[0]) + hour.rem_euclid(TURN) * HOUR_MS
}

/// From 2024 on to 2030 or so.
fn turns() -> impl Strategy<Value = Vec<Step>> {
    let row = (0_u8..2, (0..8 * TURN, 0_u8..2), -2_i64..4);
    let change = prop::collection::vec(row, 1..8).prop_map(Step::Change);
    prop::collection::vec(prop_oneof![1 => change, 2 => (1_i64..20).prop_map(Step::Pass)], 1..200)
}

/// Steps of hours over the ends of months, in leap years and others, over both changes of the clocks.
fn history() -> impl Strategy<Value = Vec<Step>> {
    let row = (0_u8..2, (0_i64..2_400, 0_u8..4), -2_i64..4);
    let change = prop::collection::vec(row, 1..4).prop_map(Step::Change);
    let pass = (1_i64..40, 0_i64..3).prop_map(|(hours, odd)| Step::Pass(hours * HOUR_MS + odd * 1_234_567));
    prop::collection::vec(prop_oneof![change, pass], 1..120)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn last_months(history in history(), months in 1_u32..3, year in 2023_i16..2026, autumn in any::<bool>()) {
        let month = if autumn { 10 } else { 1 };
        let start = instant(&format!("{year}-{month:02}-28T22:00"), &zones()[0]);
        let mut rig = rig(months, start);
        rig.tick(start);
        compare(&mut rig, &history, |rows, now| naive(rows, now, months, start));
    }

    /// 24 months before 29 February is 28 February, and which day it is depends on the zone.
    #[test]
    fn last_24_months(history in turns()) {
        let mut rig = rig_at(24, turn);
        let mut hour = 2 * TURN;
        rig.tick(turn(hour));
        let passing = |step: &Step| match step {
            Step::Pass(hours) => {
                hour += hours;
                Step::Pass(turn(hour) - turn(hour - hours))
            }
            Step::Change(rows) => Step::Change(rows.clone()),
        };
        let history: Vec<Step> = history.iter().map(passing).collect();
        compare(&mut rig, &history, |rows, now| naive_at(rows, now, 24, turn));
    }

    /// Records come before the clock has got there, or long after.
    #[test]
    fn deduplicate(
        rows in prop::collection::vec((0_u8..2, 0_u8..4, 0_i64..30, -25_i64..25, any::<bool>()), 1..80),
        ticked in any::<bool>(),
    ) {
        let mut rig = Rig::new(|rows, ticks| rows.deduplicate("once", ticks, 20, |_, said| said.1));
        let mut remembered: BTreeMap<(u8, u8), i64> = BTreeMap::new();
        let (mut expected, mut now, mut clock) = (Bag::new(), 100, None);
        for (number, (key, id, pass, early, tick)) in rows.into_iter().enumerate() {
            now += pass;
            if tick && (ticked || number > 20) {
                rig.tick(now);
                clock = Some(now);
                continue;
            }
            let (said, at) = ((number as i64, id), now + early);
            rig.change_at(&[(key, said, 1)], at).map(|_| ()).expect("a row");
            if remembered.get(&(key, id)).is_none_or(|until| clock.is_some_and(|clock| *until <= clock)) {
                add(&mut expected, (key, said), 1);
                remembered.insert((key, id), clock.map_or(at, |clock| at.max(clock)) + 20);
            }
            prop_assert_eq!(&rig.bag::<u8, Said>(), &expected);
        }
        remembered.retain(|_, until| clock.is_none_or(|clock| *until > clock));
        let kept = |name: &str| rig.state.entries(rig.store(name)).len();
        prop_assert_eq!((kept("once.ids"), kept("once.expiry")), (remembered.len(), remembered.len()));
    }
}

#[test]
fn the_horizon_of_24_months_ends_with_the_february_of_its_zone() {
    let here = &zones()[0];
    let start = instant("2022-02-28T00:00", here);
    let mut rig = rig(24, start);
    // At 06:00, 12:00 and 18:00 on 28 February here, and the same moments for who is eleven hours behind UTC.
    let rows = [6, 12, 18].into_iter().flat_map(|hour| [(1, (hour, 0), 1), (1, (hour, 1), 1)]);
    rig.change(&rows.collect::<Vec<_>>()).map(|_| ()).expect("rows");
    let mut at = |local: &str| {
        rig.tick(instant(local, here));
        rig.bag::<u8, Said>().into_keys().map(|(_, said)| said).collect::<Vec<_>>()
    };
    assert_eq!(at("2024-02-28T05:59"), [(6, 0), (6, 1), (12, 0), (12, 1), (18, 0), (18, 1)]);
    assert_eq!(at("2024-02-28T12:00"), [(18, 0), (18, 1)], "what occurred 24 months ago is no longer in it");
    assert_eq!(at("2024-02-28T18:00"), []);
    // Here that is 28 February 2022 once more. There it is 28 February still, at 18:00.
    assert_eq!(at("2024-02-29T06:00"), [(12, 0), (18, 0)]);
    assert_eq!(at("2024-03-01T00:00"), []);
}

#[test]
fn the_day_is_clipped_to_the_end_of_the_month() {
    let zone = &zones()[0];
    let start = instant("2024-02-28T00:00", zone);
    let mut rig = rig(1, start);
    // At 12:00 on 28 and 29 February.
    rig.change(&[(1, (12, 0), 1), (1, (36, 0), 1)]).map(|_| ()).expect("rows");
    let mut at = |local: &str| {
        rig.tick(instant(local, zone));
        rig.bag::<u8, Said>().into_keys().map(|(_, said)| said.0).collect::<Vec<_>>()
    };
    assert_eq!(at("2024-03-28T11:59"), [12, 36]);
    assert_eq!(at("2024-03-28T12:00"), [36]);
    assert_eq!(at("2024-03-30T12:00"), [], "30 March minus a month is 29 February");
    assert_eq!(
        at("2024-03-31T11:00"),
        [36],
        "and so is 31 March: an hour earlier in the day, the row is back"
    );
    assert_eq!(at("2024-03-31T12:00"), []);
}

#[test]
fn rows_in_the_future_enter_when_the_clock_passes_them_and_expired_ones_never() {
    let mut rig = rig(1, 0);
    rig.tick(60 * 24 * HOUR_MS);
    rig.change(&[(1, (61 * 24, 0), 1), (1, (0, 0), 1)]).map(|_| ()).expect("rows");
    assert_eq!(rig.bag::<u8, Said>(), Bag::new());
    rig.tick(61 * 24 * HOUR_MS);
    assert_eq!(rig.bag::<u8, Said>(), Bag::from([((1, (61 * 24, 0)), 1)]));
    rig.change(&[(1, (0, 0), -1)])
        .map(|_| ())
        .expect("the correction of a row that was too late is no poison");
}

#[test]
fn what_left_long_ago_is_cleared_away() {
    let mut rig = rig(1, 0);
    rig.change(&(0..100).map(|hour| (1, (hour, 0), 1)).collect::<Vec<_>>()).map(|_| ()).expect("rows");
    rig.tick(HOUR_MS * 24 * 90);
    let rows = rig.store("window.rows");
    assert!(rig.state.entries(rows).is_empty());
}

/// Each step leaves what the window holds at an earlier instant, whole; and changes no more rows than it may.
#[test]
fn a_huge_expiry_is_done_in_bounded_steps_that_are_whole() {
    let mut rig = rig(1, 0);
    let count = 3 * WINDOW_ROWS_A_STEP as i64;
    let rows: Vec<(u8, Said, i64)> = (0..count).map(|row| (0, (row / 20, (row % 20) as u8), 1)).collect();
    rows.chunks(1_000).for_each(|some| rig.change(some).map(|_| ()).expect("rows"));
    let there: Bag<u8, Said> = rows.iter().map(|(key, said, weight)| ((*key, *said), *weight)).collect();
    for days in [40, 90] {
        let target = days * 24 * HOUR_MS;
        let mut steps = 0;
        loop {
            let before = rig.bag::<u8, Said>();
            let progress = rig.record("ticks", &Time(target).to_tick(), target).expect("a tick");
            let clock = decode_value::<Time>(&rig.state.entries(rig.store("window.clock"))[&vec![]])
                .expect("a clock");
            let after = rig.bag::<u8, Said>();
            assert_eq!(after, naive(&there, Some(clock.0), 1, 0), "whole at {clock:?}");
            let changed = after.keys().filter(|row| !before.contains_key(row)).count()
                + before.keys().filter(|row| !after.contains_key(row)).count();
            assert!(changed <= WINDOW_ROWS_A_STEP, "{changed} rows in a step");
            steps += 1;
            if progress == Progress::Done {
                assert_eq!(clock.0, target);
                break;
            }
        }
        assert!(steps >= 2, "{steps} steps");
    }
    assert_eq!(rig.bag::<u8, Said>(), Bag::new());
}

/// A whole window goes at one instant: what there is under a key stays whole until it has gone.
#[test]
fn a_huge_tumbling_window_goes_key_by_key() {
    let window = Tumbling { size_ms: 1_000_000, kept: 1 };
    let mut rig = Rig::new(|rows, ticks| {
        let rows = rows.tumbling("window", ticks, window, |_, said| Time(said.0));
        rows.count("count").refine("flat", |(key, _), count| (*key, *count))
    });
    let of_key = WINDOW_ROWS_A_STEP as i64 / 2 + 100;
    for key in 0..6 {
        let rows: Vec<(u8, Said, i64)> = (0..of_key).map(|at| (key, (at, key), 1)).collect();
        rig.change(&rows).map(|_| ()).expect("rows");
    }
    let whole = |keys: std::ops::Range<u8>| keys.map(|key| ((key, of_key), 1)).collect::<Bag<u8, i64>>();
    rig.tick(999_999);
    assert_eq!(rig.bag::<u8, i64>(), whole(0..6));
    let mut left = Vec::new();
    while rig.record("ticks", &Time(1_000_000).to_tick(), 1_000_000).expect("a tick") == Progress::Again {
        let bag = rig.bag::<u8, i64>();
        assert_eq!(bag, whole(6 - bag.len() as u8..6), "no key shows a part of its rows");
        left.push(bag.len());
    }
    assert_eq!(left, [4, 2]);
    assert_eq!(rig.bag::<u8, i64>(), Bag::new());
}
