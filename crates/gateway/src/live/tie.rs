//! The stream of one tie.
//!
//! Ties are few and short: their streams have no queues. Each is told that some tie has changed, and reads what came
//! after what it has sent. So there is nothing to lose, and nothing to be too slow for.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::Interval;
use topspin_event::{Epoch, Seq, StateHash, TieEventEnvelope, TieId, TieSnapshot, Timestamp};
use topspin_feed::Position;
use topspin_scoring::{ReadError, TieChange, TieResource};

use super::frame::{event, opening, placed};
use super::hub::heartbeats;
use super::one::{Resume, joined};
use crate::app::App;
use crate::problem::Problem;
use crate::ties;

#[derive(Serialize)]
struct TieData<'a> {
    event: &'a TieEventEnvelope,
    tie: TieResource,
}

/// Where the tie stands, said again and again.
#[derive(Serialize)]
struct Heartbeat<'a> {
    server_time: Timestamp,
    tie_id: TieId,
    epoch: Epoch,
    seq: Seq,
    chain: String,
    state_hash: &'a StateHash,
}

/// What the stream waits for.
enum Wake {
    /// Some tie has changed.
    Told,
    /// Nothing happened for a while.
    Silence,
    /// The server stops.
    Stop,
}

/// The stream of one tie, as what to send next.
pub struct TieStream {
    app: App,
    news: watch::Receiver<()>,
    head: TieSnapshot,
    ready: VecDeque<Bytes>,
    beat: Interval,
    stop: watch::Receiver<bool>,
    over: bool,
    _permit: OwnedSemaphorePermit,
}

impl TieStream {
    /// Opens the stream after `last`, or with a snapshot if that is no place in the tie.
    ///
    /// # Errors
    /// A [`Problem`] if there is no such tie or it cannot be read.
    pub fn open(
        app: &App,
        id: TieId,
        last: Option<Position>,
        permit: OwnedSemaphorePermit,
    ) -> Result<Self, Problem> {
        // First the news, then what it goes on from: nothing can fall between.
        let news = app.home.ties_changed();
        let head = ties::snapshot(app, id)?;
        let resumed = match last.filter(|last| last.epoch == head.epoch && last.seq <= head.seq) {
            Some(Position { seq, .. }) => {
                app.home.tie_changes(id, seq)?.into_iter().find(|change| change.event.recorded.seq == seq)
            }
            None => None,
        };
        let mut stream = TieStream {
            app: Arc::clone(app),
            news,
            head,
            ready: VecDeque::from([opening()]),
            beat: heartbeats(),
            stop: app.stop.clone(),
            over: false,
            _permit: permit,
        };
        match resumed {
            Some(change) => {
                stream.head = change.snapshot;
                stream.look()?;
            }
            None => stream.send("snapshot", &TieResource::from(&stream.head)),
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
            let wake = tokio::select! {
                biased;
                told = self.news.changed() => told.map_or(Wake::Stop, |()| Wake::Told),
                _ = self.beat.tick() => Wake::Silence,
                _ = self.stop.wait_for(|stop| *stop) => Wake::Stop,
            };
            let looked = match wake {
                Wake::Told => self.look(),
                Wake::Silence => self.look().map(|()| self.heartbeat()),
                Wake::Stop => {
                    self.end("stopping");
                    continue;
                }
            };
            if let Err(error) = looked {
                tracing::error!(%error, "the stream of a tie cannot be continued");
                self.end("lagged");
            }
        }
    }

    /// Sends what came after the head.
    fn look(&mut self) -> Result<(), ReadError> {
        let id = self.head.meta.id;
        if self.app.home.tie_snapshot(id)?.is_none_or(|now| now.seq <= self.head.seq) {
            return Ok(());
        }
        for TieChange { event, snapshot } in self.app.home.tie_changes(id, Seq(self.head.seq.0 + 1))? {
            self.head = snapshot;
            self.send("tie", &TieData { event: &event, tie: TieResource::from(&self.head) });
        }
        self.beat.reset();
        Ok(())
    }

    fn send(&mut self, name: &str, data: &impl Serialize) {
        self.ready.push_back(placed(&self.place(), &event(name, data)));
    }

    fn heartbeat(&mut self) {
        let beat = Heartbeat {
            server_time: (self.app.clock)(),
            tie_id: self.head.meta.id,
            epoch: self.head.epoch,
            seq: self.head.seq,
            chain: self.head.chain.to_string(),
            state_hash: &self.head.state_hash,
        };
        self.ready.push_back(event("heartbeat", &beat));
    }

    fn end(&mut self, why: &str) {
        self.ready.push_back(event(why, &Resume { resume: self.place() }));
        self.over = true;
    }

    fn place(&self) -> String {
        Position { epoch: self.head.epoch, seq: self.head.seq }.to_string()
    }
}
