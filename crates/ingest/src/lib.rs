//! Turns foreign streams into commands: sans-IO, the same input gives the same commands.
//!
//! A feed's reader makes a [`Plan`] of a file: reference data, a tie, matches, and for each of them a script of commands that
//! go through the scorer like any tablet's. What the file says and the script cannot is an [`Anomaly`] with the raw
//! record. Ids of items, commands and anomalies follow from the source's own ids, so that sending a plan twice, or
//! again after an interruption, changes nothing.
//!
//! [`ttbl`] reads the umpire tablets of the German Bundesliga, [`aicup`] the stroke tables of a competition in prediction.
#![deny(missing_docs)]

pub mod aicup;
mod anomaly;
pub mod limits;
mod oddity;
mod plan;
mod record;
mod summary;
mod tie;
pub mod ttbl;

pub(crate) use anomaly::Fault;
pub use anomaly::{Anomaly, Kind};
pub use plan::{Agreement, Entry, Expected, MatchPlan, Plan, Reported};
pub use summary::{KindCount, Summary};
pub use tie::{TieAgreement, TieEntry, TiePlan};
