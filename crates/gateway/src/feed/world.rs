//! What a consumer of this server can observe.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::value::{RawValue, to_raw_value};
use topspin_event::{Chain, Epoch, EventEnvelope, MatchId, MatchSnapshot, Seq, Timestamp};
use topspin_feed::server::{Page, World};
use topspin_feed::{Change, Cursor, Position, Selection, Source};
use topspin_scoring::{MatchFilter, ReadError, StatusFilter};
use uuid::Uuid;

use crate::app::Gateway;
use crate::limits::{MAX_PAGE, MAX_RESOLVED, SOURCE_LATE};
use crate::live::{decode, is_reached, published};

impl World for Gateway {
    type Error = ReadError;

    fn log_id(&self) -> Uuid {
        self.log_id
    }

    fn now(&self) -> Timestamp {
        (self.clock)()
    }

    fn source(&self) -> Source {
        if self.home.stale(None).is_some_and(|stale| stale > SOURCE_LATE) { Source::Late } else { Source::Ok }
    }

    fn delay_s(&self) -> u32 {
        0
    }

    fn head(&self, id: MatchId) -> Result<Option<Arc<MatchSnapshot>>, ReadError> {
        Ok(self.home.match_snapshot(id)?.map(Arc::new))
    }

    fn changes(&self, id: MatchId, after: Seq, limit: usize) -> Result<Vec<Arc<Change>>, ReadError> {
        let now = (self.clock)();
        let changes = self.home.changes(id, Seq(after.0 + 1), limit)?;
        Ok(changes.into_iter().map(|change| published(change, now)).collect())
    }

    fn resource(&self, snapshot: &MatchSnapshot) -> Result<Box<RawValue>, ReadError> {
        let resource = self.home.resource(snapshot)?;
        Ok(to_raw_value(&resource).expect("a resource is strings and numbers"))
    }

    fn matches(&self, selection: &Selection, after: Option<&str>, limit: usize) -> Result<Page, ReadError> {
        if let Some(id) = selection.match_id {
            let matches = self.head(id)?.into_iter().filter(|head| selection.covers(&head.meta)).collect();
            return Ok(Page { matches, next: None });
        }
        let status = if selection.tie_id.is_some() { StatusFilter::Any } else { StatusFilter::Live };
        let (competition, tie) = (selection.competition_id, selection.tie_id);
        let filter = MatchFilter { status, competition, tie, external_id: None };
        let page = self.home.matches(&filter, after, limit)?;
        let matches =
            page.items.into_iter().filter(|head| selection.covers(&head.meta)).map(Arc::new).collect();
        Ok(Page { matches, next: page.next_cursor })
    }

    fn common(&self, id: MatchId, at: Position, chain: Option<Chain>) -> Result<Option<Seq>, ReadError> {
        let Some(head) = self.home.match_snapshot(id)? else { return Ok(None) };
        if at.seq.0 == 0 {
            return Ok(Some(at.seq));
        }
        if let Some(event) = self.event(id, at.seq)?.filter(|event| event.recorded.epoch == at.epoch) {
            return Ok(Some(if chain.is_none_or(|chain| chain == event.chain) { at.seq } else { Seq(0) }));
        }
        // Epochs never fall along a history: half of what is left is looked at in each step.
        let (mut low, mut high) = (0, at.seq.0.min(head.seq.0));
        while low < high {
            let middle = low + (high - low).div_ceil(2);
            match self.event(id, Seq(middle))? {
                Some(event) if event.recorded.epoch <= at.epoch => low = middle,
                Some(_) | None => high = middle - 1,
            }
        }
        Ok(Some(Seq(low)))
    }

    fn position(&self, id: MatchId, seq: Seq) -> Result<Option<Position>, ReadError> {
        if seq.0 == 0 {
            return Ok(Some(Position { epoch: Epoch::FIRST, seq }));
        }
        Ok(self.event(id, seq)?.map(|event| Position::of(&event.recorded)))
    }
}

impl Gateway {
    fn event(&self, id: MatchId, seq: Seq) -> Result<Option<EventEnvelope>, ReadError> {
        Ok(self.home.events(id, seq, 1)?.into_iter().find(|event| event.recorded.seq == seq))
    }

    /// The matches that have changed since a place, with the first change of each; `None` if it is no place in this log, or so
    /// much has happened since that snapshots are less.
    pub(super) async fn changed_since(
        &self,
        cursor: &Cursor,
    ) -> Result<Option<Vec<(MatchId, Seq)>>, ReadError> {
        let Some(since) = decode(self.log_id, cursor.as_str()) else { return Ok(None) };
        let now = self.home.positions()?;
        if !is_reached(&since, &now) {
            return Ok(None);
        }
        let (mut first, mut looked_at) = (BTreeMap::new(), 0);
        for (partition, end) in now {
            let mut after = since.get(&partition).copied();
            while after < Some(end) {
                let batches = self.home.catch_up(partition, after, MAX_PAGE).await?;
                let changes = batches.iter().flat_map(|batch| &batch.changes);
                let before = looked_at;
                for (offset, change) in changes {
                    looked_at += 1;
                    after = Some(*offset);
                    let seq = change.event.recorded.seq;
                    let known = first.entry(change.event.recorded.match_id).or_insert(seq);
                    *known = seq.min(*known);
                }
                if looked_at == before {
                    break;
                }
                if looked_at > MAX_RESOLVED {
                    return Ok(None);
                }
            }
        }
        Ok(Some(first.into_iter().collect()))
    }
}
