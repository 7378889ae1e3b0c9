//! The stream across matches.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::Interval;
use topspin_event::{CompetitionId, MatchId, MatchSnapshot, Seq, Timestamp};
use topspin_laws::Status;
use topspin_log::{Offset, Partition};
use topspin_scoring::{MatchFilter, ReadError, StatusFilter};

use super::cursor::{Positions, encode, is_reached};
use super::followers::Follow;
use super::frame::{Published, event, opening, placed};
use super::hub::{News, heartbeats, news};
use super::one::joined;
use crate::app::App;
use crate::limits::{MAX_PAGE, MAX_SNAPSHOTS};
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

/// The snapshots that follow are all that is live: what else a reader knows, it forgets.
#[derive(Serialize)]
struct Reset {}

/// Where a reader that is let go continues; absent where it has to begin again.
#[derive(Serialize)]
struct Resume {
    #[serde(skip_serializing_if = "Option::is_none")]
    resume: Option<String>,
}

/// What a stream knows of a match.
#[derive(Clone, Copy)]
struct Seen {
    /// The last event of it that was shown or left out.
    seq: Seq,
    /// Whether it was wanted then.
    wanted: bool,
}

/// How a stream began.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Beginning {
    /// With snapshots. They are read one after another, while matches go on: they stand at no one place. Until the
    /// stream has passed the place where the last was read, it names none.
    Snapshots,
    /// With snapshots, and it has passed them.
    SnapshotsPassed,
    /// After a place that an earlier stream named.
    Resumed,
}

/// A stream cannot be continued without a gap.
enum Broken {
    /// Something cannot be read. What was sent until then is whole.
    Unreadable(ReadError),
    /// An event did not come. Where it was missed is not known.
    Gap,
}

/// The stream across matches, as what to send next.
pub struct AcrossStream {
    app: App,
    queue: Follow,
    wanted: Wanted,
    positions: Positions,
    seen: HashMap<MatchId, Seen>,
    beginning: Beginning,
    ready: VecDeque<Bytes>,
    /// What is still to be read from the log, by partition: up to where.
    behind: Positions,
    beat: Interval,
    stop: watch::Receiver<bool>,
    over: bool,
    _permit: OwnedSemaphorePermit,
}

impl AcrossStream {
    /// Opens the stream after `last`, or with a snapshot of every live match that is wanted if the log has no such
    /// place.
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
        let queue = app.followers.follow(None);
        let now = app.home.positions()?;
        let last = last.filter(|last| is_reached(last, &now));
        let mut stream = AcrossStream {
            app: Arc::clone(app),
            queue,
            wanted,
            positions: now,
            seen: HashMap::new(),
            beginning: Beginning::Snapshots,
            ready: VecDeque::from([opening()]),
            behind: Positions::new(),
            beat: heartbeats(),
            stop: app.stop.clone(),
            over: false,
            _permit: permit,
        };
        let now = if let Some(last) = last {
            stream.beginning = Beginning::Resumed;
            std::mem::replace(&mut stream.positions, last)
        } else {
            stream.ready.push_back(event("reset", &Reset {}));
            stream.snapshots()?;
            app.home.positions()?
        };
        stream.behind = now.into_iter().filter(|(p, o)| stream.positions.get(p) < Some(o)).collect();
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
                let caught_up = self.catch_up(partition, until).await;
                caught_up.unwrap_or_else(|broken| self.break_off(&broken));
                continue;
            }
            if self.beginning == Beginning::Snapshots {
                self.beginning = Beginning::SnapshotsPassed;
                self.heartbeat();
                continue;
            }
            match news(&mut self.queue, &mut self.beat, &mut self.stop).await {
                News::Change(change) => {
                    self.take(&change).unwrap_or_else(|broken| self.break_off(&broken));
                }
                News::QueueEnded => self.end(if self.app.is_stopping() { "stopping" } else { "lagged" }),
                News::Silence => self.heartbeat(),
                News::Stop => self.end("stopping"),
            }
        }
    }

    /// The matches that are wanted, as they are. None has an id: a reader cut off in between begins again.
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
                self.seen.insert(snapshot.meta.id, Seen { seq: snapshot.seq, wanted: true });
            }
            cursor = page.next_cursor;
            if cursor.is_none() || self.seen.len() >= MAX_SNAPSHOTS {
                return Ok(());
            }
        }
    }

    /// Reads a page of what was missed in a partition.
    async fn catch_up(&mut self, partition: Partition, until: Offset) -> Result<(), Broken> {
        let after = self.positions.get(&partition).copied();
        let batches = self.app.home.catch_up(partition, after, MAX_PAGE).await?;
        let now = (self.app.clock)();
        let mut reached = batches.is_empty();
        for batch in batches {
            for (offset, change) in batch.changes {
                reached |= offset >= until;
                if offset <= until {
                    self.push(&Published::new(partition, offset, change, now))?;
                }
            }
        }
        if reached {
            self.behind.remove(&partition);
        }
        Ok(())
    }

    fn take(&mut self, first: &Published) -> Result<(), Broken> {
        self.push(first)?;
        while let Some(next) = self.queue.try_recv() {
            self.push(&next)?;
        }
        Ok(())
    }

    /// Sends a change that is wanted and was not shown, and only then counts it as passed.
    fn push(&mut self, published: &Published) -> Result<(), Broken> {
        if self.positions.get(&published.partition) >= Some(&published.offset) {
            return Ok(());
        }
        let shown = self.show(&published.change.snapshot)?;
        let body = if shown { Some(published.body(&self.app.home)?) } else { None };
        self.positions.insert(published.partition, published.offset);
        if let Some(body) = body {
            self.send(body);
        }
        Ok(())
    }

    /// Whether a change is to be shown: it is wanted, or the one with which its match leaves what is wanted.
    fn show(&mut self, snapshot: &MatchSnapshot) -> Result<bool, Broken> {
        if !self.wanted.is_of(snapshot) {
            return Ok(false);
        }
        let (id, seq) = (snapshot.meta.id, snapshot.seq);
        let before = self.seen.get(&id).copied();
        match before {
            Some(before) if seq <= before.seq => return Ok(false),
            Some(before) if seq.0 != before.seq.0 + 1 => return Err(Broken::Gap),
            Some(_) | None => {}
        }
        let wanted = self.wanted.holds(snapshot.facts.status);
        let left = !wanted
            && match before {
                Some(before) => before.wanted,
                None => self.was_wanted(id, Seq(seq.0 - 1))?,
            };
        if snapshot.facts.status.is_over() {
            // Little follows, and what is kept stays within what is being played.
            self.seen.remove(&id);
        } else {
            self.seen.insert(id, Seen { seq, wanted });
        }
        Ok(wanted || left)
    }

    /// Whether a match that this stream has not seen was wanted after its event at `seq`.
    fn was_wanted(&self, id: MatchId, seq: Seq) -> Result<bool, Broken> {
        if seq.0 == 0 {
            return Ok(false);
        }
        let before = self.app.home.changes(id, seq, 1)?;
        Ok(before.first().is_some_and(|change| self.wanted.holds(change.snapshot.facts.status)))
    }

    fn heartbeat(&mut self) {
        self.send(event("heartbeat", &Heartbeat { server_time: (self.app.clock)() }));
    }

    fn send(&mut self, body: Bytes) {
        let frame = match self.place() {
            Some(place) => placed(&place, &body),
            None => body,
        };
        self.ready.push_back(frame);
    }

    /// The place to resume from, once there is one.
    fn place(&self) -> Option<String> {
        (self.beginning != Beginning::Snapshots).then(|| encode(self.app.log_id, &self.positions))
    }

    fn break_off(&mut self, broken: &Broken) {
        match broken {
            Broken::Unreadable(error) => {
                tracing::error!(%error, "a stream across matches cannot be continued");
                self.end("lagged");
            }
            Broken::Gap => {
                tracing::error!("a stream across matches missed an event, and its reader begins again");
                self.let_go("lagged", None);
            }
        }
    }

    /// The server stops, or this reader was too slow: it is told where to go on.
    fn end(&mut self, why: &str) {
        self.let_go(why, self.place());
    }

    fn let_go(&mut self, why: &str, resume: Option<String>) {
        let begins_again = resume.is_none();
        let body = event(why, &Resume { resume });
        // An empty id makes a browser forget the last one.
        self.ready.push_back(if begins_again { placed("", &body) } else { body });
        self.over = true;
    }
}

impl From<ReadError> for Broken {
    fn from(error: ReadError) -> Self {
        Broken::Unreadable(error)
    }
}

impl Wanted {
    fn is_of(self, snapshot: &MatchSnapshot) -> bool {
        self.competition.is_none_or(|id| snapshot.meta.competition_id == Some(id))
    }

    const fn holds(self, status: Status) -> bool {
        match self.status {
            StatusFilter::Any => true,
            StatusFilter::Is(one) => one as u8 == status as u8,
            StatusFilter::Live => status.is_live(),
        }
    }
}
