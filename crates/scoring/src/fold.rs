//! The fold of one match: what its events say, and nothing else.

use std::collections::BTreeMap;
use std::sync::Arc;

use topspin_event::{
    Chain, Epoch, EventEnvelope, Lease, MatchEvent, MatchMeta, MatchSnapshot, ReportedResult, Seq, StateHash,
    Stroke, Timestamp, canonical_facts,
};
use topspin_laws::{Event, State, replay};

/// A match after some of its events.
pub(crate) struct MatchFold {
    pub(crate) meta: Arc<MatchMeta>,
    pub(crate) state: State,
    pub(crate) reported_result: Option<ReportedResult>,
    /// The strokes recorded last, by the position of the rally; also of rallies that no longer stand.
    pub(crate) strokes: BTreeMap<Seq, Vec<Stroke>>,
    pub(crate) epoch: Epoch,
    pub(crate) lease: Lease,
    pub(crate) lease_holder: Option<String>,
    pub(crate) seq: Seq,
    pub(crate) chain: Chain,
    laws_version: u32,
    updated_at: Timestamp,
}

/// Events that do not make a match.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FoldError {
    /// A later version wrote it.
    #[error("event {} was written by a later version", seq.0)]
    LaterVersion {
        /// Its position.
        seq: Seq,
    },
    /// An event is missing, doubled or not where it can be.
    #[error("event {} does not follow event {}", seq.0, after.0)]
    OutOfOrder {
        /// Its position.
        seq: Seq,
        /// The position before.
        after: Seq,
    },
    /// The chain does not link.
    #[error("the chain breaks at event {}", seq.0)]
    BrokenChain {
        /// Its position.
        seq: Seq,
    },
}

impl MatchFold {
    /// A match after its creation.
    pub(crate) fn created(event: &EventEnvelope) -> Result<Self, FoldError> {
        let recorded = &event.recorded;
        let meta = match &recorded.event {
            MatchEvent::Created(meta) => meta,
            MatchEvent::Unknown(_) => return Err(FoldError::LaterVersion { seq: recorded.seq }),
            MatchEvent::Law(_)
            | MatchEvent::Moved(_)
            | MatchEvent::ResultReported(_)
            | MatchEvent::StrokesRecorded(_) => {
                return Err(FoldError::OutOfOrder { seq: recorded.seq, after: Seq(0) });
            }
        };
        if recorded.seq != Seq(1) {
            return Err(FoldError::OutOfOrder { seq: recorded.seq, after: Seq(0) });
        }
        if Chain::START.link(event.payload_hash()) != event.chain {
            return Err(FoldError::BrokenChain { seq: recorded.seq });
        }
        let setup = meta.setup();
        Ok(MatchFold {
            meta: meta.clone(),
            state: State::new(setup),
            reported_result: None,
            strokes: BTreeMap::new(),
            epoch: recorded.epoch,
            lease: recorded.lease,
            lease_holder: None,
            seq: recorded.seq,
            chain: event.chain,
            laws_version: recorded.laws_version,
            updated_at: recorded.recorded_at,
        })
    }

    /// The match after one more event.
    pub(crate) fn evolve(mut self, event: &EventEnvelope) -> Result<Self, FoldError> {
        let recorded = &event.recorded;
        let seq = recorded.seq;
        if seq.0 != self.seq.0 + 1 {
            return Err(FoldError::OutOfOrder { seq, after: self.seq });
        }
        if self.chain.link(event.payload_hash()) != event.chain {
            return Err(FoldError::BrokenChain { seq });
        }
        match &recorded.event {
            MatchEvent::Law(law) => {
                if let Event::HandedOver { to } = law {
                    self.lease_holder = Some(to.as_str().to_owned());
                }
                self.state = replay(self.state, seq, law, recorded.laws_version);
            }
            MatchEvent::Moved(to) => self.meta = Arc::new(MatchMeta::clone(&self.meta).moved(to)),
            MatchEvent::ResultReported(result) => self.reported_result = Some(result.clone()),
            MatchEvent::StrokesRecorded(recorded) => {
                self.strokes.insert(recorded.rally, recorded.strokes.clone());
            }
            MatchEvent::Created(_) => return Err(FoldError::OutOfOrder { seq, after: self.seq }),
            MatchEvent::Unknown(_) => return Err(FoldError::LaterVersion { seq }),
        }
        self.epoch = recorded.epoch;
        self.lease = recorded.lease;
        self.seq = seq;
        self.chain = event.chain;
        self.laws_version = recorded.laws_version;
        self.updated_at = recorded.recorded_at;
        Ok(self)
    }

    /// The match as it goes on `matches`.
    pub(crate) fn snapshot(&self) -> MatchSnapshot {
        let facts = self.state.facts();
        let state = canonical_facts(&facts);
        MatchSnapshot {
            meta: self.meta.clone(),
            facts,
            state_hash: StateHash::of(&state),
            state: state.into(),
            reported_result: self.reported_result.clone(),
            epoch: self.epoch,
            lease: self.lease,
            lease_holder: self.lease_holder.clone(),
            seq: self.seq,
            stable_seq: self.seq,
            chain: self.chain,
            laws_version: self.laws_version,
            updated_at: self.updated_at,
        }
    }
}
