//! Every bound of the runtime, in one place, with its unit.

use std::time::Duration;

/// Requests that may wait for one partition.
pub const MAILBOX_REQUESTS: usize = 1_024;

/// How long a request may wait for room in a full mailbox before it is refused as overloaded.
pub const MAILBOX_WAIT: Duration = Duration::from_millis(500);

/// Most requests in one commit.
pub const MAX_BATCH_REQUESTS: usize = 256;

/// A commit takes no further request from this many bytes of records on.
pub const MAX_BATCH_BYTES: usize = 4 * 1024 * 1024;

/// Most bytes of records that one request may append.
pub const MAX_REQUEST_BYTES: usize = 2 * 1024 * 1024;

/// Most records that one request may append.
pub const MAX_REQUEST_RECORDS: usize = 128;

/// Records that recovery applies to the store at once.
pub const RECOVERY_BATCH_RECORDS: usize = 4_096;

/// How often an open or a recovery asks again for records that are committed but not visible yet.
pub const RECOVERY_POLL: Duration = Duration::from_millis(2);

/// Rows that one scan of a table answers at most.
pub const MAX_SCAN_ROWS: usize = 10_000;

/// Memory for blocks of the store, bytes.
pub const STORE_CACHE_BYTES: u64 = 64 * 1024 * 1024;

/// Largest write buffer of one table, bytes.
pub const TABLE_WRITE_BUFFER_BYTES: u64 = 16 * 1024 * 1024;

/// Bytes of the store's own journal, which a start reads whole: beyond them, tables that hold it back are flushed. The
/// least that fjall takes; up to as much again may be in the part that is being written.
pub const STORE_JOURNAL_BYTES: u64 = 64 * 1024 * 1024;

/// Threads that flush and compact the store. Never one: fjall 3.1 lets a worker wait for room in the queue that only
/// workers empty, so that a single one can wait for itself for ever, and nothing is flushed any more.
pub const STORE_WORKERS: usize = 4;

/// Bytes that the disk has to take before a store that has failed is opened anew.
pub const PROBE_BYTES: usize = 4 * 1024 * 1024;
