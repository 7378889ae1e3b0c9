//! Interruptions: time-outs, towels, suspensions, reviews (Regulation 3.4.4).

use crate::board::Board;
use crate::facts::Break;
use crate::rejection::Rejection;
use crate::{BallInPlay, Format, ReviewOutcome, Side, Status, SuspensionReason};

impl Board {
    /// Between rallies of a game, with no break going on.
    fn require_between_rallies(&self) -> Result<(), Rejection> {
        self.require_play()?;
        if self.ball_in_play == BallInPlay::Yes {
            return Err(Rejection::BallInPlay);
        }
        if self.pause.is_some() { Err(Rejection::BreakGoingOn) } else { Ok(()) }
    }

    pub(crate) fn take_time_out(&mut self, format: &Format, side: Side) -> Result<(), Rejection> {
        self.require_between_rallies()?;
        let taken = self.time_outs_taken.of_mut(side);
        if *taken >= format.time_outs {
            return Err(Rejection::NoTimeOutLeft { side });
        }
        *taken += 1;
        self.pause = Some(Break::TimeOut { side });
        Ok(())
    }

    pub(crate) fn take_towel(&mut self, format: &Format) -> Result<(), Rejection> {
        self.require_between_rallies()?;
        if !self.towel_allowed(format) {
            return Err(Rejection::NoTowelNow { every: format.towel_every });
        }
        self.pause = Some(Break::Towel {});
        Ok(())
    }

    /// After every six points, and at the change of ends in the deciding game (Regulation 3.4.4.1).
    pub(crate) fn towel_allowed(&self, format: &Format) -> bool {
        let Some(game) = self.current() else { return false };
        let played = game.score.total();
        let every = u32::from(format.towel_every);
        every > 0 && played > 0 && (played.is_multiple_of(every) || game.ends_changed_at == Some(played))
    }

    pub(crate) fn suspend(&mut self, reason: SuspensionReason, side: Option<Side>) -> Result<(), Rejection> {
        self.require_status(&[Status::Called, Status::WarmUp, Status::InPlay, Status::Interval])?;
        if matches!(self.pause, Some(Break::Review { .. })) {
            return Err(Rejection::BreakGoingOn);
        }
        self.suspended_from = self.status;
        self.status = Status::Suspended;
        self.pause = Some(Break::Suspension { reason, side });
        // A rally that is interrupted is a let (Law 2.9.1.4).
        self.ball_in_play = BallInPlay::No;
        Ok(())
    }

    pub(crate) fn resume(&mut self) -> Result<(), Rejection> {
        match self.pause {
            None => return Err(Rejection::NoBreak),
            Some(Break::Review { .. }) => return Err(Rejection::BreakGoingOn),
            Some(Break::Suspension { .. }) => self.status = self.suspended_from,
            Some(Break::TimeOut { .. } | Break::Towel {}) => {}
        }
        self.pause = None;
        Ok(())
    }

    pub(crate) fn request_review(&mut self, format: &Format, side: Side) -> Result<(), Rejection> {
        // A challenge can be about the point that ended the game or the match.
        self.require_status(&[Status::InPlay, Status::Interval, Status::Finished])?;
        if self.challenges_left(format, side) == 0 {
            return Err(Rejection::NoChallengeLeft { side });
        }
        if matches!(self.pause, Some(Break::Review { .. })) {
            return Err(Rejection::BreakGoingOn);
        }
        self.ball_in_play = BallInPlay::No;
        self.pause = Some(Break::Review { side });
        Ok(())
    }

    pub(crate) fn challenges_left(&self, format: &Format, side: Side) -> u8 {
        format.challenges.saturating_sub(*self.challenges_lost.of(side))
    }

    pub(crate) fn decide_review(&mut self, side: Side, outcome: ReviewOutcome) -> Result<(), Rejection> {
        if self.pause != Some(Break::Review { side }) {
            return Err(Rejection::NoReview);
        }
        self.pause = None;
        match outcome {
            ReviewOutcome::Upheld => *self.challenges_lost.of_mut(side) += 1,
            ReviewOutcome::Overturned | ReviewOutcome::Inconclusive => {}
        }
        Ok(())
    }
}
