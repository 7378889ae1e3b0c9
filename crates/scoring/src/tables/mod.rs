//! What is derived from the log. Every key and value is documented at its table.

mod clock;
mod dedupe;
mod devices;
mod events;
mod external;
mod list;
mod plain;
#[cfg(test)]
mod tests;
mod ties;

use topspin_runtime::{StoreError, Table};

pub(crate) use clock::Clock;
pub(crate) use dedupe::{Dedupe, Subject, dedupe_key};
pub(crate) use devices::Devices;
pub(crate) use events::{CHAIN_HEADER, Events, LIVENESS_HEADER, StoredEvent, event_key, liveness_number};
pub(crate) use external::{External, external_key};
pub(crate) use list::{ListScope, MatchList, match_of};
pub(crate) use plain::{Anomalies, Matches, References};

pub(crate) use ties::{TieEvents, Ties, tie_event_key};

/// Raised when what a table makes of a record changes: stores of another version are filled again.
pub(crate) const VERSION: u32 = 3;

/// All tables.
pub(crate) fn all() -> Vec<Box<dyn Table>> {
    vec![
        Box::new(Events),
        Box::new(Matches),
        Box::new(MatchList),
        Box::new(External),
        Box::new(Dedupe),
        Box::new(TieEvents),
        Box::new(Ties),
        Box::new(References),
        Box::new(Anomalies),
        Box::new(Devices),
        Box::new(Clock),
    ]
}

/// A row or a record that makes no sense.
pub(crate) fn bad_row(table: &'static str, reason: impl std::fmt::Display) -> StoreError {
    StoreError::BadRow { table, reason: format!("{reason}") }
}
