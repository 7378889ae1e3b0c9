//! Lists in pages.

use serde::Serialize;
use topspin_event::{CompetitionId, ExternalId, MatchSnapshot, TieId};
use topspin_laws::Status;

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page<T> {
    /// The items, in the list's order.
    pub items: Vec<T>,
    /// What to ask for the next page with; absent on the last.
    pub next_cursor: Option<String>,
}

/// Which matches a list holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MatchFilter {
    /// Only these.
    pub status: StatusFilter,
    /// Only those of a competition.
    pub competition: Option<CompetitionId>,
    /// Only those of a tie.
    pub tie: Option<TieId>,
    /// Only the one with this external id.
    pub external_id: Option<ExternalId>,
}

/// Which statuses a list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StatusFilter {
    /// All.
    #[default]
    Any,
    /// One.
    Is(Status),
    /// Those that spectators call live: [`Status::is_live`].
    Live,
}

impl MatchFilter {
    /// Whether a match is in the list.
    pub fn holds(&self, snapshot: &MatchSnapshot) -> bool {
        let meta = &snapshot.meta;
        let status = match self.status {
            StatusFilter::Any => true,
            StatusFilter::Is(status) => snapshot.facts.status == status,
            StatusFilter::Live => snapshot.facts.status.is_live(),
        };
        status
            && self.competition.is_none_or(|id| meta.competition_id == Some(id))
            && self.tie.is_none_or(|id| meta.tie_id == Some(id))
            && self.external_id.as_ref().is_none_or(|id| meta.external_ids.contains(id))
    }
}
