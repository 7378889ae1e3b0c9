//! The views: statistics, records, ratings, forecasts, comparisons.
//!
//! A view is a [`Topology`](topspin_stream::Topology), a plain value. What it reads are the topics of matches; what it says
//! is on a compacted topic of its own. Because only differences flow, a corrected point, a reopened result and a match that
//! arrives a day late are the same thing: rows that go and rows that come.
//!
//! A view holds integers. What is computed from them in floating point is a pure function, asked on reading: so is
//! [`forecast`].

pub mod forecast;
mod totals;

pub use totals::{PLAYER_TOTALS, PLAYER_TOTALS_MESSAGE, player_totals};
