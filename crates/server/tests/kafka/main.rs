//! `topspin serve` as several processes on one real cluster, and what all that stands on it promises there.
#![cfg(unix)]

mod bridge;
mod exactly_once;
mod process;
mod scoring;
mod security;
#[path = "../process/totals.rs"]
mod totals;
mod views;
