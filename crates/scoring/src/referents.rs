//! What something new refers to must be there: nobody plays in a competition, at a venue or in a tie that is not.
//!
//! Asked before an item is created, and only then: what is on the log already stays as it is.

use topspin_event::{MatchMeta, NewReference, Reference, ReferenceKind, TieMeta};
use topspin_runtime::{Store, StoreError};
use uuid::Uuid;

use crate::answer::{CreateError, RecordError, UnknownReference};
use crate::tables::{References, Ties};
use crate::ties::TieCreateError;

/// What a match refers to beside its players.
pub(crate) fn of_match(store: &Store, meta: &MatchMeta) -> Result<(), CreateError> {
    let competition = meta.competition_id.map(|id| id.0);
    known::<CreateError>(store, "competition_id", ReferenceKind::Competition, competition)?;
    known::<CreateError>(store, "venue_id", ReferenceKind::Venue, meta.venue_id.map(|id| id.0))?;
    if let Some(tie) = meta.tie_id
        && store.get(Ties::NAME, tie.0.as_bytes())?.is_none()
    {
        return Err(UnknownReference { field: "tie_id".to_owned(), what: format!("tie {tie}") }.into());
    }
    Ok(())
}

/// What a tie refers to.
pub(crate) fn of_tie(store: &Store, meta: &TieMeta) -> Result<(), TieCreateError> {
    let club = |id: Option<topspin_event::ReferenceId>| id.map(|id| id.0);
    let competition = meta.competition_id.map(|id| id.0);
    known::<TieCreateError>(store, "competition_id", ReferenceKind::Competition, competition)?;
    known::<TieCreateError>(store, "venue_id", ReferenceKind::Venue, meta.venue_id.map(|id| id.0))?;
    let (home, away) = (club(meta.sides.home.club_id), club(meta.sides.away.club_id));
    known::<TieCreateError>(store, "sides.home.club_id", ReferenceKind::Organisation, home)?;
    known::<TieCreateError>(store, "sides.away.club_id", ReferenceKind::Organisation, away)
}

/// What an item of reference data belongs to.
pub(crate) fn of_reference(
    store: &Store,
    kind: ReferenceKind,
    new: &NewReference,
) -> Result<(), RecordError> {
    let parent = match kind {
        ReferenceKind::Season | ReferenceKind::Category => ReferenceKind::Competition,
        ReferenceKind::Organisation
        | ReferenceKind::Competition
        | ReferenceKind::Venue
        | ReferenceKind::Player => ReferenceKind::Organisation,
    };
    known(store, "parent_id", parent, new.details.parent_id.map(|id| id.0))
}

/// Whether an item of reference data is there.
pub(crate) fn is_there(store: &Store, kind: ReferenceKind, id: Uuid) -> Result<bool, StoreError> {
    Ok(store.get(References::NAME, &References::key(kind.as_str(), id))?.is_some())
}

/// Whether everything that is asked of an item is so: then it is the same item, asked for again.
pub(crate) fn says(item: &Reference, asked: &NewReference) -> bool {
    fn kept<T: PartialEq>(held: Option<&T>, asked: Option<&T>) -> bool {
        asked.is_none() || asked == held
    }
    let (held, wanted) = (&item.details, &asked.details);
    held.name == wanted.name
        && kept(held.short_name.as_ref(), wanted.short_name.as_ref())
        && kept(held.country.as_ref(), wanted.country.as_ref())
        && kept(held.zone.as_ref(), wanted.zone.as_ref())
        && kept(held.parent_id.as_ref(), wanted.parent_id.as_ref())
        && asked.external_ids.iter().all(|external| item.external_ids.contains(external))
}

fn known<E: From<UnknownReference> + From<StoreError>>(
    store: &Store,
    field: &str,
    kind: ReferenceKind,
    id: Option<Uuid>,
) -> Result<(), E> {
    match id {
        Some(id) if !is_there(store, kind, id)? => {
            Err(UnknownReference { field: field.to_owned(), what: format!("{kind} {id}") }.into())
        }
        Some(_) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use topspin_event::{
        CreateMatch, MatchId, MatchMeta, NewEntry, NewPlayer, OrgId, PlayerId, Request, TieId, Timestamp,
        VenueId,
    };
    use topspin_laws::{Both, Discipline, Format};
    use topspin_log::Partition;
    use topspin_log::memory::MemoryLog;
    use uuid::Uuid;

    use crate::answer::{CreateError, Replayed};
    use crate::home::{Home, HomeConfig};
    use crate::scorer::Reply;

    async fn opened(dir: &std::path::Path) -> Home {
        let config = HomeConfig {
            org: OrgId(Uuid::from_u128(1)),
            origin: "hall".parse().expect("a label"),
            partitions: 1,
            hot_matches: 1,
            clock: Arc::new(|| Timestamp::EPOCH),
        };
        Home::open(Arc::new(MemoryLog::new()), dir, config).await.expect("the home opens")
    }

    /// A match of one player against themselves, at a venue and in a tie that are not there.
    fn of_nobody() -> CreateMatch {
        let nobody = NewPlayer { id: Some(PlayerId(Uuid::from_u128(7))), ..NewPlayer::default() };
        let entry = NewEntry { name: None, players: vec![nobody] };
        CreateMatch {
            id: Some(MatchId(Uuid::from_u128(9))),
            external_ids: Vec::new(),
            competition_id: None,
            category: None,
            tie_id: Some(TieId(Uuid::from_u128(5))),
            venue_id: Some(VenueId(Uuid::from_u128(6))),
            table: None,
            scheduled_at: None,
            format: Format::ittf(Discipline::Singles, 5),
            sides: Both::new(entry.clone(), entry),
            carried_cards: Both::default(),
        }
    }

    #[tokio::test]
    async fn a_match_that_an_earlier_version_took_stays_and_its_creation_can_be_repeated() {
        let dir = tempfile::tempdir().expect("a directory");
        let home = opened(dir.path()).await;
        let new = of_nobody();
        let refused = home.create_match(new.clone()).await;
        assert!(matches!(refused, Err(CreateError::Unknown(_) | CreateError::Invalid { .. })), "{refused:?}");
        let player = PlayerId(Uuid::from_u128(7));
        let entry = topspin_event::Entry { name: None, players: vec![player] };
        let meta = MatchMeta {
            id: MatchId(Uuid::from_u128(9)),
            org: OrgId(Uuid::from_u128(1)),
            external_ids: Vec::new(),
            competition_id: None,
            category: None,
            tie_id: new.tie_id,
            venue_id: new.venue_id,
            table: None,
            scheduled_at: None,
            format: new.format.clone(),
            sides: Both::new(entry.clone(), entry),
            carried_cards: Both::default(),
            created_at: Timestamp::EPOCH,
        };
        let taken = home.call(Partition(0), Request::Create(Box::new(meta))).await.expect("answered");
        assert!(matches!(taken, Reply::Created(Ok(_))));
        let again = home.create_match(new).await.expect("it is there");
        assert_eq!(again.replayed, Replayed::Yes);
    }
}
