//! The board: the fold of the live actions of a match.

use crate::edition::Edition;
use crate::facts::{Break, Expedite};
use crate::rejection::Rejection;
use crate::service::{Rotation, Service};
use crate::{
    After, BallInPlay, Both, Card, Discipline, End, Event, Format, Score, Seat, Setup, Side, Standing,
    Status, standing,
};

/// One game on the board.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Game {
    pub score: Score,
    /// The order established at its start; `None` where a score was set without it.
    pub first: Option<Service>,
    /// Where home began it.
    pub home_end: Option<End>,
    /// Points of both sides when ends changed within the game (Law 2.13.7).
    pub ends_changed_at: Option<u32>,
    pub winner: Option<Side>,
}

/// Where expedite came into operation (Law 2.15).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Introduced {
    /// Number of the game, from 1.
    pub game: usize,
    /// Points of both sides in it; 0: before its first rally.
    pub points: u32,
    /// Server and receiver of the first rally under it, where known.
    pub service: Option<Service>,
    /// Whether ends had changed within the game.
    pub ends_changed: bool,
}

impl Introduced {
    /// Before the first rally of a game.
    pub const fn before(game: usize) -> Self {
        Introduced { game, points: 0, service: None, ends_changed: false }
    }
}

/// Everything that live actions decide. Cheap to copy: a decision is tried on a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Board {
    pub status: Status,
    pub games: Vec<Game>,
    pub won: Both<u8>,
    pub winner: Option<Side>,
    pub first_server: Option<Side>,
    pub home_end: Option<End>,
    /// Server and receiver of the next rally; `None` between games and where unknown.
    pub service: Option<Service>,
    /// Server and receiver of the last rally of this game.
    pub last_rally: Option<Service>,
    pub ball_in_play: BallInPlay,
    pub expedite: Expedite,
    /// Where expedite came into operation; `None` while it is off.
    pub introduced: Option<Introduced>,
    pub pause: Option<Break>,
    /// Status to return to after a suspension.
    pub suspended_from: Status,
    pub time_outs_taken: Both<u8>,
    pub challenges_lost: Both<u8>,
    pub cards: Both<Vec<Card>>,
    pub bench_cards: Both<Vec<Card>>,
    /// Penalty points won by a side between games: they count at the start of the next.
    pub pending: Both<u8>,
    /// The laws that the action being applied was decided under.
    pub edition: Edition,
}

impl Board {
    pub fn new(setup: &Setup) -> Self {
        Board {
            status: Status::Scheduled,
            games: Vec::new(),
            won: Both::default(),
            winner: None,
            first_server: None,
            home_end: None,
            service: None,
            last_rally: None,
            ball_in_play: BallInPlay::No,
            expedite: Expedite::Off,
            introduced: None,
            pause: None,
            suspended_from: Status::Scheduled,
            time_outs_taken: Both::default(),
            challenges_lost: Both::default(),
            cards: setup.carried_cards.clone(),
            bench_cards: Both::default(),
            pending: Both::default(),
            edition: Edition::CURRENT,
        }
    }

    /// Applies one action. On an error the board may be half changed: try it on a copy.
    pub fn apply(&mut self, format: &Format, edition: Edition, event: &Event) -> Result<(), Rejection> {
        self.edition = edition;
        match event {
            Event::Called {} => self.call(),
            Event::WarmUpStarted {} => self.start_warm_up(),
            Event::Chosen { first_server, home_end } => self.choose(*first_server, *home_end),
            Event::GameStarted { server, receiver, .. } => self.start_game(format, *server, *receiver),
            Event::Postponed {} => self.postpone(),
            Event::Rescheduled {} => self.reschedule(),
            Event::Cancelled {} => self.cancel(),
            Event::RallyStarted {} => self.start_rally(),
            Event::PointScored { to, how, strokes, .. } => self.point(format, *to, *how, *strokes),
            Event::LetCalled { .. } => self.call_let(),
            Event::ServiceCorrected { server, receiver } => self.correct_service(format, *server, *receiver),
            Event::EndsCorrected { home_end } => self.correct_ends(*home_end),
            Event::ExpediteIntroduced { reason, ball_in_play } => {
                self.introduce_expedite(format, *reason, *ball_in_play)
            }
            Event::TimeOutTaken { side } => self.take_time_out(format, *side),
            Event::TowelBreakTaken {} => self.take_towel(format),
            Event::Resumed {} => self.resume(),
            Event::Suspended { reason, side } => self.suspend(*reason, *side),
            Event::ReviewRequested { side } => self.request_review(format, *side),
            Event::ReviewDecided { side, outcome } => self.decide_review(*side, *outcome),
            Event::CardShown { side, to, card, penalty_points, .. } => {
                self.show_card(format, (*side, *to, *card), *penalty_points)
            }
            Event::Retired { side, .. } => self.retire(*side),
            Event::WalkedOver { side } => self.walk_over(*side),
            Event::Disqualified { side, .. } => self.disqualify(*side),
            Event::Abandoned {} => self.abandon(),
            Event::ScoreSet { games, server, receiver } => self.set_score(format, games, *server, *receiver),
            // Not on the board: the history and the referee's word hold these.
            Event::Amended { .. }
            | Event::Retracted { .. }
            | Event::Reinstated { .. }
            | Event::HandedOver { .. }
            | Event::ResultConfirmed {}
            | Event::ResultProtested { .. }
            | Event::ResultReopened { .. } => Ok(()),
        }
    }

    /// The score as events report it.
    pub fn after(&self) -> After {
        After {
            game: self.games.len() as u8,
            score: self.games.last().map_or(Score::default(), |game| game.score),
            games: self.won,
        }
    }

    /// The game being played.
    pub fn current(&self) -> Option<&Game> {
        self.games.last().filter(|game| game.winner.is_none())
    }

    /// The side that serves first in the next game (Laws 2.13.1 and 2.13.6).
    pub fn due_to_serve(&self) -> Option<Side> {
        match self.games.last() {
            None => self.first_server,
            Some(game) => game.first.map(|first| first.server.side.other()),
        }
    }

    /// One point to a side, of a rally or a penalty; ends the game or the match where it does.
    pub fn add_point(&mut self, format: &Format, to: Side) {
        let number = self.games.len();
        let Some(game) = self.games.last_mut() else { return };
        *game.score.of_mut(to) += 1;
        let score = game.score;
        let turn = if self.expedite == Expedite::On || alternates(format, number, score) {
            1
        } else {
            format.serves_per_turn
        };
        self.service = self.service.map(|service| service.after_point(turn, rotation(format)));
        self.change_ends_if_due(format);
        if let Standing::Won(side) = standing(format, number, score) {
            self.win_game(format, side);
        }
    }

    /// In the last possible game, when a side first reaches the change-over points (Laws 2.13.6 and 2.13.7).
    fn change_ends_if_due(&mut self, format: &Format) {
        let deciding = format.is_deciding(self.games.len());
        let Some(game) = self.games.last_mut() else { return };
        let reached = game.score.home.max(game.score.away) >= format.change_over_points;
        if !deciding || format.change_over_points == 0 || !reached || game.ends_changed_at.is_some() {
            return;
        }
        game.ends_changed_at = Some(game.score.total());
        self.home_end = self.home_end.map(End::other);
        if format.discipline == Discipline::Doubles {
            self.service = self.service.map(Service::receivers_changed);
        }
    }

    fn win_game(&mut self, format: &Format, side: Side) {
        if let Some(game) = self.games.last_mut() {
            game.winner = Some(side);
        }
        *self.won.of_mut(side) += 1;
        self.service = None;
        self.last_rally = None;
        if self.edition != Edition::First {
            self.ball_in_play = BallInPlay::No;
        }
        if *self.won.of(side) >= format.games_to_win() {
            self.status = Status::Finished;
            self.winner = Some(side);
        } else {
            self.status = Status::Interval;
        }
    }

    /// Fails unless a game is being played.
    pub fn require_play(&self) -> Result<(), Rejection> {
        match self.status {
            Status::InPlay => Ok(()),
            Status::Interval | Status::Scheduled | Status::Called | Status::WarmUp => {
                Err(Rejection::GameNotStarted)
            }
            status if status.is_over() => Err(Rejection::MatchOver),
            status => Err(Rejection::WrongStatus { status }),
        }
    }

    /// Fails unless the status is one of `allowed`.
    pub fn require_status(&self, allowed: &[Status]) -> Result<(), Rejection> {
        if allowed.contains(&self.status) {
            Ok(())
        } else if self.status.is_over() {
            Err(Rejection::MatchOver)
        } else {
            Err(Rejection::WrongStatus { status: self.status })
        }
    }
}

/// Whether each side serves one point in turn at this score (Law 2.13.3).
fn alternates(format: &Format, game: usize, score: Score) -> bool {
    score.home.min(score.away) + 1 >= format.points_to_win(game)
}

/// Turns of service completed at a score, and points played of the turn going on (Law 2.13.3).
pub(crate) fn turns_played(format: &Format, game: usize, score: Score) -> (u32, u16) {
    let (total, turn) = (score.total(), u32::from(format.serves_per_turn));
    if !alternates(format, game, score) {
        return (total / turn, (total % turn) as u16);
    }
    let before = 2 * u32::from(format.points_to_win(game) - 1);
    (before.div_ceil(turn) + total.saturating_sub(before), 0)
}

pub(crate) fn rotation(format: &Format) -> Rotation {
    match format.discipline {
        Discipline::Singles => Rotation::Singles,
        Discipline::Doubles => Rotation::Doubles,
    }
}

/// Fails unless the two can face each other under the format.
pub(crate) fn require_opponents(format: &Format, server: Seat, receiver: Seat) -> Result<(), Rejection> {
    let singles = format.discipline == Discipline::Singles;
    let second = [server, receiver].iter().any(|seat| *seat == Seat::second(seat.side));
    if server.side == receiver.side || (singles && second) { Err(Rejection::ImpossibleSeats) } else { Ok(()) }
}
