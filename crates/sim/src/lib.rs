//! Seeded worlds: fictional players, matches and umpires whose presses look like a real tournament.
//!
//! Sans-IO: an [`Umpire`] reads the facts of a match and says which command to press after how long. The caller sends
//! it through the public API. One seed gives one tournament.
#![deny(missing_docs)]

mod draw;
mod player;
mod rally;
mod umpire;

pub use draw::{Fixture, Tournament};
pub use player::{Player, Style};
pub use umpire::{Press, Umpire};

/// The generator of every random choice: the same on every platform for one seed.
pub type Chance = rand_chacha::ChaCha8Rng;
