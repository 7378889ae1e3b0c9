//! Every bound of the gateway, in one place, with its unit.

use std::time::Duration;

/// Largest body of a request, bytes: the strokes of the longest rally are 77 KB; anomalies carry raw records and have [`MAX_ANOMALIES_BODY_BYTES`].
pub const MAX_BODY_BYTES: usize = 128 * 1024;

/// Largest body of a report of anomalies, bytes.
pub const MAX_ANOMALIES_BODY_BYTES: usize = 2 * 1024 * 1024;

/// Most anomalies in one report.
pub const MAX_ANOMALIES: usize = 100;

/// A request is answered within this, or with `timeout`; streams are exempt once they have begun.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a command waits for its verdict; then it is answered with where to ask for it.
pub const COMMAND_WAIT: Duration = Duration::from_secs(5);

/// How long whoever reads the metrics waits for the log to say how far views are behind.
pub const LAG_WAIT: Duration = Duration::from_secs(2);

/// The head of a request arrives within this, or the connection is closed.
pub const HEAD_TIMEOUT: Duration = Duration::from_secs(10);

/// A connection that takes nothing of what is written to it for this long is closed.
pub const WRITE_STALL: Duration = Duration::from_secs(30);

/// Most bytes of a request's head.
pub const MAX_HEAD_BYTES: usize = 16 * 1024;

/// Most headers of a request.
pub const MAX_HEADERS: usize = 64;

/// Most connections at once; more wait to be accepted.
pub const MAX_CONNECTIONS: usize = 20_000;

/// How long a graceful stop waits for requests in flight.
pub const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// Items on a page of a list, unless the request says otherwise.
pub const DEFAULT_PAGE: usize = 50;

/// Most items on a page of a list.
pub const MAX_PAGE: usize = 500;

/// Most live streams at once.
pub const MAX_STREAMS: usize = 10_000;

/// Decisions on records that a stream begins with at most.
pub const MAX_NEWS: usize = 100;

/// Places of a list of records.
pub const RECORD_PLACES: usize = 10;

/// Models of forecasts that are kept at hand, each of a format and two ratings: up to 100 kB each.
pub const MAX_MODELS: usize = 256;

/// Patterns of strokes that a table of a page shows.
pub const PATTERNS_SHOWN: usize = 8;

/// Opponents that the page of a player shows.
pub const OPPONENTS_SHOWN: usize = 60;

/// Matches whose chronicles are kept at hand.
pub const MAX_CHRONICLES: usize = 256;

/// Changes that wait for one subscriber; one that falls further behind is told and closed.
pub const SUBSCRIBER_QUEUE: usize = 256;

/// How often a stream that has nothing to say says that it is there.
pub const HEARTBEAT: Duration = Duration::from_secs(2);

/// What the hub waits before it tries again to read what it missed.
pub const HUB_RETRY: Duration = Duration::from_secs(1);

/// What a client waits before it opens a broken stream again, milliseconds.
pub const RECONNECT_MS: u64 = 1_000;

/// Matches that one stream across matches begins with.
pub const MAX_SNAPSHOTS: usize = 2_000;

/// Bytes that the feed reads at once from a connection: requests are small, and connections many.
pub const FEED_READ_BUFFER: usize = 1_024;

/// Bytes of the feed that are collected before they are written: none, an event does not wait for the next.
pub const FEED_WRITE_BUFFER: usize = 0;

/// Changes that are looked through for a feed that goes on; after more it begins anew.
pub const MAX_RESOLVED: usize = 20_000;

/// What a process knows may be this old before the feed says that its source is late.
pub const SOURCE_LATE: Duration = Duration::from_secs(3);
