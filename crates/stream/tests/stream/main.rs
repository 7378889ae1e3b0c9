//! One binary for all tests of this crate: each costs a link.

mod codecs;
mod costs;
mod partitions;
mod pictures;
mod poison;
mod rig;
mod twins;
mod windows;
