//! The threads of a log.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::{mpsc, oneshot};
use topspin_log::Timestamp;

use crate::cleaner::Cleaner;
use crate::limits::{COMPACTION_KEYS, QUEUED_REQUESTS};
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
        let cleaner = Cleaner::new(store.clone(), requests.clone(), COMPACTION_KEYS);
        let cleaner =
            Builder::new().name("log-cleaner".into()).spawn(move || clean(cleaner, &asked, interval))?;
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

fn clean(mut cleaner: Cleaner, asked: &Receiver<CleanRequest>, interval: Option<Duration>) {
    loop {
        match asked.recv_timeout(interval.unwrap_or(Duration::MAX)) {
            // Nobody has to wait for the answer.
            Ok(CleanRequest { now, reply }) => drop(reply.send(cleaner.clean(now))),
            Err(RecvTimeoutError::Timeout) => {
                if let Err(error) = cleaner.look(wall_clock()) {
                    tracing::warn!(%error, "cleaning the log stopped");
                }
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn wall_clock() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}
