//! Verdicts, and commands as evidence.

use bytes::Bytes;
use prost::Message as _;
use uuid::Uuid;

use super::read::{DecodeError, id_bytes, need};
use super::v1::{self, verdict::Verdict as Wire};
use crate::{
    BodyHash, CommandEnvelope, Epoch, Label, Lease, OrgId, RecordedVerdict, Refusal, Seq, Timestamp, Verdict,
};

/// The bytes of a verdict.
pub fn encode_verdict(recorded: &RecordedVerdict) -> Bytes {
    write(recorded).encode_to_vec().into()
}

/// Reads a verdict.
///
/// # Errors
/// [`DecodeError`] if the bytes are damaged, or hold a verdict of a later version.
pub fn decode_verdict(bytes: &[u8]) -> Result<RecordedVerdict, DecodeError> {
    let wire = v1::Verdict::decode(bytes)?;
    let body =
        BodyHash::from_slice(&wire.body_hash).map_err(|_| DecodeError::Invalid { field: "body_hash" })?;
    Ok(RecordedVerdict { body, verdict: read(need(wire.verdict, "verdict")?) })
}

/// The bytes of a command with its verdict, for `match-commands` and `tie-commands`.
pub fn encode_command_record(
    subject: Uuid,
    org: OrgId,
    (origin, recorded_at): (&Label, Timestamp),
    body: &str,
    verdict: &RecordedVerdict,
) -> Bytes {
    let wire = v1::CommandRecord {
        subject_id: id_bytes(subject),
        org: id_bytes(org.0),
        origin: origin.to_string(),
        recorded_at: recorded_at.as_millis(),
        body: body.to_owned(),
        verdict: Some(write(verdict)),
    };
    wire.encode_to_vec().into()
}

impl CommandEnvelope {
    /// The command as RFC 8785 JSON: what is kept as evidence, and what tells a retry from another command.
    ///
    /// # Panics
    /// Never: a command holds integers, strings and lists of them only.
    pub fn canonical(&self) -> String {
        serde_json_canonicalizer::to_string(self).expect("commands are integers, strings and lists")
    }
}

fn write(recorded: &RecordedVerdict) -> v1::Verdict {
    let verdict = match &recorded.verdict {
        Verdict::Accepted { from_seq, seq } => {
            Wire::Accepted(v1::AcceptedVerdict { from_seq: from_seq.0, seq: seq.0 })
        }
        Verdict::Refused(Refusal::Law { code, law, detail }) => {
            Wire::Law(v1::LawRefusal { code: code.clone(), law: law.clone(), detail: detail.clone() })
        }
        Verdict::Refused(Refusal::SeqMismatch { expected, head }) => {
            Wire::Seq(v1::SeqRefusal { expected: expected.0, head: head.0 })
        }
        Verdict::Refused(Refusal::LeaseLost { held, current, holder }) => {
            Wire::Lease(v1::LeaseRefusal { held: held.0, current: current.0, holder: holder.clone() })
        }
        Verdict::Refused(Refusal::EpochMismatch { expected, current }) => {
            Wire::Epoch(v1::EpochRefusal { expected: expected.0, current: current.0 })
        }
    };
    v1::Verdict { body_hash: Bytes::copy_from_slice(recorded.body.as_bytes()), verdict: Some(verdict) }
}

fn read(wire: Wire) -> Verdict {
    match wire {
        Wire::Accepted(wire) => Verdict::Accepted { from_seq: Seq(wire.from_seq), seq: Seq(wire.seq) },
        Wire::Law(wire) => {
            Verdict::Refused(Refusal::Law { code: wire.code, law: wire.law, detail: wire.detail })
        }
        Wire::Seq(wire) => {
            Verdict::Refused(Refusal::SeqMismatch { expected: Seq(wire.expected), head: Seq(wire.head) })
        }
        Wire::Lease(wire) => Verdict::Refused(Refusal::LeaseLost {
            held: Lease(wire.held),
            current: Lease(wire.current),
            holder: wire.holder,
        }),
        Wire::Epoch(wire) => Verdict::Refused(Refusal::EpochMismatch {
            expected: Epoch(wire.expected),
            current: Epoch(wire.current),
        }),
    }
}
