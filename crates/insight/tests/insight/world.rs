//! Random histories of matches that overlap, are corrected, come late and lie in the future.

use std::sync::Arc;

use topspin_event::{
    CommandId, CompetitionId, Entry, Epoch, Hand, Label, Lease, MatchEvent, MatchId, MatchMeta, Move, OrgId,
    PlayerId, Precision, RallyStrokes, Recorded, Seq, Spin, Stroke, StrokeClass, Timestamp, VenueId, Zone,
};
use topspin_laws::{
    Both, Card, CardTo, Command, Discipline, Format, How, LAWS_VERSION, LetReason, Outcome, Seat, Setup,
    Side, State, decide, evolve,
};
use uuid::Uuid;

/// splitmix64: small, and the same everywhere.
pub struct Chance(pub u64);

impl Chance {
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    pub fn one_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }

    pub fn side(&mut self) -> Side {
        if self.one_in(2) { Side::Home } else { Side::Away }
    }
}

/// A match being scored somewhere.
pub struct Scored {
    pub events: Vec<Recorded>,
    state: State,
    /// The clock in its hall.
    now: i64,
    /// In percent, how often home wins a rally; `None` where nobody has chosen.
    strength: Option<u64>,
}

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// 28 February 2026 at noon, UTC: two years before it was a leap day to come.
pub const START: i64 = 1_772_280_000_000;

/// 30 June 2025, 04:00 UTC: before it is July anywhere.
const SEASON: i64 = 1_751_256_000_000;

/// What matches there are.
pub struct Size {
    pub steps: usize,
    pub matches: usize,
    games: u8,
    points: u16,
    players: u64,
    /// One in so many is a doubles.
    doubles: u64,
    /// Of twenty steps, how many begin a match while there may be more.
    pub begin: u64,
    /// Attempts to go on with the latest match before each step.
    pub haste: u64,
}

impl Size {
    pub const FEW_LONG: Size =
        Size { steps: 400, matches: 6, games: 3, points: 4, players: 6, doubles: 4, begin: 1, haste: 0 };
    /// So that players meet again, and win one match after the other.
    pub const MANY_SHORT: Size =
        Size { steps: 70, matches: 45, games: 1, points: 2, players: 3, doubles: 20, begin: 10, haste: 30 };
}

impl Scored {
    /// The `number`th match, at a time within two and a half years before the start, or after it.
    pub fn new(number: u64, size: &Size, chance: &mut Chance) -> Self {
        let doubles = chance.one_in(size.doubles);
        let discipline = if doubles { Discipline::Doubles } else { Discipline::Singles };
        let mut format = Format::ittf(discipline, size.games);
        (format.game_points, format.deciding_game_points) = (size.points, size.points);
        (format.change_over_points, format.expedite_after_seconds) = (size.points / 2, 0);
        Scored::of(number, format, (size.players, None), chance)
    }

    /// As long as a match is, between sides that may be of very different strength.
    pub fn long(number: u64, chance: &mut Chance) -> Self {
        let mut format = Format::ittf(Discipline::Singles, 5);
        format.expedite_after_seconds = 0;
        let strength = [50, 50, 50, 8, 92][chance.below(5) as usize];
        Scored { strength: Some(strength), ..Scored::of(number, format, (6, None), chance) }
    }

    /// One of many between the same two, every other month: at first they are equal.
    pub fn rivals(number: u64, chance: &mut Chance) -> Self {
        let mut format = Format::ittf(Discipline::Singles, 5);
        format.expedite_after_seconds = 0;
        let strength = if number < 4 { 50 } else { [50, 5, 95][chance.below(3) as usize] };
        let scored = Scored::of(number, format, (6, Some(number as i64 * 60 - 600)), chance);
        Scored { strength: Some(strength), ..scored }
    }

    /// Among so many players; or of the first two so many days from the start, or of any at any time.
    fn of(number: u64, format: Format, (players, of_two): (u64, Option<i64>), chance: &mut Chance) -> Self {
        let doubles = format.discipline == Discipline::Doubles;
        let first = chance.below(players);
        let first = if of_two.is_some() { 0 } else { first };
        let entry = |from: u64| Entry {
            name: None,
            players: (from..from + if doubles { 2 } else { 1 })
                .map(|player| PlayerId(Uuid::from_u128(u128::from(player % 6))))
                .collect(),
        };
        let meta = MatchMeta {
            id: MatchId(Uuid::from_u128(u128::from(number) << 64 | u128::from(chance.below(1 << 40)))),
            org: OrgId(Uuid::nil()),
            external_ids: Vec::new(),
            competition_id: Some(CompetitionId(Uuid::from_u128(u128::from(chance.below(3)))))
                .filter(|id| id.0 != Uuid::nil()),
            category: chance.one_in(2).then(|| "Final".to_owned()),
            tie_id: None,
            venue_id: Some(VenueId(Uuid::from_u128(u128::from(chance.below(3)))))
                .filter(|id| id.0 != Uuid::nil()),
            table: None,
            scheduled_at: None,
            format: format.clone(),
            sides: Both::new(
                entry(first),
                entry(if doubles { first + 2 } else { (first + 1 + chance.below(players - 1)) % players }),
            ),
            carried_cards: Both::default(),
            created_at: Timestamp::EPOCH,
        };
        let state = State::new(Setup { format, carried_cards: Both::default() });
        let days = chance.below(920) as i64 - 900;
        // Sometimes while a season begins in one zone after another, or around the leap day.
        let now = match (of_two, chance.below(4)) {
            (Some(days), _) => START + days * DAY + chance.below(DAY as u64) as i64,
            (None, 0) => SEASON + chance.below(40 * 60) as i64 * MINUTE,
            (None, 1) => START - 731 * DAY + (chance.below(72 * 60) as i64 - 24 * 60) * MINUTE,
            (None, _) => START + days * DAY + chance.below(DAY as u64) as i64,
        };
        let mut scored = Scored { events: Vec::new(), state, now, strength: None };
        scored.record(MatchEvent::Created(Arc::new(meta)), Precision::Ms, true);
        scored
    }

    pub fn is_over(&self) -> bool {
        self.state.moment().status.is_over()
    }

    fn record(&mut self, event: MatchEvent, precision: Precision, timed: bool) {
        let seq = Seq(self.events.len() as u64 + 1);
        if let MatchEvent::Law(event) = &event {
            self.state = evolve(self.state.clone(), seq, event);
        }
        let id = match (&event, self.events.first()) {
            (MatchEvent::Created(meta), _) => meta.id,
            (_, Some(first)) => first.match_id,
            (_, None) => unreachable!("a match is created first"),
        };
        self.events.push(Recorded {
            match_id: id,
            epoch: Epoch(1),
            seq,
            lease: Lease(1),
            laws_version: LAWS_VERSION,
            cause: CommandId(Uuid::nil()),
            origin: "test".parse::<Label>().expect("a label"),
            occurred_at: timed.then(|| Timestamp::from_millis(self.now)).flatten(),
            precision,
            recorded_at: Timestamp::from_millis(self.now + 50).expect("a time"),
            event,
        });
    }

    /// Goes to another venue.
    pub fn go_elsewhere(&mut self, chance: &mut Chance) -> Recorded {
        let venue = VenueId(Uuid::from_u128(u128::from(chance.below(3))));
        let to = Move { table: None, venue_id: Some(venue), scheduled_at: None };
        self.record(MatchEvent::Moved(to), Precision::Ms, true);
        self.events[self.events.len() - 1].clone()
    }

    /// Does something that the laws allow; `None` if they did not allow it.
    pub fn go_on(&mut self, chance: &mut Chance) -> Option<Recorded> {
        if chance.one_in(4) {
            return self.describe(chance);
        }
        let command = self.command(chance);
        let event = decide(&self.state, &command).ok()?.pop()?;
        // Mostly seconds; sometimes the match is put off until after midnight, or a tablet's clock is set back.
        self.now += match chance.below(60) {
            0 => DAY,
            1 => -7 * MINUTE,
            _ => chance.below(40_000) as i64,
        };
        let precision = match chance.below(20) {
            0 => Precision::Day,
            1 => Precision::Unknown,
            _ => Precision::Ms,
        };
        let timed = precision != Precision::Unknown && !chance.one_in(15);
        self.record(MatchEvent::Law(event), precision, timed);
        self.events.last().cloned()
    }

    /// Records the strokes of a rally, mostly of a late one; now and then another number of them than the scorer would take.
    fn describe(&mut self, chance: &mut Chance) -> Option<Recorded> {
        let line = self.state.sheet().into_iter().rev().nth(chance.below(8) as usize)?;
        let Some(Outcome::Point { strokes: Some(count), .. }) = line.event.outcome() else { return None };
        let count = if chance.one_in(20) { count + 1 } else { count };
        let server = line.before.server.map_or(Side::Home, |seat| seat.side);
        let by = |number: u16| if number.is_multiple_of(2) { server } else { server.other() };
        let strokes = (0..count).map(|number| stroke(by(number), chance)).collect();
        self.record(
            MatchEvent::StrokesRecorded(RallyStrokes { rally: line.seq, strokes }),
            Precision::Unknown,
            false,
        );
        self.events.last().cloned()
    }

    fn point(&self, chance: &mut Chance) -> Command {
        let (drawn, strength) = (point(chance), self.strength);
        match (drawn, strength) {
            (Command::Point { how, strokes, .. }, Some(strength)) => {
                let to = if chance.below(100) < strength { Side::Home } else { Side::Away };
                Command::Point { to, how, strokes }
            }
            (drawn, _) => drawn,
        }
    }

    fn command(&mut self, chance: &mut Chance) -> Command {
        let seat = |side| Seat::first(side);
        match chance.below(40) {
            0..22 => self.point(chance),
            22 => Command::Choose { first_server: chance.side(), home_end: None },
            23..26 => Command::StartGame {
                server: (!chance.one_in(3)).then(|| seat(chance.side())),
                receiver: None,
            },
            26..30 => Command::StartRally {},
            30..32 => Command::Undo {},
            32 => Command::Redo {},
            33 => Command::Let { reason: Some(LetReason::NetService) },
            34 | 35 => {
                let seq = Seq(chance.below(self.events.len() as u64 + 1));
                let Command::Point { to, how, strokes } = point(chance) else { return Command::Undo {} };
                let outcome = match chance.below(4) {
                    0 => Outcome::Let { reason: None },
                    _ => Outcome::Point { to, how, strokes },
                };
                Command::Amend { seq, outcome }
            }
            36 => Command::TakeTimeOut { side: chance.side() },
            37 => Command::CorrectService { server: seat(chance.side()), receiver: None },
            38 => match chance.below(4) {
                0 => Command::SetScore {
                    games: vec![Both::new(chance.below(6) as u16, chance.below(6) as u16)],
                    server: None,
                    receiver: None,
                },
                1 => Command::Retire { side: chance.side(), reason: None },
                2 => Command::ConfirmResult {},
                _ => Command::ReopenResult { reason: "video".to_owned().try_into().expect("a reason") },
            },
            _ => Command::ShowCard {
                side: chance.side(),
                to: CardTo::Player,
                card: [Card::Yellow, Card::YellowRed][chance.below(2) as usize],
            },
        }
    }
}

/// A stroke of which now and then something is not recorded; few kinds, so that patterns come again.
fn stroke(side: Side, chance: &mut Chance) -> Stroke {
    let classes = [StrokeClass::TraditionalService, StrokeClass::Drive, StrokeClass::Push];
    Stroke {
        hand: [None, Some(Hand::Forehand), Some(Hand::Backhand)][chance.below(3) as usize],
        spin: [None, Some(Spin::Backspin), Some(Spin::None)][chance.below(3) as usize],
        zone: Zone::try_from(chance.below(10) as u8).ok(),
        class: classes.get(chance.below(4) as usize).copied(),
        ..Stroke::by(side)
    }
}

fn point(chance: &mut Chance) -> Command {
    let (how, strokes) = match chance.below(12) {
        0 => (Some(How::NetRoller), None),
        1 => (Some(How::Edge), Some(chance.below(12) as u16 + 2)),
        2 => (Some(How::Ace), Some(1)),
        3 => (Some(How::ServiceError), None),
        4 | 5 => (None, None),
        _ => (None, Some(chance.below(12) as u16 + 2)),
    };
    Command::Point { to: chance.side(), how, strokes }
}
