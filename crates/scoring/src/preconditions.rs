//! What has to hold before the laws are asked.

use topspin_event::{CommandEnvelope, Refusal};

use crate::fold::MatchFold;

/// Why a command does not count now, whatever the laws would say: first the home, then the tablet, then the position.
pub(crate) fn check(fold: &MatchFold, envelope: &CommandEnvelope) -> Result<(), Refusal> {
    if let Some(expected) = envelope.epoch.filter(|expected| *expected != fold.epoch) {
        return Err(Refusal::EpochMismatch { expected, current: fold.epoch });
    }
    if let Some(held) = envelope.lease.filter(|held| *held != fold.lease) {
        return Err(Refusal::LeaseLost { held, current: fold.lease, holder: fold.lease_holder.clone() });
    }
    if let Some(expected) = envelope.expected_seq.filter(|expected| *expected != fold.seq) {
        return Err(Refusal::SeqMismatch { expected, head: fold.seq });
    }
    Ok(())
}
