//! Before play, and between games: calling, practice, the draw, the start of a game (Laws 2.13.1, 2.13.4, 2.13.6).

use crate::board::{Board, Game, Introduced, require_opponents};
use crate::facts::Break;
use crate::rejection::Rejection;
use crate::service::Service;
use crate::{BallInPlay, Discipline, End, Format, Score, Seat, Side, Status};

const BEFORE_PLAY: [Status; 3] = [Status::Scheduled, Status::Called, Status::WarmUp];

impl Board {
    pub(crate) fn call(&mut self) -> Result<(), Rejection> {
        self.move_on(&[Status::Scheduled], Status::Called)
    }

    pub(crate) fn start_warm_up(&mut self) -> Result<(), Rejection> {
        self.move_on(&[Status::Scheduled, Status::Called], Status::WarmUp)
    }

    pub(crate) fn postpone(&mut self) -> Result<(), Rejection> {
        self.move_on(&BEFORE_PLAY, Status::Postponed)
    }

    pub(crate) fn reschedule(&mut self) -> Result<(), Rejection> {
        self.move_on(&[Status::Postponed], Status::Scheduled)
    }

    pub(crate) fn cancel(&mut self) -> Result<(), Rejection> {
        self.move_on(
            &[Status::Scheduled, Status::Called, Status::WarmUp, Status::Postponed],
            Status::Cancelled,
        )
    }

    fn move_on(&mut self, from: &[Status], to: Status) -> Result<(), Rejection> {
        self.require_status(from)?;
        self.status = to;
        Ok(())
    }

    pub(crate) fn choose(&mut self, first_server: Side, home_end: Option<End>) -> Result<(), Rejection> {
        if !self.games.is_empty() && !self.status.is_over() {
            return Err(Rejection::ChoiceTooLate);
        }
        self.require_status(&BEFORE_PLAY)?;
        self.first_server = Some(first_server);
        self.home_end = home_end;
        Ok(())
    }

    pub(crate) fn start_game(
        &mut self,
        format: &Format,
        server: Seat,
        receiver: Seat,
    ) -> Result<(), Rejection> {
        self.require_startable()?;
        require_opponents(format, server, receiver)?;
        if let Some(due) = self.due_to_serve().filter(|due| *due != server.side) {
            return Err(Rejection::NotDueToServe { due });
        }
        if self.receiver_for(format, server).is_some_and(|due| due != receiver) {
            return Err(Rejection::NotDueToReceive);
        }
        let home_end = match self.games.last() {
            None => self.home_end,
            Some(previous) => previous.home_end.map(End::other),
        };
        if self.games.is_empty() {
            self.first_server = Some(server.side);
        }
        let service = Service::new(server, receiver);
        self.games.push(Game {
            score: Score::default(),
            first: Some(service),
            home_end,
            ends_changed_at: None,
            winner: None,
        });
        let number = self.games.len();
        if let Some(introduced) = self.introduced.as_mut().filter(|introduced| introduced.game >= number) {
            *introduced = Introduced::before(number);
        }
        self.home_end = home_end;
        self.service = Some(service);
        self.last_rally = None;
        self.pause = None;
        self.ball_in_play = BallInPlay::No;
        self.status = Status::InPlay;
        self.award_pending(format);
        Ok(())
    }

    /// Fails unless the next game may begin.
    pub(crate) fn require_startable(&self) -> Result<(), Rejection> {
        self.require_status(&[Status::Scheduled, Status::Called, Status::WarmUp, Status::Interval])?;
        match self.pause {
            Some(Break::Review { .. }) => Err(Rejection::BreakGoingOn),
            Some(Break::TimeOut { .. } | Break::Towel {} | Break::Suspension { .. }) | None => Ok(()),
        }
    }

    /// The first receiver that the laws give for a first server: in singles the opponent, in doubles after the
    /// first game the player who served to the server in the game before (Law 2.13.4).
    pub(crate) fn receiver_for(&self, format: &Format, server: Seat) -> Option<Seat> {
        match format.discipline {
            Discipline::Singles => Some(Seat::first(server.side.other())),
            Discipline::Doubles => self.games.last()?.first.map(|first| first.server_to(server)),
        }
    }

    /// Penalty points won between games open the next one.
    fn award_pending(&mut self, format: &Format) {
        let pending = std::mem::take(&mut self.pending);
        for side in Side::BOTH {
            self.award(format, side, *pending.of(side));
        }
    }
}
