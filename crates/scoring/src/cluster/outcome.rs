//! What became of a request: as it is told to another process, and as that one makes the same answer of it.
//!
//! What was decided is not told: it is on the log, and whoever asked reads it there.

use topspin_event::{
    CommandId, Failure, Label, MatchId, Outcome, ReferenceId, ReferenceKind, Request, TieId,
};
use topspin_runtime::{CallError, Store, StoreError};

use crate::answer::{
    Answer, CreateError, Created, RecordError, Replayed, SubmitError, UnknownReference, Verdict,
};
use crate::reading;
use crate::scorer::Reply;
use crate::ties::{TieAnswer, TieCreateError, TieCreated, TieVerdict};
use crate::topics::Lane;

/// What became of a request of another process.
pub(crate) fn outcome_of(reply: &Reply) -> Outcome {
    match reply {
        Reply::Found(Ok(None)) => Outcome::Absent,
        Reply::Found(Ok(Some(_))) => Outcome::DoneBefore,
        Reply::Found(Err(error)) | Reply::Created(Err(error)) => Outcome::Failed(error.into()),
        Reply::Created(Ok(created)) => done(created.replayed),
        Reply::Decided(Ok(answer)) => done(answer.replayed),
        Reply::Decided(Err(error)) | Reply::TieDecided(Err(error)) => Outcome::Failed(error.into()),
        Reply::TieCreated(Ok(created)) => done(created.replayed),
        Reply::TieCreated(Err(error)) => Outcome::Failed(error.into()),
        Reply::TieDecided(Ok(answer)) => done(answer.replayed),
        Reply::Referred(Ok((_, replayed))) | Reply::Reported(Ok(replayed)) => done(*replayed),
        Reply::Referred(Err(error)) | Reply::Reported(Err(error)) | Reply::Heard(Err(error)) => {
            Outcome::Failed(error.into())
        }
        Reply::Heard(Ok(_)) | Reply::Taken => Outcome::Done,
    }
}

/// What a request was about: enough to read what became of it.
pub(crate) enum Subject {
    Find(MatchId),
    Create(MatchId),
    Submit(MatchId, CommandId),
    CreateTie(TieId),
    SubmitTie(TieId, CommandId),
    Refer(ReferenceKind, ReferenceId),
    Report,
    Hear(Label),
    Barrier,
}

impl Subject {
    pub(crate) fn of(request: &Request) -> Self {
        match request {
            Request::Find(meta) => Subject::Find(meta.id),
            Request::Create(meta) => Subject::Create(meta.id),
            Request::Submit(id, envelope) => Subject::Submit(*id, envelope.command_id),
            Request::CreateTie(meta) => Subject::CreateTie(meta.id),
            Request::SubmitTie(id, envelope) => Subject::SubmitTie(*id, envelope.command_id),
            Request::Refer(item) => Subject::Refer(item.kind, item.id),
            Request::Report(_) => Subject::Report,
            Request::Hear(device) => Subject::Hear(device.device.clone()),
            Request::Barrier => Subject::Barrier,
        }
    }

    /// The answer, read from the store, which has all that the outcome rests on.
    pub(crate) fn answer(self, outcome: Outcome, store: &Store, lane: &Lane) -> Result<Reply, CallError> {
        let replayed = match outcome {
            Outcome::Done => Replayed::No,
            Outcome::DoneBefore => Replayed::Yes,
            Outcome::Absent => return Ok(Reply::Found(Ok(None))),
            Outcome::Failed(Failure::Unavailable(reason)) => return Err(CallError::Unavailable { reason }),
            Outcome::Failed(Failure::Crashed(reason) | Failure::NotUnderstood(reason)) => {
                return Err(CallError::Crashed { reason });
            }
            Outcome::Failed(failure) => return self.failed(failure),
        };
        self.read(replayed, store, lane).map_err(|reason| CallError::Indeterminate { reason })
    }

    fn read(self, replayed: Replayed, store: &Store, lane: &Lane) -> Result<Reply, String> {
        fn there<T>(read: Result<Option<T>, impl std::fmt::Display>) -> Result<T, String> {
            let missing = || "what was decided is not here yet".to_owned();
            read.map_err(|error| error.to_string())?.ok_or_else(missing)
        }
        let snapshot = |id| there(reading::match_snapshot(store, id));
        Ok(match self {
            Subject::Find(id) => {
                Reply::Found(Ok(Some(Box::new(Created { snapshot: snapshot(id)?, replayed }))))
            }
            Subject::Create(id) => {
                Reply::Created(Ok(Box::new(Created { snapshot: snapshot(id)?, replayed })))
            }
            Subject::Submit(id, command) => {
                let verdict: Verdict = there(reading::verdict(store, id, command))?;
                Reply::Decided(Ok(Box::new(Answer { verdict, replayed })))
            }
            Subject::CreateTie(id) => {
                let snapshot = there(reading::tie_snapshot(store, id))?;
                Reply::TieCreated(Ok(Box::new(TieCreated { snapshot, replayed })))
            }
            Subject::SubmitTie(id, command) => {
                let verdict: TieVerdict = there(reading::tie_verdict(store, id, command))?;
                Reply::TieDecided(Ok(Box::new(TieAnswer { verdict, replayed })))
            }
            Subject::Refer(kind, id) => {
                Reply::Referred(Ok((Box::new(there(reading::reference(store, kind, id))?), replayed)))
            }
            Subject::Report => Reply::Reported(Ok(replayed)),
            Subject::Barrier => Reply::Taken,
            Subject::Hear(label) => {
                Reply::Heard(Ok(Box::new(there(reading::device(store, lane.number(), &label))?)))
            }
        })
    }

    fn failed(self, failure: Failure) -> Result<Reply, CallError> {
        let strange = |failure: Failure| CallError::Crashed {
            reason: format!("the owner answered {failure:?}, which is no answer to this request"),
        };
        Ok(match self {
            Subject::Find(_) => Reply::Found(Err(create_error(failure).map_err(strange)?)),
            Subject::Create(_) => Reply::Created(Err(create_error(failure).map_err(strange)?)),
            Subject::Submit(id, command) => {
                let missing = SubmitError::MatchNotFound(id);
                Reply::Decided(Err(submit_error(failure, missing, command).map_err(strange)?))
            }
            Subject::SubmitTie(id, command) => {
                let missing = SubmitError::TieNotFound(id);
                Reply::TieDecided(Err(submit_error(failure, missing, command).map_err(strange)?))
            }
            Subject::CreateTie(_) => Reply::TieCreated(Err(match failure {
                Failure::AlreadyExists(id) => TieCreateError::AlreadyExists { existing: TieId(id) },
                Failure::IdMissing => TieCreateError::IdMissing,
                Failure::Invalid { field, problem } => TieCreateError::Invalid { field, problem },
                Failure::TooLarge => TieCreateError::TooLarge,
                other @ (Failure::MatchNotFound
                | Failure::TieNotFound
                | Failure::CommandIdReused
                | Failure::WrittenByLaterVersion(_)
                | Failure::Unavailable(_)
                | Failure::Crashed(_)
                | Failure::NotUnderstood(_)) => return Err(strange(other)),
            })),
            Subject::Refer(..) => Reply::Referred(Err(record_error(failure).map_err(strange)?)),
            Subject::Report => Reply::Reported(Err(record_error(failure).map_err(strange)?)),
            Subject::Hear(_) => Reply::Heard(Err(record_error(failure).map_err(strange)?)),
            Subject::Barrier => return Err(strange(failure)),
        })
    }
}

const fn done(replayed: Replayed) -> Outcome {
    match replayed {
        Replayed::No => Outcome::Done,
        Replayed::Yes => Outcome::DoneBefore,
    }
}

fn create_error(failure: Failure) -> Result<CreateError, Failure> {
    Ok(match failure {
        Failure::AlreadyExists(id) => CreateError::AlreadyExists { existing: MatchId(id) },
        Failure::IdMissing => CreateError::IdMissing,
        Failure::Invalid { field, problem } => CreateError::Invalid { field, problem },
        Failure::TooLarge => CreateError::TooLarge,
        other => return Err(other),
    })
}

fn submit_error(failure: Failure, missing: SubmitError, command: CommandId) -> Result<SubmitError, Failure> {
    Ok(match failure {
        Failure::MatchNotFound | Failure::TieNotFound => missing,
        Failure::CommandIdReused => SubmitError::CommandIdReused(command),
        Failure::Invalid { field, problem } => SubmitError::Invalid { field, problem },
        Failure::TooLarge => SubmitError::TooLarge,
        Failure::WrittenByLaterVersion(seq) => SubmitError::WrittenByLaterVersion { seq },
        other => return Err(other),
    })
}

fn record_error(failure: Failure) -> Result<RecordError, Failure> {
    Ok(match failure {
        Failure::AlreadyExists(id) => RecordError::AlreadyExists { existing: ReferenceId(id) },
        Failure::IdMissing => RecordError::IdMissing,
        Failure::Invalid { field, problem } => RecordError::Invalid { field, problem },
        Failure::TooLarge => RecordError::TooLarge,
        other => return Err(other),
    })
}

impl From<&CreateError> for Failure {
    fn from(error: &CreateError) -> Self {
        match error {
            CreateError::AlreadyExists { existing } => Failure::AlreadyExists(existing.0),
            CreateError::IdMissing => Failure::IdMissing,
            CreateError::Invalid { field, problem } => invalid(field, problem),
            CreateError::TooLarge => Failure::TooLarge,
            CreateError::Unknown(unknown) => missing(unknown),
            CreateError::Call(error) => of_call(error),
            CreateError::Store(error) => of_store(error),
        }
    }
}

impl From<&TieCreateError> for Failure {
    fn from(error: &TieCreateError) -> Self {
        match error {
            TieCreateError::AlreadyExists { existing } => Failure::AlreadyExists(existing.0),
            TieCreateError::IdMissing => Failure::IdMissing,
            TieCreateError::Invalid { field, problem } => invalid(field, problem),
            TieCreateError::TooLarge => Failure::TooLarge,
            TieCreateError::Unknown(unknown) => missing(unknown),
            TieCreateError::Call(error) => of_call(error),
            TieCreateError::Store(error) => of_store(error),
        }
    }
}

impl From<&RecordError> for Failure {
    fn from(error: &RecordError) -> Self {
        match error {
            RecordError::AlreadyExists { existing } => Failure::AlreadyExists(existing.0),
            RecordError::IdMissing => Failure::IdMissing,
            RecordError::Invalid { field, problem } => invalid(field, problem),
            RecordError::TooLarge => Failure::TooLarge,
            RecordError::Unknown(unknown) => missing(unknown),
            RecordError::Call(error) => of_call(error),
            RecordError::Store(error) => of_store(error),
        }
    }
}

impl From<&SubmitError> for Failure {
    fn from(error: &SubmitError) -> Self {
        match error {
            SubmitError::MatchNotFound(_) => Failure::MatchNotFound,
            SubmitError::TieNotFound(_) => Failure::TieNotFound,
            SubmitError::CommandIdReused(_) => Failure::CommandIdReused,
            SubmitError::Invalid { field, problem } => invalid(field, problem),
            SubmitError::TooLarge => Failure::TooLarge,
            SubmitError::WrittenByLaterVersion { seq } => Failure::WrittenByLaterVersion(*seq),
            SubmitError::Call(error) => of_call(error),
            SubmitError::Store(error) => of_store(error),
        }
    }
}

fn invalid(field: &str, problem: &str) -> Failure {
    Failure::Invalid { field: field.to_owned(), problem: problem.to_owned() }
}

/// Those who ask see to it themselves, before they do.
fn missing(unknown: &UnknownReference) -> Failure {
    invalid(&unknown.field, &format!("there is no {}", unknown.what))
}

fn of_call(error: &CallError) -> Failure {
    Failure::Unavailable(error.to_string())
}

fn of_store(error: &StoreError) -> Failure {
    Failure::Unavailable(error.to_string())
}
