//! The operators. Each file: the method that adds it to a stream, then how it works.

mod aggregate;
mod bag;
mod calendar;
mod decisions;
mod deduplicate;
mod difference;
mod join;
mod lookup;
mod narrate;
mod ordered_fold;
mod ordered_scan;
mod queue;
mod rank;
mod ranks;
mod reduce;
mod repartition;
mod replayed;
mod round_index;
mod rounds;
mod sink;
pub(crate) mod source;
mod stateless;
mod store;
mod top;
mod tumbling;
mod window;

pub use calendar::{Horizon, Moment};
pub use decisions::Decision;
pub use difference::{Facts, MachineState};
pub use rank::{Place, RankReader};
pub use rounds::{Meeting, Met, Valued, Worth};
pub use tumbling::Tumbling;
