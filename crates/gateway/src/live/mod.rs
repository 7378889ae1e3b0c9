//! Server-sent events: what is committed, as it is committed.
//!
//! One task hands every change to every stream that follows it, through a bounded queue; a change is encoded once and
//! its bytes are shared. A stream first enters the hub and then reads where the match stands, so nothing can fall
//! between; what the snapshot holds already is dropped by its position. A reader that falls behind its queue is told
//! where to resume, and closed: nobody waits for it, and nothing is left out silently.

mod across;
mod cursor;
mod frame;
mod handlers;
mod hub;
mod one;

pub(crate) use handlers::{__path_follow_all, __path_follow_one};
pub use handlers::{follow_all, follow_one};
pub use hub::Hub;
