//! Requests and replies between processes.

use bytes::Bytes;
use prost::Message as _;
use serde::de::DeserializeOwned;

use super::meta::{read_meta, write_meta};
use super::read::{DecodeError, Unread, id, id_bytes, need};
use super::reference::{
    read_anomaly, read_device, read_reference, write_anomaly, write_device, write_reference,
};
use super::v1::failure::Reason;
use super::v1::reply::Outcome as WireOutcome;
use super::v1::request::Request as Wire;
use super::{tie, v1};
use crate::{Anomaly, Failure, MatchId, OrgId, Outcome, Reply, Request, Seq, TieId, Timestamp};

/// The bytes of a request.
pub fn encode_request(request: &Request) -> Bytes {
    let command =
        |subject: uuid::Uuid, body: String| v1::SubjectCommand { subject_id: id_bytes(subject), body };
    let wire = match request {
        Request::Find(meta) => Wire::FindMatch(write_meta(meta)),
        Request::Create(meta) => Wire::CreateMatch(write_meta(meta)),
        Request::Submit(id, envelope) => Wire::MatchCommand(command(id.0, envelope.canonical())),
        Request::CreateTie(meta) => Wire::CreateTie(tie::write_meta(meta)),
        Request::SubmitTie(id, envelope) => Wire::TieCommand(command(id.0, envelope.canonical())),
        Request::Refer(item) => Wire::Refer(write_reference(item)),
        Request::Report(fault) => Wire::Report(write_anomaly(&Anomaly {
            org: OrgId(uuid::Uuid::nil()),
            fault: fault.as_ref().clone(),
            recorded_at: Timestamp::EPOCH,
        })),
        Request::Hear(device) => Wire::Hear(write_device(device)),
        Request::Barrier => Wire::Barrier(v1::Nothing {}),
    };
    v1::Request { request: Some(wire) }.encode_to_vec().into()
}

/// Reads a request.
///
/// # Errors
/// [`DecodeError`] if the bytes are damaged, or hold a request of a later version.
pub fn decode_request(bytes: &[u8]) -> Result<Request, DecodeError> {
    Ok(match need(v1::Request::decode(bytes)?.request, "request")? {
        Wire::FindMatch(meta) => Request::Find(Box::new(read_meta(meta).map_err(known)?)),
        Wire::CreateMatch(meta) => Request::Create(Box::new(read_meta(meta).map_err(known)?)),
        Wire::MatchCommand(command) => {
            Request::Submit(MatchId(id(&command.subject_id, "subject_id")?), body(&command.body)?)
        }
        Wire::CreateTie(meta) => Request::CreateTie(Box::new(tie::read_meta(meta)?)),
        Wire::TieCommand(command) => {
            Request::SubmitTie(TieId(id(&command.subject_id, "subject_id")?), body(&command.body)?)
        }
        Wire::Refer(item) => Request::Refer(Box::new(read_reference(item)?)),
        Wire::Report(anomaly) => Request::Report(Box::new(read_anomaly(anomaly)?.fault)),
        Wire::Hear(device) => Request::Hear(Box::new(read_device(device)?)),
        Wire::Barrier(v1::Nothing {}) => Request::Barrier,
    })
}

/// The bytes of a reply.
pub fn encode_reply(reply: &Reply) -> Bytes {
    let place = |(topic, offset): &(String, u64)| v1::TopicPlace { topic: topic.clone(), offset: *offset };
    let outcome = match &reply.outcome {
        Outcome::Done => WireOutcome::Done(v1::Nothing {}),
        Outcome::DoneBefore => WireOutcome::DoneBefore(v1::Nothing {}),
        Outcome::Absent => WireOutcome::Absent(v1::Nothing {}),
        Outcome::Failed(failure) => WireOutcome::Failed(v1::Failure { reason: Some(write(failure)) }),
    };
    let wire = v1::Reply {
        through: reply.through,
        topics: reply.topics.clone(),
        after: reply.after.iter().map(place).collect(),
        outcome: Some(outcome),
    };
    wire.encode_to_vec().into()
}

/// Reads a reply.
///
/// # Errors
/// [`DecodeError`] if the bytes are damaged, or hold an outcome of a later version.
pub fn decode_reply(bytes: &[u8]) -> Result<Reply, DecodeError> {
    let wire = v1::Reply::decode(bytes)?;
    let outcome = match need(wire.outcome, "outcome")? {
        WireOutcome::Done(v1::Nothing {}) => Outcome::Done,
        WireOutcome::DoneBefore(v1::Nothing {}) => Outcome::DoneBefore,
        WireOutcome::Absent(v1::Nothing {}) => Outcome::Absent,
        WireOutcome::Failed(failure) => Outcome::Failed(read(need(failure.reason, "reason")?)?),
    };
    let after = wire.after.into_iter().map(|place| (place.topic, place.offset)).collect();
    Ok(Reply { through: wire.through, topics: wire.topics, after, outcome })
}

/// A request with a word of a later version is not carried out.
fn known(error: Unread) -> DecodeError {
    match error {
        Unread::Damaged(error) => error,
        Unread::Later { .. } => DecodeError::Invalid { field: "of a later version" },
    }
}

fn body<T: DeserializeOwned>(text: &str) -> Result<T, DecodeError> {
    serde_json::from_str(text).map_err(|_| DecodeError::Invalid { field: "body" })
}

fn write(failure: &Failure) -> Reason {
    match failure {
        Failure::AlreadyExists(existing) => Reason::AlreadyExists(id_bytes(*existing)),
        Failure::IdMissing => Reason::IdMissing(v1::Nothing {}),
        Failure::Invalid { field, problem } => {
            Reason::Invalid(v1::InvalidField { field: field.clone(), problem: problem.clone() })
        }
        Failure::TooLarge => Reason::TooLarge(v1::Nothing {}),
        Failure::MatchNotFound => Reason::MatchNotFound(v1::Nothing {}),
        Failure::TieNotFound => Reason::TieNotFound(v1::Nothing {}),
        Failure::CommandIdReused => Reason::CommandIdReused(v1::Nothing {}),
        Failure::WrittenByLaterVersion(seq) => Reason::WrittenByLaterVersion(seq.0),
        Failure::Unavailable(reason) => Reason::Unavailable(reason.clone()),
        Failure::Crashed(reason) => Reason::Crashed(reason.clone()),
        Failure::NotUnderstood(reason) => Reason::NotUnderstood(reason.clone()),
    }
}

fn read(reason: Reason) -> Result<Failure, DecodeError> {
    Ok(match reason {
        Reason::AlreadyExists(existing) => Failure::AlreadyExists(id(&existing, "already_exists")?),
        Reason::IdMissing(v1::Nothing {}) => Failure::IdMissing,
        Reason::Invalid(v1::InvalidField { field, problem }) => Failure::Invalid { field, problem },
        Reason::TooLarge(v1::Nothing {}) => Failure::TooLarge,
        Reason::MatchNotFound(v1::Nothing {}) => Failure::MatchNotFound,
        Reason::TieNotFound(v1::Nothing {}) => Failure::TieNotFound,
        Reason::CommandIdReused(v1::Nothing {}) => Failure::CommandIdReused,
        Reason::WrittenByLaterVersion(seq) => Failure::WrittenByLaterVersion(Seq(seq)),
        Reason::Unavailable(reason) => Failure::Unavailable(reason),
        Reason::Crashed(reason) => Failure::Crashed(reason),
        Reason::NotUnderstood(reason) => Failure::NotUnderstood(reason),
    })
}
