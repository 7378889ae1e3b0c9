//! What a home is asked without changing anything.

use std::sync::Arc;

use bytes::Bytes;
use topspin_event::{
    Anomaly, CommandId, Device, Entry, EventEnvelope, ExternalId, Label, MatchId, MatchSnapshot, Reference,
    ReferenceId, ReferenceKind, Seq, TieId, TieSnapshot, Verdict as Kept, wire,
};
use topspin_laws::Both;
use topspin_log::Partition;
use topspin_runtime::{Store, StoreError};

use crate::answer::{ReadError, Verdict};
use crate::claims;
use crate::history::{self, HistoryError};
use crate::home::Home;
use crate::limits::{MAX_EVENTS, MAX_PAGE};
use crate::live::Change;
use crate::page::{MatchFilter, Page, StatusFilter};
use crate::resource::{MatchResource, NamedEntry, NamedPlayer};
use crate::tables::{
    Anomalies, Dedupe, Devices, ListScope, MatchList, Matches, References, Subject, Ties, bad_row,
    dedupe_key, match_of,
};
use crate::ties::TieVerdict;
use crate::{submission, tie_submission};

impl Home {
    /// A match as it is; `None` if it is not here.
    ///
    /// # Errors
    /// [`ReadError`] if the store fails.
    pub fn match_snapshot(&self, id: MatchId) -> Result<Option<MatchSnapshot>, ReadError> {
        match_snapshot(&self.0.store, id)
    }

    /// The match resource of a snapshot: with the names of its players as they are now.
    ///
    /// # Errors
    /// [`ReadError`] if the store fails.
    pub fn resource(&self, snapshot: &MatchSnapshot) -> Result<MatchResource, ReadError> {
        let sides = &snapshot.meta.sides;
        let sides = Both::new(self.named(&sides.home)?, self.named(&sides.away)?);
        Ok(MatchResource::new(snapshot, sides))
    }

    /// The events of a match from position `from` (inclusive), in order, at most `limit` and
    /// [`crate::limits::MAX_EVENTS`].
    ///
    /// # Errors
    /// [`ReadError`] if the store fails.
    pub fn events(&self, id: MatchId, from: Seq, limit: usize) -> Result<Vec<EventEnvelope>, ReadError> {
        Ok(history::events(&self.0.store, id, from, limit)?)
    }

    /// As [`Home::events`], with the match as it was after each event. The cost grows with the match, not with `limit`.
    ///
    /// # Errors
    /// [`ReadError`] if the store fails.
    pub fn changes(&self, id: MatchId, from: Seq, limit: usize) -> Result<Vec<Change>, ReadError> {
        let to = Seq(from.0.saturating_add(limit.min(MAX_EVENTS) as u64).saturating_sub(1));
        Ok(history::changes(&self.0.store, id, from, to)?)
    }

    /// The verdict on a command to a match; `None` if there is none here, or not yet. A verdict on a command to a tie is
    /// another's.
    ///
    /// # Errors
    /// [`ReadError`] if the store fails.
    pub fn verdict(&self, id: MatchId, command: CommandId) -> Result<Option<Verdict>, ReadError> {
        verdict(&self.0.store, id, command)
    }

    /// A page of matches, newest first by `scheduled_at`, else `created_at`.
    ///
    /// # Errors
    /// [`ReadError::BadCursor`], or if the store fails.
    pub fn matches(
        &self,
        filter: &MatchFilter,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Page<MatchSnapshot>, ReadError> {
        if let Some(external) = &filter.external_id {
            let found = self.find_match(external)?.map(|id| self.match_snapshot(id)).transpose()?.flatten();
            let items = found.into_iter().filter(|snapshot| filter.holds(snapshot)).collect();
            return Ok(Page { items, next_cursor: None });
        }
        let scope = scope_of(filter).prefix();
        let limit = limit.clamp(1, MAX_PAGE);
        let (mut items, mut from) = (Vec::new(), start(&scope, cursor)?);
        loop {
            let rows = self.0.store.scan(MatchList::NAME, &scope, &from, limit + 1)?;
            for (key, _) in &rows {
                if items.len() == limit {
                    return Ok(Page { items, next_cursor: Some(hex::encode(&key[scope.len()..])) });
                }
                let id = match_of(key).ok_or_else(|| bad_row(MatchList::NAME, "a bad key"))?;
                items.extend(self.match_snapshot(id)?.filter(|snapshot| filter.holds(snapshot)));
            }
            match rows.last() {
                Some((last, _)) if rows.len() > limit => from = after(last),
                Some(_) | None => return Ok(Page { items, next_cursor: None }),
            }
        }
    }

    /// The match with an external id.
    ///
    /// # Errors
    /// [`ReadError`] if the store fails.
    pub fn find_match(&self, external_id: &ExternalId) -> Result<Option<MatchId>, ReadError> {
        Ok(claims::find(&self.0.store, "match", external_id)?.map(MatchId))
    }

    /// An item of reference data.
    ///
    /// # Errors
    /// [`ReadError`] if the store fails.
    pub fn reference(&self, kind: ReferenceKind, id: ReferenceId) -> Result<Option<Reference>, ReadError> {
        reference(&self.0.store, kind, id)
    }

    /// The item with an external id.
    ///
    /// # Errors
    /// [`ReadError`] if the store fails.
    pub fn find_reference(
        &self,
        kind: ReferenceKind,
        external_id: &ExternalId,
    ) -> Result<Option<ReferenceId>, ReadError> {
        Ok(claims::find(&self.0.store, kind.as_str(), external_id)?.map(ReferenceId))
    }

    /// A page of reference data, by id.
    ///
    /// # Errors
    /// [`ReadError::BadCursor`], or if the store fails.
    pub fn references(
        &self,
        kind: ReferenceKind,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<Page<Reference>, ReadError> {
        let prefix = Bytes::from(format!("{kind}/"));
        self.page((References::NAME, prefix), cursor, limit, read_reference)
    }

    /// A page of anomalies, oldest first.
    ///
    /// # Errors
    /// [`ReadError::BadCursor`], or if the store fails.
    pub fn anomalies(&self, cursor: Option<&str>, limit: usize) -> Result<Page<Anomaly>, ReadError> {
        self.page((Anomalies::NAME, Bytes::from_static(b"t")), cursor, limit, |stored| {
            wire::decode_anomaly(stored).map_err(|error| bad_row(Anomalies::NAME, error))
        })
    }

    /// Every tablet that was heard of in the last days; at most [`topspin_runtime::limits::MAX_SCAN_ROWS`].
    ///
    /// # Errors
    /// [`ReadError`] if the store fails.
    pub fn devices(&self) -> Result<Vec<Device>, ReadError> {
        let rows = self.0.store.scan(Devices::NAME, Devices::PREFIX, b"", usize::MAX)?;
        let devices = rows.iter().map(|(_, stored)| Devices::read(stored));
        let mut devices = devices.collect::<Result<Vec<_>, _>>()?;
        devices.sort_by(|one, other| one.device.cmp(&other.device));
        Ok(devices)
    }

    fn named(&self, entry: &Entry) -> Result<NamedEntry, ReadError> {
        let mut players = Vec::with_capacity(entry.players.len());
        for id in &entry.players {
            let known = self.reference(ReferenceKind::Player, ReferenceId::from(*id))?;
            let name: Arc<str> = known.map(|player| player.details.name).unwrap_or_default().into();
            players.push(NamedPlayer { id: *id, name });
        }
        let joined = || players.iter().map(|player| player.name.as_ref()).collect::<Vec<_>>().join(" / ");
        Ok(NamedEntry { name: entry.name.clone().unwrap_or_else(joined), players })
    }

    pub(crate) fn page<T>(
        &self,
        (table, prefix): (&str, Bytes),
        cursor: Option<&str>,
        limit: usize,
        read: impl Fn(&Bytes) -> Result<T, StoreError>,
    ) -> Result<Page<T>, ReadError> {
        let limit = limit.clamp(1, MAX_PAGE);
        let mut rows = self.0.store.scan(table, &prefix, &start(&prefix, cursor)?, limit + 1)?;
        let more = rows.split_off(rows.len().min(limit));
        let next_cursor = more.first().map(|(key, _)| hex::encode(&key[prefix.len()..]));
        let items = rows.iter().map(|(_, stored)| read(stored)).collect::<Result<_, _>>()?;
        Ok(Page { items, next_cursor })
    }
}

/// As [`Home::match_snapshot`].
pub(crate) fn match_snapshot(store: &Store, id: MatchId) -> Result<Option<MatchSnapshot>, ReadError> {
    let stored = store.get(Matches::NAME, id.0.as_bytes())?;
    let snapshot = stored.map(|stored| wire::decode_snapshot(&stored)).transpose();
    Ok(snapshot.map_err(|error| bad_row(Matches::NAME, error))?)
}

/// As [`Home::verdict`].
pub(crate) fn verdict(store: &Store, id: MatchId, command: CommandId) -> Result<Option<Verdict>, ReadError> {
    let Some(kept) = kept(store, Subject::Match(id), command)? else { return Ok(None) };
    Ok(submission::recall(store, id, command, kept)?)
}

/// As [`Home::tie_snapshot`].
pub(crate) fn tie_snapshot(store: &Store, id: TieId) -> Result<Option<TieSnapshot>, ReadError> {
    let stored = store.get(Ties::NAME, id.0.as_bytes())?;
    let snapshot = stored.map(|stored| wire::decode_tie_snapshot(&stored)).transpose();
    Ok(snapshot.map_err(|error| bad_row(Ties::NAME, error))?)
}

/// As [`verdict`], for ties.
pub(crate) fn tie_verdict(
    store: &Store,
    id: TieId,
    command: CommandId,
) -> Result<Option<TieVerdict>, ReadError> {
    let Some(kept) = kept(store, Subject::Tie(id), command)? else { return Ok(None) };
    Ok(tie_submission::recall(store, id, command, kept)?)
}

fn kept(store: &Store, subject: Subject, command: CommandId) -> Result<Option<Kept>, ReadError> {
    let Some(known) = store.get(Dedupe::NAME, &dedupe_key(subject, command))? else { return Ok(None) };
    let recorded = wire::decode_verdict(&known).map_err(|error| bad_row(Dedupe::NAME, error))?;
    Ok(Some(recorded.verdict))
}

/// As [`Home::reference`].
pub(crate) fn reference(
    store: &Store,
    kind: ReferenceKind,
    id: ReferenceId,
) -> Result<Option<Reference>, ReadError> {
    let stored = store.get(References::NAME, &References::key(kind.as_str(), id.0))?;
    Ok(stored.map(|stored| read_reference(&stored)).transpose()?)
}

/// A tablet, as it was heard of last.
pub(crate) fn device(
    store: &Store,
    partition: Partition,
    label: &Label,
) -> Result<Option<Device>, ReadError> {
    let stored = store.get(Devices::NAME, &Devices::key(partition, label))?;
    Ok(stored.map(|stored| Devices::read(&stored)).transpose()?)
}

fn read_reference(stored: &Bytes) -> Result<Reference, StoreError> {
    wire::decode_reference(stored).map_err(|error| bad_row(References::NAME, error))
}

/// The list that is scanned for a filter: the smallest that there is.
fn scope_of(filter: &MatchFilter) -> ListScope {
    match (filter.tie, filter.competition, filter.status) {
        (Some(tie), _, _) => ListScope::Tie(tie),
        (None, Some(id), StatusFilter::Any) => ListScope::Competition(id),
        (None, Some(id), StatusFilter::Live) => ListScope::CompetitionLive(id),
        (None, Some(id), StatusFilter::Is(status)) => ListScope::CompetitionStatus(id, status),
        (None, None, StatusFilter::Any) => ListScope::All,
        (None, None, StatusFilter::Live) => ListScope::Live,
        (None, None, StatusFilter::Is(status)) => ListScope::Status(status),
    }
}

/// The key from which a page starts: what follows the prefix is in the cursor.
fn start(prefix: &Bytes, cursor: Option<&str>) -> Result<Bytes, ReadError> {
    let Some(cursor) = cursor else { return Ok(prefix.clone()) };
    let rest = hex::decode(cursor).map_err(|_| ReadError::BadCursor)?;
    if rest.len() > 64 {
        return Err(ReadError::BadCursor);
    }
    Ok(Bytes::from([prefix.as_ref(), &rest].concat()))
}

/// The smallest key after another.
fn after(key: &Bytes) -> Bytes {
    Bytes::from([key.as_ref(), &[0]].concat())
}

impl From<HistoryError> for ReadError {
    fn from(error: HistoryError) -> Self {
        match error {
            HistoryError::Store(error) => ReadError::Store(error),
            HistoryError::Fold(error) => ReadError::Store(bad_row("events", error)),
        }
    }
}
