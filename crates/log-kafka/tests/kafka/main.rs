//! This engine on a real cluster.

mod cluster;
mod conformance;
