//! Endings without the last point: retirement, walkover, disqualification, abandonment.

use crate::board::Board;
use crate::rejection::Rejection;
use crate::{BallInPlay, Side, Status};

const BEGUN: [Status; 3] = [Status::InPlay, Status::Interval, Status::Suspended];

impl Board {
    pub(crate) fn retire(&mut self, side: Side) -> Result<(), Rejection> {
        self.require_status(&BEGUN)?;
        self.end(Status::Retired, Some(side.other()));
        Ok(())
    }

    pub(crate) fn walk_over(&mut self, side: Side) -> Result<(), Rejection> {
        self.require_status(&[Status::Scheduled, Status::Called, Status::WarmUp, Status::Postponed])?;
        self.end(Status::Walkover, Some(side.other()));
        Ok(())
    }

    /// The referee disqualifies a side: the opponent wins (Regulation 3.5.2.8).
    pub(crate) fn disqualify(&mut self, side: Side) -> Result<(), Rejection> {
        if self.status.is_over() {
            return Err(Rejection::MatchOver);
        }
        self.end(Status::Disqualified, Some(side.other()));
        Ok(())
    }

    pub(crate) fn abandon(&mut self) -> Result<(), Rejection> {
        self.require_status(&[
            Status::Called,
            Status::WarmUp,
            Status::InPlay,
            Status::Interval,
            Status::Suspended,
        ])?;
        self.end(Status::Abandoned, None);
        Ok(())
    }

    fn end(&mut self, status: Status, winner: Option<Side>) {
        self.status = status;
        self.winner = winner;
        self.pause = None;
        self.ball_in_play = BallInPlay::No;
        self.service = None;
    }
}
