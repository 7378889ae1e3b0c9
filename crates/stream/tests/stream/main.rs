//! One binary for all tests of this crate: each costs a link.

#![allow(clippy::cast_possible_wrap, clippy::cast_sign_loss, reason = "the tests' numbers are small")]

mod codecs;
mod costs;
mod late;
mod lookups;
mod partitions;
mod pictures;
mod poison;
mod rig;
mod rounds;
mod tables;
mod twins;
mod windows;
