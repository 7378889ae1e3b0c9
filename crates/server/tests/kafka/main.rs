//! `topspin serve` as several processes on one real cluster.
#![cfg(unix)]

mod process;
mod scoring;
