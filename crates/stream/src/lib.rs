//! Sans-IO operators over weighted rows.
//!
//! A [`Row`] is a value under a key with a [`Weight`]: it comes, or it goes. A [`Stream`] is a collection of rows that
//! changes: everything that one input record (its [`Cause`]) changes goes through the operators as **one** change, each
//! operator once, after all that it reads from. So a join of two branches of one source never sees half a change, and
//! what an operator holds after a change equals what a recomputation from all rows that are there would give. Those
//! that depend on the order of arrival instead say so: [`Stream::deduplicate`] and [`Stream::decisions`].
//!
//! A [`Builder`] gives a [`Topology`], a plain value: printed by [`Topology::to_text`] and [`Topology::to_svg`], cut at its
//! repartition topics into [`Subtopology`]s, each of which runs as an [`Instance`] for one partition. An instance keeps
//! everything in a [`State`] and knows no clock: time comes as tick records. A record that cannot be processed is
//! [`ProcessError::Poison`]: it emits nothing, and who drives the instance takes its writes back.
#![deny(missing_docs)]

mod builder;
mod cause;
mod error;
mod graph;
mod instance;
pub mod key;
pub mod limits;
pub mod memory;
mod node;
mod operators;
mod outbox;
mod picture;
mod record;
mod row;
mod slots;
mod state;
mod stream;
mod time;
mod topology;
mod value;

pub use builder::Builder;
pub use cause::{CAUSE_MAX_BYTES, Cause, CauseId};
pub use error::{BuildError, ProcessError, Reason, StateError};
pub use instance::{Instance, Progress};
pub use key::{DecodeError, Key};
pub use operators::{Decision, Facts, Horizon, MachineState, Moment, Place, RankReader, Tumbling};
pub use outbox::Encoded;
pub use record::{Emit, Header, Input, Output};
pub use row::{Row, Weight, consolidate};
pub use state::{Direction, KeyRange, State, Visit};
pub use stream::{Stream, Ticks};
pub use time::Time;
pub use topology::{SinkKind, SinkSpec, SourceKind, SourceSpec, StoreSpec, Subtopology, Topology};
pub use value::{Value, decode_value, encode_value};
