//! Every bound of the client, in one place, with its unit.

use std::time::Duration;

/// A connection is open within this, or it failed.
pub const CONNECT: Duration = Duration::from_secs(5);

/// Something is written within this, or the connection is given up.
pub const WRITE: Duration = Duration::from_secs(10);

/// An answer with missing events comes within this.
pub const FILL: Duration = Duration::from_secs(10);

/// Events of one answer at most: what the server gives.
pub const PAGE_OF_EVENTS: u64 = 500;
