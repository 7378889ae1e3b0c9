//! What a home answers.

use serde::Serialize;
use topspin_event::{
    Chain, CommandId, Epoch, EventEnvelope, ExternalIdError, Lease, MatchId, MatchSnapshot, ReferenceId,
    Refusal, Seq, StateHash, TieId,
};
use topspin_laws::FormatError;
use topspin_runtime::{CallError, OpenStoreError, RecoveryError, StartError, StoreError};

/// The answer to a command: a verdict that is durable. A repeated command gets the verdict of the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What was decided.
    pub verdict: Verdict,
    /// Whether the command had been decided before.
    pub replayed: Replayed,
}

/// Whether an answer was given before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Replayed {
    /// The first answer.
    No,
    /// The same answer again.
    Yes,
}

/// What was decided about a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It happened.
    Accepted(Box<Accepted>),
    /// It may not happen; this too is on the log.
    Refused(Refusal),
}

/// A command that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The command.
    pub command_id: CommandId,
    /// The position of its first event.
    pub from_seq: Seq,
    /// The events, in order; at least one.
    pub events: Vec<EventEnvelope>,
    /// The match after the last of them.
    pub snapshot: MatchSnapshot,
}

impl Accepted {
    /// The position of the last event.
    pub fn seq(&self) -> Seq {
        self.snapshot.seq
    }

    /// The home and tablet that decided.
    pub fn lease(&self) -> (Epoch, Lease) {
        (self.snapshot.epoch, self.snapshot.lease)
    }

    /// The chain and the state's hash after the last event.
    pub fn hashes(&self) -> (Chain, &StateHash) {
        (self.snapshot.chain, &self.snapshot.state_hash)
    }
}

/// A match that is there now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Created {
    /// The match as it is.
    pub snapshot: MatchSnapshot,
    /// Whether it was there before.
    pub replayed: Replayed,
}

/// A command was not decided. Unless it says otherwise, nothing happened.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SubmitError {
    /// There is no such match here.
    #[error("there is no match {0}")]
    MatchNotFound(MatchId),
    /// There is no such tie here.
    #[error("there is no tie {0}")]
    TieNotFound(TieId),
    /// The id was used for another command.
    #[error("command id {0} was used for another command")]
    CommandIdReused(CommandId),
    /// A field makes no sense.
    #[error("{field}: {problem}")]
    Invalid {
        /// Where, as a path in the body.
        field: String,
        /// What is wrong.
        problem: String,
    },
    /// The command or what follows from it is too large to be recorded.
    #[error("the command is too large")]
    TooLarge,
    /// The match has an event of a later version of this software: this node can pass it on, not decide.
    #[error("event {} of the match was written by a later version", seq.0)]
    WrittenByLaterVersion {
        /// The first such event.
        seq: Seq,
    },
    /// The partition did not handle it.
    #[error(transparent)]
    Call(#[from] CallError),
    /// What is derived from the log cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl SubmitError {
    /// Whether the same command, with the same id, can succeed later.
    pub fn is_retryable(&self) -> bool {
        match self {
            SubmitError::Call(error) => error.is_retryable(),
            SubmitError::Store(error) => error.is_retryable(),
            SubmitError::MatchNotFound(_)
            | SubmitError::TieNotFound(_)
            | SubmitError::CommandIdReused(_)
            | SubmitError::Invalid { .. }
            | SubmitError::TooLarge
            | SubmitError::WrittenByLaterVersion { .. } => false,
        }
    }
}

/// A field of something new refers to what is not here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: there is no {what}")]
pub struct UnknownReference {
    /// Where, as a path in the body.
    pub field: String,
    /// The kind and id of what is missing, for people.
    pub what: String,
}

/// A match was not created.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CreateError {
    /// Another match has the id or an external id.
    #[error("match {existing} has this id or external id, and is another match")]
    AlreadyExists {
        /// The match that has it.
        existing: MatchId,
    },
    /// Neither an id nor an external id to derive one from.
    #[error("a match needs an id or an external id")]
    IdMissing,
    /// A field makes no sense.
    #[error("{field}: {problem}")]
    Invalid {
        /// Where, as a path in the body.
        field: String,
        /// What is wrong.
        problem: String,
    },
    /// The match would be too large to be recorded.
    #[error("the match is too large")]
    TooLarge,
    /// A field refers to what is not here.
    #[error(transparent)]
    Unknown(#[from] UnknownReference),
    /// The partition did not handle it.
    #[error(transparent)]
    Call(#[from] CallError),
    /// What is derived from the log cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl CreateError {
    /// Whether the same creation can succeed later.
    pub fn is_retryable(&self) -> bool {
        match self {
            CreateError::Call(error) => error.is_retryable(),
            CreateError::Store(error) => error.is_retryable(),
            CreateError::AlreadyExists { .. }
            | CreateError::IdMissing
            | CreateError::Invalid { .. }
            | CreateError::Unknown(_)
            | CreateError::TooLarge => false,
        }
    }
}

/// An item of reference data, an anomaly or a tablet's sign of life was not recorded.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RecordError {
    /// Another item has the id or an external id, or it is there and says something else.
    #[error("{existing} has this id or external id, and is not what is asked for")]
    AlreadyExists {
        /// The item that has it.
        existing: ReferenceId,
    },
    /// Neither an id nor an external id to derive one from.
    #[error("an item needs an id or an external id")]
    IdMissing,
    /// A field makes no sense.
    #[error("{field}: {problem}")]
    Invalid {
        /// Where, as a path in the body.
        field: String,
        /// What is wrong.
        problem: String,
    },
    /// It is too large to be recorded.
    #[error("the item is too large")]
    TooLarge,
    /// A field refers to what is not here.
    #[error(transparent)]
    Unknown(#[from] UnknownReference),
    /// The partition did not handle it.
    #[error(transparent)]
    Call(#[from] CallError),
    /// What is derived from the log cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl RecordError {
    /// Whether the same item can be recorded later.
    pub fn is_retryable(&self) -> bool {
        match self {
            RecordError::Call(error) => error.is_retryable(),
            RecordError::Store(error) => error.is_retryable(),
            RecordError::AlreadyExists { .. }
            | RecordError::IdMissing
            | RecordError::Invalid { .. }
            | RecordError::Unknown(_)
            | RecordError::TooLarge => false,
        }
    }
}

/// Something cannot be read.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ReadError {
    /// A cursor that this home did not give.
    #[error("the cursor is not one of this list")]
    BadCursor,
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The log fails.
    #[error(transparent)]
    Log(#[from] topspin_log::ReadError),
}

impl ReadError {
    /// Whether the same read can succeed later.
    pub fn is_retryable(&self) -> bool {
        match self {
            ReadError::BadCursor => false,
            ReadError::Store(error) => error.is_retryable(),
            ReadError::Log(error) => error.is_retryable(),
        }
    }
}

/// A home cannot be opened.
#[derive(Debug, Clone, thiserror::Error)]
pub enum OpenError {
    /// The topics cannot be made, or were made otherwise, such as with another number of partitions.
    #[error(transparent)]
    Topics(#[from] topspin_log::CreateTopicError),
    /// The store cannot be opened.
    #[error(transparent)]
    OpenStore(#[from] OpenStoreError),
    /// A partition cannot be started.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The store cannot be brought up to date.
    #[error(transparent)]
    Recovery(#[from] RecoveryError),
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl OpenError {
    /// Whether the same call can succeed later.
    pub fn is_retryable(&self) -> bool {
        match self {
            OpenError::Topics(_) => false,
            OpenError::OpenStore(error) => error.is_retryable(),
            OpenError::Start(error) => error.is_retryable(),
            OpenError::Recovery(error) => error.is_retryable(),
            OpenError::Store(error) => error.is_retryable(),
        }
    }
}

impl From<FormatError> for CreateError {
    fn from(error: FormatError) -> Self {
        CreateError::Invalid { field: format!("format.{}", error.field), problem: error.bounds.to_owned() }
    }
}

impl From<ExternalIdError> for CreateError {
    fn from(error: ExternalIdError) -> Self {
        CreateError::Invalid { field: "external_ids".to_owned(), problem: error.to_string() }
    }
}
