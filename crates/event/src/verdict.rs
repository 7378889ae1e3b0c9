//! What was decided about a command.

use serde::Serialize;

use crate::{BodyHash, Epoch, Lease, Seq};

/// A verdict with what it was about: a retry is told the same, another body is told apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedVerdict {
    /// The hash of the command's [`crate::CommandEnvelope::canonical`] form.
    pub body: BodyHash,
    /// What was decided.
    pub verdict: Verdict,
}

/// What was decided, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It happened, as these events.
    Accepted {
        /// The first, inclusive.
        from_seq: Seq,
        /// The last, inclusive.
        seq: Seq,
    },
    /// It may not happen.
    Refused(Refusal),
}

/// Why a command may not happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Refusal {
    /// The laws forbid it.
    Law {
        /// Stable, for programs: [`topspin_laws::Rejection::code`].
        code: String,
        /// The number of the law.
        law: String,
        /// For people.
        detail: String,
    },
    /// The match has moved on: not at `expected_seq`.
    SeqMismatch {
        /// Where the sender took it to be.
        expected: Seq,
        /// Where it was.
        head: Seq,
    },
    /// Another tablet scores now.
    LeaseLost {
        /// The sender's lease.
        held: Lease,
        /// The lease that counts.
        current: Lease,
        /// Who took over, as they called themselves.
        holder: Option<String>,
    },
    /// Another node is the home now, or the sender was with another.
    EpochMismatch {
        /// The sender's epoch.
        expected: Epoch,
        /// The epoch that counts.
        current: Epoch,
    },
}
