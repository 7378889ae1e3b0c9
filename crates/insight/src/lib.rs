//! The views: statistics, records, ratings, forecasts, comparisons.
//!
//! A view is a [`Topology`](topspin_stream::Topology), a plain value. What it reads are the topics of matches; what it says
//! is on a compacted topic of its own. Because only differences flow, a corrected point, a reopened result and a match that
//! arrives a day late are the same thing: rows that go and rows that come.

mod chronicle;
pub mod limits;
mod rally;
mod statistics;
mod totals;

pub use chronicle::{Chronicle, Stamp};
pub use rally::{Rally, Stake};
pub use statistics::{momentum, statistics};
pub use totals::{PLAYER_TOTALS, PLAYER_TOTALS_MESSAGE, player_totals};
