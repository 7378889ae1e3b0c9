//! Every bound of the protocol, in one place, with its unit.

use std::ops::RangeInclusive;
use std::time::Duration;

/// Milliseconds between heartbeats that can be granted.
pub const HEARTBEAT_MS: RangeInclusive<u32> = 500..=10_000;

/// Milliseconds between heartbeats if nothing is wished.
pub const DEFAULT_HEARTBEAT_MS: u32 = 2_000;

/// Heartbeats after which a consumer that heard nothing no longer trusts what it holds.
pub const BEATS_MISSED: u32 = 2;

/// Most milliseconds that state can be conflated for on request.
pub const MAX_CONFLATE_MS: u32 = 10_000;

/// Within this a connection says hello.
pub const HELLO_WITHIN: Duration = Duration::from_secs(10);

/// Most bytes of a message of a consumer.
pub const MAX_REQUEST_BYTES: usize = 32 * 1024;

/// Positions that a consumer says beside a cursor.
pub const MAX_HELD: usize = 150;

/// Most bytes of a cursor: 1,000 partitions.
pub const MAX_CURSOR_BYTES: usize = 16 * 1024;

/// Most subscriptions of a connection.
pub const MAX_SUBSCRIPTIONS: usize = 16;

/// Most matches that a subscription follows.
pub const MAX_FOLLOWED: usize = 5_000;

/// Matches that are read at once when a subscription begins.
pub const PAGE_OF_MATCHES: usize = 64;

/// Events that are read at once.
pub const PAGE_OF_EVENTS: usize = 64;

/// Messages that wait for a connection to take them; beyond it state is conflated and events are read again later.
pub const OUTBOX_MESSAGES: usize = 128;

/// Bytes of them.
pub const OUTBOX_BYTES: usize = 256 * 1024;

/// Events that a slow consumer has missed of a match and that are still sent; it is told the range of more.
pub const LAG_FILLED: u64 = 32;

/// A match of which something is known that cannot be read yet is read again after this.
pub const READ_AGAIN: Duration = Duration::from_millis(200);

/// A consumer that has been behind without a break for this long is closed with its resume point.
pub const BEHIND_AT_MOST: Duration = Duration::from_mins(1);

/// The first sleep of a client before it connects again, at most: it doubles with every failure.
pub const BACKOFF_FIRST: Duration = Duration::from_millis(500);

/// Largest sleep of a client before it connects again.
pub const BACKOFF_MAX: Duration = Duration::from_secs(30);

/// Events of a match that wait in a client for those before them; more are read again.
pub const MAX_WAITING: usize = 256;

/// Links of the chain of a match that a client keeps, to go back to where a history parts.
pub const CHAINS_KEPT: usize = 64;
