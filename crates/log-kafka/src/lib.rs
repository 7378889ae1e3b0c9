//! The log on a Kafka cluster.
//!
//! [`KafkaLog`] keeps the contract of [`topspin_log::Log`] with Kafka's own means: idempotent producers with
//! transactions, readers that see committed records only, and consumer groups with cooperative rebalancing and static
//! membership. What Kafka does by itself is not done again here: there is no state beside the cluster.
//!
//! - A record's partition is always set by the caller, so no client's partitioner has a say.
//! - A transaction is sent when it is committed, from one thread of its producer. A cluster that cannot be reached
//!   makes it [`Unavailable`](topspin_log::CommitError::Unavailable); the client reconnects for ever.
//! - Durable means a replication factor of at least 3 with at least 2 replicas in sync; [`KafkaLog::durability`] says
//!   what the settings amount to.
//! - A record's time 0 travels as Kafka's "no timestamp", since the client takes 0 for "now".
//! - A member that leaves is replaced when its session has ended ([`limits::SESSION_TIMEOUT`]), since a static member that
//!   comes back before keeps its partitions.
#![deny(missing_docs)]

mod client;
mod cluster;
mod commit;
#[cfg(feature = "conformance")]
pub mod conformance;
mod delivery;
mod fault;
mod group;
mod lag;
pub mod limits;
mod log;
mod member;
mod message;
mod orphans;
mod positions;
mod producer;
mod reader;
mod settings;
mod token;
mod topics;
mod trim;
mod watchdog;

pub use fault::ConnectError;
pub use lag::Lag;
pub use log::KafkaLog;
pub use settings::{Durability, Settings, SettingsError};
pub use token::TokenError;
