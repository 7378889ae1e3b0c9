//! What could not be taken from a foreign stream, kept with the raw record: nothing is lost silently.

use serde::{Deserialize, Serialize};

use crate::{AnomalyId, MatchId, OrgId, TieId, Timestamp};

/// Something wrong in a foreign stream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewAnomaly {
    /// The same for the same fault of the same record, so that a second import adds nothing.
    pub id: AnomalyId,
    /// Where it comes from, such as `ttbl`.
    pub source: String,
    /// What kind of fault it is, in `snake_case`.
    pub kind: String,
    /// The match concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub match_id: Option<MatchId>,
    /// The tie concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tie_id: Option<TieId>,
    /// What is wrong, for people.
    pub detail: String,
    /// The record as it came, as text.
    pub raw: String,
}

/// An anomaly that was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Anomaly {
    /// The tenant.
    pub org: OrgId,
    /// What was reported.
    #[serde(flatten)]
    pub fault: NewAnomaly,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}
