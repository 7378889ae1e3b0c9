//! The state of a match: the fold of its events.

use serde::{Deserialize, Serialize};

use crate::board::Board;
use crate::edition::Edition;
use crate::history::{Action, History};
use crate::{Both, Card, Event, Format, Seq};

/// What a match is before its first event: fixed at its creation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// The format.
    pub format: Format,
    /// Cards carried in from earlier matches of the tie, by side (Regulation 3.5.2.6).
    #[serde(default)]
    pub carried_cards: Both<Vec<Card>>,
}

/// The referee's word on the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    None,
    Confirmed,
    /// A protest against an unofficial result.
    Protested,
    /// A protest against an official result, which stands until the referee reopens it.
    OfficialProtested,
    Reopened,
}

impl Word {
    const fn protested(self) -> Self {
        match self {
            Word::Confirmed | Word::OfficialProtested => Word::OfficialProtested,
            Word::None | Word::Protested | Word::Reopened => Word::Protested,
        }
    }
}

/// The fold of a match's events, and of nothing else. Folding one more event costs no more for a longer match;
/// taking one back refolds the match, at most 4,096 actions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    pub(crate) setup: Setup,
    pub(crate) board: Board,
    pub(crate) history: History,
    pub(crate) word: Word,
}

impl State {
    /// A match before its first event.
    pub fn new(setup: Setup) -> Self {
        State { board: Board::new(&setup), setup, history: History::default(), word: Word::None }
    }

    /// The format of the match.
    pub fn format(&self) -> &Format {
        &self.setup.format
    }

    /// The positions of the actions that stand, oldest first: all that undo could take back in turn.
    pub fn live_actions(&self) -> impl ExactSizeIterator<Item = Seq> + '_ {
        self.history.live().iter().map(|action| action.seq)
    }

    /// The outcome of the live rally at a position, amendments included.
    pub fn outcome(&self, seq: Seq) -> Option<crate::Outcome> {
        self.history.outcome(seq)
    }
}

/// Folds one event that [`crate::decide`] gave, at its position in the match, into the state.
///
/// Events are facts that the laws decided where the match was at home. Folding is total: an event that cannot
/// follow (a damaged or forged history) leaves the board as it was, and the state hash tells.
#[must_use]
pub fn evolve(state: State, seq: Seq, event: &Event) -> State {
    fold(state, seq, event, Edition::CURRENT)
}

/// [`evolve`] for an event from a log: it means what it meant under the laws version recorded with it, so that a
/// fix of the laws never rewrites history.
#[must_use]
pub fn replay(state: State, seq: Seq, event: &Event, laws_version: u32) -> State {
    fold(state, seq, event, Edition::of(laws_version))
}

fn fold(mut state: State, seq: Seq, event: &Event, edition: Edition) -> State {
    match event {
        Event::Retracted { seq } => {
            state.history.retract(*seq);
            state.refold();
        }
        Event::Reinstated { seq } => {
            state.history.reinstate(*seq);
            state.refold();
        }
        Event::Amended { .. } => {
            state.act(seq, event, edition);
            state.refold();
        }
        Event::ResultConfirmed {} => state.word = Word::Confirmed,
        Event::ResultProtested { .. } => state.word = state.word.protested(),
        Event::ResultReopened { .. } => state.word = Word::Reopened,
        action if action.is_action() => {
            let mut board = state.board.clone();
            if board.apply(&state.setup.format, edition, action).is_ok() {
                state.board = board;
                state.act(seq, action, edition);
            }
        }
        // Handing over changes nobody's score.
        _ => {}
    }
    state
}

impl State {
    fn act(&mut self, seq: Seq, event: &Event, edition: Edition) {
        self.history.push(Action { seq, event: event.clone(), edition });
        self.word = Word::None;
    }

    fn refold(&mut self) {
        self.word = Word::None;
        if let Ok(board) = self.history.fold(&self.setup, None) {
            self.board = board;
        }
    }

    /// The board with one more action, if the laws allow it.
    pub(crate) fn with(&self, event: &Event) -> Result<Board, crate::Rejection> {
        let mut board = self.board.clone();
        board.apply(&self.setup.format, Edition::CURRENT, event)?;
        Ok(board)
    }
}
