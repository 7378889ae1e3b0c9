//! Among whom a record is one.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use topspin_stream::{Key, key::DecodeError};
use uuid::Uuid;

use crate::facts::Id;
use crate::mark::Mark;
use crate::referents::Referred;
use topspin_laws::Side;

/// A kind of scopes, which can be switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ScopeKind {
    /// All matches.
    Everything,
    /// The matches of a competition.
    Competition,
    /// The matches of a category of a competition.
    Category,
    /// The matches of a player; what one side did, of that side's players only.
    Player,
    /// The doubles of a pair.
    Pair,
    /// The matches of the players of an association, as a player's is now; what one side did, of that side's only.
    Association,
}

impl ScopeKind {
    /// All kinds.
    pub const ALL: [ScopeKind; 6] = [
        ScopeKind::Everything,
        ScopeKind::Competition,
        ScopeKind::Category,
        ScopeKind::Player,
        ScopeKind::Pair,
        ScopeKind::Association,
    ];

    /// The name in settings and addresses: never changed.
    pub const fn as_str(self) -> &'static str {
        match self {
            ScopeKind::Everything => "everything",
            ScopeKind::Competition => "competition",
            ScopeKind::Category => "category",
            ScopeKind::Player => "player",
            ScopeKind::Pair => "pair",
            ScopeKind::Association => "association",
        }
    }
}

impl FromStr for ScopeKind {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        ScopeKind::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(UnknownScope)
    }
}

/// Among whom a record is one. Text form: `everything`, `competition:<id>`, `category:<competition>:<name>`,
/// `player:<id>`, `pair:<id>+<id>` with the lesser id first, `association:<code>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Scope {
    /// All matches.
    Everything,
    /// A competition.
    Competition(Uuid),
    /// A category of a competition.
    Category(Uuid, String),
    /// A player.
    Player(Uuid),
    /// A pair, the lesser id first.
    Pair(Uuid, Uuid),
    /// An association, by the code that its players have as their country.
    Association(String),
}

/// This is no scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a scope is everything, competition:<id>, category:<competition>:<name>, player:<id>, pair:<id>+<id> or \
     association:<code>"
)]
pub struct UnknownScope;

impl Scope {
    /// Its kind.
    pub const fn kind(&self) -> ScopeKind {
        match self {
            Scope::Everything => ScopeKind::Everything,
            Scope::Competition(_) => ScopeKind::Competition,
            Scope::Category(..) => ScopeKind::Category,
            Scope::Player(_) => ScopeKind::Player,
            Scope::Pair(..) => ScopeKind::Pair,
            Scope::Association(_) => ScopeKind::Association,
        }
    }

    /// The scopes in which a mark counts.
    pub(crate) fn of(mark: &Mark, referred: &Referred, kinds: &BTreeSet<ScopeKind>) -> Vec<Scope> {
        let subject = &referred.subject;
        let mut scopes = vec![Scope::Everything];
        if let Some(competition) = subject.competition.map(Uuid::from_bytes) {
            scopes.push(Scope::Competition(competition));
            let category = subject.category.clone().map(|name| Scope::Category(competition, name));
            scopes.extend(category);
        }
        for side in Side::BOTH.into_iter().filter(|side| mark.side.is_none_or(|own| own == *side)) {
            let players = subject.players(side);
            scopes.extend(players.iter().map(|id| Scope::Player(Uuid::from_bytes(*id))));
            scopes.extend(pair(players));
            scopes.extend(referred.associations.of(side).iter().cloned().map(Scope::Association));
        }
        scopes.retain(|scope| kinds.contains(&scope.kind()));
        scopes.sort_unstable();
        scopes.dedup();
        scopes
    }
}

fn pair(players: &[Id]) -> Option<Scope> {
    let [first, second] = players else { return None };
    Some(Scope::Pair(Uuid::from_bytes(*first.min(second)), Uuid::from_bytes(*first.max(second))))
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.kind().as_str();
        match self {
            Scope::Everything => f.write_str(kind),
            Scope::Competition(id) | Scope::Player(id) => write!(f, "{kind}:{id}"),
            Scope::Category(competition, name) => write!(f, "{kind}:{competition}:{name}"),
            Scope::Pair(first, second) => write!(f, "{kind}:{first}+{second}"),
            Scope::Association(code) => write!(f, "{kind}:{code}"),
        }
    }
}

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
        let id = |text: &str| text.parse::<Uuid>().map_err(|_| UnknownScope);
        match kind.parse()? {
            ScopeKind::Everything if rest.is_empty() => Ok(Scope::Everything),
            ScopeKind::Everything => Err(UnknownScope),
            ScopeKind::Competition => Ok(Scope::Competition(id(rest)?)),
            ScopeKind::Player => Ok(Scope::Player(id(rest)?)),
            ScopeKind::Category => {
                let (competition, name) = rest.split_once(':').ok_or(UnknownScope)?;
                Ok(Scope::Category(id(competition)?, name.to_owned()))
            }
            ScopeKind::Association if rest.is_empty() => Err(UnknownScope),
            ScopeKind::Association => Ok(Scope::Association(rest.to_owned())),
            ScopeKind::Pair => {
                // In the query of an address a plus sign is a space.
                let (first, second) = rest.split_once(['+', ' ']).ok_or(UnknownScope)?;
                let (first, second) = (id(first)?, id(second)?);
                Ok(Scope::Pair(first.min(second), first.max(second)))
            }
        }
    }
}

/// As its text: a scope is a word among others in a key.
impl Key for Scope {
    fn encode(&self, out: &mut Vec<u8>) {
        self.to_string().encode(out);
    }

    fn decode(input: &mut &[u8]) -> Result<Self, DecodeError> {
        String::decode(input)?.parse().map_err(|_| DecodeError)
    }
}
