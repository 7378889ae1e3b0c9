//! Doubles against an order of service kept in another way: four players in a row, and a place in it.

mod support;

use proptest::prelude::*;
use support::Match;
use topspin_laws::{Command, Event, ExpediteReason, Outcome, Place, Seat, Seq, Side, Status};

/// Four players in their order of serving: each serves to the next.
struct Order {
    players: [Seat; 4],
    turn: usize,
    served: u32,
    expedite: bool,
    changed: bool,
}

impl Order {
    fn new(server: Seat, receiver: Seat) -> Self {
        let players = [server, receiver, server.partner(), receiver.partner()];
        Order { players, turn: 0, served: 0, expedite: false, changed: false }
    }

    fn server(&self) -> Seat {
        self.players[self.turn % 4]
    }

    fn receiver(&self) -> Seat {
        self.players[(self.turn + 1) % 4]
    }

    fn swap(&mut self, side: Side) {
        let places: Vec<usize> = (0..4).filter(|place| self.players[*place].side == side).collect();
        self.players.swap(places[0], places[1]);
    }

    /// A point that makes the score `home`:`away` in the last possible game or another.
    fn point(&mut self, (home, away): (u16, u16), last: bool) {
        self.served += 1;
        let turn = if self.expedite || (home >= 10 && away >= 10) { 1 } else { 2 };
        if self.served >= turn {
            (self.turn, self.served) = (self.turn + 1, 0);
        }
        if last && !self.changed && home.max(away) == 5 {
            self.changed = true;
            self.swap(self.receiver().side);
        }
    }

    /// Who received in the rally before serves (Law 2.15.3).
    fn introduce(&mut self, received: Seat) {
        self.expedite = true;
        self.served = 0;
        self.turn = (0..4).find(|turn| self.players[*turn] == received).expect("one of the four");
    }

    /// The next game begins with `server`, to whom served who served to them before (Law 2.13.4). Receivers change
    /// in the last possible game only, so the order is still that of the game's beginning.
    fn next(&self, server: Seat) -> Self {
        let place = self.players.iter().position(|player| *player == server).expect("one of the four");
        Order { expedite: self.expedite, ..Order::new(server, self.players[(place + 3) % 4]) }
    }
}

fn seat(side: Side, second: bool) -> Seat {
    Seat { side, place: if second { Place::Second } else { Place::First } }
}

fn point(home: bool) -> Command {
    Command::Point { to: if home { Side::Home } else { Side::Away }, how: None, strokes: None }
}

fn shown(scored: &Match) -> (Option<Seat>, Option<Seat>) {
    let facts = scored.state.facts();
    (facts.server, facts.receiver)
}

/// Scores a match of three games, with expedite where `expedite_at` rallies were played and the laws allow it.
fn scored(points: &[(bool, bool)], seconds: [bool; 5], expedite_at: usize) -> Match {
    let mut scored = Match::doubles(3);
    let mut order = Order::new(seat(Side::Home, seconds[0]), seat(Side::Away, seconds[1]));
    let start = |server, receiver| Command::StartGame { server: Some(server), receiver };
    scored.give(&start(order.server(), Some(order.receiver()))).expect("starts");
    let (mut home, mut away) = (0, 0);
    let mut first_receivers = order.receiver().side;
    for (rally, (to_home, is_let)) in points.iter().enumerate() {
        assert_eq!(shown(&scored), (Some(order.server()), Some(order.receiver())), "at {home}:{away}");
        if *is_let {
            scored.give(&Command::Let { reason: None }).expect("a let");
        }
        let received = order.receiver();
        scored.give(&point(*to_home)).expect("a point");
        (home, away) = if *to_home { (home + 1, away) } else { (home, away + 1) };
        let game = scored.state.facts().games.len();
        order.point((home, away), game == 3);
        if scored.state.facts().status == Status::Finished {
            break;
        }
        if scored.state.facts().status == Status::Interval {
            order = order.next(seat(first_receivers, seconds[1 + game]));
            let wrong = start(order.server(), Some(order.receiver().partner()));
            assert!(scored.give(&wrong).is_err(), "another receiver");
            scored.give(&start(order.server(), None)).expect("starts");
            (home, away) = (0, 0);
            first_receivers = order.receiver().side;
        } else if rally >= expedite_at && !order.expedite && home + away < 18 {
            let reason = ExpediteReason::Agreement;
            let ball_in_play = topspin_laws::BallInPlay::No;
            scored
                .give(&Command::IntroduceExpedite { reason, ball_in_play, played_ms: None })
                .expect("expedite");
            order.introduce(received);
        }
    }
    scored
}

/// The same match with another outcome of one rally, played from its beginning; `None` if it cannot be.
fn played_so(events: &[Event], at: usize, to: Side) -> Option<Match> {
    let mut played = Match::doubles(3);
    for (index, event) in events.iter().enumerate() {
        let command = match event {
            Event::PointScored { .. } if index == at => Command::Point { to, how: None, strokes: None },
            Event::PointScored { to, .. } => Command::Point { to: *to, how: None, strokes: None },
            Event::LetCalled { .. } => Command::Let { reason: None },
            Event::GameStarted { server, receiver, .. } => {
                Command::StartGame { server: Some(*server), receiver: Some(*receiver) }
            }
            Event::ExpediteIntroduced { reason, ball_in_play } => {
                Command::IntroduceExpedite { reason: *reason, ball_in_play: *ball_in_play, played_ms: None }
            }
            other => unreachable!("not in these matches: {other:?}"),
        };
        played.give(&command).ok()?;
    }
    Some(played)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn doubles_service_equals_an_order_kept_separately(
        points in proptest::collection::vec((any::<bool>(), proptest::bool::weighted(0.1)), 1..110),
        seconds in any::<[bool; 5]>(),
        expedite_at in prop_oneof![Just(1000_usize), 0..90_usize],
    ) {
        scored(&points, seconds, expedite_at);
    }

    #[test]
    fn an_amended_match_is_the_match_played_so(
        points in proptest::collection::vec((any::<bool>(), proptest::bool::weighted(0.1)), 1..110),
        seconds in any::<[bool; 5]>(),
        expedite_at in prop_oneof![Just(1000_usize), 0..90_usize],
        which in any::<prop::sample::Index>(),
    ) {
        let mut amended = scored(&points, seconds, expedite_at);
        let events = amended.events.clone();
        let at = which.index(events.len());
        let Event::PointScored { to, .. } = events[at] else { return Ok(()) };
        let played = played_so(&events, at, to.other());
        let outcome = Outcome::Point { to: to.other(), how: None, strokes: None };
        let answer = amended.give(&Command::Amend { seq: Seq(at as u64 + 1), outcome });
        prop_assert_eq!(answer.is_ok(), played.is_some(), "{:?}", answer);
        if let Some(played) = played {
            prop_assert_eq!(amended.state.facts(), played.state.facts());
        }
    }
}
