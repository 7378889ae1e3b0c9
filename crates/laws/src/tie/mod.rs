//! Team matches ("ties") as an aggregate of their own (Regulation 3.7.6): line-ups, substitutions, doubles pairs,
//! score, and cards that players carry from match to match.
//!
//! The same shape as a single match: [`decide`] answers a [`TieCommand`] with [`TieEvent`]s or a [`TieRejection`],
//! [`evolve`] folds events into a [`TieState`], and [`TieFacts`] are what a board shows. The tie does not score its
//! matches: it is told who won them.

mod cards;
mod command;
mod decide;
mod facts;
mod format;
mod rejection;
mod state;

pub use command::{MatchCards, PlayerId, PlayerIdError, TieCommand, TieEvent};
pub use decide::decide;
pub use facts::{TieFacts, TieMatch, TieStatus};
#[cfg(feature = "openapi")]
pub use format::Unvalidated as NewTieFormat;
pub use format::{Position, Rubber, TieFormat, TieFormatError};
pub use rejection::TieRejection;
pub use state::{TieState, evolve, replay};
