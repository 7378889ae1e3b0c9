//! The log.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{mpsc, oneshot};
use topspin_log::group::{Coordinator, Protocol};
use topspin_log::{
    Batch, BeginProducerError, Cleanup, CommitError, Committer, CreateTopicError, GroupError, GroupId, Log,
    MemberId, Membership, Offset, Producer, ReadError, Reader, Receipt, Start, Timestamp, Topic,
    TopicPartition, TopicSpec, TransactionalId, TrimError,
};

use crate::background::{CleanRequest, Threads};
use crate::commit::{Draft, draft};
use crate::directory::Locked;
use crate::disk::OsDisk;
use crate::journal::Journal;
use crate::limits::{DEFAULT_CLEAN_INTERVAL, DEFAULT_SEGMENT_BYTES, SEGMENT_BYTES};
use crate::reader::PartitionReader;
use crate::recovery;
use crate::store::Store;
use crate::writer::{CommitRequest, Request, Writer};
use crate::{CleanError, OpenError};

/// How a log is opened. Any value may change from one opening to the next.
#[derive(Debug, Clone)]
pub struct Options {
    /// Bytes after which a segment is sealed; moved inside [`SEGMENT_BYTES`].
    pub segment_bytes: u64,
    /// How often the background cleaner looks for something to remove; `None` leaves it to [`EmbeddedLog::clean_now`].
    pub clean_interval: Option<Duration>,
}

impl Default for Options {
    fn default() -> Self {
        Self { segment_bytes: DEFAULT_SEGMENT_BYTES, clean_interval: Some(DEFAULT_CLEAN_INTERVAL) }
    }
}

/// What a pass of the cleaner did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CleanReport {
    /// Records that are gone from rewritten segments.
    pub records_removed: u64,
    /// Segments that were written anew.
    pub segments_rewritten: u64,
    /// Segments that are gone whole.
    pub segments_removed: u64,
}

/// The log in one local directory. Clones are the same log; the last one dropped closes it, with its producers.
#[derive(Clone)]
pub struct EmbeddedLog {
    inner: Arc<Inner>,
}

struct Inner {
    store: Arc<Store>,
    coordinator: Arc<Coordinator>,
    // Before the lock: the writer has ended when the lock goes.
    running: Mutex<Option<Running>>,
    requests: mpsc::WeakSender<Request>,
}

struct Running {
    threads: Threads,
    _lock: Option<Locked>,
}

impl EmbeddedLog {
    /// Opens the log in a directory, which is made if there is none. Blocks while it reads one segment and the
    /// sidecars of the others.
    ///
    /// # Errors
    /// [`OpenError::Locked`] if it is open already; otherwise as the variants say.
    pub fn open(directory: impl AsRef<Path>, options: &Options) -> Result<Self, OpenError> {
        let directory = directory.as_ref();
        let lock = Locked::open(directory)?;
        let is_new = lock.is_new();
        let opened = recovery::open(Arc::new(OsDisk), directory.join("segments"), is_new)?;
        if is_new {
            lock.write_format()?;
        }
        Self::start(opened, options, Some(lock))
            .map_err(|source| OpenError::Io { path: directory.to_owned(), source })
    }

    /// Opens the log on any disk, without a lock.
    #[cfg(test)]
    pub(crate) fn open_on(
        disk: Arc<dyn crate::disk::Disk>,
        options: &Options,
        is_new: bool,
    ) -> Result<Self, OpenError> {
        let directory = std::path::PathBuf::from("segments");
        let opened = recovery::open(disk, directory.clone(), is_new)?;
        Self::start(opened, options, None).map_err(|source| OpenError::Io { path: directory, source })
    }

    /// A cleaner beside the background one, whose rounds are of so many keys.
    #[cfg(test)]
    pub(crate) fn cleaner(&self, round_keys: usize) -> crate::cleaner::Cleaner {
        let requests = self.requests().expect("the log is open");
        crate::cleaner::Cleaner::new(self.inner.store.clone(), requests, round_keys)
    }

    #[cfg(test)]
    pub(crate) fn requests(&self) -> Option<mpsc::Sender<Request>> {
        self.inner.requests.upgrade()
    }

    fn start(opened: recovery::Opened, options: &Options, lock: Option<Locked>) -> std::io::Result<Self> {
        let store = opened.store;
        let segment_bytes = options.segment_bytes.clamp(*SEGMENT_BYTES.start(), *SEGMENT_BYTES.end());
        let journal = Journal::new(store.clone(), segment_bytes, opened.begin, opened.position);
        let writer = Writer::new(store.clone(), journal);
        let threads = Threads::start(&store, writer, options.clean_interval)?;
        let requests = threads.requests().map(mpsc::Sender::downgrade);
        let requests = requests.ok_or(std::io::ErrorKind::BrokenPipe)?;
        let positions = store.clone();
        let coordinator = Coordinator::new(Protocol::Cooperative, move |group, partition| {
            let catalog = positions.catalog();
            catalog.position(group, catalog.id(partition).ok()?)
        });
        let running = Mutex::new(Some(Running { threads, _lock: lock }));
        Ok(Self { inner: Arc::new(Inner { store, coordinator, running, requests }) })
    }

    /// Removes everything that the topics' policies allow to go, as if the time was `now`, after sealing the active
    /// segment. Rewrites segments for a single record; the background cleaner is lazier.
    ///
    /// # Errors
    /// As the variants of [`CleanError`] say.
    pub async fn clean_now(&self, now: Timestamp) -> Result<CleanReport, CleanError> {
        let closed = || CleanError::Failed { reason: CLOSED.into() };
        let cleanings = {
            let running = self.inner.running.lock().unwrap_or_else(PoisonError::into_inner);
            running.as_ref().and_then(|running| running.threads.cleanings().cloned()).ok_or_else(closed)?
        };
        let (reply, answer) = oneshot::channel();
        let sent = tokio::task::spawn_blocking(move || cleanings.send(CleanRequest { now, reply })).await;
        sent.map_err(|_| closed())?.map_err(|_| closed())?;
        answer.await.map_err(|_| closed())?
    }

    /// Closes the log after everything that was asked before, and frees the directory. Later writes are refused; what
    /// was committed can still be read. Blocks the calling task until the threads have ended.
    pub async fn close(&self) {
        if let Some(requests) = self.inner.requests.upgrade() {
            let (reply, closed) = oneshot::channel();
            if requests.send(Request::Close { reply }).await.is_ok() {
                // The writer may have ended already; either way it is closed.
                let _ = closed.await;
            }
        }
        let running = self.inner.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        // Blocking, because ending includes what the cleaner is doing.
        let _ = tokio::task::spawn_blocking(move || drop(running)).await;
    }

    async fn ask<T>(&self, request: impl FnOnce(oneshot::Sender<T>) -> Request) -> Option<T> {
        let requests = self.inner.requests.upgrade()?;
        let (reply, answer) = oneshot::channel();
        requests.send(request(reply)).await.ok()?;
        drop(requests);
        answer.await.ok()
    }
}

const CLOSED: &str = "the log is closed";

#[async_trait]
impl Log for EmbeddedLog {
    async fn create_topic(&self, spec: &TopicSpec) -> Result<(), CreateTopicError> {
        if !self.inner.store.catalog().check_new(spec)? {
            return Ok(());
        }
        let answer = self.ask(|reply| Request::CreateTopic { spec: spec.clone(), reply }).await;
        answer.unwrap_or_else(|| Err(CreateTopicError::Failed { reason: CLOSED.into() }))
    }

    async fn topics(&self) -> Result<Vec<TopicSpec>, ReadError> {
        Ok(self.inner.store.catalog().specs())
    }

    async fn topic(&self, topic: &Topic) -> Result<TopicSpec, ReadError> {
        self.inner.store.catalog().spec(topic).cloned()
    }

    async fn start_offset(&self, partition: &TopicPartition) -> Result<Offset, ReadError> {
        self.bounds(partition).map(|(start, _)| Offset::new(start))
    }

    async fn end_offset(&self, partition: &TopicPartition) -> Result<Offset, ReadError> {
        self.bounds(partition).map(|(_, end)| Offset::new(end))
    }

    async fn trim(&self, partition: &TopicPartition, before: Offset) -> Result<(), TrimError> {
        let (start, end) = self.bounds(partition)?;
        if self.inner.store.catalog().spec(&partition.topic)?.cleanup == Cleanup::Compact {
            return Err(TrimError::Compacted { topic: partition.topic.clone() });
        }
        if before.get() > end {
            return Err(TrimError::BeyondEnd { partition: partition.clone(), wanted: before });
        }
        if before.get() <= start {
            return Ok(());
        }
        let (partition, start) = (self.inner.store.catalog().id(partition)?, before.get());
        let answer = self.ask(|reply| Request::Trim { partition, start, reply }).await;
        answer.unwrap_or_else(|| Err(CleanError::Failed { reason: CLOSED.into() })).map_err(TrimError::from)
    }

    async fn reader(&self, partition: &TopicPartition, start: Start) -> Result<Box<dyn Reader>, ReadError> {
        Ok(Box::new(PartitionReader::open(self.inner.store.clone(), partition, start)?))
    }

    async fn begin_producer(&self, id: &TransactionalId) -> Result<Producer, BeginProducerError> {
        let answer = self.ask(|reply| Request::BeginProducer { id: id.clone(), reply }).await;
        let epoch = answer.unwrap_or_else(|| Err(BeginProducerError::Failed { reason: CLOSED.into() }))?;
        let committer = EmbeddedCommitter { log: self.clone(), id: id.clone(), epoch };
        Ok(Producer::new(id.clone(), Box::new(committer)))
    }

    async fn join(
        &self,
        group: &GroupId,
        topics: &[Topic],
        member: &MemberId,
    ) -> Result<Box<dyn Membership>, GroupError> {
        let mut partitions = BTreeSet::new();
        for topic in topics {
            let catalog = self.inner.store.catalog();
            let spec = catalog.spec(topic).map_err(|_| GroupError::UnknownTopic { topic: topic.clone() })?;
            partitions.extend(spec.topic_partitions());
        }
        self.inner.coordinator.join(group, member, partitions)
    }

    async fn committed_position(
        &self,
        group: &GroupId,
        partition: &TopicPartition,
    ) -> Result<Option<Offset>, ReadError> {
        let catalog = self.inner.store.catalog();
        Ok(catalog.position(group, catalog.id(partition)?))
    }
}

impl EmbeddedLog {
    fn bounds(&self, partition: &TopicPartition) -> Result<(u64, u64), ReadError> {
        let catalog = self.inner.store.catalog();
        let tail = catalog.tail(catalog.id(partition)?);
        tail.map(|tail| tail.bounds()).ok_or_else(|| ReadError::UnknownPartition(partition.clone()))
    }

    fn draft(&self, batch: &Batch) -> Result<Draft, CommitError> {
        let catalog = self.inner.store.catalog();
        let id = |partition: &TopicPartition| {
            catalog.id(partition).map_err(|_| match catalog.spec(&partition.topic) {
                Ok(_) => CommitError::UnknownPartition(partition.clone()),
                Err(_) => CommitError::UnknownTopic { topic: partition.topic.clone() },
            })
        };
        let draft = draft(batch, id)?;
        for append in batch.appends().iter().filter(|append| append.record.key.is_none()) {
            let topic = &append.partition.topic;
            if catalog.spec(topic).is_ok_and(|spec| spec.cleanup == Cleanup::Compact) {
                return Err(CommitError::KeyRequired { topic: topic.clone() });
            }
        }
        assert!(draft.is_some(), "a batch within the limits of the contract fits a frame");
        draft.ok_or_else(|| CommitError::Failed { reason: "a batch that fits no frame".into() })
    }
}

struct EmbeddedCommitter {
    log: EmbeddedLog,
    id: TransactionalId,
    epoch: u64,
}

#[async_trait]
impl Committer for EmbeddedCommitter {
    async fn commit(&mut self, batch: Batch) -> Result<Receipt, CommitError> {
        let draft = self.log.draft(&batch)?;
        let admissions = self.log.inner.coordinator.admit_all(&batch)?;
        let (id, epoch) = (self.id.clone(), self.epoch);
        let answer = self
            .log
            .ask(|reply| Request::Commit(CommitRequest { draft, id, epoch, admissions, reply }))
            .await;
        answer.unwrap_or_else(|| Err(CommitError::Failed { reason: CLOSED.into() }))
    }
}
