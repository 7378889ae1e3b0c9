//! The `Log` contract, its conformance suite and the memory engine.
//!
//! Everything in Topspin that must not be forgotten is a [`Record`] in a partition of a topic of a [`Log`]. The
//! binary chooses the engine when it starts, so callers hold an `Arc<dyn Log>` and rely on nothing but this contract:
//!
//! - **Order.** Inside one partition records are read in the order of their [`Offset`]s. Between partitions no order
//!   is promised.
//! - **Offsets increase but are not dense.** Markers, aborted transactions and compaction leave gaps. Nobody computes
//!   `offset + 1`: the place to resume from is [`Reader::position`] or [`Committed::resume_at`].
//! - **Committed only.** A reader never returns a record of an aborted or open transaction.
//! - **Atomic.** The records and consumer positions of one [`Transaction`] all become visible, or none ever does. They
//!   need not become visible at the same instant in every partition, nor before `commit` returns.
//! - **Acknowledged means durable.** [`Transaction::commit`] returns `Ok` after the engine's durability point. The
//!   memory engine has none and says so.
//! - **Fenced.** A later [`Log::begin_producer`] with the same [`TransactionalId`] shuts out the earlier one.
//! - **Bounded.** Every size, count and wait has a limit in [`limits`].
//!
//! There is no read by key: an index is derived from the log, elsewhere. [`partition_for`] is the one rule that maps
//! a key to a partition.
#![deny(missing_docs)]

mod contract;
mod error;
mod name;
mod partitioner;
mod record;
mod topic;
mod trace;
mod transaction;

#[cfg(feature = "conformance")]
pub mod conformance;
pub mod group;
pub mod limits;
pub mod memory;

pub use contract::{BatchLimit, Log, Reader, Start};
pub use error::{
    BeginProducerError, CommitError, CreateTopicError, GroupError, NameError, ReadError, TopicError,
    TrimError,
};
pub use group::{Assignment, GroupEvent, GroupMetadata, Membership};
pub use name::{GroupId, MemberId, Topic, TransactionalId};
pub use partitioner::{murmur2, partition_for};
pub use record::{Committed, Header, Offset, Record, Timestamp};
pub use topic::{Cleanup, Partition, TopicPartition, TopicSpec};
pub use trace::{TRACEPARENT, TRACESTATE, TraceContext};
pub use transaction::{
    Append, AppendError, Batch, Committer, PositionCommit, Producer, Receipt, Transaction,
};
