//! What is to be done with the team match of a file.

use topspin_event::{CreateTie, TieCommandEnvelope, TieId};
use topspin_laws::Both;
use topspin_laws::tie::TieFacts;

use crate::Expected;

/// A tie: how to create it and its script.
#[derive(Debug, Clone, PartialEq)]
pub struct TiePlan {
    /// Its id.
    pub id: TieId,
    /// How to create it. Repeating it changes nothing.
    pub create: CreateTie,
    /// The commands in order. Repeating them changes nothing.
    pub script: Vec<TieEntry>,
    /// What the script leaves the tie at.
    pub facts: TieFacts,
    /// Matches won by each side, as the source has them.
    pub reported: Option<Both<u8>>,
    /// How the laws' score of the tie and the source's compare.
    pub agreement: TieAgreement,
}

/// A command to the tie and what the laws make of it.
#[derive(Debug, Clone, PartialEq)]
pub struct TieEntry {
    /// The command as the scorer takes it.
    pub envelope: TieCommandEnvelope,
    /// The verdict of the laws on this machine.
    pub expected: Expected,
    /// So many of the plan's matches go out before it, whole; no entry has fewer than the one before.
    pub matches_before: usize,
}

/// How the laws' score of a tie and the source's compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TieAgreement {
    /// The same matches won.
    Exact,
    /// Different matches won; an anomaly says so.
    Disagree,
    /// The source states none.
    NoOfficial,
}

impl TieAgreement {
    /// The name in `snake_case`.
    pub const fn as_str(self) -> &'static str {
        match self {
            TieAgreement::Exact => "exact",
            TieAgreement::Disagree => "disagree",
            TieAgreement::NoOfficial => "no_official",
        }
    }
}
