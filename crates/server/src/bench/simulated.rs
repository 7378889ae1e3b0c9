//! A world in which the strengths are known: players who get better and worse from month to month, have good and bad days, and
//! meet mostly their like. Each match as its events.

use std::sync::Arc;

use rand::{RngExt as _, SeedableRng as _};
use topspin_event::{
    CommandId, Entry, Epoch, Label, Lease, MatchEvent, MatchId, MatchMeta, OrgId, PlayerId, Precision,
    Recorded, Seq, Timestamp,
};
use topspin_laws::{Both, Command, Discipline, Format, LAWS_VERSION, Seat, Side, State, decide, evolve};
use topspin_sim::Chance;
use uuid::Uuid;

const PLAYERS: usize = 300;
const DAYS: usize = 720;
const DAY_MS: i64 = 86_400_000;
/// 1 January 2026.
const START_MS: i64 = 1_767_225_600_000;

/// Standard deviations in log-odds of a rally: of players, of a month's change, of a day; and what serving is worth.
const SPREAD: f64 = 0.2;
const DRIFT: f64 = 0.02;
pub const DAY: f64 = 0.08;
const SERVE: f64 = 0.1;

/// Singles, best of five, so many on each day.
pub struct Season {
    chance: Chance,
    strengths: Vec<f64>,
    a_day: usize,
    number: usize,
    day: f64,
}

impl Season {
    /// From a seed; as many matches a day as make so many in two years.
    pub fn new(seed: u64, matches: usize) -> Self {
        let mut chance = Chance::seed_from_u64(seed);
        let strengths = (0..PLAYERS).map(|_| SPREAD * normal(&mut chance)).collect();
        Season { chance, strengths, a_day: matches.div_ceil(DAYS).max(1), number: 0, day: DAY }
    }

    /// With days that differ by this standard deviation, in log-odds of a rally.
    pub fn with_days(self, day: f64) -> Self {
        Season { day, ..self }
    }

    /// The events of the next match.
    pub fn next_match(&mut self) -> Vec<Recorded> {
        let (number, day) = (self.number, self.number / self.a_day);
        self.number += 1;
        if number % (30 * self.a_day) == 0 {
            for strength in &mut self.strengths {
                *strength += DRIFT * normal(&mut self.chance);
            }
        }
        let (chance, strengths) = (&mut self.chance, &self.strengths);
        let home = chance.random_range(0..PLAYERS);
        // The closest of some: as a draw or a division does it.
        let gap = |other: &usize| (strengths[*other] - strengths[home]).abs();
        let others = (0..4).map(|_| (home + chance.random_range(1..PLAYERS)) % PLAYERS).collect::<Vec<_>>();
        let away =
            others.into_iter().min_by(|a, b| gap(a).total_cmp(&gap(b))).unwrap_or((home + 1) % PLAYERS);
        let today = strengths[home] - strengths[away] + self.day * std::f64::consts::SQRT_2 * normal(chance);
        let (day, slot) = ((day as u64).cast_signed(), ((number % self.a_day) as u64).cast_signed());
        let at = START_MS + day * DAY_MS + slot % 60 * 600_000;
        played(chance, number, (home, away), (at, today))
    }
}

/// A match between two, whose rallies home wins with this log-odds.
fn played(
    chance: &mut Chance,
    number: usize,
    (home, away): (usize, usize),
    (at, strength): (i64, f64),
) -> Vec<Recorded> {
    let entry =
        |player: usize| Entry { name: None, players: vec![PlayerId(Uuid::from_u128(player as u128 + 1))] };
    let meta = MatchMeta {
        id: MatchId(Uuid::from_u128(1 << 64 | number as u128)),
        org: OrgId(Uuid::nil()),
        external_ids: Vec::new(),
        competition_id: None,
        category: None,
        tie_id: None,
        venue_id: None,
        table: None,
        scheduled_at: None,
        format: Format::ittf(Discipline::Singles, 5),
        sides: Both::new(entry(home), entry(away)),
        carried_cards: Both::default(),
        created_at: Timestamp::EPOCH,
    };
    let mut state = State::new(meta.setup());
    let mut match_told = Match { id: meta.id, now: at, events: Vec::new() };
    match_told.record(MatchEvent::Created(Arc::new(meta)));
    while !state.facts().status.is_over() {
        let facts = state.facts();
        let command = match facts.server {
            Some(server) if facts.pause.is_none() && in_game(&facts) => {
                let serve = if server.side == Side::Home { SERVE } else { -SERVE };
                let home_wins = chance.random_bool(1.0 / (1.0 + (-strength - serve).exp()));
                let to = if home_wins { Side::Home } else { Side::Away };
                Command::Point { to, how: None, strokes: None }
            }
            Some(_) | None => {
                let first = facts.serves_first.unwrap_or(if chance.random_bool(0.5) {
                    Side::Home
                } else {
                    Side::Away
                });
                Command::StartGame { server: Some(Seat::first(first)), receiver: None }
            }
        };
        let Ok(events) = decide(&state, &command) else { break };
        for event in events {
            match_told.now += 12_000;
            let seq = match_told.record(MatchEvent::Law(event.clone()));
            state = evolve(state, seq, &event);
        }
    }
    match_told.events
}

fn in_game(facts: &topspin_laws::Facts) -> bool {
    facts.status == topspin_laws::Status::InPlay
}

struct Match {
    id: MatchId,
    now: i64,
    events: Vec<Recorded>,
}

impl Match {
    fn record(&mut self, event: MatchEvent) -> Seq {
        let seq = Seq(self.events.len() as u64 + 1);
        let at = Timestamp::from_millis(self.now).unwrap_or(Timestamp::EPOCH);
        self.events.push(Recorded {
            match_id: self.id,
            epoch: Epoch(1),
            seq,
            lease: Lease(1),
            laws_version: LAWS_VERSION,
            cause: CommandId(Uuid::nil()),
            origin: "sim".parse::<Label>().unwrap_or_else(|_| unreachable!("a label")),
            occurred_at: Some(at),
            precision: Precision::Ms,
            recorded_at: at,
            event,
        });
        seq
    }
}

/// A standard normal number, by Box and Muller.
fn normal(chance: &mut Chance) -> f64 {
    let (u, v): (f64, f64) = (1.0 - chance.random::<f64>(), chance.random());
    (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
}
