//! The stream of one match.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::Interval;
use topspin_event::{Epoch, EventEnvelope, MatchId, MatchSnapshot, Seq, StateHash, Timestamp};
use topspin_feed::Position;

use super::followers::Follow;
use super::frame::{Published, event, match_event, opening, placed};
use super::hub::{News, heartbeats, news};
use crate::app::{App, Gateway};
use crate::code::Code;
use crate::limits::MAX_PAGE;
use crate::matches;
use crate::problem::Problem;

/// Where the match stands, said again and again.
#[derive(Serialize)]
struct Heartbeat<'a> {
    server_time: Timestamp,
    match_id: MatchId,
    epoch: Epoch,
    seq: Seq,
    chain: String,
    state_hash: &'a StateHash,
}

/// Where a reader that is let go continues.
#[derive(Serialize)]
pub struct Resume {
    /// Its place.
    pub resume: String,
}

/// The stream of one match, as what to send next.
pub struct OneStream {
    app: App,
    queue: Follow,
    head: MatchSnapshot,
    ready: VecDeque<Bytes>,
    beat: Interval,
    stop: watch::Receiver<bool>,
    over: bool,
    _permit: OwnedSemaphorePermit,
}

impl OneStream {
    /// Opens the stream after `last`, or with a snapshot if that is no place in the match.
    ///
    /// # Errors
    /// A [`Problem`] if there is no such match or it cannot be read.
    pub fn open(
        app: &App,
        id: MatchId,
        last: Option<Position>,
        permit: OwnedSemaphorePermit,
    ) -> Result<Self, Problem> {
        matches::snapshot(app, id)?;
        // First the queue, then what it goes on from: nothing can fall between.
        let queue = app.followers.follow(Some(id));
        let head = matches::snapshot(app, id)?;
        let resumed = last.filter(|last| last.epoch == head.epoch && last.seq <= head.seq);
        let ready = match resumed {
            Some(last) => missed(app, id, last.seq, head.seq)?,
            None => VecDeque::from([snapshot_frame(app, &head)?]),
        };
        let ready = std::iter::once(opening()).chain(ready).collect();
        let beat = heartbeats();
        let stop = app.stop.clone();
        Ok(OneStream { app: Arc::clone(app), queue, head, ready, beat, stop, over: false, _permit: permit })
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
            match news(&mut self.queue, &mut self.beat, &mut self.stop).await {
                News::Change(change) => self.take(&change),
                News::QueueEnded => self.end(if self.app.is_stopping() { "stopping" } else { "lagged" }),
                News::Silence => self.heartbeat(),
                News::Stop => self.end("stopping"),
            }
        }
    }

    fn take(&mut self, first: &Published) {
        self.push(first);
        while !self.over
            && let Some(next) = self.queue.try_recv()
        {
            self.push(&next);
        }
    }

    fn push(&mut self, published: &Published) {
        let snapshot = &published.change.snapshot;
        if (snapshot.epoch, snapshot.seq) <= (self.head.epoch, self.head.seq) {
            return;
        }
        // What cannot be shown, or does not follow what was shown, is never passed over: the reader comes back for it.
        let follows = snapshot.epoch > self.head.epoch || snapshot.seq.0 == self.head.seq.0 + 1;
        let body = match published.body(&self.app.home) {
            Ok(body) if follows => body,
            Ok(_) => {
                tracing::error!(position = %published.change.event.position(), "a stream missed an event");
                return self.end("lagged");
            }
            Err(error) => {
                tracing::error!(%error, "a change cannot be shown");
                return self.end("lagged");
            }
        };
        self.ready.push_back(placed(&published.change.event.position(), &body));
        self.head = MatchSnapshot::clone(snapshot);
        self.beat.reset();
    }

    fn heartbeat(&mut self) {
        let beat = Heartbeat {
            server_time: (self.app.clock)(),
            match_id: self.head.meta.id,
            epoch: self.head.epoch,
            seq: self.head.seq,
            chain: self.head.chain.to_string(),
            state_hash: &self.head.state_hash,
        };
        self.ready.push_back(event("heartbeat", &beat));
    }

    /// The server stops, or this reader cannot be kept up to date: it is told where to go on.
    fn end(&mut self, why: &str) {
        self.ready.push_back(event(why, &Resume { resume: Position::head(&self.head).to_string() }));
        self.over = true;
    }
}

/// Everything that is ready as one piece.
pub fn joined(ready: &mut VecDeque<Bytes>) -> Bytes {
    match ready.pop_front() {
        Some(only) if ready.is_empty() => only,
        first => {
            let mut out = BytesMut::new();
            first.into_iter().chain(ready.drain(..)).for_each(|piece| out.extend_from_slice(&piece));
            out.freeze()
        }
    }
}

/// The snapshot event of a match, with its place as id.
pub fn snapshot_frame(app: &Gateway, snapshot: &MatchSnapshot) -> Result<Bytes, Problem> {
    let resource = app.home.resource(snapshot)?;
    Ok(placed(&Position::head(snapshot).to_string(), &event("snapshot", &resource)))
}

/// The changes after `last` up to `head`, each with the match as it was then.
fn missed(app: &Gateway, id: MatchId, last: Seq, head: Seq) -> Result<VecDeque<Bytes>, Problem> {
    let mut frames = VecDeque::new();
    let mut from = Seq(last.0 + 1);
    while from <= head {
        let changes = app.home.changes(id, from, MAX_PAGE)?;
        let Some(end) = changes.last().map(|change| change.event.recorded.seq) else {
            let missing = format!("event {} of match {id} cannot be read", from.0);
            return Err(Problem::new(Code::Unavailable, missing));
        };
        for change in changes.into_iter().filter(|change| change.event.recorded.seq <= head) {
            frames.push_back(encode(app, &change.event, &change.snapshot)?);
        }
        from = Seq(end.0 + 1);
    }
    Ok(frames)
}

fn encode(app: &Gateway, envelope: &EventEnvelope, snapshot: &MatchSnapshot) -> Result<Bytes, Problem> {
    let resource = app.home.resource(snapshot)?;
    Ok(placed(&envelope.position(), &match_event(envelope, &resource)))
}
