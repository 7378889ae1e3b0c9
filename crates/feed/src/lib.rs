//! The partner protocol as a sans-IO state machine with its wire types.
//!
//! A consumer says [`Hello`] and subscribes to matches by a [`Selection`] and by [`Kind`]. What it then receives is, for
//! each match, a snapshot or the events that it missed, and after that every change with the position that it follows:
//! whoever holds that position and finds the hashes equal holds everything there is. [`server::Session`] is the end that
//! sends; [`client::Session`] the one that receives, and knows at any time whether it is complete.
//!
//! Nothing here reads a clock or a socket: time, what the log holds and what the network brought are arguments. The
//! protocol itself is told in `docs/feed.md`.
#![deny(missing_docs)]

mod change;
pub mod client;
mod cloud_event;
mod cursor;
mod kind;
pub mod limits;
mod message;
mod patch;
mod position;
mod request;
mod selection;
pub mod server;

pub use change::Change;
pub use cloud_event::CloudEvent;
pub use cursor::{Cursor, CursorError};
pub use kind::{Kind, Kinds, UnknownKind};
pub use message::{
    Answer, Closing, Corrected, CorrectionBegin, CorrectionEnd, Delta, Event, Fault, Forked, Head, Heartbeat,
    Lagged, Left, Matched, Message, MessageError, Range, Snapshot, Source, Subscribed, Welcome,
};
pub use patch::{apply, diff};
pub use position::{Position, PositionError};
pub use request::{After, Hello, PROTOCOL, Request, Subscribe};
pub use selection::Selection;
