//! The fold of one tie.

use std::sync::Arc;

use topspin_event::{
    Chain, Epoch, Seq, StateHash, TieEvent, TieEventEnvelope, TieMeta, TieSnapshot, Timestamp,
    canonical_tie_facts,
};
use topspin_laws::tie::{TieState, replay};

use crate::fold::FoldError;

/// A tie after some of its events.
pub(crate) struct TieFold {
    pub(crate) meta: Arc<TieMeta>,
    pub(crate) state: TieState,
    pub(crate) epoch: Epoch,
    pub(crate) seq: Seq,
    pub(crate) chain: Chain,
    laws_version: u32,
    updated_at: Timestamp,
}

impl TieFold {
    /// A tie after its creation.
    pub(crate) fn created(event: &TieEventEnvelope) -> Result<Self, FoldError> {
        let recorded = &event.recorded;
        let TieEvent::Created(meta) = &recorded.event else {
            return Err(match recorded.event {
                TieEvent::Unknown(_) => FoldError::LaterVersion { seq: recorded.seq },
                TieEvent::Created(_) | TieEvent::Law(_) => {
                    FoldError::OutOfOrder { seq: recorded.seq, after: Seq(0) }
                }
            });
        };
        if recorded.seq != Seq(1) {
            return Err(FoldError::OutOfOrder { seq: recorded.seq, after: Seq(0) });
        }
        if Chain::START.link(event.payload_hash()) != event.chain {
            return Err(FoldError::BrokenChain { seq: recorded.seq });
        }
        Ok(TieFold {
            meta: meta.clone(),
            state: TieState::new(meta.format.clone()),
            epoch: recorded.epoch,
            seq: recorded.seq,
            chain: event.chain,
            laws_version: recorded.laws_version,
            updated_at: recorded.recorded_at,
        })
    }

    /// The tie after one more event.
    pub(crate) fn evolve(mut self, event: &TieEventEnvelope) -> Result<Self, FoldError> {
        let recorded = &event.recorded;
        let seq = recorded.seq;
        if seq.0 != self.seq.0 + 1 {
            return Err(FoldError::OutOfOrder { seq, after: self.seq });
        }
        if self.chain.link(event.payload_hash()) != event.chain {
            return Err(FoldError::BrokenChain { seq });
        }
        match &recorded.event {
            TieEvent::Law(law) => self.state = replay(self.state, law, recorded.laws_version),
            TieEvent::Created(_) => return Err(FoldError::OutOfOrder { seq, after: self.seq }),
            TieEvent::Unknown(_) => return Err(FoldError::LaterVersion { seq }),
        }
        self.epoch = recorded.epoch;
        self.seq = seq;
        self.chain = event.chain;
        self.laws_version = recorded.laws_version;
        self.updated_at = recorded.recorded_at;
        Ok(self)
    }

    /// The tie as it goes on `ties`.
    pub(crate) fn snapshot(&self) -> TieSnapshot {
        let facts = self.state.facts();
        let state = canonical_tie_facts(&facts);
        TieSnapshot {
            meta: self.meta.clone(),
            facts,
            state_hash: StateHash::of(&state),
            state: state.into(),
            epoch: self.epoch,
            seq: self.seq,
            chain: self.chain,
            laws_version: self.laws_version,
            updated_at: self.updated_at,
        }
    }
}
