//! Runtime and log under a seed: a fault at every step, and many at any. Outputs and state are the same as without.
//!
//! One seed again: `TOPSPIN_SEED=7 cargo test -p topspin-runtime --test simulation a_seed`. More of them:
//! `TOPSPIN_SEEDS=100000 cargo test -p topspin-runtime --test simulation`.

mod faults;
mod world;

use std::sync::Once;

use topspin_log::memory::MemoryLog;
use topspin_runtime::exactly_once::trial::Dice;

use self::faults::{Fault, Plan};
use self::world::{Rest, Setting, run};

/// How many seeds an ordinary run goes through.
const SEEDS: u64 = 2_000;

/// A panic in the trial is a record of it; other panics are reported as ever.
fn hush() {
    static HUSH: Once = Once::new();
    HUSH.call_once(|| {
        let report = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let expected = panic.payload_as_str().is_some_and(|text| text.contains("a decoder that panics"));
            if !expected {
                report(panic);
            }
        }));
    });
}

/// Says what to call again if the test does not get past it.
struct Blame(String);

impl Drop for Blame {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("again: {} cargo test -p topspin-runtime --test simulation a_seed", self.0);
        }
    }
}

fn seeded(seed: u64) -> Rest {
    let _blame = Blame(format!("TOPSPIN_SEED={seed}"));
    let mut dice = Dice::new(seed);
    let log = if dice.roll(3) == 0 { MemoryLog::new() } else { MemoryLog::kafka_like(dice.roll(u64::MAX)) };
    let (one_in, left) = (2 + dice.roll(60), dice.roll(30) as usize);
    let records = 10 + dice.roll(50);
    let plan = Plan::Dice { dice: Dice::new(dice.roll(u64::MAX)), one_in, left };
    run(Setting { log, plan, seed: dice.roll(u64::MAX), records, litany: dice.roll(200) == 0 })
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|value| value.parse().expect("a number"))
}

#[test]
fn a_seed_twice_is_the_same_byte_by_byte() {
    hush();
    let seeds = number("TOPSPIN_SEED").map_or(0..100, |seed| seed..seed + 1);
    for seed in seeds {
        let (one, other) = (seeded(seed), seeded(seed));
        assert!(one == other, "seed {seed} is not the same twice");
    }
}

#[test]
fn many_faults_change_nothing() {
    hush();
    for seed in 0..number("TOPSPIN_SEEDS").unwrap_or(SEEDS) {
        seeded(seed);
    }
}

#[test]
fn a_fault_at_every_step_changes_nothing() {
    hush();
    let setting = |plan| Setting { log: MemoryLog::new(), plan, seed: 1, records: 24, litany: false };
    at_every_step(setting, &Fault::ALL, |_| 0);
}

/// From where the processes wait for it: the rest is as without.
#[test]
fn a_crash_at_every_step_of_a_tick_of_many_steps_changes_nothing() {
    hush();
    let setting = |plan| Setting { log: MemoryLog::new(), plan, seed: 1, records: 0, litany: true };
    at_every_step(setting, &[Fault::CrashAfter], |quiet| quiet.started);
}

fn at_every_step(setting: impl Fn(Plan) -> Setting, faults: &[Fault], from: impl Fn(&Rest) -> usize) {
    let quiet = run(setting(Plan::At(usize::MAX, Fault::CrashBefore)));
    for fault in faults {
        for step in from(&quiet)..quiet.steps {
            let _blame = Blame(format!("{fault:?} at step {step} of"));
            let rest = run(setting(Plan::At(step, *fault)));
            assert_eq!(rest.state, quiet.state, "{fault:?} at step {step}");
        }
    }
}
