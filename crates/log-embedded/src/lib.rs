//! The log in one local directory, without a server.
//!
//! # Promises
//! [`EmbeddedLog`] keeps every promise of [`topspin_log::Log`], and these:
//!
//! - A commit is one frame of the journal, with one checksum: its records in all partitions and its positions are there
//!   whole or not at all, and become visible after one `fdatasync`, which all transactions that arrived during the sync
//!   before share. There is no timer.
//! - After a failed sync the log refuses writes until it is opened again. A full disk is
//!   [`CommitError::StorageFull`](topspin_log::CommitError::StorageFull): nothing of the transaction is in the log, and
//!   writing goes on when there is space.
//! - A torn tail is cut off when the log is opened. Any other damage is an error that names the file and the byte.
//! - One process at a time: a second gets [`OpenError::Locked`].
//! - Memory does not grow with the number of records; [`limits`] has every bound.
//!
//! # Directory
//! ```text
//! LOCK                             locked while the log is open
//! FORMAT                           the version of all that follows
//! segments/0000000000000001.seg    frames; the last segment grows, the others are sealed
//! segments/0000000000000001.idx    which frames hold which partition; derived, for sealed segments
//! ```
//! A segment begins with a checkpoint of everything but the records, so only the last one is read when the log is
//! opened, and a segment can be cleaned or removed without a look at any other.
#![deny(missing_docs)]

mod background;
mod catalog;
mod cleaner;
mod codec;
mod commit;
mod compaction;
mod directory;
mod disk;
mod engine;
mod error;
mod frame;
mod index;
mod journal;
pub mod limits;
mod reader;
mod recovery;
mod rewrite;
mod segment;
mod store;
mod tail;
#[cfg(test)]
mod tests;
mod writer;

pub use engine::{CleanReport, EmbeddedLog, Options};
pub use error::{CleanError, OpenError};
