//! What a match is, beside its score.

use serde::{Deserialize, Serialize};
use topspin_laws::{Both, Card, Format, Score, Setup, Side};

use crate::{CompetitionId, ExternalId, MatchId, OrgId, PlayerId, TieId, Timestamp, VenueId};

/// The identity of a match and where it belongs. Players are ids: their names are reference data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MatchMeta {
    /// The match.
    pub id: MatchId,
    /// The tenant.
    pub org: OrgId,
    /// Ids that others gave it, in the order given.
    pub external_ids: Vec<ExternalId>,
    /// The competition.
    pub competition_id: Option<CompetitionId>,
    /// The category or round, as the competition calls it.
    pub category: Option<String>,
    /// The tie that it is part of.
    pub tie_id: Option<TieId>,
    /// Where it is played.
    pub venue_id: Option<VenueId>,
    /// The table.
    pub table: Option<String>,
    /// When it should begin.
    pub scheduled_at: Option<Timestamp>,
    /// How it is played.
    pub format: Format,
    /// Who plays.
    pub sides: Both<Entry>,
    /// Cards carried in from earlier matches of the tie.
    pub carried_cards: Both<Vec<Card>>,
    /// When the match was recorded.
    pub created_at: Timestamp,
}

/// Who plays on one side.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Entry {
    /// What the side is called, such as a team; absent: by its players.
    pub name: Option<String>,
    /// One player in singles, two in doubles, in the order of [`topspin_laws::Place`].
    pub players: Vec<PlayerId>,
}

/// What somebody asks when they create a match: the body of `POST /v1/matches`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateMatch {
    /// The id it shall have. Absent: derived from the first external id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<MatchId>,
    /// Ids that others gave it: at most 16.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub external_ids: Vec<ExternalId>,
    /// The competition.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub competition_id: Option<CompetitionId>,
    /// The category or round.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The tie that it is part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tie_id: Option<TieId>,
    /// Where it is played.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub venue_id: Option<VenueId>,
    /// The table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// When it should begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled_at: Option<Timestamp>,
    /// How it is played.
    #[cfg_attr(feature = "openapi", schema(value_type = topspin_laws::NewFormat))]
    pub format: Format,
    /// Who plays.
    pub sides: Both<NewEntry>,
    /// Cards carried in from earlier matches of the tie: at most 32 a side.
    #[serde(default)]
    pub carried_cards: Both<Vec<Card>>,
}

/// One side of a match to be created.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewEntry {
    /// What the side is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// One player in singles, two in doubles.
    pub players: Vec<NewPlayer>,
}

/// A player of a match to be created: a known one by id or external id, or a new one by name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewPlayer {
    /// A known player.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<PlayerId>,
    /// The name, if the player is not known yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Ids that others gave the player.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub external_ids: Vec<ExternalId>,
}

/// A match goes elsewhere or to another time. Absent fields stay as they are.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Move {
    /// The table: at most 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// The venue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub venue_id: Option<VenueId>,
    /// The new time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled_at: Option<Timestamp>,
}

/// A result that a source claims, whatever the laws make of the match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ReportedResult {
    /// Who says so: at most 200 characters.
    pub source: String,
    /// The games, in order: at most 99.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<topspin_laws::Both<u16>>))]
    pub games: Vec<Score>,
    /// Who won, if the source says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub winner: Option<Side>,
    /// Why it differs, such as `official_illegal`: at most 200 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl MatchMeta {
    /// What the laws need to know of it before its first event.
    pub fn setup(&self) -> Setup {
        Setup { format: self.format.clone(), carried_cards: self.carried_cards.clone() }
    }

    /// The same match after a move.
    #[must_use]
    pub fn moved(mut self, to: &Move) -> Self {
        self.table = to.table.clone().or(self.table);
        self.venue_id = to.venue_id.or(self.venue_id);
        self.scheduled_at = to.scheduled_at.or(self.scheduled_at);
        self
    }
}
