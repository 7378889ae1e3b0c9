//! Ties: what is on their log. The same shape as matches, without tablets.

use std::sync::Arc;

use bytes::Bytes;
use serde::ser::SerializeStruct as _;
use serde::{Deserialize, Serialize, Serializer};
use topspin_laws::Both;
use topspin_laws::tie::{self, TieCommand, TieFacts, TieFormat};

use crate::{
    Chain, CommandId, CompetitionId, Epoch, ExternalId, Label, OrgId, PayloadHash, Precision, ReferenceId,
    Seq, StateHash, TieId, Timestamp, UnknownEvent, VenueId,
};

/// The identity of a tie and where it belongs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TieMeta {
    /// The tie.
    pub id: TieId,
    /// The tenant.
    pub org: OrgId,
    /// Ids that others gave it.
    pub external_ids: Vec<ExternalId>,
    /// The competition.
    pub competition_id: Option<CompetitionId>,
    /// The category or round.
    pub category: Option<String>,
    /// Where it is played.
    pub venue_id: Option<VenueId>,
    /// When it should begin.
    pub scheduled_at: Option<Timestamp>,
    /// Its matches and how many win it.
    pub format: TieFormat,
    /// The teams.
    pub sides: Both<Team>,
    /// When the tie was recorded.
    pub created_at: Timestamp,
}

/// A team in a tie.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Team {
    /// What it is called.
    pub name: String,
    /// Its club, as an organisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub club_id: Option<ReferenceId>,
}

/// What somebody asks when they create a tie: the body of `POST /v1/ties`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateTie {
    /// The id it shall have. Absent: derived from the first external id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<TieId>,
    /// Ids that others gave it: at most 16.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub external_ids: Vec<ExternalId>,
    /// The competition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub competition_id: Option<CompetitionId>,
    /// The category or round.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Where it is played.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub venue_id: Option<VenueId>,
    /// When it should begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled_at: Option<Timestamp>,
    /// Its matches and how many win it.
    #[cfg_attr(feature = "openapi", schema(value_type = topspin_laws::tie::NewTieFormat))]
    pub format: TieFormat,
    /// The teams.
    pub sides: Both<Team>,
}

/// A command to a tie: the body of `POST /v1/ties/{id}/commands`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TieCommandEnvelope {
    /// Chosen by the sender; a retry sends the same.
    pub command_id: CommandId,
    /// What is asked.
    pub command: TieCommand,
    /// The command counts only if this is the position of the last event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_seq: Option<Seq>,
    /// When it happened, by the sender's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
    /// How exactly that is known.
    #[serde(default)]
    pub precision: Precision,
}

impl TieCommandEnvelope {
    /// The command as RFC 8785 JSON; as [`crate::CommandEnvelope::canonical`].
    ///
    /// # Panics
    /// Never: a command holds integers, strings and lists of them only.
    pub fn canonical(&self) -> String {
        serde_json_canonicalizer::to_string(self).expect("commands are integers, strings and lists")
    }
}

/// Something that happened in a tie. JSON: `{"type": "result_recorded", …}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TieEvent {
    /// The tie was recorded; always at position 1, and nowhere else.
    Created(Arc<TieMeta>),
    /// Something that the laws of ties know.
    Law(tie::TieEvent),
    /// Written by a later version of this software.
    Unknown(UnknownEvent),
}

/// The recorded part of a tie's event; as [`crate::Recorded`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TieRecorded {
    /// The tie.
    pub tie_id: TieId,
    /// The number of its home.
    pub epoch: Epoch,
    /// The position in the tie, from 1, gapless.
    pub seq: Seq,
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
    /// When the home's log took the command.
    pub recorded_at: Timestamp,
    /// What happened.
    pub event: TieEvent,
}

/// A tie's event with its very bytes and its link in the tie's chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TieEventEnvelope {
    /// The recorded part, decoded.
    pub recorded: TieRecorded,
    /// The recorded part as it was written.
    pub payload: Bytes,
    /// The chain with this event.
    pub chain: Chain,
}

impl TieEventEnvelope {
    /// The hash of the payload.
    pub fn payload_hash(&self) -> PayloadHash {
        PayloadHash::of(&self.payload)
    }
}

/// A tie after its event at `seq`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TieSnapshot {
    /// What it is.
    pub meta: Arc<TieMeta>,
    /// Where it stands.
    pub facts: TieFacts,
    /// The RFC 8785 JSON of the facts: what `state_hash` covers.
    pub state: Arc<str>,
    /// The number of its home.
    pub epoch: Epoch,
    /// The position of the last event.
    pub seq: Seq,
    /// The chain up to `seq`.
    pub chain: Chain,
    /// The hash of `state`.
    pub state_hash: StateHash,
    /// The laws of the last event.
    pub laws_version: u32,
    /// When the last event was recorded.
    pub updated_at: Timestamp,
}

impl Serialize for TieEventEnvelope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let recorded = &self.recorded;
        let mut json = serializer.serialize_struct("TieEventEnvelope", 12)?;
        json.serialize_field("tie_id", &recorded.tie_id)?;
        json.serialize_field("epoch", &recorded.epoch)?;
        json.serialize_field("seq", &recorded.seq)?;
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
        json.end()
    }
}

/// The events that are not the laws', in their JSON form.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum BesideLaws<'a> {
    Created {
        #[serde(rename = "tie")]
        meta: &'a TieMeta,
    },
    Unknown(&'a UnknownEvent),
}

impl Serialize for TieEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            TieEvent::Law(event) => event.serialize(serializer),
            TieEvent::Created(meta) => BesideLaws::Created { meta }.serialize(serializer),
            TieEvent::Unknown(unknown) => BesideLaws::Unknown(unknown).serialize(serializer),
        }
    }
}

/// The facts of a tie as RFC 8785 JSON.
///
/// # Panics
/// Never: facts hold integers, strings and lists of them only.
pub fn canonical_tie_facts(facts: &TieFacts) -> String {
    serde_json_canonicalizer::to_string(facts).expect("facts are integers, strings and lists")
}
