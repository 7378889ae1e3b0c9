//! The threads of a log.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::{mpsc, oneshot};
use topspin_log::Timestamp;

use crate::cleaner::{Pass, Thoroughness};
use crate::limits::QUEUED_REQUESTS;
use crate::store::Store;
use crate::writer::{Request, Writer};
use crate::{CleanError, CleanReport};

pub(crate) struct CleanRequest {
    pub(crate) now: Timestamp,
    pub(crate) reply: oneshot::Sender<Result<CleanReport, CleanError>>,
}

/// The writer and the cleaner of one log. Dropping it ends both, after what they were asked before.
pub(crate) struct Threads {
    requests: Option<mpsc::Sender<Request>>,
    cleanings: Option<SyncSender<CleanRequest>>,
    writer: Option<JoinHandle<()>>,
    cleaner: Option<JoinHandle<()>>,
}

impl Threads {
    pub(crate) fn start(
        store: &Arc<Store>,
        writer: Writer,
        interval: Option<Duration>,
    ) -> std::io::Result<Self> {
        let (requests, queue) = mpsc::channel(QUEUED_REQUESTS);
        let (cleanings, asked) = sync_channel(1);
        let writer = Builder::new().name("log-writer".into()).spawn(move || writer.run(queue))?;
        let cleaner = Cleaner { store: store.clone(), requests: requests.clone(), interval };
        let cleaner = Builder::new().name("log-cleaner".into()).spawn(move || cleaner.run(&asked))?;
        Ok(Self {
            requests: Some(requests),
            cleanings: Some(cleanings),
            writer: Some(writer),
            cleaner: Some(cleaner),
        })
    }

    pub(crate) fn requests(&self) -> Option<&mpsc::Sender<Request>> {
        self.requests.as_ref()
    }

    pub(crate) fn cleanings(&self) -> Option<&SyncSender<CleanRequest>> {
        self.cleanings.as_ref()
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        // A thread that panicked has said so itself.
        self.cleanings = None;
        let _ = self.cleaner.take().map(JoinHandle::join);
        self.requests = None;
        let _ = self.writer.take().map(JoinHandle::join);
    }
}

struct Cleaner {
    store: Arc<Store>,
    requests: mpsc::Sender<Request>,
    interval: Option<Duration>,
}

impl Cleaner {
    fn run(self, asked: &Receiver<CleanRequest>) {
        let mut seen = 0;
        loop {
            match asked.recv_timeout(self.interval.unwrap_or(Duration::MAX)) {
                Ok(CleanRequest { now, reply }) => {
                    // Nobody has to wait for the answer.
                    drop(reply.send(self.pass(now, Thoroughness::Everything)));
                }
                Err(RecvTimeoutError::Timeout) => {
                    let newest = self.store.active().id;
                    let changed = newest != seen || self.has_retention();
                    if changed && let Err(error) = self.pass(wall_clock(), Thoroughness::Worthwhile) {
                        tracing::warn!(%error, "cleaning the log stopped");
                    }
                    seen = newest;
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Whether time alone can make something removable.
    fn has_retention(&self) -> bool {
        let retained =
            |spec: &topspin_log::TopicSpec| matches!(spec.cleanup, topspin_log::Cleanup::Retain { .. });
        let sealed = self.store.sealed();
        let catalog = self.store.catalog();
        let mut held = sealed.values().flat_map(|sealed| sealed.directory.iter());
        held.any(|summary| {
            catalog.topics().get(summary.partition.topic as usize).is_some_and(|t| retained(&t.spec))
        })
    }

    fn pass(&self, now: Timestamp, thoroughness: Thoroughness) -> Result<CleanReport, CleanError> {
        Pass { store: &self.store, requests: &self.requests, now, thoroughness }.run()
    }
}

fn wall_clock() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
