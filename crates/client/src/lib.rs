//! A consumer of the feed over a WebSocket.
//!
//! [`Feed`] keeps subscriptions up: it connects, resumes, fills gaps, checks every hash, and shows [`Notice`]s in order. While
//! what it holds may not be the truth it says `Suspend`.
//!
//! ```no_run
//! use topspin_client::{Feed, Kind, Notice, Selection, Wanted};
//!
//! let wanted = Wanted { to: Selection::default(), kinds: vec![Kind::Events] };
//! for notice in Feed::open("http://127.0.0.1:8080", "my program", vec![wanted])? {
//!     match notice {
//!         Notice::Event { event, .. } => println!("{event}"),
//!         Notice::Suspend { doubt, .. } => println!("decide nothing: {doubt:?}"),
//!         _ => {}
//!     }
//! }
//! # Ok::<(), topspin_client::AddressError>(())
//! ```
#![deny(missing_docs)]

mod address;
mod feed;
mod fill;
mod limits;

pub use address::AddressError;
pub use feed::Feed;
pub use topspin_feed::client::{Doubt, Known, Notice, Wanted};
pub use topspin_feed::{Fault, Kind, Position, Selection};
