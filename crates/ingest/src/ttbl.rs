//! The umpire tablets of the German Bundesliga (TTBL): one JSON file a tie.
//!
//! In the source's words a tie is a *match*, a match a *game* and a game a *set*; here the laws' words are used, except
//! for *set* where the source's number of a game within a match is meant.
//!
//! Every update states the score after it: a claim. The order of the updates, and which of them to believe,
//! is what makes the claims follow from each other best (`order`); the script then makes the laws reach the claims in
//! turn (`script`). Nothing depends on one season's faults.

mod claims;
mod conclusion;
mod document;
mod entity;
mod finals;
mod interruption;
mod line_up;
mod official;
mod order;
mod reader;
mod reconciliation;
mod remark;
mod script;
mod servers;
mod service;
mod shadow;
mod statistic;
mod tie_script;
mod update;

mod plan;

pub use plan::{Formats, plan};

/// The scheme of the source's ids, and the name of the source.
pub const SOURCE: &str = "ttbl";
