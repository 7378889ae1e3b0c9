//! The match resource: a snapshot with the names of those who play.

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use topspin_event::{
    CompetitionId, Epoch, ExternalId, Lease, MatchId, MatchSnapshot, OrgId, PlayerId, ReportedResult, Seq,
    StateHash, TieId, Timestamp, VenueId,
};
use topspin_laws::{Both, Certainty, End, Facts, Format, Score, Seat, Side, Status};
use utoipa::ToSchema;

/// A match: what it is, where it stands, and how to check both.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Match)]
pub struct Resource {
    /// Its id, for ever.
    pub id: MatchId,
    /// Ids that others gave it, `scheme:value`.
    pub external_ids: Vec<ExternalId>,
    /// The tenant.
    pub org: OrgId,
    /// The competition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub competition_id: Option<CompetitionId>,
    /// The category or round.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The tie that it is part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tie_id: Option<TieId>,
    /// Where it is played.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub venue_id: Option<VenueId>,
    /// The table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// When it should begin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scheduled_at: Option<Timestamp>,
    /// As in `state`.
    pub status: Status,
    /// As in `state`.
    pub certainty: Certainty,
    /// How it is played.
    pub format: Format,
    /// Who plays.
    pub sides: Both<SideResource>,
    /// As in `state`.
    pub games: Vec<Score>,
    /// Games won, as in `state`.
    pub score: Both<u8>,
    /// As in `state`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<Seat>,
    /// As in `state`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receiver: Option<Seat>,
    /// As in `state`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home_end: Option<End>,
    /// As in `state`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub winner: Option<Side>,
    /// The facts as the match's home wrote them: `state_hash` covers their RFC 8785 form.
    #[schema(value_type = Facts)]
    pub state: Box<RawValue>,
    /// The number of the match's home.
    pub epoch: Epoch,
    /// The number of the tablet that scores.
    pub lease: Lease,
    /// Who took over last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lease_holder: Option<String>,
    /// The position of the last event.
    pub seq: Seq,
    /// The last position that can no longer fork.
    pub stable_seq: Seq,
    /// The chain up to `seq`, hexadecimal.
    pub chain: String,
    /// `s1:` and SHA-256 of the RFC 8785 JSON of `state`.
    pub state_hash: StateHash,
    /// The laws of the last event.
    pub laws_version: u32,
    /// The result that a source claimed, whatever the laws make of the match.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reported_result: Option<ReportedResult>,
    /// When the match was recorded.
    pub created_at: Timestamp,
    /// When its last event was recorded.
    pub updated_at: Timestamp,
}

/// One side of a match.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = MatchSide)]
pub struct SideResource {
    /// What the side is called: its own name, or its players'.
    pub name: String,
    /// Who plays.
    pub players: Vec<PlayerResource>,
}

/// A player of a match.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = MatchPlayer)]
pub struct PlayerResource {
    /// The player.
    pub id: PlayerId,
    /// The name, as it is now.
    pub name: String,
}

impl Resource {
    /// The resource of a snapshot; `name_of` knows the players.
    pub fn new(snapshot: &MatchSnapshot, name_of: impl Fn(PlayerId) -> String) -> Self {
        let meta = &*snapshot.meta;
        let facts = &snapshot.facts;
        let side = |side: Side| {
            let entry = meta.sides.of(side);
            let players: Vec<_> =
                entry.players.iter().map(|&id| PlayerResource { id, name: name_of(id) }).collect();
            let joined = || players.iter().map(|p| p.name.as_str()).collect::<Vec<_>>().join(" / ");
            SideResource { name: entry.name.clone().unwrap_or_else(joined), players }
        };
        Resource {
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
            sides: Both::new(side(Side::Home), side(Side::Away)),
            games: facts.games.clone(),
            score: facts.score,
            server: facts.server,
            receiver: facts.receiver,
            home_end: facts.home_end,
            winner: facts.winner,
            state: raw(snapshot),
            epoch: snapshot.epoch,
            lease: snapshot.lease,
            lease_holder: snapshot.lease_holder.clone(),
            seq: snapshot.seq,
            stable_seq: snapshot.stable_seq,
            chain: snapshot.chain.to_string(),
            state_hash: snapshot.state_hash.clone(),
            laws_version: snapshot.laws_version,
            reported_result: snapshot.reported_result.clone(),
            created_at: meta.created_at,
            updated_at: snapshot.updated_at,
        }
    }
}

// The text as the home wrote it; should a store ever hold something else, the facts that were read from it.
fn raw(snapshot: &MatchSnapshot) -> Box<RawValue> {
    RawValue::from_string(snapshot.state.to_string())
        .or_else(|_| to_raw_value(&snapshot.facts))
        .unwrap_or_else(|_| RawValue::NULL.to_owned())
}
