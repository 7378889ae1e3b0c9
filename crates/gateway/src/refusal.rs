//! What the home says against a request, as problems: the one place where its errors get an HTTP status.

use topspin_runtime::{CallError, StoreError};
use topspin_scoring::{CreateError, ReadError, RecordError, Refusal, SubmitError, TieCreateError};

use crate::code::Code;
use crate::problem::Problem;

impl From<CallError> for Problem {
    fn from(error: CallError) -> Self {
        let code = match &error {
            CallError::Overloaded => Code::Overloaded,
            CallError::Closed => Code::Stopping,
            CallError::StorageFull => Code::StorageFull,
            CallError::Unavailable { .. } => Code::Unavailable,
            CallError::Indeterminate { .. } => Code::Timeout,
            CallError::Crashed { .. } => Code::Internal,
            CallError::Fenced | CallError::Failed { .. } => Code::LogFailed,
        };
        Problem::new(code, error.to_string())
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        // The details name files: they belong to the server's own log.
        tracing::error!(%error, "the store failed");
        Problem::new(Code::Internal, "what is derived from the log cannot be read")
    }
}

impl From<topspin_log::ReadError> for Problem {
    fn from(error: topspin_log::ReadError) -> Self {
        tracing::error!(%error, "the log cannot be read");
        let code = if error.is_retryable() { Code::Unavailable } else { Code::Internal };
        Problem::new(code, "the log cannot be read")
    }
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::BadCursor => Problem::new(Code::InvalidCursor, error.to_string()),
            ReadError::Store(error) => error.into(),
            ReadError::Log(error) => error.into(),
        }
    }
}

impl From<SubmitError> for Problem {
    fn from(error: SubmitError) -> Self {
        let code = match &error {
            SubmitError::MatchNotFound(_) => Code::MatchNotFound,
            SubmitError::TieNotFound(_) => Code::TieNotFound,
            SubmitError::CommandIdReused(_) => Code::CommandIdReused,
            SubmitError::Invalid { .. } => Code::InvalidCommand,
            SubmitError::TooLarge => Code::BodyTooLarge,
            SubmitError::WrittenByLaterVersion { .. } => Code::WrittenByLaterVersion,
            SubmitError::Call(error) => return error.clone().into(),
            SubmitError::Store(error) => return error.clone().into(),
        };
        Problem::new(code, error.to_string())
    }
}

impl From<CreateError> for Problem {
    fn from(error: CreateError) -> Self {
        let detail = error.to_string();
        match error {
            CreateError::AlreadyExists { existing } => {
                Problem::new(Code::AlreadyExists, detail).existing(existing.to_string())
            }
            CreateError::IdMissing => Problem::new(Code::InvalidRequest, detail),
            CreateError::Invalid { field, .. } => Problem::new(Code::InvalidRequest, detail).in_field(field),
            CreateError::Unknown(unknown) => {
                Problem::new(Code::ReferenceNotFound, detail).in_field(unknown.field)
            }
            CreateError::TooLarge => Problem::new(Code::BodyTooLarge, detail),
            CreateError::Call(error) => error.into(),
            CreateError::Store(error) => error.into(),
        }
    }
}

impl From<TieCreateError> for Problem {
    fn from(error: TieCreateError) -> Self {
        let detail = error.to_string();
        match error {
            TieCreateError::AlreadyExists { existing } => {
                Problem::new(Code::AlreadyExists, detail).existing(existing.to_string())
            }
            TieCreateError::IdMissing => Problem::new(Code::InvalidRequest, detail),
            TieCreateError::Invalid { field, .. } => {
                Problem::new(Code::InvalidRequest, detail).in_field(field)
            }
            TieCreateError::Unknown(unknown) => {
                Problem::new(Code::ReferenceNotFound, detail).in_field(unknown.field)
            }
            TieCreateError::TooLarge => Problem::new(Code::BodyTooLarge, detail),
            TieCreateError::Call(error) => error.into(),
            TieCreateError::Store(error) => error.into(),
        }
    }
}

impl From<RecordError> for Problem {
    fn from(error: RecordError) -> Self {
        let detail = error.to_string();
        match error {
            RecordError::AlreadyExists { existing } => {
                Problem::new(Code::AlreadyExists, detail).existing(existing.to_string())
            }
            RecordError::IdMissing => Problem::new(Code::InvalidRequest, detail),
            RecordError::Invalid { field, .. } => Problem::new(Code::InvalidRequest, detail).in_field(field),
            RecordError::Unknown(unknown) => {
                Problem::new(Code::ReferenceNotFound, detail).in_field(unknown.field)
            }
            RecordError::TooLarge => Problem::new(Code::BodyTooLarge, detail),
            RecordError::Call(error) => error.into(),
            RecordError::Store(error) => error.into(),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Law { code, law, detail } => Problem::rejected(code, law, detail),
            Refusal::SeqMismatch { expected, head } => Problem::new(
                Code::SeqMismatch,
                format!("the match is at event {}, not at {}", head.0, expected.0),
            )
            .at_head(head.0),
            Refusal::LeaseLost { held, current, holder } => {
                let who = holder.as_deref().unwrap_or("another tablet");
                let own = if held < current { "is over" } else { "was never given" };
                let detail = format!("{who} scores under lease {}; {} {own}", current.0, held.0);
                Problem::new(Code::LeaseLost, detail).held_by(current.0, holder)
            }
            Refusal::EpochMismatch { expected, current } => Problem::new(
                Code::EpochPassed,
                format!("the match is at home {}, not at {}", current.0, expected.0),
            ),
        }
    }
}
