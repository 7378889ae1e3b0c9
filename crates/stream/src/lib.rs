//! Sans-IO operators over weighted rows.
//!
//! A [`Row`] is a value under a key with a [`Weight`]: it comes, or it goes. A [`Stream`] is a collection of rows that
//! changes: everything that one input record (its [`Cause`]) changes goes through the operators as **one** change, each
//! operator once, after all that it reads from. So a join of two branches of one source never sees half a change, and
//! what an operator holds after a change equals what a recomputation from all rows that are there would give. Those
//! that depend on the order of arrival instead say so: [`Stream::deduplicate`], [`Stream::decisions`] and [`Stream::narrate`].
//!
//! A [`Builder`] gives a [`Topology`], a plain value: printed by [`Topology::to_text`] and [`Topology::to_svg`], cut at its
//! repartition topics into [`Subtopology`]s, each of which runs as an [`Instance`] for one partition. An instance keeps
//! everything in a [`State`] and knows no clock: time comes as tick records. A record that cannot be processed is
//! [`ProcessError::Poison`]: it emits nothing, and who drives the instance takes its writes back.
//!
//! ```
//! use std::cmp::Reverse;
//! use std::num::NonZeroU32;
//! use topspin_stream::{Builder, Key, Reason, decode_value, encode_value};
//!
//! let builder = Builder::new("rallies", 1);
//! // (match) to (strokes, sequence): each record is a row that comes.
//! let rallies = builder.stream("rallies", |record| {
//!     let bad = |_| Reason::from("no rally");
//!     let key = u64::from_bytes(record.key.unwrap_or_default()).map_err(bad)?;
//!     let value: (u32, u64) = decode_value(record.value.unwrap_or_default()).map_err(bad)?;
//!     Ok(Some((key, value)))
//! });
//! let everywhere = rallies.map("everywhere", |id, (strokes, seq)| ((), (*strokes, *id, *seq)));
//! let ten = NonZeroU32::new(10).expect("ten is not zero");
//! let longest = everywhere.top_everywhere("longest", "rallies.longest", ten, |(), rally| Reverse(*rally));
//! longest.reduce("list", |(), rallies| Some(rallies.to_vec())).to_view("longest-rallies", |(), list, record| {
//!     encode_value(&list, &mut record.value);
//! });
//! let topology = builder.build()?;
//! assert_eq!(topology.subtopologies().len(), 2);
//! println!("{}", topology.to_text());
//! # Ok::<(), topspin_stream::BuildError>(())
//! ```
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
pub use operators::{
    Decision, Facts, Horizon, MachineState, Meeting, Met, Moment, Place, RankReader, Tumbling, Valued, Worth,
};
pub use outbox::Encoded;
pub use record::{Emit, Header, Input, Output};
pub use row::{Row, Weight, consolidate};
pub use state::{Direction, KeyRange, State, Visit};
pub use stream::{Broadcast, Stream, Ticks};
pub use time::Time;
pub use topology::{SinkKind, SinkSpec, SourceKind, SourceSpec, StoreSpec, Subtopology, Topology};
pub use value::{Value, decode_value, encode_value};
