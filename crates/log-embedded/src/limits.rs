//! Every bound of this engine beyond those of the contract, with its unit.

use std::time::Duration;

/// Bytes of a segment file, unless told otherwise. A segment is larger only if one group commit is. Opening reads one
/// segment, and cleaning holds one in memory.
pub const DEFAULT_SEGMENT_BYTES: u64 = 64 * 1024 * 1024;

/// Smallest and largest segment that can be asked for, in bytes.
pub const SEGMENT_BYTES: std::ops::RangeInclusive<u64> = 4 * 1024..=1024 * 1024 * 1024;

/// Transactions that wait for the writer before `commit` itself waits.
pub const QUEUED_REQUESTS: usize = 1_024;

/// Most transactions that share one sync.
pub const GROUP_REQUESTS: usize = 1_024;

/// Bytes after which a group commit takes no further transaction.
pub const GROUP_BYTES: usize = 8 * 1024 * 1024;

/// Bytes of just committed records kept in memory for tailing readers.
pub const RECENT_BYTES: usize = 16 * 1024 * 1024;

/// Bytes that a reader asks of a file at once; one larger section is read whole.
pub const READ_BYTES: usize = 1024 * 1024;

/// Bytes between two wanted sections that are read along rather than skipped.
pub const READ_GAP_BYTES: u64 = 16 * 1024;

/// Sections in one block of a sidecar index: what a reader holds of an index.
pub const INDEX_BLOCK: usize = 256;

/// Keys that one round of a compaction pass holds in memory, plus those of one segment; 24 bytes each and the map's own overhead.
pub const COMPACTION_KEYS: usize = 1_000_000;

/// Share of a segment that must be superseded before the background cleaner rewrites it, in percent.
pub const COMPACTION_GARBAGE_PERCENT: u64 = 20;

/// How often the background cleaner looks, unless told otherwise.
pub const DEFAULT_CLEAN_INTERVAL: Duration = Duration::from_hours(1);
