//! Server-sent events: what is committed, as it is committed.
//!
//! One task hands every change to every stream that follows it, through a bounded queue; a change is encoded once and
//! its bytes are shared. A stream first enters the hub and then reads where the match stands, so nothing can fall
//! between; what the snapshot holds already is dropped by its position. A stream across matches names no place to
//! resume from before it has passed everything that its snapshots hold. A reader that falls behind its queue is told
//! where to resume, and closed, and so is one whose next change cannot be read: nobody waits for it, and nothing is
//! left out silently.

mod across;
mod cursor;
mod followers;
mod frame;
mod handlers;
mod hub;
mod insights;
mod one;
mod tie;

pub use cursor::{Positions, decode, encode, is_reached};
pub use followers::{Follow, Followers};
pub use frame::{Published, published};
pub(crate) use handlers::{__path_follow_all, __path_follow_insights, __path_follow_one, __path_follow_tie};
pub use handlers::{Open, follow_all, follow_insights, follow_one, follow_tie, permit};
pub use hub::Hub;
