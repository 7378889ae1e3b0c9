//! The end that sends: what one consumer is told, in which order, and what becomes of it when it is slow.
//!
//! A [`Session`] is fed with the consumer's requests, with every change of its [`World`] and with the time, and asked for the
//! next message whenever the connection can take one. A change goes straight into the outbox while there is room. Otherwise
//! its match is marked as *behind*: once the outbox is empty, the session reads from the world what the consumer is missing
//! of it. Snapshots, resumption, conflation and lag are all that: bringing a match that is behind level.

mod follow;
mod level;
mod outbox;
mod session;
mod subscription;
mod world;

pub use session::{Needs, Policy, Session};
pub use world::{Page, World};
