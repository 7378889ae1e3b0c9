//! Reads what the owner of a lane writes into the store, and hands its events to live streams.
//!
//! The records of one transaction become visible topic by topic. So that nobody sees a match ahead of its events, a
//! snapshot waits for its last event, and a stream hears of an event only when the snapshot is there too.

use std::collections::VecDeque;
use std::sync::Arc;

use futures_util::future::{FutureExt as _, select_all};
use prost::Message as _;
use tokio::time::timeout;
use topspin_event::wire::v1;
use topspin_event::{EventEnvelope, MatchId, Seq, TieId};
use topspin_log::Offset;
use topspin_runtime::{Placed, RecoveryError, StoreError, Tail};
use uuid::Uuid;

use super::Ground;
use super::station::Station;
use crate::catch_up::Folds;
use crate::history::HistoryError;
use crate::limits::{FOLLOW_QUEUE, FOLLOW_UNTOLD, PROBE_EVERY};
use crate::live::LiveBatch;
use crate::reading;
use crate::tables::{Events, StoredEvent, TieEvents, bad_row, event_key, tie_event_key};
use crate::topics::Kind;

/// A lane cannot be followed now.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum FollowError {
    /// The log or the store fails, or they do not belong together.
    #[error(transparent)]
    Recovery(#[from] RecoveryError),
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The events do not make a match.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// A match cannot be read.
    #[error(transparent)]
    Read(#[from] crate::answer::ReadError),
}

/// Follows one lane.
pub(crate) struct Follower<'a> {
    ground: &'a Ground,
    station: &'a Station,
    queues: Vec<Queue>,
    /// Events that live streams were not told of yet.
    untold: VecDeque<(Offset, EventEnvelope)>,
    folds: Folds,
}

/// One topic of the lane.
struct Queue {
    kind: Kind,
    tail: Tail,
    /// Read, and not in the store yet.
    waiting: VecDeque<Placed>,
}

impl<'a> Follower<'a> {
    pub(crate) async fn open(ground: &'a Ground, station: &'a Station) -> Result<Self, FollowError> {
        let mut queues = Vec::new();
        for kind in Kind::ALL.into_iter().filter(|kind| kind.is_derived_from()) {
            let tail = Tail::open(ground.log.as_ref(), &ground.store, &station.lane.of(kind)).await?;
            queues.push(Queue { kind, tail, waiting: VecDeque::new() });
        }
        let folds = Folds::new(&ground.store);
        Ok(Follower { ground, station, queues, untold: VecDeque::new(), folds })
    }

    /// Follows until it fails, or is dropped.
    pub(crate) async fn run(mut self) -> FollowError {
        loop {
            if let Err(error) = self.step().await {
                return error;
            }
        }
    }

    async fn step(&mut self) -> Result<(), FollowError> {
        let tails =
            self.queues.iter_mut().enumerate().filter(|(_, queue)| queue.waiting.len() < FOLLOW_QUEUE);
        let reads = tails.map(|(index, queue)| queue.tail.next().map(move |read| (index, read)).boxed());
        // Without news the readers are looked at all the same: they pass markers.
        let read = timeout(PROBE_EVERY, select_all(reads)).await.ok().map(|(read, _, _)| read);
        if let Some((index, read)) = read {
            self.queues[index].waiting.extend(read?);
            self.apply()?;
            self.tell()?;
        }
        self.say_where();
        Ok(())
    }

    /// Puts what is complete into the store; events before the snapshots that need them.
    fn apply(&mut self) -> Result<(), FollowError> {
        for index in 0..self.queues.len() {
            let ready = self.take_ready(index)?;
            if ready.is_empty() {
                continue;
            }
            self.ground.store.apply(&ready)?;
            self.station.progress.note(&ready);
            match self.queues[index].kind {
                Kind::MatchEvents => self.remember(&ready)?,
                Kind::Ties => {
                    self.ground.audience.ties.send_replace(());
                }
                Kind::MatchCommands
                | Kind::Matches
                | Kind::MatchDedupe
                | Kind::TieCommands
                | Kind::TieEvents
                | Kind::TieDedupe
                | Kind::Reference
                | Kind::Anomalies
                | Kind::Devices => {}
            }
        }
        Ok(())
    }

    fn take_ready(&mut self, index: usize) -> Result<Vec<Placed>, FollowError> {
        let Queue { kind, waiting, .. } = &mut self.queues[index];
        let mut ready = Vec::new();
        while let Some(next) = waiting.pop_front() {
            if !self.ground.has_events_of(*kind, &next)? {
                waiting.push_front(next);
                break;
            }
            ready.push(next);
        }
        Ok(ready)
    }

    fn remember(&mut self, events: &[Placed]) -> Result<(), FollowError> {
        for Placed { offset, record, .. } in events {
            if let Some(event) = StoredEvent::of_record(record)? {
                self.untold.push_back((*offset, event));
            }
        }
        if self.untold.len() > FOLLOW_UNTOLD {
            self.untold.clear();
            self.ground.audience.missed(self.station.lane.number());
        }
        Ok(())
    }

    /// Tells live streams of the events whose snapshots are there.
    fn tell(&mut self) -> Result<(), FollowError> {
        let mut changes = Vec::new();
        while let Some((offset, event)) = self.untold.pop_front() {
            let snapshot = reading::match_snapshot(&self.ground.store, event.recorded.match_id)?;
            if snapshot.is_none_or(|snapshot| snapshot.seq < event.recorded.seq) {
                self.untold.push_front((offset, event));
                break;
            }
            changes.push((offset, self.folds.change(event)?));
        }
        if !changes.is_empty() {
            let batch = LiveBatch { partition: self.station.lane.number(), changes };
            // Nobody may be listening.
            let _ = self.ground.audience.matches.send(Arc::new(batch));
        }
        Ok(())
    }

    /// Says how far the topics are read, once everything that was read is in the store.
    fn say_where(&self) {
        if self.queues.iter().all(|queue| queue.waiting.is_empty()) {
            let tails = self.queues.iter().map(|queue| &queue.tail);
            self.station.progress.read_up_to(tails.map(|tail| (&tail.partition().topic, tail.position())));
        }
    }
}

impl Ground {
    /// Whether the store has the events that a record rests on.
    fn has_events_of(&self, kind: Kind, placed: &Placed) -> Result<bool, FollowError> {
        let Some(value) = placed.record.value.clone() else { return Ok(true) };
        let (table, key) = match kind {
            Kind::Matches => {
                let snapshot = v1::MatchSnapshot::decode(value);
                let snapshot = snapshot.map_err(|error| bad_row("matches", error))?;
                let id = MatchId(subject(&snapshot.meta.unwrap_or_default().id)?);
                (Events::NAME, event_key(id, Seq(snapshot.seq)))
            }
            Kind::Ties => {
                let snapshot = v1::TieSnapshot::decode(value);
                let snapshot = snapshot.map_err(|error| bad_row("ties", error))?;
                let id = TieId(subject(&snapshot.meta.unwrap_or_default().id)?);
                (TieEvents::NAME, tie_event_key(id, Seq(snapshot.seq)))
            }
            Kind::MatchCommands
            | Kind::MatchEvents
            | Kind::MatchDedupe
            | Kind::TieCommands
            | Kind::TieEvents
            | Kind::TieDedupe
            | Kind::Reference
            | Kind::Anomalies
            | Kind::Devices => return Ok(true),
        };
        Ok(self.store.get(table, &key)?.is_some())
    }
}

fn subject(id: &[u8]) -> Result<Uuid, StoreError> {
    Uuid::from_slice(id).map_err(|error| bad_row("snapshots", error))
}
