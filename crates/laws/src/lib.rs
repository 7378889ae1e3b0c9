//! The laws of rally sports as pure [`decide`] and [`evolve`].
#![deny(missing_docs)]

mod command;
mod event;
mod facts;
mod format;
mod rejection;
mod score;
mod side;

pub use command::{
    BallInPlay, Card, CardTo, Command, ExpediteReason, How, LetReason, Outcome, Reason, ReasonError,
    ReviewOutcome, SuspensionReason,
};
pub use event::{After, Event, Seq};
pub use facts::{Break, Certainty, Expedite, Facts, Notice, Status};
pub use format::{CardsPolicy, Discipline, Format, FormatError};
pub use rejection::{Law, Rejection};
pub use score::{Score, Standing, standing};
pub use side::{Both, End, Place, Seat, Side};

/// The version of these laws, recorded with every event.
pub const LAWS_VERSION: u32 = 1;

/// The fold of a match's events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {}

/// What a match is before its first event: fixed at its creation.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// The format.
    pub format: Format,
    /// Cards carried in from earlier matches of the tie, by side.
    #[serde(default)]
    pub carried_cards: Both<Vec<Card>>,
}

impl State {
    /// A match before its first event.
    pub fn new(_setup: Setup) -> Self {
        State {}
    }

    /// What a scoreboard shows.
    pub fn facts(&self) -> Facts {
        todo!()
    }
}

/// Decides a command against the state: what happens, or why it may not.
///
/// # Errors
/// A [`Rejection`] naming the law; the state is unchanged.
pub fn decide(_state: &State, _command: &Command) -> Result<Vec<Event>, Rejection> {
    todo!()
}

/// Folds one event, at its position in the match, into the state. Total: never panics.
#[must_use]
pub fn evolve(_state: State, _seq: Seq, _event: &Event) -> State {
    todo!()
}
