//! What one process asks of the one that owns a partition, and what that one answers.

use uuid::Uuid;

use crate::{
    CommandEnvelope, Device, MatchId, MatchMeta, NewAnomaly, Reference, Seq, TieCommandEnvelope, TieId,
    TieMeta,
};

/// What a partition is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// What is in the way of a match, or stands for it.
    Find(Box<MatchMeta>),
    /// Create a match.
    Create(Box<MatchMeta>),
    /// Decide a command.
    Submit(MatchId, Box<CommandEnvelope>),
    /// Create a tie.
    CreateTie(Box<TieMeta>),
    /// Decide a command to a tie.
    SubmitTie(TieId, Box<TieCommandEnvelope>),
    /// Keep an item of reference data if there is none with its id.
    Refer(Box<Reference>),
    /// Keep an anomaly if there is none with its id.
    Report(Box<NewAnomaly>),
    /// Keep a tablet's sign of life.
    Hear(Box<Device>),
    /// Nothing: whoever has read as far as the reply says has everything that was decided before.
    Barrier,
}

/// What became of a request of another process. What was decided is on the log: this says how far to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The offset of the last request that the same transaction has answered.
    pub through: u64,
    /// The topics that this transaction has written: the last record of each is marked with `through`.
    pub topics: Vec<String>,
    /// Topics with the offset of the last record that the transaction rests on.
    pub after: Vec<(String, u64)>,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is done.
    Done,
    /// It, or what it asks for, was there before.
    DoneBefore,
    /// What was looked for is not there.
    Absent,
    /// It was not carried out.
    Failed(Failure),
}

/// Why a request was not carried out. A command that the laws forbid was: its verdict is on the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Something else has the id or an external id.
    AlreadyExists(Uuid),
    /// Neither an id nor an external id to derive one from.
    IdMissing,
    /// A field makes no sense.
    Invalid {
        /// Where.
        field: String,
        /// What is wrong.
        problem: String,
    },
    /// It is too large to be recorded.
    TooLarge,
    /// There is no such match.
    MatchNotFound,
    /// There is no such tie.
    TieNotFound,
    /// The command's id was used for another command.
    CommandIdReused,
    /// The match has an event of a later version, at this position.
    WrittenByLaterVersion(Seq),
    /// The owner could not read what it needs; it may later.
    Unavailable(String),
    /// The request hit a fault of the program, and would again.
    Crashed(String),
    /// The owner cannot read the request: it is damaged, or of a later version.
    NotUnderstood(String),
}
