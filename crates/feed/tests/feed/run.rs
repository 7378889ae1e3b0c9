//! Whole histories.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::time::Duration;

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use topspin_event::{CompetitionId, MatchId};
use topspin_feed::client::{Action, Session, Wanted};
use topspin_feed::{Hello, Kind, PROTOCOL, Position, Selection, Source};
use uuid::Uuid;

use crate::hall::Hall;
use crate::net::{Connection, Faults};
use crate::watch::Watcher;

const STEP: Duration = Duration::from_millis(20);
const TROUBLED: usize = 1_500;
const QUIET: usize = 1_200;

struct Consumer {
    session: Session,
    watcher: Watcher,
    connection: Option<Connection>,
    fills: VecDeque<(Duration, Action)>,
    faults: Faults,
    selection: Selection,
    kinds: Vec<Kind>,
    is_traced: bool,
}

/// What a run came to, for whoever compares two.
#[derive(Default)]
struct Told {
    text: String,
    events: usize,
    resets: usize,
    forks: usize,
    corrections: usize,
    suspensions: usize,
}

fn consumer(number: usize, hall: &Hall, chance: &mut ChaCha8Rng) -> Consumer {
    let one = hall.ids()[number % 4];
    let selection = match number % 4 {
        0 => Selection::default(),
        1 => Selection::one(one),
        2 => Selection { table: Some("2".to_owned()), ..Selection::default() },
        _ => Selection { competition_id: Some(CompetitionId(Uuid::from_u128(1))), ..Selection::default() },
    };
    let kinds = match number % 3 {
        0 => vec![Kind::Events, Kind::State],
        1 => vec![Kind::Events],
        _ => vec![Kind::State],
    };
    let hello = Hello {
        protocol: PROTOCOL.to_owned(),
        heartbeat_ms: Some(500),
        conflate_ms: (number % 5 == 4).then_some(700),
        ..Hello::default()
    };
    let wanted = Wanted { to: selection.clone(), kinds: kinds.clone() };
    let session = Session::new(hello, vec![wanted], number as u64, Duration::ZERO);
    let capacity = if chance.random_bool(0.3) { chance.random_range(1..4) } else { 64 };
    let faults = Faults {
        mangled: if chance.random_bool(0.5) { chance.random_range(0..30) } else { 0 },
        broken: chance.random_range(0..100),
        capacity,
    };
    let is_traced = std::env::var("TOPSPIN_TRACE").is_ok_and(|traced| traced == number.to_string());
    let (watcher, fills) = (Watcher::default(), VecDeque::new());
    Consumer { session, watcher, connection: None, fills, faults, selection, kinds, is_traced }
}

impl Consumer {
    fn step(&mut self, hall: &Hall, now: Duration, chance: &mut ChaCha8Rng) {
        if chance.random_range(0..10_000) < self.faults.broken && self.connection.take().is_some() {
            self.session.disconnected(now);
        }
        if let Some(connection) = &mut self.connection {
            connection.serve(hall, now, chance, self.faults);
            while let Some(message) = connection.arrived(now) {
                let text = std::str::from_utf8(&message).expect("UTF-8");
                if self.is_traced {
                    eprintln!("{now:?} <- {text:.300}");
                }
                self.session.receive(text, now);
            }
            if connection.is_over() {
                self.connection = None;
                self.session.disconnected(now);
            }
        }
        if self.session.wake_at().is_some_and(|at| at <= now) {
            self.session.tick(now);
        }
        while let Some((_, action)) = self.fills.pop_front_if(|(at, _)| *at <= now) {
            let Action::Fill { subscription, match_id, range } = action else { continue };
            if chance.random_range(0..1_000) < self.faults.mangled {
                self.session.not_filled(subscription, match_id);
            } else {
                self.session.filled(subscription, match_id, hall.events(match_id, range.from, range.to));
            }
        }
        self.act(hall, now, chance);
    }

    fn act(&mut self, hall: &Hall, now: Duration, chance: &mut ChaCha8Rng) {
        while let Some(action) = self.session.poll() {
            match action {
                Action::Connect => {
                    self.connection = Some(Connection::open(hall, now));
                    self.session.connected(now);
                }
                Action::Disconnect => self.connection = None,
                Action::Send(text) => {
                    if self.is_traced {
                        eprintln!("{now:?} -> {text}");
                    }
                    if let Some(connection) = &mut self.connection {
                        connection.send(text, now, chance, self.faults);
                    }
                }
                Action::Fill { .. } => self.fills.push_back((now + Duration::from_millis(40), action)),
                Action::Show(notice) => self.watcher.see(notice, hall),
            }
        }
    }

    /// Nothing disturbs it any more: it holds what is true, or nothing.
    fn is_at_the_head(&self, hall: &Hall) -> Result<(), String> {
        for id in hall.ids() {
            let head = hall.current(id);
            let known = self.session.known(1, id);
            if !self.selection.covers(&head.meta) {
                if known.is_some() {
                    return Err(format!("{id} is held and not selected"));
                }
                continue;
            }
            let Some(known) = known else {
                if head.facts.status.is_live() {
                    return Err(format!("{id} is played and not held"));
                }
                continue;
            };
            if let Some(doubt) = self.session.doubt(1, id) {
                return Err(format!("{id} is in doubt: {doubt:?}"));
            }
            let at = Some(Position::head(head));
            let (events, state) = (self.kinds.contains(&Kind::Events), self.kinds.contains(&Kind::State));
            if events && (known.events != at || known.chain.is_some_and(|chain| chain != head.chain)) {
                return Err(format!("{id}: events at {:?}, not {at:?}", known.events));
            }
            if state && (known.state_at != at || known.state_hash.as_ref() != Some(&head.state_hash)) {
                return Err(format!("{id}: state at {:?}, not {at:?}", known.state_at));
            }
        }
        Ok(())
    }
}

fn history(seed: u64) -> Told {
    let mut chance = ChaCha8Rng::seed_from_u64(seed);
    let mut hall = Hall::new(&mut chance);
    let mut consumers: Vec<_> = (0..6).map(|number| consumer(number, &hall, &mut chance)).collect();
    let forks = seed.is_multiple_of(2);
    // When each position stopped to be the head.
    let mut replaced: BTreeMap<(MatchId, Position), Duration> = BTreeMap::new();
    for step in 0..TROUBLED + QUIET {
        let now = STEP * u32::try_from(step).expect("few steps");
        hall.now_ms += 20;
        if step < TROUBLED {
            let before: Vec<_> =
                hall.ids().into_iter().map(|id| (id, Position::head(hall.current(id)))).collect();
            for _ in 0..chance.random_range(0..4) / 2 {
                hall.act(&mut chance, forks);
            }
            for (id, at) in before {
                if Position::head(hall.current(id)) != at {
                    replaced.insert((id, at), now);
                }
            }
            trouble(&mut hall, &mut consumers, now, &mut chance);
        } else {
            (hall.is_readable, hall.source) = (true, Source::Ok);
            for consumer in &mut consumers {
                consumer.faults = Faults::NONE;
            }
        }
        for consumer in &mut consumers {
            consumer.step(&hall, now, &mut chance);
            if consumer.faults.mangled == 0 {
                Watcher::check(&consumer.session, &hall, &replaced, now);
            }
        }
    }
    let mut told = Told::default();
    for (number, consumer) in consumers.iter().enumerate() {
        assert_eq!(consumer.is_at_the_head(&hall), Ok(()), "consumer {number}");
        let Watcher { events, resets, forks, corrections, suspensions, .. } = &consumer.watcher;
        let _ = writeln!(told.text, "{events} {resets} {forks} {corrections} {suspensions}");
        told.events += events;
        told.resets += resets;
        told.forks += forks;
        told.corrections += corrections;
        told.suspensions += suspensions;
    }
    told
}

/// What happens to the server itself.
fn trouble(hall: &mut Hall, consumers: &mut [Consumer], now: Duration, chance: &mut ChaCha8Rng) {
    match chance.random_range(0..2_000) {
        // It starts again: every connection breaks.
        0..3 => {
            for consumer in consumers.iter_mut() {
                if consumer.connection.take().is_some() {
                    consumer.session.disconnected(now);
                }
            }
        }
        // Its log begins another life: cursors are void.
        3 => hall.log_id = Uuid::from_u128(chance.random()),
        4..8 => hall.is_readable = false,
        8..40 => hall.is_readable = true,
        40..42 => hall.source = Source::VenueLost,
        42..60 => hall.source = Source::Ok,
        _ => {}
    }
}

/// `TOPSPIN_SEED=7` for one history, with `TOPSPIN_TRACE=2` what its third consumer says and hears; `TOPSPIN_SEEDS=500` for more.
#[test]
fn every_consumer_ends_at_the_head_or_knows_that_it_is_not_there() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seeds = match number("TOPSPIN_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("TOPSPIN_SEEDS").unwrap_or(40),
    };
    let many = seeds.clone().count();
    let mut all = Told::default();
    for seed in seeds {
        let told = std::panic::catch_unwind(|| history(seed)).unwrap_or_else(|cause| {
            eprintln!("the history of seed {seed}: TOPSPIN_SEED={seed} runs it again");
            std::panic::resume_unwind(cause)
        });
        all.events += told.events;
        all.resets += told.resets;
        all.forks += told.forks;
        all.corrections += told.corrections;
        all.suspensions += told.suspensions;
    }
    let Told { events, resets, forks, corrections, suspensions, .. } = all;
    eprintln!(
        "{many} histories: {events} events shown, {resets} resets, {forks} forks, {corrections} corrections, {suspensions} suspensions"
    );
    assert!(
        many < 10 || (events > 10_000 && resets > 0 && forks > 0 && corrections > 100 && suspensions > 100)
    );
}

#[test]
fn one_seed_gives_one_history() {
    assert_eq!(history(3).text, history(3).text);
}
