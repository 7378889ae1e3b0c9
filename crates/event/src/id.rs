//! Permanent identities. Every one is a newtype, so that one cannot be passed for another.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use topspin_laws::Seq;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// Text and JSON form: a hyphenated lower-case UUID.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// The id that `name` has for ever within `space`: the same on every machine (UUID version 5).
            pub fn derived(space: Uuid, name: &str) -> Self {
                Self(Uuid::new_v5(&space, name.as_bytes()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                Uuid::from_str(text).map(Self)
            }
        }
    };
}

uuid_id! {
    /// A match: one contest of two players or pairs.
    MatchId
}
uuid_id! {
    /// A tie: a team match.
    TieId
}
uuid_id! {
    /// A command, chosen by whoever sends it; a retry sends the same id.
    CommandId
}
uuid_id! {
    /// The tenant: every record and token carries one.
    OrgId
}
uuid_id! {
    /// A player.
    PlayerId
}
uuid_id! {
    /// A competition.
    CompetitionId
}
uuid_id! {
    /// A place to play.
    VenueId
}
uuid_id! {
    /// Any item of reference data, whatever its kind.
    ReferenceId
}
uuid_id! {
    /// An anomaly in a foreign stream.
    AnomalyId
}

impl From<PlayerId> for ReferenceId {
    fn from(id: PlayerId) -> Self {
        ReferenceId(id.0)
    }
}

impl From<ReferenceId> for PlayerId {
    fn from(id: ReferenceId) -> Self {
        PlayerId(id.0)
    }
}

/// The number of a match's home: 1 for the first, raised only when the match moves to another node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Epoch(pub u32);

impl Epoch {
    /// The home where a match was created.
    pub const FIRST: Self = Self(1);
}

/// The number of the tablet that scores, within an epoch: 1 for the first, raised by each `hand_over`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Lease(pub u32);

impl Lease {
    /// The tablet that scores first.
    pub const FIRST: Self = Self(1);

    /// The lease after this one; stays at the largest number.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// A short label made of `[a-zA-Z0-9._:-]`, 1 to 64 characters: a node, a tablet, a source.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String))]
#[serde(try_from = "String", into = "String")]
pub struct Label(String);

impl Label {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Label {
    type Error = LabelError;

    fn try_from(text: String) -> Result<Self, LabelError> {
        let fits = (1..=64).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'-'));
        if fits { Ok(Label(text)) } else { Err(LabelError) }
    }
}

impl FromStr for Label {
    type Err = LabelError;
    fn from_str(text: &str) -> Result<Self, LabelError> {
        Label::try_from(text.to_owned())
    }
}

impl From<Label> for String {
    fn from(label: Label) -> String {
        label.0
    }
}

/// The label is empty, too long or has another character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a label is 1 to 64 characters of [a-zA-Z0-9._:-]")]
pub struct LabelError;

/// An id that somebody else gave: `scheme:value`, such as `ttbl:4711`.
///
/// The scheme is 1 to 32 characters of `[a-z0-9_-]`; the value 1 to 200 characters without control characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(value_type = String))]
#[serde(try_from = "String", into = "String")]
pub struct ExternalId(String);

impl ExternalId {
    /// The whole text, scheme and value.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Who gave the id.
    pub fn scheme(&self) -> &str {
        self.0.split_once(':').map_or("", |(scheme, _)| scheme)
    }

    /// The id that was given.
    pub fn value(&self) -> &str {
        self.0.split_once(':').map_or("", |(_, value)| value)
    }
}

impl fmt::Display for ExternalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for ExternalId {
    type Error = ExternalIdError;

    fn try_from(text: String) -> Result<Self, ExternalIdError> {
        let (scheme, value) = text.split_once(':').ok_or(ExternalIdError)?;
        let scheme_fits = (1..=32).contains(&scheme.len())
            && scheme
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-'));
        let value_fits = (1..=200).contains(&value.chars().count()) && !value.chars().any(char::is_control);
        if scheme_fits && value_fits { Ok(ExternalId(text)) } else { Err(ExternalIdError) }
    }
}

impl FromStr for ExternalId {
    type Err = ExternalIdError;
    fn from_str(text: &str) -> Result<Self, ExternalIdError> {
        ExternalId::try_from(text.to_owned())
    }
}

impl From<ExternalId> for String {
    fn from(id: ExternalId) -> String {
        id.0
    }
}

/// The text is not `scheme:value`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an external id is scheme:value, the scheme of [a-z0-9_-], the value of 1 to 200 characters")]
pub struct ExternalIdError;
