//! Drives keyed processors over a log with exactly-once state.
//!
//! A [`Partition`] owns one partition of the log with its transactional producer. It takes the requests that wait,
//! lets the [`Processor`] handle each of them, commits what all of them append as **one** transaction, applies the
//! same records to the derived [`Store`], and only then answers. If the commit fails, nothing of it happened: every
//! request of the batch is told so, and the processor forgets what it had worked out.
//!
//! A panic while a request is handled voids its batch in the same way, and the processor is made anew from the store. A
//! panic anywhere else leaves nobody knowing what holds: the partition is [`Condition::Failed`], and says so.
//!
//! A [`Task`] is the same for topologies: it takes the records that wait in its sources, lets the operators of one
//! subtopology process each of them, and commits outputs, state and input positions as one transaction. A record that
//! cannot be processed is kept among the [`DeadLetters`], and the task goes on. The state is restored from its changelog;
//! what is kept beside it, in [`LocalState`], is a copy. A [`Deployment`] says what everything is called on the log.

mod application;
mod condition;
mod contention;
mod dead_letter;
mod deployment;
mod error;
#[cfg(feature = "exactly-once")]
pub mod exactly_once;
pub mod limits;
mod local;
mod names;
mod owner;
mod partition;
mod processor;
mod recovery;
mod replica;
mod store;
mod tail;
mod task;
mod ticker;
mod trace;
mod unwind;

pub use application::{
    ActiveError, ActiveGeneration, Application, ApplicationCondition, ApplicationConfig, ApplicationStatus,
    Lag, Monitor, Switch, TaskName, active_generation, make_active,
};
pub use condition::Condition;
pub use dead_letter::{
    DeadLetterError, DeadLetters, Letter, LetterId, Listed, Page as LetterPage, ParseLetterIdError, Retried,
    Standing as LetterStanding,
};
pub use deployment::{Clock, DeployError, Deployment, DeploymentConfig, StartFrom};
pub use error::{CallError, StartError};
pub use local::{LocalState, Origin};
pub use names::{Derived, Generation, Names};
pub use partition::{Partition, PartitionConfig};
pub use processor::{AppendError, Positions, Processor, Scope};
pub use recovery::{RecoveryError, catch_up};
pub use replica::{Heard, Kept, LATEST_FIRST, Replica, ReplicaKeeper, ViewChange};
pub use store::{Changes, OpenStoreError, Placed, Row, Rows, Store, StoreError, Table};
pub use tail::Tail;
pub use task::{Task, TaskCondition, TaskConfig, TaskEnd, TaskStatus};
pub use ticker::{Ticker, TickerConfig, last_tick};
pub use trace::{trace_context, traced};
