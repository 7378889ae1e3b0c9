//! Copies topics from one log to another exactly once: order, keys, headers, times and tombstones as they are.
//!
//! A [`Bridge`] reads the source and appends to the target. What it has read up to is a record on the target's topic
//! [`positions_topic`], committed in the same transaction as the copies. So whoever goes on after a crash, or beside a
//! zombie, begins exactly behind the last copy: the producer's id fences the predecessor, and what that had committed
//! can be read. A key stays in its partition, because a topic is created with as many partitions as it has.
//!
//! Offsets differ between the two logs, so the positions of consumer groups are not copied. For the same reason records that
//! hold positions mean nothing on the target: whoever knows such topics does not name them.
#![deny(missing_docs)]

mod bridge;
mod compare;
mod digest;
mod error;
mod lane;
pub mod limits;
mod positions;
mod walk;

pub use bridge::{Bridge, Copied, Span};
pub use compare::{Comparison, Difference};
pub use error::{CompareError, CopyError};
pub use positions::{Source, positions_topic};
