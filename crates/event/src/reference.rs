//! Reference data: what matches refer to by id.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{ExternalId, OrgId, ReferenceId, Timestamp};

/// A kind of reference data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ReferenceKind {
    /// A club, league or association.
    Organisation,
    /// A competition.
    Competition,
    /// A season.
    Season,
    /// A category within a competition.
    Category,
    /// A place to play.
    Venue,
    /// A player.
    Player,
}

impl ReferenceKind {
    /// All kinds.
    pub const ALL: [Self; 6] =
        [Self::Organisation, Self::Competition, Self::Season, Self::Category, Self::Venue, Self::Player];

    /// The kind's name: the start of its keys, and in the plural its path.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Organisation => "organisation",
            Self::Competition => "competition",
            Self::Season => "season",
            Self::Category => "category",
            Self::Venue => "venue",
            Self::Player => "player",
        }
    }
}

impl fmt::Display for ReferenceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ReferenceKind {
    type Err = UnknownKind;
    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(UnknownKind)
    }
}

/// No kind of reference data has this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no kind of reference data has this name")]
pub struct UnknownKind;

/// One item of reference data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reference {
    /// What it is.
    pub kind: ReferenceKind,
    /// Its id.
    pub id: ReferenceId,
    /// The tenant.
    pub org: OrgId,
    /// Ids that others gave it.
    pub external_ids: Vec<ExternalId>,
    /// What else is known.
    #[serde(flatten)]
    pub details: ReferenceDetails,
    /// When it was recorded.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// What is known of an item. Fields that do not apply to its kind are absent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReferenceDetails {
    /// What it is called.
    pub name: String,
    /// A short form of the name, for boards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short_name: Option<String>,
    /// A player's country or an association's: three letters, upper case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// A venue's or competition's IANA time zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
    /// What it belongs to: a competition's organisation, a season's or category's competition, a player's club.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<ReferenceId>,
}

/// What somebody asks when they create an item: the body of `POST /v1/players` and the like.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(from = "Form")]
pub struct NewReference {
    /// The id it shall have. Absent: derived from the first external id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<ReferenceId>,
    /// Ids that others gave it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub external_ids: Vec<ExternalId>,
    /// What is known.
    #[serde(flatten)]
    pub details: ReferenceDetails,
}

/// The body of [`NewReference`], every field by its name: one that is none of them is refused, not dropped.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    id: Option<ReferenceId>,
    #[serde(default)]
    external_ids: Vec<ExternalId>,
    name: String,
    short_name: Option<String>,
    country: Option<String>,
    zone: Option<String>,
    parent_id: Option<ReferenceId>,
}

impl From<Form> for NewReference {
    fn from(form: Form) -> Self {
        let Form { id, external_ids, name, short_name, country, zone, parent_id } = form;
        let details = ReferenceDetails { name, short_name, country, zone, parent_id };
        NewReference { id, external_ids, details }
    }
}
