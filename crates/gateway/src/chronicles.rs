//! Matches as their events tell them: what statistics and forecasts are read from.

use std::sync::Arc;

use serde::Deserialize;
use topspin_event::{EventEnvelope, MatchId, MatchSnapshot, Seq, Timestamp};
use topspin_insight::Chronicle;
use topspin_scoring::ReadError;
use utoipa::IntoParams;

use crate::app::Gateway;
use crate::code::Code;
use crate::limits::{MAX_CHRONICLES, MAX_PAGE};
use crate::matches::snapshot;
use crate::problem::Problem;
use crate::recent::Recent;

/// Of which time an answer is.
#[derive(Debug, Default, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AsOfQuery {
    /// As it was known then, RFC 3339: from the events that were recorded by then. As it is now if absent.
    #[param(value_type = Option<String>)]
    as_of: Option<Timestamp>,
}

impl AsOfQuery {
    /// The time that is asked for.
    pub const fn time(self) -> Option<Timestamp> {
        self.as_of
    }
}

/// The routes that can be asked as of a time.
pub const AS_OF_ROUTES: [&str; 4] =
    ["/v1/matches/{id}", "/v1/matches/{id}/stats", "/v1/matches/{id}/strokes", "/v1/matches/{id}/forecast"];

/// The chronicles that were asked for last, so that a match that is watched is not folded again at every point.
pub struct Chronicles(Recent<MatchId, Chronicle>);

impl Default for Chronicles {
    fn default() -> Self {
        Chronicles(Recent::new(MAX_CHRONICLES))
    }
}

impl Gateway {
    /// The chronicle of a match up to its last event, or up to the last one that was recorded by a time.
    pub(crate) fn chronicle(&self, id: MatchId, as_of: Option<Timestamp>) -> Result<Arc<Chronicle>, Problem> {
        let head = snapshot(self, id)?;
        let Some(time) = as_of else { return Ok(self.up_to(&head)?) };
        let events = self.events_of(&head, Seq(1))?;
        let by_then =
            events.iter().map(|event| &event.recorded).take_while(|event| event.recorded_at <= time);
        let chronicle = Chronicle::of(by_then);
        match chronicle.head() {
            Some(_) => Ok(Arc::new(chronicle)),
            None => Err(not_yet(id, time)),
        }
    }

    /// A match as it was known at a time.
    pub(crate) fn snapshot_as_of(&self, id: MatchId, time: Timestamp) -> Result<MatchSnapshot, Problem> {
        let events = self.events_of(&snapshot(self, id)?, Seq(1))?;
        let by_then = events.iter().take_while(|event| event.recorded.recorded_at <= time);
        let last = by_then.last().ok_or_else(|| not_yet(id, time))?;
        let change = self.home.changes(id, last.recorded.seq, 1)?.pop();
        Ok(change.ok_or_else(|| not_yet(id, time))?.snapshot)
    }

    /// The events of a match from a position on, to the head that is given.
    pub(crate) fn events_of(&self, head: &MatchSnapshot, from: Seq) -> Result<Vec<EventEnvelope>, ReadError> {
        let (mut events, mut next) = (Vec::new(), from);
        while next <= head.seq {
            let page = self.home.events(head.meta.id, next, MAX_PAGE)?;
            let Some(last) = page.last() else { break };
            next = Seq(last.recorded.seq.0 + 1);
            events.extend(page);
        }
        Ok(events)
    }

    fn up_to(&self, head: &MatchSnapshot) -> Result<Arc<Chronicle>, ReadError> {
        let (id, wanted) = (head.meta.id, (head.epoch, head.seq));
        let kept = self.chronicles.0.get(&id);
        // One that is further, or of another home, is of events that are no longer the match's.
        let kept = kept.filter(|kept| kept.head().is_some_and(|at| at.0 == wanted.0 && at.1 <= wanted.1));
        let mut chronicle = kept.unwrap_or_default();
        let next = chronicle.head().map_or(Seq(1), |(_, seq)| Seq(seq.0 + 1));
        if next <= wanted.1 {
            let more = self.events_of(head, next)?;
            let told = Arc::make_mut(&mut chronicle);
            for event in more {
                told.fold(&event.recorded);
            }
            self.chronicles.0.put(id, &chronicle);
        }
        Ok(chronicle)
    }
}

fn not_yet(id: MatchId, time: Timestamp) -> Problem {
    Problem::new(Code::MatchNotFound, format!("match {id} was not recorded yet at {time}"))
}
