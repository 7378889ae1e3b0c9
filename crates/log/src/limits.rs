//! Every bound of the contract, in one place, with its unit.
//!
//! An engine may be stricter only where its own documentation says so.

use std::time::Duration;

/// Longest name of a topic, group, member or transactional id, in bytes.
pub const MAX_NAME_BYTES: usize = 249;

/// Largest record in bytes, as counted by [`Record::size`](crate::Record::size).
pub const MAX_RECORD_BYTES: usize = 1024 * 1024;

/// What a log in front of an engine may add to a record, bytes: a frame and headers. The limits do not count it.
pub const MAX_FRAME_BYTES: usize = 4 * 1024;

/// Most headers on one record.
pub const MAX_HEADERS: usize = 64;

/// Most records in one transaction.
pub const MAX_TRANSACTION_RECORDS: usize = 65_536;

/// Largest transaction in bytes: the sum of its records' sizes.
pub const MAX_TRANSACTION_BYTES: usize = 16 * 1024 * 1024;

/// Most consumer positions in one transaction.
pub const MAX_TRANSACTION_POSITIONS: usize = 4_096;

/// Most topics in one log.
pub const MAX_TOPICS: usize = 1_024;

/// Most partitions of one topic.
pub const MAX_PARTITIONS: u32 = 1_024;

/// Most partitions of all topics of one log together.
pub const MAX_TOTAL_PARTITIONS: usize = 16_384;

/// Most transactional ids that one log remembers.
pub const MAX_TRANSACTIONAL_IDS: usize = 65_536;

/// Most consumer groups in one log.
pub const MAX_GROUPS: usize = 1_024;

/// Most consumer positions that one log remembers, over all groups.
pub const MAX_POSITIONS: usize = 65_536;

/// Most members of one consumer group.
pub const MAX_MEMBERS: usize = 256;

/// Most bytes of a trace's state that are passed on: what W3C Trace Context asks for at least (section 3.3.1.5).
pub const MAX_TRACE_STATE_BYTES: usize = 512;

/// Most members of a trace's state (W3C Trace Context, section 3.3.1.1).
pub const MAX_TRACE_STATE_MEMBERS: usize = 32;

/// Most records that one read answers.
pub const MAX_BATCH_RECORDS: usize = 65_536;

/// Most bytes that one read answers, except that one record is always returned whole.
pub const MAX_BATCH_BYTES: usize = 16 * 1024 * 1024;

/// Records that a read answers when the caller has no opinion.
pub const DEFAULT_BATCH_RECORDS: usize = 1_024;

/// Bytes that a read answers when the caller has no opinion.
pub const DEFAULT_BATCH_BYTES: usize = 1024 * 1024;

/// How long a member may take to give up a revoked partition before it loses all its partitions.
pub const REVOKE_TIMEOUT: Duration = Duration::from_secs(20);

/// How long compaction keeps a tombstone, by the record's timestamp, so that every reader can see it.
pub const TOMBSTONE_RETENTION: Duration = Duration::from_hours(24);
