//! Drives keyed processors over a log with exactly-once state.
//!
//! A [`Partition`] owns one partition of the log with its transactional producer. It takes the requests that wait,
//! lets the [`Processor`] handle each of them, commits what all of them append as **one** transaction, applies the
//! same records to the derived [`Store`], and only then answers. If the commit fails, nothing of it happened: every
//! request of the batch is told so, and the processor forgets what it had worked out.
//!
//! A panic while a request is handled voids its batch in the same way, and the processor is made anew from the store. A
//! panic anywhere else leaves nobody knowing what holds: the partition is [`Condition::Failed`], and says so.

mod condition;
mod error;
pub mod limits;
mod owner;
mod partition;
mod processor;
mod recovery;
mod store;
mod trace;
mod unwind;

pub use condition::Condition;
pub use error::{CallError, StartError};
pub use partition::{Partition, PartitionConfig};
pub use processor::{AppendError, Processor, Scope};
pub use recovery::RecoveryError;
pub use store::{Changes, OpenStoreError, Placed, Row, Rows, Store, StoreError, Table};
pub use trace::{trace_context, traced};
