//! The actions of a match: which of them live, and what undo, redo and amendment do to them.

use std::borrow::Cow;

use crate::board::Board;
use crate::edition::Edition;
use crate::rejection::Rejection;
use crate::sheet::Moment;
use crate::{Event, Outcome, Seq, Setup};

/// Actions that a match may hold, live ones and those that redo could reinstate.
pub(crate) const MAX_ACTIONS: usize = 4096;

/// One action, its position in the match, and the laws it was decided under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Action {
    pub seq: Seq,
    pub event: Event,
    pub edition: Edition,
}

/// One live action as it is folded.
pub(crate) struct Step<'a> {
    pub seq: Seq,
    /// With its amendment.
    pub event: &'a Event,
    pub amended_by: Option<Seq>,
    pub before: Moment,
    pub after: &'a Board,
}

/// All actions in order. The first `live` of them stand; the rest were retracted and can be reinstated.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct History {
    actions: Vec<Action>,
    live: usize,
}

impl History {
    /// The actions that stand.
    pub fn live(&self) -> &[Action] {
        &self.actions[..self.live]
    }

    /// Adds an action; what was retracted before it can no longer be reinstated.
    pub fn push(&mut self, action: Action) {
        self.actions.truncate(self.live);
        self.actions.push(action);
        self.live += 1;
    }

    /// What undo would retract.
    pub fn latest(&self) -> Option<Seq> {
        self.live().last().map(|action| action.seq)
    }

    /// What redo would reinstate.
    pub fn next(&self) -> Option<Seq> {
        self.actions.get(self.live).map(|action| action.seq)
    }

    pub fn retract(&mut self, seq: Seq) {
        if self.latest() == Some(seq) {
            self.live -= 1;
        }
    }

    pub fn reinstate(&mut self, seq: Seq) {
        if self.next() == Some(seq) {
            self.live += 1;
        }
    }

    /// What the live rally at `seq` came to, amendments included.
    pub fn outcome(&self, seq: Seq) -> Option<Outcome> {
        let rally = self.live().iter().find(|action| action.seq == seq)?;
        let recorded = rally.event.outcome()?;
        Some(self.amendment(seq, None).map_or(recorded, |(_, outcome)| outcome))
    }

    /// Folds the live actions, with one more amendment where given, into a board.
    ///
    /// # Errors
    /// The first action that could not have happened, and why.
    pub fn fold(&self, setup: &Setup, amendment: Option<(Seq, Outcome)>) -> Result<Board, (Seq, Rejection)> {
        self.walk(setup, amendment, |_| {})
    }

    /// [`History::fold`], showing each action.
    ///
    /// # Errors
    /// The first action that could not have happened, and why.
    pub fn walk(
        &self,
        setup: &Setup,
        proposed: Option<(Seq, Outcome)>,
        mut visit: impl FnMut(&Step<'_>),
    ) -> Result<Board, (Seq, Rejection)> {
        let mut board = Board::new(setup);
        let amended =
            proposed.is_some() || self.live().iter().any(|a| matches!(a.event, Event::Amended { .. }));
        for action in self.live() {
            let is_rally = matches!(action.event, Event::PointScored { .. } | Event::LetCalled { .. });
            let amendment = if amended && is_rally { self.amendment(action.seq, proposed) } else { None };
            let event = match amendment {
                Some((_, outcome)) => Cow::Owned(as_event(outcome, &board)),
                None => Cow::Borrowed(&action.event),
            };
            let before = board.moment();
            board.apply(&setup.format, action.edition, &event).map_err(|why| (action.seq, why))?;
            let amended_by = amendment.map(|(by, _)| by);
            visit(&Step { seq: action.seq, event: &event, amended_by, before, after: &board });
        }
        Ok(board)
    }

    /// The amendment of a rally that counts, with the position of its event; a proposed one has the rally's.
    fn amendment(&self, target: Seq, proposed: Option<(Seq, Outcome)>) -> Option<(Seq, Outcome)> {
        if proposed.is_some_and(|(seq, _)| seq == target) {
            return proposed;
        }
        self.live().iter().rev().find_map(|action| {
            let Event::Amended { seq, outcome } = &action.event else { return None };
            (*seq == target).then_some((action.seq, *outcome))
        })
    }
}

/// The event that an outcome would have been.
pub(crate) fn as_event(outcome: Outcome, board: &Board) -> Event {
    match outcome {
        Outcome::Point { to, how, strokes } => Event::PointScored { to, how, strokes, after: board.after() },
        Outcome::Let { reason } => Event::LetCalled { reason },
    }
}
