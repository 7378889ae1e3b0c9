//! The stream across matches.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::Interval;
use topspin_event::{CompetitionId, MatchId, MatchSnapshot, Seq, Timestamp};
use topspin_laws::Status;
use topspin_log::{Offset, Partition};
use topspin_scoring::{MatchFilter, StatusFilter};

use super::cursor::{Positions, encode};
use super::frame::{Published, event, opening, put_id};
use super::hub::{News, Queue, news};
use super::one::joined;
use crate::app::App;
use crate::limits::{HEARTBEAT, MAX_PAGE, MAX_SNAPSHOTS};
use crate::problem::Problem;

/// Which matches a stream follows.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// Only those of a competition.
    pub competition: Option<CompetitionId>,
    /// Only those with a status. A match that leaves it is shown once more.
    pub status: StatusFilter,
}

#[derive(Serialize)]
struct Heartbeat {
    server_time: Timestamp,
}

#[derive(Serialize)]
struct Resume {
    resume: String,
}

/// The stream across matches, as what to send next.
pub struct AcrossStream {
    app: App,
    queue: Queue,
    wanted: Wanted,
    positions: Positions,
    /// Up to where snapshots have shown each match.
    shown: HashMap<MatchId, Seq>,
    /// Whether a match was wanted when it was last seen; one never seen counts as `unseen`.
    was_wanted: HashMap<MatchId, bool>,
    unseen: bool,
    ready: VecDeque<Bytes>,
    /// What is still to be read from the log, by partition: up to where.
    behind: Positions,
    beat: Interval,
    stop: watch::Receiver<bool>,
    over: bool,
    _permit: OwnedSemaphorePermit,
}

impl AcrossStream {
    /// Opens the stream after `last`, or with a snapshot of every live match that is wanted.
    ///
    /// # Errors
    /// A [`Problem`] if the matches cannot be read.
    pub fn open(
        app: &App,
        wanted: Wanted,
        last: Option<Positions>,
        permit: OwnedSemaphorePermit,
    ) -> Result<Self, Problem> {
        // First the queue, then what it goes on from: nothing can fall between.
        let (queue, now) = app.hub.follow_all();
        let mut beat = tokio::time::interval(HEARTBEAT);
        beat.reset();
        let mut stream = AcrossStream {
            app: Arc::clone(app),
            queue,
            wanted,
            positions: now.clone(),
            shown: HashMap::new(),
            was_wanted: HashMap::new(),
            unseen: last.is_some(),
            ready: VecDeque::from([opening()]),
            behind: Positions::new(),
            beat,
            stop: app.stop.clone(),
            over: false,
            _permit: permit,
        };
        match last {
            Some(positions) => {
                stream.behind = now.into_iter().filter(|(p, o)| positions.get(p) < Some(o)).collect();
                stream.positions = positions;
            }
            None => stream.snapshots()?,
        }
        Ok(stream)
    }

    /// The next bytes to send, as many as are ready; `None` at the end.
    pub async fn next(&mut self) -> Option<Bytes> {
        loop {
            if !self.ready.is_empty() {
                return Some(joined(&mut self.ready));
            }
            if self.over {
                return None;
            }
            if let Some((partition, until)) = self.behind.first_key_value().map(|(p, o)| (*p, *o)) {
                self.catch_up(partition, until).await;
                continue;
            }
            match news(&mut self.queue, &mut self.beat, &mut self.stop).await {
                News::Change(change) => self.take(&change),
                News::QueueEnded => self.end(if self.app.is_stopping() { "stopping" } else { "lagged" }),
                News::Silence => self.heartbeat(),
                News::Stop => self.end("stopping"),
            }
        }
    }

    /// The matches that are wanted, as they are. None has an id: a reader cut off in between begins again. The
    /// heartbeat that follows has one.
    fn snapshots(&mut self) -> Result<(), Problem> {
        let status = match self.wanted.status {
            StatusFilter::Any => StatusFilter::Live,
            StatusFilter::Is(_) | StatusFilter::Live => self.wanted.status,
        };
        let filter = MatchFilter { status, competition: self.wanted.competition, ..MatchFilter::default() };
        let mut cursor = None;
        loop {
            let page = self.app.home.matches(&filter, cursor.as_deref(), MAX_PAGE)?;
            for snapshot in &page.items {
                let resource = self.app.home.resource(snapshot)?;
                self.ready.push_back(event("snapshot", &resource));
                self.shown.insert(snapshot.meta.id, snapshot.seq);
                self.was_wanted.insert(snapshot.meta.id, true);
            }
            cursor = page.next_cursor;
            if cursor.is_none() || self.shown.len() >= MAX_SNAPSHOTS {
                break;
            }
        }
        self.heartbeat();
        Ok(())
    }

    /// Reads a page of what was missed in a partition.
    async fn catch_up(&mut self, partition: Partition, until: Offset) {
        let after = self.positions.get(&partition).copied();
        let batches = match self.app.home.catch_up(partition, after, MAX_PAGE).await {
            Ok(batches) => batches,
            Err(error) => {
                tracing::error!(%error, "a stream cannot read what it missed");
                return self.end("lagged");
            }
        };
        let now = (self.app.clock)();
        let mut reached = batches.is_empty();
        for batch in batches {
            for (offset, change) in batch.changes {
                reached |= offset >= until;
                if offset <= until {
                    self.push(&Published::new(partition, offset, change, now));
                }
            }
        }
        if reached {
            self.behind.remove(&partition);
        }
    }

    fn take(&mut self, first: &Published) {
        self.push(first);
        while let Ok(next) = self.queue.try_recv() {
            self.push(&next);
        }
    }

    fn push(&mut self, published: &Published) {
        if self.positions.get(&published.partition) >= Some(&published.offset) {
            return;
        }
        self.positions.insert(published.partition, published.offset);
        let snapshot = &published.change.snapshot;
        if self.shown.get(&snapshot.meta.id).is_some_and(|seq| snapshot.seq <= *seq) || !self.wants(snapshot)
        {
            return;
        }
        let Some(body) = published.body(&self.app.home) else {
            self.over = true;
            return;
        };
        let mut frame = BytesMut::with_capacity(body.len() + 256);
        put_id(&mut frame, &encode(self.app.log_id, &self.positions));
        frame.extend_from_slice(body);
        self.ready.push_back(frame.freeze());
    }

    fn wants(&mut self, snapshot: &MatchSnapshot) -> bool {
        if self.wanted.competition.is_some_and(|id| snapshot.meta.competition_id != Some(id)) {
            return false;
        }
        if self.wanted.status == StatusFilter::Any {
            return true;
        }
        let wanted = self.wanted.holds(snapshot.facts.status);
        let before = self.was_wanted.insert(snapshot.meta.id, wanted).unwrap_or(self.unseen);
        wanted || before
    }

    fn heartbeat(&mut self) {
        let mut frame = BytesMut::new();
        put_id(&mut frame, &encode(self.app.log_id, &self.positions));
        frame.extend_from_slice(&event("heartbeat", &Heartbeat { server_time: (self.app.clock)() }));
        self.ready.push_back(frame.freeze());
    }

    /// The server stops, or this reader was too slow: it is told where to go on.
    fn end(&mut self, why: &str) {
        let resume = encode(self.app.log_id, &self.positions);
        self.ready.push_back(event(why, &Resume { resume }));
        self.over = true;
    }
}

impl Wanted {
    const fn holds(self, status: Status) -> bool {
        match self.status {
            StatusFilter::Any => true,
            StatusFilter::Is(one) => one as u8 == status as u8,
            StatusFilter::Live => status.is_live(),
        }
    }
}
