//! What happened in a match, and the record that keeps it.

use std::sync::Arc;

use bytes::Bytes;
use serde::ser::SerializeStruct as _;
use serde::{Deserialize, Serialize, Serializer};

use crate::{Chain, CommandId, Epoch, Label, Lease, MatchId, MatchMeta, Move, PayloadHash};
use crate::{Precision, RallyStrokes, ReportedResult, Seq, Timestamp};

/// Something that happened in a match. JSON: `{"type": "point_scored", "to": "home", …}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MatchEvent {
    /// The match was recorded; always at position 1, and nowhere else.
    Created(Arc<MatchMeta>),
    /// Something that the laws know.
    Law(topspin_laws::Event),
    /// Another table, venue or time.
    Moved(Move),
    /// A source claimed a result.
    ResultReported(ReportedResult),
    /// Somebody recorded the strokes of a rally, in place of those recorded before.
    StrokesRecorded(RallyStrokes),
    /// Written by a later version of this software. It is passed on as it is and never folded.
    Unknown(UnknownEvent),
}

/// An event that this version cannot read, marked as such.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UnknownEvent {
    /// The field of the event's `kind` in `topspin.v1.Recorded`; absent where a known kind holds an unknown value.
    pub field: Option<u32>,
    /// What is not understood.
    pub what: String,
}

/// The recorded part of an event: hashed, signed, and never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The match.
    pub match_id: MatchId,
    /// The number of its home.
    pub epoch: Epoch,
    /// The position in the match, from 1, gapless.
    pub seq: Seq,
    /// The tablet's number.
    pub lease: Lease,
    /// The laws that decided.
    pub laws_version: u32,
    /// The command that caused it.
    pub cause: CommandId,
    /// The node that recorded it.
    pub origin: Label,
    /// When it happened, as far as anybody knows.
    pub occurred_at: Option<Timestamp>,
    /// How exactly that is known.
    pub precision: Precision,
    /// When the home's log took the command; never decreases within a partition.
    pub recorded_at: Timestamp,
    /// What happened.
    pub event: MatchEvent,
}

/// How an event comes to those who follow the match. Set for each hop, never hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Liveness {
    /// As it happens.
    #[default]
    Live,
    /// Later than it happened.
    Delayed,
    /// Entered afterwards, without exact times.
    Reconstructed,
    /// Played again.
    Replay,
}

impl Liveness {
    /// What the times of an event say: within [`crate::limits::LIVE_WITHIN_MS`] of the moment it is live.
    pub const fn of(occurred_at: Option<Timestamp>, precision: Precision, recorded_at: Timestamp) -> Self {
        match (occurred_at, precision) {
            (_, Precision::Day | Precision::Unknown) => Liveness::Reconstructed,
            (Some(at), Precision::Ms) if recorded_at.millis_since(at) > crate::limits::LIVE_WITHIN_MS => {
                Liveness::Delayed
            }
            (Some(_) | None, Precision::Ms) => Liveness::Live,
        }
    }
}

/// The delivery part of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delivery {
    /// How it comes.
    pub liveness: Liveness,
    /// When this node received it from another.
    pub received_at: Option<Timestamp>,
    /// When this node passed it on.
    pub published_at: Option<Timestamp>,
}

/// An event as it travels: the recorded part with its very bytes, its link in the chain, and the delivery part.
///
/// JSON: the fields of the recorded part and of the delivery part side by side, with `payload_sha256` and `chain`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventEnvelope {
    /// The recorded part, decoded.
    pub recorded: Recorded,
    /// The recorded part as it was written: what hashes cover and what is passed on.
    pub payload: Bytes,
    /// The chain with this event.
    pub chain: Chain,
    /// The delivery part.
    pub delivery: Delivery,
}

impl EventEnvelope {
    /// The hash of the payload.
    pub fn payload_hash(&self) -> PayloadHash {
        PayloadHash::of(&self.payload)
    }

    /// The position as an SSE id: `<epoch>-<seq>`.
    pub fn position(&self) -> String {
        format!("{}-{}", self.recorded.epoch.0, self.recorded.seq.0)
    }
}

impl Serialize for EventEnvelope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let recorded = &self.recorded;
        let mut json = serializer.serialize_struct("EventEnvelope", 16)?;
        json.serialize_field("match_id", &recorded.match_id)?;
        json.serialize_field("epoch", &recorded.epoch)?;
        json.serialize_field("seq", &recorded.seq)?;
        json.serialize_field("lease", &recorded.lease)?;
        json.serialize_field("laws_version", &recorded.laws_version)?;
        json.serialize_field("command_id", &recorded.cause)?;
        json.serialize_field("origin", &recorded.origin)?;
        if let Some(occurred_at) = recorded.occurred_at {
            json.serialize_field("occurred_at", &occurred_at)?;
        }
        json.serialize_field("precision", &recorded.precision)?;
        json.serialize_field("recorded_at", &recorded.recorded_at)?;
        json.serialize_field("payload_sha256", &self.payload_hash())?;
        json.serialize_field("chain", &self.chain)?;
        json.serialize_field("event", &recorded.event)?;
        json.serialize_field("liveness", &self.delivery.liveness)?;
        if let Some(received_at) = self.delivery.received_at {
            json.serialize_field("received_at", &received_at)?;
        }
        if let Some(published_at) = self.delivery.published_at {
            json.serialize_field("published_at", &published_at)?;
        }
        json.end()
    }
}

/// The events that are not the laws', in their JSON form.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum BesideLaws<'a> {
    Created {
        #[serde(rename = "match")]
        meta: &'a MatchMeta,
    },
    Moved(&'a Move),
    ResultReported(&'a ReportedResult),
    StrokesRecorded(&'a RallyStrokes),
    Unknown(&'a UnknownEvent),
}

impl Serialize for MatchEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            MatchEvent::Law(event) => event.serialize(serializer),
            MatchEvent::Created(meta) => BesideLaws::Created { meta }.serialize(serializer),
            MatchEvent::Moved(to) => BesideLaws::Moved(to).serialize(serializer),
            MatchEvent::ResultReported(result) => BesideLaws::ResultReported(result).serialize(serializer),
            MatchEvent::StrokesRecorded(strokes) => {
                BesideLaws::StrokesRecorded(strokes).serialize(serializer)
            }
            MatchEvent::Unknown(unknown) => BesideLaws::Unknown(unknown).serialize(serializer),
        }
    }
}
