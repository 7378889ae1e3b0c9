//! The match resource: a snapshot with names, as JSON.

use std::sync::Arc;

use serde::Serialize;
use topspin_event::{
    Chain, CompetitionId, Epoch, ExternalId, Lease, MatchId, OrgId, PlayerId, ReportedResult, Seq, StateHash,
    TieId, Timestamp, VenueId,
};
use topspin_laws::{Both, Certainty, End, Facts, Format, Score, Seat, Side, Status};

/// A match as the API shows it. Fields that repeat `state`'s are for those who do not check hashes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = Match))]
pub struct MatchResource {
    pub id: MatchId,
    pub external_ids: Vec<ExternalId>,
    pub org: OrgId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub competition_id: Option<CompetitionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tie_id: Option<TieId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub venue_id: Option<VenueId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduled_at: Option<Timestamp>,
    pub status: Status,
    pub certainty: Certainty,
    pub format: Format,
    pub sides: Both<NamedEntry>,
    pub games: Vec<Score>,
    pub score: Both<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<Seat>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receiver: Option<Seat>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home_end: Option<End>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub winner: Option<Side>,
    /// The hashed member.
    pub state: Facts,
    pub epoch: Epoch,
    pub lease: Lease,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lease_holder: Option<String>,
    pub seq: Seq,
    pub stable_seq: Seq,
    pub chain: Chain,
    pub state_hash: StateHash,
    pub laws_version: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reported_result: Option<ReportedResult>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// One side, with names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = MatchSide))]
pub struct NamedEntry {
    /// The side's own name, or its players' joined by " / ".
    pub name: String,
    pub players: Vec<NamedPlayer>,
}

/// A player, with a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = MatchPlayer))]
pub struct NamedPlayer {
    pub id: PlayerId,
    /// Empty if nobody has said it yet.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub name: Arc<str>,
}
