//! This engine on a real cluster.

mod cluster;
mod conformance;
mod errors;
mod faults;
mod groups;
mod security;
mod topics;
