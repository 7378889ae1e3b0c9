//! Which matches a subscription is about.

use serde::{Deserialize, Serialize};
use topspin_event::{CompetitionId, MatchId, MatchMeta, PlayerId, TieId, VenueId};

/// Matches for which everything that is given holds; with nothing given, all of them.
///
/// JSON: `{"match": "…"}`, `{"venue": "…", "table": "3"}`, `{}`. An unknown member is an error: left out, it would select
/// more than was meant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    /// This match.
    #[serde(rename = "match", default, skip_serializing_if = "Option::is_none")]
    pub match_id: Option<MatchId>,
    /// The matches of this tie.
    #[serde(rename = "tie", default, skip_serializing_if = "Option::is_none")]
    pub tie_id: Option<TieId>,
    /// The matches of this competition.
    #[serde(rename = "competition", default, skip_serializing_if = "Option::is_none")]
    pub competition_id: Option<CompetitionId>,
    /// The matches at this venue.
    #[serde(rename = "venue", default, skip_serializing_if = "Option::is_none")]
    pub venue_id: Option<VenueId>,
    /// The matches on this table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<String>,
    /// The matches of this player.
    #[serde(rename = "player", default, skip_serializing_if = "Option::is_none")]
    pub player_id: Option<PlayerId>,
}

impl Selection {
    /// One match.
    pub fn one(id: MatchId) -> Self {
        Selection { match_id: Some(id), ..Selection::default() }
    }

    /// Whether a match is selected.
    pub fn covers(&self, meta: &MatchMeta) -> bool {
        let plays =
            |id: PlayerId| meta.sides.home.players.contains(&id) || meta.sides.away.players.contains(&id);
        self.match_id.is_none_or(|id| id == meta.id)
            && self.tie_id.is_none_or(|id| meta.tie_id == Some(id))
            && self.competition_id.is_none_or(|id| meta.competition_id == Some(id))
            && self.venue_id.is_none_or(|id| meta.venue_id == Some(id))
            && self.table.as_ref().is_none_or(|table| meta.table.as_ref() == Some(table))
            && self.player_id.is_none_or(plays)
    }
}
