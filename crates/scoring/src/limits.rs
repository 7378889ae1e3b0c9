//! Every bound of scoring, in one place, with its unit.
//!
//! What has no bound on purpose: verdicts. A command id answers for as long as its match does, because a tablet can come
//! back with its queue at any time, and a verdict forgotten would be a point counted twice. There is one for each
//! command, of which the log keeps the evidence for ever too; they make what is kept larger by a constant factor.

/// Matches whose fold is kept in memory, for one partition, unless the configuration says otherwise.
pub const HOT_MATCHES: usize = 4_096;

/// Events that one read answers at most.
pub const MAX_EVENTS: usize = 1_000;

/// Items that one page of a list holds at most.
pub const MAX_PAGE: usize = 500;

/// Batches of changes that a live subscriber may lag behind before it is told that it missed some.
pub const LIVE_BATCHES: usize = 1_024;

/// Creations that can wait for one another because they may claim the same external id: locks, shared by hash.
pub const EXTERNAL_ID_LOCKS: usize = 64;

/// Matches that one catch-up of a live stream folds at the same time.
pub const CATCH_UP_FOLDS: usize = 256;

/// Tablets that one sign of life forgets at most, each silent for longer than [`DEVICE_RETENTION_MS`].
pub const DEVICES_FORGOTTEN_AT_ONCE: usize = 256;

/// How long tablets' signs of life stay on the log, and tablets in the list, milliseconds: 7 days.
pub const DEVICE_RETENTION_MS: u64 = 7 * 24 * 60 * 60 * 1_000;
