//! A match at one position: what the `matches` topic holds, by match.

use std::sync::Arc;

use topspin_laws::Facts;

use crate::{Chain, Epoch, Lease, MatchMeta, ReportedResult, Seq, StateHash, Timestamp};

/// A match after its event at `seq`. Cheap enough to clone once per command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchSnapshot {
    /// What it is.
    pub meta: Arc<MatchMeta>,
    /// Where it stands: the `state` member of the match resource.
    pub facts: Facts,
    /// The RFC 8785 JSON of the facts as the home wrote it: what `state_hash` covers.
    pub state: Arc<str>,
    /// The result that a source claimed last.
    pub reported_result: Option<ReportedResult>,
    /// The number of its home.
    pub epoch: Epoch,
    /// The tablet's number.
    pub lease: Lease,
    /// Who took over last, as the command called them; absent while the first tablet scores.
    pub lease_holder: Option<String>,
    /// The position of the last event.
    pub seq: Seq,
    /// The last position that can no longer fork: without an uplink, `seq`.
    pub stable_seq: Seq,
    /// The chain up to `seq`.
    pub chain: Chain,
    /// The hash of `state`.
    pub state_hash: StateHash,
    /// The laws of the last event.
    pub laws_version: u32,
    /// When the last event was recorded.
    pub updated_at: Timestamp,
}
