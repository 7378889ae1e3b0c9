//! What a partition committed before, for a cursor across matches.

use std::collections::{BTreeMap, HashMap};

use topspin_event::{EventEnvelope, MatchId, Seq};
use topspin_log::{BatchLimit, Offset, Partition, Start};
use topspin_runtime::Store;

use crate::answer::ReadError;
use crate::fold::MatchFold;
use crate::history::{self, HistoryError};
use crate::home::Home;
use crate::limits::{CATCH_UP_FOLDS, MAX_EVENTS};
use crate::live::{Change, LiveBatch};
use crate::tables::StoredEvent;
use crate::topics::{Kind, Lane};

impl Home {
    /// The last event of every partition that has one: what a cursor across matches begins with.
    ///
    /// # Errors
    /// [`ReadError`] if the store fails.
    pub fn positions(&self) -> Result<BTreeMap<Partition, Offset>, ReadError> {
        let mut positions = BTreeMap::new();
        for lane in &self.0.lanes {
            let applied = self.0.store.applied(&lane.of(Kind::MatchEvents))?;
            positions.extend(applied.map(|offset| (lane.number(), offset)));
        }
        Ok(positions)
    }

    /// The partitions of `match-events`.
    pub fn partitions(&self) -> Vec<Partition> {
        self.0.lanes.iter().map(Lane::number).collect()
    }

    /// What a partition committed after `after` (exclusive; `None`: from its first event), in order, at most `limit`
    /// and [`MAX_EVENTS`]. No changes means that there were none: whoever subscribed before asking misses nothing.
    ///
    /// # Errors
    /// [`ReadError`] if the log or the store fails, or there is no such partition.
    pub async fn catch_up(
        &self,
        partition: Partition,
        after: Option<Offset>,
        limit: usize,
    ) -> Result<Vec<LiveBatch>, ReadError> {
        let lane = self.0.lanes.get(partition.0 as usize).ok_or(ReadError::BadCursor)?;
        let events = lane.of(Kind::MatchEvents);
        // Records that are applied but not visible yet are waited for: they are committed.
        let known = self.0.store.applied(&events)?;
        let mut batch = LiveBatch { partition, changes: Vec::new() };
        if known.is_none_or(|known| after.is_some_and(|after| after >= known)) {
            return Ok(Vec::new());
        }
        let start = after.map_or(Start::Beginning, Start::At);
        let mut reader = self.0.log.reader(&events, start).await?;
        let limit = limit.clamp(1, MAX_EVENTS);
        let mut folds = Folds::new(&self.0.store);
        while batch.changes.len() < limit && known.is_some_and(|known| reader.position() <= known) {
            for committed in reader.next_batch(BatchLimit::records(limit)).await? {
                let fresh = after.is_none_or(|after| committed.offset > after);
                if !fresh || batch.changes.len() == limit {
                    continue;
                }
                if let Some(event) = StoredEvent::of_record(&committed.record)? {
                    batch.changes.push((committed.offset, folds.change(event)?));
                }
            }
        }
        Ok(if batch.changes.is_empty() { Vec::new() } else { vec![batch] })
    }
}

/// Folds that go forward with the events of a partition.
pub(crate) struct Folds {
    store: Store,
    folds: HashMap<MatchId, MatchFold>,
}

impl Folds {
    pub(crate) fn new(store: &Store) -> Self {
        Folds { store: store.clone(), folds: HashMap::new() }
    }

    /// An event that the store has, with the match after it.
    pub(crate) fn change(&mut self, event: EventEnvelope) -> Result<Change, HistoryError> {
        let (id, seq) = (event.recorded.match_id, event.recorded.seq);
        let before = match self.folds.remove(&id) {
            Some(fold) => Some(fold),
            None => history::fold(&self.store, id, Seq(seq.0.saturating_sub(1)))?,
        };
        let fold = match before {
            Some(fold) => fold.evolve(&event),
            None => MatchFold::created(&event),
        };
        let fold = fold?;
        let snapshot = fold.snapshot();
        if self.folds.len() == CATCH_UP_FOLDS {
            self.folds.clear();
        }
        self.folds.insert(id, fold);
        Ok(Change { event, snapshot })
    }
}
