//! Every bound of scoring, in one place, with its unit.
//!
//! What has no bound on purpose: verdicts. A command id answers for as long as its match does, because a tablet can come
//! back with its queue at any time, and a verdict forgotten would be a point counted twice. There is one for each
//! command, of which the log keeps the evidence for ever too; they make what is kept larger by a constant factor.

use std::time::Duration;

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

/// How long requests and replies between processes stay on the log, milliseconds: 24 hours. A request that no process
/// has decided by then is lost; whoever sent it never got a verdict, and sends it again.
pub const FORWARDING_RETENTION_MS: u64 = 24 * 60 * 60 * 1_000;

/// How long a request to another process waits for its answer.
pub const FORWARD_WAIT: Duration = Duration::from_secs(20);

/// Requests to other processes that may wait to be sent.
pub const FORWARD_QUEUE: usize = 4_096;

/// Requests that one transaction sends at most.
pub const FORWARD_BATCH_REQUESTS: usize = 256;

/// Bytes from which on a transaction takes no further request.
pub const FORWARD_BATCH_BYTES: usize = 1024 * 1024;

/// Requests of other processes that one transaction decides at most.
pub const INCOMING_BATCH_REQUESTS: usize = 64;

/// Bytes of such requests, likewise.
pub const INCOMING_BATCH_BYTES: usize = 512 * 1024;

/// How long a lane waits before it tries again what has failed.
pub const LANE_RETRY: Duration = Duration::from_millis(500);

/// How long a lane that is given up may take to finish what is in flight, which keeps its next owner waiting; within what
/// the log allows. What is not finished then is fenced, and asked for again.
pub const GIVE_UP_WITHIN: Duration = Duration::from_secs(5);

/// How often a lane is compared with the end of the log.
pub const PROBE_EVERY: Duration = Duration::from_secs(1);

/// A lane that has not been at the end of the log for so long is stale.
pub const STALE_AFTER: Duration = Duration::from_secs(5);

/// How long a creation waits at most for what other processes had decided before, if something that it refers to is not
/// here.
pub const LEVEL_WAIT: Duration = Duration::from_secs(3);

/// Records that wait in a lane, for a topic that has to be read first.
pub const FOLLOW_QUEUE: usize = 4_096;

/// Events of a lane that wait to be handed to live streams; beyond them, streams read the log.
pub const FOLLOW_UNTOLD: usize = 4_096;

/// How often a store is tried again before it is taken for one of another log: what is committed can be invisible for a
/// moment.
pub const FOREIGN_TRIES: u32 = 5;
