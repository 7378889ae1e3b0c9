//! The end that receives: what is held, and whether it is complete.
//!
//! A [`Session`] is told what the network brings and what time it is, and says what to do next: connect, send, fill a gap,
//! or show something to the program that uses it. It checks every event against the chain of its match and every state
//! against its hash. What it shows is whole and in order; while it cannot know that, it says so.

mod backoff;
mod held;
mod notice;
mod session;
mod subscription;
mod trust;

pub use held::Known;
pub use notice::{Action, Notice, Wanted};
pub use session::Session;
pub use trust::Doubt;
