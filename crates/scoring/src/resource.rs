//! The match resource: a snapshot with names, as JSON.

use std::sync::Arc;

use serde::Serialize;
use topspin_event::{
    Chain, CompetitionId, Epoch, ExternalId, Lease, MatchId, MatchSnapshot, OrgId, PlayerId, ReportedResult,
    Seq, StateHash, TieId, Timestamp, VenueId,
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
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Both<u16>>))]
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

impl MatchResource {
    /// The resource of a snapshot, with its sides named.
    pub fn new(snapshot: &MatchSnapshot, sides: Both<NamedEntry>) -> Self {
        let (meta, facts) = (&snapshot.meta, &snapshot.facts);
        MatchResource {
            id: meta.id,
            external_ids: meta.external_ids.clone(),
            org: meta.org,
            competition_id: meta.competition_id,
            category: meta.category.clone(),
            tie_id: meta.tie_id,
            venue_id: meta.venue_id,
            table: meta.table.clone(),
            scheduled_at: meta.scheduled_at,
            status: facts.status,
            certainty: facts.certainty,
            format: meta.format.clone(),
            sides,
            games: facts.games.clone(),
            score: facts.score,
            server: facts.server,
            receiver: facts.receiver,
            home_end: facts.home_end,
            winner: facts.winner,
            state: facts.clone(),
            epoch: snapshot.epoch,
            lease: snapshot.lease,
            lease_holder: snapshot.lease_holder.clone(),
            seq: snapshot.seq,
            stable_seq: snapshot.stable_seq,
            chain: snapshot.chain,
            state_hash: snapshot.state_hash.clone(),
            laws_version: snapshot.laws_version,
            reported_result: snapshot.reported_result.clone(),
            created_at: meta.created_at,
            updated_at: snapshot.updated_at,
        }
    }
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
