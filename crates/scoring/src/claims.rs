//! Who has an external id. On one node no two items get the same one.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use tokio::sync::{Mutex, MutexGuard};
use topspin_event::{
    CreateMatch, CreateTie, ExternalId, MatchId, NewReference, OrgId, ReferenceId, ReferenceKind, TieId,
};
use topspin_runtime::{Store, StoreError};
use uuid::Uuid;

use crate::answer::{CreateError, RecordError};
use crate::limits::EXTERNAL_ID_LOCKS;
use crate::tables::{External, external_key};
use crate::ties::TieCreateError;

/// Creations that may claim the same external id wait for one another.
///
/// A match that is created holds its own ids and then those of its players. So reference data has locks of its own:
/// whoever holds both kinds takes those of the match first, and each kind all at once.
pub(crate) struct Claims {
    fixtures: Locks,
    references: Locks,
}

impl Claims {
    pub(crate) fn new() -> Self {
        Claims { fixtures: Locks::new(), references: Locks::new() }
    }

    /// Holds the id and the external ids of a new match until the guards are dropped: what others find out about it
    /// meanwhile, they find out again afterwards.
    pub(crate) async fn of_match(&self, org: OrgId, new: &CreateMatch) -> Held<'_> {
        let id = new.id.map(|id| id.0).or_else(|| derived_first(org, "match", &new.external_ids));
        let id = id.map(|id| id.to_string());
        self.fixtures.hold("match", names(&new.external_ids).chain(id.as_deref())).await
    }

    /// Holds the external ids of a tie until the guards are dropped.
    pub(crate) async fn of_tie(&self, external_ids: &[ExternalId]) -> Held<'_> {
        self.fixtures.hold("tie", names(external_ids)).await
    }

    /// Holds the external ids of an item of reference data until the guards are dropped.
    pub(crate) async fn of_reference(&self, kind: ReferenceKind, external_ids: &[ExternalId]) -> Held<'_> {
        self.references.hold(kind.as_str(), names(external_ids)).await
    }
}

/// Ids held until this is dropped.
pub(crate) type Held<'a> = Vec<MutexGuard<'a, ()>>;

/// One lock for many ids, by hash.
struct Locks(Vec<Mutex<()>>);

impl Locks {
    fn new() -> Self {
        Locks((0..EXTERNAL_ID_LOCKS).map(|_| Mutex::new(())).collect())
    }

    async fn hold(&self, kind: &str, names: impl Iterator<Item = &str>) -> Held<'_> {
        let lock = |name: &str| {
            let mut hasher = DefaultHasher::new();
            (kind, name).hash(&mut hasher);
            (hasher.finish() % EXTERNAL_ID_LOCKS as u64) as usize
        };
        let mut wanted: Vec<usize> = names.map(lock).collect();
        // Always in one order: two creations cannot wait for each other.
        wanted.sort_unstable();
        wanted.dedup();
        let mut held = Vec::with_capacity(wanted.len());
        for index in wanted {
            held.push(self.0[index].lock().await);
        }
        held
    }
}

fn names(external_ids: &[ExternalId]) -> impl Iterator<Item = &str> {
    external_ids.iter().map(ExternalId::as_str)
}

/// The item that an external id stands for.
pub(crate) fn find(store: &Store, kind: &str, external: &ExternalId) -> Result<Option<Uuid>, StoreError> {
    let found = store.get(External::NAME, &external_key(kind, external.as_str()))?;
    Ok(found.and_then(|id| Uuid::from_slice(&id).ok()))
}

/// The id that a new match gets: the one asked for, that of the match which has an external id, or one derived.
pub(crate) fn match_id(store: &Store, org: OrgId, new: &CreateMatch) -> Result<MatchId, CreateError> {
    let wanted = new.id.map(|id| id.0);
    match claim(store, ("match", org), wanted, &new.external_ids)? {
        Claim::Granted(id) => Ok(MatchId(id)),
        Claim::Taken(existing) => Err(CreateError::AlreadyExists { existing: MatchId(existing) }),
        Claim::Nameless => Err(CreateError::IdMissing),
    }
}

/// As [`match_id`], for reference data.
pub(crate) fn reference_id(
    store: &Store,
    org: OrgId,
    kind: ReferenceKind,
    new: &NewReference,
) -> Result<ReferenceId, RecordError> {
    let wanted = new.id.map(|id| id.0);
    match claim(store, (kind.as_str(), org), wanted, &new.external_ids)? {
        Claim::Granted(id) => Ok(ReferenceId(id)),
        Claim::Taken(existing) => Err(RecordError::AlreadyExists { existing: ReferenceId(existing) }),
        Claim::Nameless => Err(RecordError::IdMissing),
    }
}

/// As [`match_id`], for ties.
pub(crate) fn tie_id(store: &Store, org: OrgId, new: &CreateTie) -> Result<TieId, TieCreateError> {
    let wanted = new.id.map(|id| id.0);
    match claim(store, ("tie", org), wanted, &new.external_ids)? {
        Claim::Granted(id) => Ok(TieId(id)),
        Claim::Taken(existing) => Err(TieCreateError::AlreadyExists { existing: TieId(existing) }),
        Claim::Nameless => Err(TieCreateError::IdMissing),
    }
}

enum Claim {
    /// The id may be used; whoever has it has the external ids too, or nobody has them.
    Granted(Uuid),
    /// Another item has an external id.
    Taken(Uuid),
    /// There is nothing to derive an id from.
    Nameless,
}

fn claim(
    store: &Store,
    (kind, org): (&str, OrgId),
    wanted: Option<Uuid>,
    external_ids: &[ExternalId],
) -> Result<Claim, StoreError> {
    let mut granted = wanted;
    for external in external_ids {
        match (find(store, kind, external)?, granted) {
            (Some(existing), Some(id)) if existing != id => return Ok(Claim::Taken(existing)),
            (Some(existing), _) => granted = Some(existing),
            (None, _) => {}
        }
    }
    let derived = || derived_first(org, kind, external_ids);
    Ok(granted.or_else(derived).map_or(Claim::Nameless, Claim::Granted))
}

fn derived_first(org: OrgId, kind: &str, external_ids: &[ExternalId]) -> Option<Uuid> {
    external_ids.first().map(|external| derived(org, kind, external))
}

/// The id that an item with an external id has on every node.
pub(crate) fn derived(org: OrgId, kind: &str, external: &ExternalId) -> Uuid {
    Uuid::new_v5(&org.0, format!("{kind}/{external}").as_bytes())
}
