//! Play: rallies, lets, corrections of service and ends, expedite (Laws 2.9, 2.10, 2.14, 2.15).

use crate::board::{Board, Introduced, require_opponents, rotation, turns_played};
use crate::edition::Edition;
use crate::facts::{Break, Expedite};
use crate::rejection::{Record, Rejection};
use crate::service::{Rotation, Service, relabelled};
use crate::{BallInPlay, End, ExpediteReason, Format, How, Seat, Side, Status};

/// Strokes of a rally under expedite at most: the service, and thirteen returns of each but the last (Law 2.15.4).
const EXPEDITE_STROKES: u16 = 26;

/// Strokes that a rally may be recorded with.
const MAX_STROKES: u16 = 9999;

impl Board {
    /// A rally needs a game in play, and no review or suspension; it ends a time-out or a towel break.
    fn require_rally(&self) -> Result<(), Rejection> {
        self.require_play()?;
        match self.pause {
            Some(Break::Review { .. } | Break::Suspension { .. }) => Err(Rejection::BreakGoingOn),
            Some(Break::TimeOut { .. } | Break::Towel {}) | None => Ok(()),
        }
    }

    pub(crate) fn start_rally(&mut self) -> Result<(), Rejection> {
        self.require_rally()?;
        if self.ball_in_play == BallInPlay::Yes {
            return Err(Rejection::BallInPlay);
        }
        self.pause = None;
        self.ball_in_play = BallInPlay::Yes;
        Ok(())
    }

    pub(crate) fn call_let(&mut self) -> Result<(), Rejection> {
        self.require_rally()?;
        self.end_rally();
        Ok(())
    }

    fn end_rally(&mut self) {
        self.pause = None;
        self.ball_in_play = BallInPlay::No;
        self.last_rally = self.service;
    }

    pub(crate) fn point(
        &mut self,
        format: &Format,
        to: Side,
        how: Option<How>,
        strokes: Option<u16>,
    ) -> Result<(), Rejection> {
        self.require_rally()?;
        self.require_possible(to, how, strokes)?;
        self.end_rally();
        self.add_point(format, to);
        Ok(())
    }

    /// How a point is said to be won must fit server, expedite and strokes.
    fn require_possible(&self, to: Side, how: Option<How>, strokes: Option<u16>) -> Result<(), Rejection> {
        let by_server = self.service.map(|service| service.server.side == to);
        let expedite = self.expedite == Expedite::On;
        match how {
            Some(How::Ace) if by_server == Some(false) => return Err(Rejection::AceByReceiver),
            Some(How::ServiceError) if by_server == Some(true) => {
                return Err(Rejection::ServiceErrorByReceiver);
            }
            Some(How::ThirteenthReturn) if !expedite || by_server == Some(true) => {
                return Err(Rejection::NoThirteenthReturn);
            }
            Some(
                How::Ordinary
                | How::Ace
                | How::ServiceError
                | How::NetRoller
                | How::Edge
                | How::NetOrEdge
                | How::ThirteenthReturn,
            )
            | None => {}
        }
        let Some(strokes) = strokes else { return Ok(()) };
        let fits = match how {
            Some(How::Ace | How::ServiceError) => strokes == 1,
            Some(How::ThirteenthReturn) => strokes == EXPEDITE_STROKES,
            Some(How::Ordinary | How::NetRoller | How::Edge | How::NetOrEdge) | None if !expedite => {
                (1..=MAX_STROKES).contains(&strokes)
            }
            Some(How::Ordinary | How::NetRoller | How::Edge | How::NetOrEdge) | None => {
                (1..EXPEDITE_STROKES).contains(&strokes)
                    || (strokes == EXPEDITE_STROKES && by_server != Some(true))
            }
        };
        if fits { Ok(()) } else { Err(Rejection::ImpossibleStrokes) }
    }

    /// The points stand; the order established at the start of the game is corrected with it (Law 2.14.1), and so is
    /// the record of the rally before: it is the record that was wrong, so expedite asks the corrected one who
    /// received last (Law 2.15.3).
    pub(crate) fn correct_service(
        &mut self,
        format: &Format,
        server: Seat,
        receiver: Seat,
    ) -> Result<(), Rejection> {
        self.require_play()?;
        require_opponents(format, server, receiver)?;
        let Some(now) = self.service else {
            self.establish_service(format, Service::new(server, receiver));
            return Ok(());
        };
        let corrected = now.corrected(server, receiver);
        if corrected == now {
            return Err(Rejection::NothingToCorrect { record: Record::Service });
        }
        self.service = Some(corrected);
        let number = self.games.len();
        let relabel = |service: Service| {
            let (server, receiver) = (service.server, service.receiver);
            service.corrected(relabelled(server, now, corrected), relabelled(receiver, now, corrected))
        };
        if self.edition != Edition::First {
            self.last_rally = self.last_rally.map(relabel);
        }
        if let Some(introduced) = self.introduced.as_mut().filter(|introduced| introduced.game == number) {
            introduced.service = introduced.service.map(relabel);
        }
        let only_game = self.games.len() == 1;
        if let Some(first) = self.games.last_mut().and_then(|game| game.first.as_mut()) {
            *first = relabel(*first);
            if only_game {
                self.first_server = Some(first.server.side);
            }
        }
        Ok(())
    }

    /// Server and receiver become known in a game whose start nobody recorded: how far the turn is, and who began the
    /// game, follow from the score (Law 2.13.3), except where expedite or the change of receivers hides it.
    fn establish_service(&mut self, format: &Format, service: Service) {
        let number = self.games.len();
        let Some(game) = self.games.last_mut() else { return };
        let introduced_in = self.introduced.map(|introduced| introduced.game);
        if self.expedite == Expedite::On && (introduced_in == Some(number) || self.edition == Edition::First)
        {
            self.service = Some(service);
            self.establish_introduction(format, service);
            return;
        }
        // In a game that began under expedite each point is a turn.
        let (turns, served) = match self.expedite {
            Expedite::On => (game.score.total(), 0),
            Expedite::Off => turns_played(format, number, game.score),
        };
        self.service = Some(service.having_served(served));
        if rotation(format) == Rotation::Singles || game.ends_changed_at.is_none() {
            game.first = Some(service.before(turns, rotation(format)));
        }
    }

    /// Under expedite each point is a turn: who served when it came into operation follows where it did so in this
    /// game, except where the change of receivers hides it.
    fn establish_introduction(&mut self, format: &Format, service: Service) {
        let (number, rotation) = (self.games.len(), rotation(format));
        let Some(game) = self.games.last() else { return };
        let changed = game.ends_changed_at.is_some();
        let Some(introduced) = self.introduced.as_mut().filter(|introduced| introduced.game == number) else {
            return;
        };
        if rotation == Rotation::Singles || changed == introduced.ends_changed {
            let turns = game.score.total().saturating_sub(introduced.points);
            introduced.service = Some(service.before(turns, rotation));
        }
    }

    pub(crate) fn correct_ends(&mut self, home_end: End) -> Result<(), Rejection> {
        self.require_play()?;
        if self.home_end == Some(home_end) {
            return Err(Rejection::NothingToCorrect { record: Record::Ends });
        }
        self.home_end = Some(home_end);
        if let Some(game) = self.games.last_mut() {
            game.home_end = Some(if game.ends_changed_at.is_some() { home_end.other() } else { home_end });
        }
        Ok(())
    }

    pub(crate) fn introduce_expedite(
        &mut self,
        format: &Format,
        reason: ExpediteReason,
        ball_in_play: BallInPlay,
    ) -> Result<(), Rejection> {
        self.require_status(&[Status::Called, Status::WarmUp, Status::InPlay, Status::Interval])?;
        if self.expedite == Expedite::On {
            return Err(Rejection::ExpediteAlready);
        }
        if reason == ExpediteReason::TimeLimit && format.expedite_after_seconds == 0 {
            return Err(Rejection::NoExpediteByTime);
        }
        if self.status != Status::InPlay {
            return self.introduce_between_games(reason, ball_in_play);
        }
        let played = self.current().map_or(0, |game| game.score.total());
        if played >= u32::from(format.expedite_unless_points) {
            return Err(Rejection::ExpediteTooLate { limit: format.expedite_unless_points });
        }
        if matches!(self.pause, Some(Break::Review { .. })) {
            return Err(Rejection::BreakGoingOn);
        }
        if ball_in_play == BallInPlay::No && self.ball_in_play == BallInPlay::Yes {
            return Err(Rejection::BallInPlay);
        }
        self.expedite = Expedite::On;
        self.service = match (ball_in_play, self.last_rally) {
            // A let: the player who served in the interrupted rally serves (Law 2.15.3).
            (BallInPlay::Yes, _) => {
                let serving = self.service;
                self.end_rally();
                serving.map(|service| Service::new(service.server, service.receiver))
            }
            // The player who received in the preceding rally serves (Law 2.15.3), in the order of service as it is
            // now: expedite does not alter it (Law 2.15.5), and receivers may have changed since (Law 2.13.6).
            (BallInPlay::No, Some(last)) => match (self.edition, self.service) {
                (Edition::Second, Some(next)) => Some(next.turn_of(last.receiver, rotation(format))),
                (Edition::First, _) | (Edition::Second, None) => Some(last.rotated(rotation(format))),
            },
            (BallInPlay::No, None) => self.service,
        };
        self.introduced = Some(Introduced {
            game: self.games.len(),
            points: played,
            service: self.service,
            ends_changed: self.current().is_some_and(|game| game.ends_changed_at.is_some()),
        });
        Ok(())
    }

    fn introduce_between_games(
        &mut self,
        reason: ExpediteReason,
        ball_in_play: BallInPlay,
    ) -> Result<(), Rejection> {
        match (reason, ball_in_play) {
            (_, BallInPlay::Yes) => Err(Rejection::BallNotInPlay),
            (ExpediteReason::TimeLimit, BallInPlay::No) => Err(Rejection::GameNotStarted),
            (ExpediteReason::Agreement, BallInPlay::No) => {
                self.expedite = Expedite::On;
                self.introduced = Some(Introduced::before(self.games.len() + 1));
                Ok(())
            }
        }
    }
}
