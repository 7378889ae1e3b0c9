//! Whatever is submitted, however often, and however the home dies: no acknowledged command is lost, none counts
//! twice, and the log alone says what every match is.

#![allow(clippy::panic, reason = "helpers of tests panic like tests")]

mod world;

use std::collections::HashMap;

use proptest::prelude::*;
use topspin_event::{
    CommandEnvelope, Lease, MatchCommand, MatchEvent, Move, Precision, RallyStrokes, ReportedResult, Seq,
    StateHash, Stroke, Timestamp, canonical_facts,
};
use topspin_laws::{Both, Card, CardTo, Command, Format, Outcome, Setup, Side, State, replay};
use topspin_log::Log;
use topspin_log::memory::MemoryLog;
use topspin_scoring::{Home, SubmitError, Verdict};
use world::{
    Fault, Faults, World, checked_events, choose, copy, directory, envelope, faulty, match_id, point, singles,
};

const MATCHES: u128 = 3;

#[derive(Debug, Clone)]
enum Step {
    /// A new command to a match, with or without preconditions.
    Submit { to: u128, command: MatchCommand, expected_seq: Option<u64>, lease: Option<u32> },
    /// A command that was sent before, again.
    Retry(usize),
    /// Several commands at once.
    Burst(Vec<(u128, MatchCommand)>),
    /// Commits fail for a while.
    Fail(Vec<Fault>),
    /// The home dies, with commands on their way, and comes back.
    Die { on_their_way: Vec<(u128, MatchCommand)>, turns: usize, store: Fate },
}

/// What becomes of the store when a home dies.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Kept,
    Deleted,
    /// As it was when the home was opened first.
    Older,
}

fn command() -> impl Strategy<Value = MatchCommand> {
    let side = || prop_oneof![Just(Side::Home), Just(Side::Away)];
    let score = || (0..4_u16, 0..4_u16).prop_map(|(home, away)| Both::new(home, away));
    let law = prop_oneof![
        2 => Just(choose()),
        3 => Just(world::start_game()),
        10 => side().prop_map(point),
        2 => Just(Command::Undo {}),
        1 => Just(Command::Redo {}),
        1 => Just(Command::Let { reason: None }),
        1 => side().prop_map(|side| Command::TakeTimeOut { side }),
        1 => Just(Command::Resume {}),
        1 => side().prop_map(|side| Command::ShowCard { side, to: CardTo::Player, card: Card::Yellow }),
        1 => (side(), 1..12_u64).prop_map(|(to, seq)| Command::Amend {
            seq: Seq(seq),
            outcome: Outcome::Point { to, how: None, strokes: None },
        }),
        1 => prop::collection::vec(score(), 1..3).prop_map(|games| Command::SetScore {
            games,
            server: None,
            receiver: None,
        }),
        1 => Just(Command::HandOver { to: "next".to_owned().try_into().expect("a reason") }),
        1 => Just(Command::ConfirmResult {}),
    ];
    prop_oneof![
        20 => law.prop_map(MatchCommand::Law),
        1 => "[1-9]".prop_map(|table| MatchCommand::Move(Move { table: Some(table), ..Move::default() })),
        1 => score().prop_map(|game| MatchCommand::ReportResult(ReportedResult {
            source: "test".to_owned(),
            games: vec![game],
            winner: None,
            reason: None,
        })),
        3 => (2..12_u64, side(), 1..3_usize).prop_map(|(rally, first, count)| {
            let by = [first, first.other()].map(Stroke::by);
            MatchCommand::RecordStrokes(RallyStrokes { rally: Seq(rally), strokes: by[..count].to_vec() })
        }),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let sent = || prop::collection::vec((0..MATCHES, command()), 1..6);
    let fault = prop_oneof![
        Just(Fault::None),
        Just(Fault::Full),
        Just(Fault::Unavailable),
        Just(Fault::LostBefore),
        Just(Fault::LostAfter)
    ];
    let fate = prop_oneof![Just(Fate::Kept), Just(Fate::Deleted), Just(Fate::Older)];
    prop_oneof![
        12 => (0..MATCHES, command(), prop::option::weighted(0.1, 1..15_u64), prop::option::weighted(0.1, 1..4_u32))
            .prop_map(|(to, command, expected_seq, lease)| Step::Submit { to, command, expected_seq, lease }),
        3 => any::<prop::sample::Index>().prop_map(|index| Step::Retry(index.index(1_000))),
        2 => sent().prop_map(Step::Burst),
        1 => prop::collection::vec(fault, 1..4).prop_map(Step::Fail),
        1 => (sent(), 0..12_usize, fate)
            .prop_map(|(on_their_way, turns, store)| Step::Die { on_their_way, turns, store }),
    ]
}

/// What the senders know.
#[derive(Default)]
struct Ledger {
    sent: Vec<(u128, CommandEnvelope)>,
    verdicts: HashMap<usize, Verdict>,
}

impl Ledger {
    fn send(&mut self, to: u128, command: MatchCommand) -> (usize, CommandEnvelope) {
        let number = self.sent.len();
        let mut envelope = envelope(number as u128, command);
        envelope.occurred_at =
            Timestamp::from_millis(1_600_000_000_000 + i64::try_from(number).expect("few"));
        envelope.precision = Precision::Ms;
        self.sent.push((to, envelope.clone()));
        (number, envelope)
    }

    /// A verdict came; every further one for the same command must be the same.
    fn hear(&mut self, number: usize, heard: Verdict) {
        if let Some(before) = self.verdicts.get(&number) {
            assert_eq!(*before, heard, "another answer to command {number}");
        }
        self.verdicts.insert(number, heard);
    }
}

/// Submits as a good client does: the same command until there is a verdict.
async fn submit(home: &Home, faults: &Faults, ledger: &mut Ledger, number: usize) {
    let (to, envelope) = ledger.sent[number].clone();
    for _ in 0..8 {
        match home.submit(match_id(to), envelope.clone()).await {
            Ok(answer) => return ledger.hear(number, answer.verdict),
            Err(error) => assert!(error.is_retryable(), "{error}"),
        }
    }
    faults.clear();
    let answer = home.submit(match_id(to), envelope).await.expect("decided, without faults");
    ledger.hear(number, answer.verdict);
}

async fn take(home: &Home, faults: &Faults, ledger: &mut Ledger, step: &Step) {
    match step {
        Step::Submit { to, command, expected_seq, lease } => {
            let (number, _) = ledger.send(*to, command.clone());
            let envelope = &mut ledger.sent[number].1;
            envelope.expected_seq = expected_seq.map(Seq);
            envelope.lease = lease.map(Lease);
            submit(home, faults, ledger, number).await;
        }
        Step::Retry(index) if !ledger.sent.is_empty() => {
            let number = index % ledger.sent.len();
            submit(home, faults, ledger, number).await;
        }
        Step::Retry(_) => {}
        Step::Burst(sent) => burst(home, faults, ledger, sent).await,
        Step::Fail(plan) => faults.plan(plan.iter().copied()),
        Step::Die { on_their_way, turns, .. } => {
            for (to, command) in on_their_way {
                let (_, envelope) = ledger.send(*to, command.clone());
                let (home, to) = (home.clone(), match_id(*to));
                tokio::spawn(async move { home.submit(to, envelope).await });
            }
            for _ in 0..*turns {
                tokio::task::yield_now().await;
            }
        }
    }
}

async fn burst(home: &Home, faults: &Faults, ledger: &mut Ledger, sent: &[(u128, MatchCommand)]) {
    let mut tasks = Vec::new();
    for (to, command) in sent {
        let (number, envelope) = ledger.send(*to, command.clone());
        let (home, to) = (home.clone(), match_id(*to));
        tasks.push((number, tokio::spawn(async move { home.submit(to, envelope).await })));
    }
    for (number, task) in tasks {
        match task.await.expect("no panic") {
            Ok(answer) => ledger.hear(number, answer.verdict),
            Err(SubmitError::Call(error)) if error.is_retryable() => {
                submit(home, faults, ledger, number).await;
            }
            Err(error) => panic!("{error}"),
        }
    }
}

fn short(number: u128) -> topspin_event::CreateMatch {
    let mut new = singles(number);
    new.format =
        Format { best_of: 3, game_points: 3, deciding_game_points: 3, change_over_points: 1, ..new.format };
    new
}

/// What the log says about the matches, and whether it is what the senders were told.
fn check(home: &Home, ledger: &Ledger) {
    let mut happened = HashMap::new();
    for number in 0..MATCHES {
        let events = checked_events(home, match_id(number));
        let MatchEvent::Created(meta) = &events[0].recorded.event else {
            panic!("the first is the creation")
        };
        let setup = Setup { format: meta.format.clone(), carried_cards: meta.carried_cards.clone() };
        let mut state = State::new(setup);
        for event in &events {
            if let MatchEvent::Law(law) = &event.recorded.event {
                state = replay(state, event.recorded.seq, law, event.recorded.laws_version);
            }
            happened.entry(event.recorded.cause).or_insert_with(Vec::new).push(event.clone());
        }
        let snapshot = home.match_snapshot(match_id(number)).expect("read").expect("there");
        let last = events.last().expect("at least the creation");
        assert_eq!((snapshot.seq, snapshot.chain), (last.recorded.seq, last.chain));
        assert_eq!(
            snapshot.state_hash,
            StateHash::of(&canonical_facts(&state.facts())),
            "the events alone say it"
        );
        assert_eq!(snapshot.facts, state.facts());
    }
    for (number, verdict) in &ledger.verdicts {
        let events = happened.remove(&ledger.sent[*number].1.command_id);
        match verdict {
            Verdict::Accepted(accepted) => {
                assert_eq!(events.as_ref(), Some(&accepted.events), "once, as told");
            }
            Verdict::Refused(_) => assert_eq!(events, None, "refused, and yet it happened"),
        }
    }
}

fn play<L: Log>(log: L, steps: &[Step]) {
    let faults = Faults::default();
    let world = World::new(faulty(log, &faults));
    let older = directory();
    let mut ledger = Ledger::default();
    world.life(async |home| {
        for number in 0..MATCHES {
            home.create_match(short(number)).await.expect("created");
        }
    });
    copy(&world.store_dir(), &older.path().join("store"));
    for life in steps.split_inclusive(|step| matches!(step, Step::Die { .. })) {
        world.life(async |home| {
            for step in life {
                take(&home, &faults, &mut ledger, step).await;
            }
        });
        faults.clear();
        match life.last() {
            Some(Step::Die { store: Fate::Deleted, .. }) => {
                std::fs::remove_dir_all(world.store_dir()).expect("deleted");
            }
            Some(Step::Die { store: Fate::Older, .. }) => {
                std::fs::remove_dir_all(world.store_dir()).expect("deleted");
                copy(&older.path().join("store"), &world.store_dir());
            }
            Some(_) | None => {}
        }
    }
    let kept = world.life(async |home| {
        for number in 0..ledger.sent.len() {
            submit(&home, &faults, &mut ledger, number).await;
        }
        check(&home, &ledger);
        home.shutdown().await;
        home.dump_store().expect("read")
    });
    std::fs::remove_dir_all(world.store_dir()).expect("deleted");
    let filled = world.life(async |home| {
        check(&home, &ledger);
        home.dump_store().expect("read")
    });
    for (kept, filled) in kept.iter().zip(&filled) {
        assert_eq!(kept, filled, "a store filled from the log is the store that was kept");
    }
    assert_eq!(kept.len(), filled.len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn nothing_acknowledged_is_lost_and_nothing_counts_twice(steps in prop::collection::vec(step(), 1..60)) {
        play(MemoryLog::new(), &steps);
    }

    #[test]
    fn the_same_on_a_log_that_does_what_kafka_may_do(
        seed in any::<u64>(),
        steps in prop::collection::vec(step(), 1..60),
    ) {
        play(MemoryLog::kafka_like(seed), &steps);
    }
}
