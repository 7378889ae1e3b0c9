//! Where an import goes: a data directory or a server.

use topspin_event::{
    CommandEnvelope, CreateMatch, CreateTie, MatchId, NewAnomaly, NewReference, ReferenceKind,
    TieCommandEnvelope, TieId,
};

/// What takes an import. Every call is safe to repeat.
///
/// An `Err` means that the target cannot be written now; what it refuses to take is in the answer.
pub trait Target: Sync {
    /// Creates an item of reference data unless it is there.
    fn refer(&self, kind: ReferenceKind, item: &NewReference) -> anyhow::Result<Taken>;

    /// Creates a match unless it is there.
    fn create(&self, create: &CreateMatch) -> anyhow::Result<Taken>;

    /// Creates a tie unless it is there.
    fn create_tie(&self, create: &CreateTie) -> anyhow::Result<Taken>;

    /// Has a command to a tie decided.
    fn submit_tie(&self, id: TieId, envelope: &TieCommandEnvelope) -> anyhow::Result<Verdict>;

    /// Has a command decided.
    fn submit(&self, id: MatchId, envelope: &CommandEnvelope) -> anyhow::Result<Verdict>;

    /// Keeps anomalies.
    fn report(&self, anomalies: &[NewAnomaly]) -> anyhow::Result<()>;
}

/// Whether something was taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It is there.
    Yes,
    /// It is not, and why.
    No(String),
}

/// What was decided about a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It happened.
    Accepted,
    /// The scorer refuses it, with this code.
    Rejected(String),
}
