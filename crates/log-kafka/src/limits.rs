//! Every bound of this engine, with its unit.

use std::time::Duration;

/// How long one question to the cluster may take before the log is called unavailable.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(15);

/// How long [`KafkaLog::connect`](crate::KafkaLog::connect) tries to reach a broker.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);

/// Questions of one log that block a thread at the same time; further ones wait.
pub const MAX_BLOCKING_CALLS: usize = 32;

/// How often a takeover of a transactional id looks whether anybody waits for it still.
pub const TAKE_OVER_STEP: Duration = Duration::from_millis(10);

/// How long after its time a call of the client that has not come back is given up, with its producer.
pub const OVERDUE_AFTER: Duration = Duration::from_secs(1);

/// How long a record may be under way to its partition's leader. Longer than a cluster needs to replace a dead broker.
pub const DELIVERY_TIMEOUT: Duration = Duration::from_secs(30);

/// How long a transaction may stay open before the cluster aborts it; until then it hides what follows it from readers.
pub const TRANSACTION_TIMEOUT: Duration = Duration::from_mins(1);

/// How long a commit is waited for before its outcome is called unknown.
pub const COMMIT_TIMEOUT: Duration = Duration::from_secs(45);

/// How long an abort is waited for before the producer is called unavailable; the next commit goes on with it.
pub const ABORT_TIMEOUT: Duration = Duration::from_secs(15);

/// How often a commit looks for the acknowledgements of its records.
pub const DELIVERY_POLL: Duration = Duration::from_micros(500);

/// After so long without a sign of life a member is out of its group.
pub const SESSION_TIMEOUT: Duration = Duration::from_secs(10);

/// How often a member shows a sign of life.
pub const HEARTBEAT: Duration = Duration::from_secs(3);

/// How long a new owner waits for transactions that are about to move the group's position, before it takes the position
/// that is committed. One of an owner that was killed stays open until the new owner has fenced it.
pub const STABLE_WAIT: Duration = Duration::from_secs(2);

/// How often a member looks whether its group has partitions that are assigned to nobody.
pub const ORPHAN_LOOK: Duration = Duration::from_secs(4);

/// How long one such look may take; meanwhile the member's client is not looked after.
pub const ORPHAN_LOOK_TIMEOUT: Duration = Duration::from_secs(2);

/// How often in a row a member that owns nothing sees such partitions before it joins again: for longer than one that is
/// to give them up may take.
pub const ORPHAN_LOOKS: u32 = 6;

/// How often in a row one that owns something does: others can do it at a lower cost.
pub const ORPHAN_LOOKS_OF_OWNER: u32 = 8;

/// How long a member that leaves its group on purpose waits until it has.
pub const LEAVE_TIMEOUT: Duration = Duration::from_secs(2);

/// How often a member's thread looks after its connection when nothing happens.
pub const MEMBER_POLL: Duration = Duration::from_secs(1);

/// Bytes that a reader fetches ahead, in KiB: room for the largest record twice.
pub const FETCH_AHEAD_KIB: usize = 4 * 1024;

/// A reader that has so many records ahead fetches no more.
pub const FETCH_AHEAD_RECORDS: usize = 1_024;

/// Bytes that a reader asks for at once, unless the operator says otherwise: to a distant cluster more is faster, and costs
/// about four times as much memory for each partition that is being read.
pub const FETCH_BYTES: usize = 256 * 1024;

/// How often in a row the client says that it has nothing before it is believed: it also says so after an event that it
/// has dealt with itself, and wakes nobody for what it has behind that.
pub const NOTHINGS: u32 = 64;

/// How long a reader that has enough ahead waits before it looks whether it still has. The client's default, a second, is
/// how long it would stand still each time that whoever reads is faster than that.
pub const FETCH_BACKOFF: Duration = Duration::from_millis(20);

/// How long a broker holds a fetch that finds nothing new.
pub const FETCH_WAIT: Duration = Duration::from_millis(100);

/// How long a reader that was told of the end of its partition waits for records that should be there, before it asks
/// again: only a hole that compaction left at the very end looks like this.
pub const END_DOUBT: Duration = Duration::from_secs(1);

/// What the largest record may need on the wire, in bytes: itself and the frames around it.
pub const MAX_WIRE_BYTES: usize = topspin_log::limits::MAX_RECORD_BYTES + 64 * 1024;

/// How often the token file is looked at: a new token is shown so long after it was written.
pub const TOKEN_POLL: Duration = Duration::from_secs(1);

/// Bytes that a token may have.
pub const MAX_TOKEN_BYTES: u64 = 64 * 1024;

/// Groups whose positions can be asked for without connecting again.
pub const MAX_GROUP_CLIENTS: usize = 16;
