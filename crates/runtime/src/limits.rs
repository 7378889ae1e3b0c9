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

/// Longest name of a source, bytes: with partition and offset it names a cause.
pub const MAX_SOURCE_NAME_BYTES: usize = topspin_stream::CAUSE_MAX_BYTES - 12;

/// Records that a task reads ahead of each source.
pub const TASK_READ_RECORDS: usize = 8_192;

/// Bytes that a task reads ahead of each source, except that one record is always read whole.
pub const TASK_READ_BYTES: usize = 2 * 1024 * 1024;

/// Most input records in one transaction of a task.
pub const TASK_BATCH_INPUTS: usize = 16_384;

/// A transaction of a task takes no further input from so many records on: outputs, changed rows and dead letters.
pub const TASK_BATCH_RECORDS: usize = 24_576;

/// A transaction of a task takes no further input from so many bytes of records on.
pub const TASK_BATCH_BYTES: usize = 2 * 1024 * 1024;

/// Most bytes of records that one input record may make. With a batch that is almost full and a dead letter, it fits
/// into a transaction.
pub const MAX_STEP_BYTES: usize = 10 * 1024 * 1024;

/// Most records that one input record may make.
pub const MAX_STEP_RECORDS: usize = 32_768;

/// Bytes of committed rows that a task holds in memory before it writes them to its shard.
pub const TASK_MEMORY_BYTES: usize = 16 * 1024 * 1024;

/// The longest pause of a task between two transactions, if more comes; it is as long as the last transaction took.
pub const PAUSE_MOST: Duration = Duration::from_millis(100);

/// How long a task waits after its first failure; each further one doubles it.
pub const BACK_OFF_FIRST: Duration = Duration::from_millis(10);

/// The longest that a task waits after a failure.
pub const BACK_OFF_MOST: Duration = Duration::from_secs(5);

/// Longest reason of a dead letter, bytes.
pub const MAX_REASON_BYTES: usize = 2_048;

/// Bytes of a dead letter in one record.
pub const LETTER_CHUNK_BYTES: usize = 512 * 1024;

/// Dead letters that one listing answers at most.
pub const MAX_LISTED_LETTERS: usize = 1_000;

/// Bytes of the records in one listing of dead letters, except that one letter is always answered whole.
pub const MAX_LISTED_BYTES: usize = 16 * 1024 * 1024;

/// How often a dead letter or a switch is attempted while others do the same, or nobody knows what became of it.
pub const RETRY_ATTEMPTS: u32 = 8;

/// How long a task that another has shut out waits for its group to say so, before it begins again.
pub const FENCED_PAUSE: Duration = Duration::from_secs(35);

/// How long a task that has failed waits before it begins again.
pub const FAILED_PAUSE: Duration = Duration::from_secs(30);

/// How often a process removes what its tasks have committed from the topics between subtopologies.
pub const SWEEP_INTERVAL: Duration = Duration::from_secs(30);

/// How often an application looks at its lag and at which generation is active.
pub const WATCH_INTERVAL: Duration = Duration::from_millis(500);

/// How long after something has happened the clock of topologies ticks, and how often at most.
pub const TICK_AFTER_ACTIVITY: Duration = Duration::from_secs(1);

/// How often it ticks where nothing happens.
pub const TICK_AT_LEAST_EVERY: Duration = Duration::from_mins(1);

/// Changes of views that wait for one listener; one that falls further behind looks again.
pub const REPLICA_CHANGES: usize = 1_024;

/// How often whoever reads views looks which generation is active, where nothing comes.
pub const REPLICA_LOOKS_EVERY: Duration = Duration::from_secs(2);

/// How long whoever reads views waits before it tries again.
pub const REPLICA_TRIES_AGAIN: Duration = Duration::from_secs(1);
