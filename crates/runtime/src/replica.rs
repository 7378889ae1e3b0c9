//! Views to be read: a copy of what the active generation of an application has written, in one directory.
//!
//! A copy is derived from the topics and can be deleted. Each generation has its own; readers go over to that of the next
//! when it is as far as the log was when it began.

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use bytes::{BufMut as _, Bytes, BytesMut};
use futures_util::future::{FutureExt as _, select_all};
use tokio::sync::broadcast;
use tokio::task::JoinHandle;
use topspin_log::{Log, NameError, Partition, ReadError, Record, Topic, TopicPartition};

use crate::limits::{REPLICA_CHANGES, REPLICA_LOOKS_EVERY, REPLICA_TRIES_AGAIN};
use crate::{
    ActiveError, Changes, Generation, Names, OpenStoreError, Placed, RecoveryError, Row, Rows, Store,
    StoreError, Table, Tail, active_generation, catch_up,
};

/// A topic of an application that is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// A view: the latest value of each key.
    View(&'static str),
    /// A stream: all records, those of the latest time first, behind [`LATEST_FIRST`].
    Stream(&'static str),
}

impl Kept {
    const fn topic(self) -> &'static str {
        match self {
            Kept::View(topic) | Kept::Stream(topic) => topic,
        }
    }
}

/// What the keys of the rows of a stream begin with: then the time, the number in its partition, both inverted, and the
/// partition.
pub const LATEST_FIRST: &[u8] = b"t";

/// What whoever listens to a copy hears.
#[derive(Debug, Clone)]
pub enum Heard {
    /// Something came.
    Change(ViewChange),
    /// More may have come than was told: the copy was read anew, or is of another generation now.
    Missed,
}

/// What has come into a copy.
#[derive(Debug, Clone)]
pub struct ViewChange {
    /// The topic, as the application calls it.
    pub topic: &'static str,
    /// The key of the record.
    pub key: Bytes,
    /// Its value; `None` if the key is gone.
    pub value: Option<Bytes>,
}

/// A copy of views, kept by a task of its own until it is stopped. Cheap to clone.
#[derive(Clone)]
pub struct Replica(Arc<Inner>);

struct Inner {
    log: Arc<dyn Log>,
    dir: PathBuf,
    app: String,
    kept: Vec<Kept>,
    current: RwLock<Option<Current>>,
    changes: broadcast::Sender<Heard>,
}

/// What is read now.
#[derive(Clone)]
struct Current {
    generation: Generation,
    store: Store,
    partitions: Vec<TopicPartition>,
}

/// Keeps a copy. Dropping it stops that.
pub struct ReplicaKeeper(JoinHandle<()>);

impl Drop for ReplicaKeeper {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The copy cannot go on now.
#[derive(Debug, thiserror::Error)]
enum ReplicaError {
    #[error(transparent)]
    Active(#[from] ActiveError),
    #[error(transparent)]
    Name(#[from] NameError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Open(#[from] OpenStoreError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Recovery(#[from] RecoveryError),
}

impl Replica {
    /// Begins to keep a copy of these topics of `app` in `dir`, whenever a generation of it is active.
    pub fn start(log: Arc<dyn Log>, dir: &Path, app: &str, kept: &[Kept]) -> (Self, ReplicaKeeper) {
        let replica = Replica(Arc::new(Inner {
            log,
            dir: dir.to_owned(),
            app: app.to_owned(),
            kept: kept.to_vec(),
            current: RwLock::new(None),
            changes: broadcast::Sender::new(REPLICA_CHANGES),
        }));
        let keeper = tokio::spawn(replica.clone().keep());
        (replica, ReplicaKeeper(keeper))
    }

    /// The generation that is read; `None` before any was active, or read.
    pub fn generation(&self) -> Option<Generation> {
        self.with(|current| current.map(|current| current.generation))
    }

    /// The value of a key of a view; `None` also where nothing was read yet.
    ///
    /// # Errors
    /// [`StoreError`] if the copy cannot be read.
    pub fn get(&self, view: &str, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        self.with(|current| current.map_or(Ok(None), |current| current.store.get(view, key)))
    }

    /// Rows whose key starts with `prefix` and is at least `from`, in key order, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] if the copy cannot be read.
    pub fn scan(&self, view: &str, prefix: &[u8], from: &[u8], limit: usize) -> Result<Vec<Row>, StoreError> {
        self.with(|current| {
            current.map_or(Ok(Vec::new()), |current| current.store.scan(view, prefix, from, limit))
        })
    }

    /// How far a topic was read: `<topic>@<partition>:<offset of the last record>,…`. `None` before anything was read.
    ///
    /// # Errors
    /// [`StoreError`] if the copy cannot be read.
    pub fn position(&self, topic: &str) -> Result<Option<String>, StoreError> {
        let Some(Current { generation, store, partitions }) = self.with(|current| Some(current?.clone()))
        else {
            return Ok(None);
        };
        let names = Names::new(&self.0.app, generation).and_then(|names| names.output(topic));
        let Ok(topic) = names else { return Ok(None) };
        let mut places = Vec::new();
        for place in partitions.iter().filter(|place| place.topic == topic) {
            let applied = store.applied(place)?;
            places.extend(applied.map(|offset| format!("{}:{offset}", place.partition)));
        }
        Ok(Some(format!("{topic}@{}", places.join(","))))
    }

    /// What comes from now on. Who falls behind by [`REPLICA_CHANGES`] is told so and looks again.
    pub fn changes(&self) -> broadcast::Receiver<Heard> {
        self.0.changes.subscribe()
    }

    fn with<T>(&self, read: impl FnOnce(Option<&Current>) -> T) -> T {
        let current = self.0.current.read().unwrap_or_else(PoisonError::into_inner);
        read(current.as_ref())
    }

    async fn keep(self) {
        let mut complaint = None;
        loop {
            let error = match self.follow().await {
                Ok(()) => None,
                Err(error) => Some(error.to_string()),
            };
            if let Some(reason) = error.as_ref().filter(|_| error != complaint) {
                tracing::warn!(reason, app = self.0.app, "what views say is not read; it is tried again");
            }
            complaint = error;
            tokio::time::sleep(REPLICA_TRIES_AGAIN).await;
        }
    }

    /// Follows the active generation until another one is.
    async fn follow(&self) -> Result<(), ReplicaError> {
        let Inner { log, app, kept, .. } = &*self.0;
        let Some(generation) = self.active().await? else { return Ok(()) };
        let names = Names::new(app, generation)?;
        let mut tables: Vec<Box<dyn Table>> = Vec::new();
        let mut partitions = Vec::new();
        for kept in kept {
            let topic = names.output(kept.topic())?;
            let spec = log.topic(&topic).await?;
            partitions.extend(
                (0..spec.partitions).map(|number| TopicPartition::new(topic.clone(), Partition(number))),
            );
            tables.push(Box::new(Copied { kept: *kept, topic }));
        }
        let store = self.open(generation, tables)?;
        let mut tails = Vec::new();
        for partition in &partitions {
            match catch_up(log.as_ref(), &store, partition).await {
                // Of another life of the log.
                Err(RecoveryError::ForeignStore { .. }) => {
                    store.clear()?;
                    return Ok(());
                }
                caught_up => caught_up?,
            };
        }
        for partition in &partitions {
            tails.push(Tail::open(log.as_ref(), &store, partition).await?);
        }
        self.go_over(Current { generation, store: store.clone(), partitions });
        let mut looks = tokio::time::interval(REPLICA_LOOKS_EVERY);
        loop {
            let reads = select_all(tails.iter_mut().map(|tail| tail.next().boxed()));
            tokio::select! {
                (placed, _, _) = reads => self.take(&names, &store, &placed?)?,
                _ = looks.tick() => {
                    if self.active().await? != Some(generation) {
                        return Ok(());
                    }
                }
            }
        }
    }

    async fn active(&self) -> Result<Option<Generation>, ReplicaError> {
        match active_generation(self.0.log.as_ref(), &self.0.app).await {
            Err(ActiveError::Read(ReadError::UnknownTopic { .. })) => Ok(None),
            known => Ok(known?.map(|active| active.generation)),
        }
    }

    fn open(&self, generation: Generation, tables: Vec<Box<dyn Table>>) -> Result<Store, ReplicaError> {
        // One process has a directory once: what is read again is what was open.
        let open = self.with(|current| {
            current.filter(|current| current.generation == generation).map(|current| current.store.clone())
        });
        if let Some(store) = open {
            return Ok(store);
        }
        Ok(Store::open(&self.0.dir.join(generation.to_string()), FORMAT, tables)?)
    }

    /// Readers go over, and the copies of earlier generations go.
    fn go_over(&self, next: Current) {
        let own = next.generation.to_string();
        let mut current = self.0.current.write().unwrap_or_else(PoisonError::into_inner);
        let before = current.replace(next);
        drop(current);
        if before.is_some() {
            // Nobody may be listening.
            let _ = self.0.changes.send(Heard::Missed);
        }
        drop(before);
        for folder in std::fs::read_dir(&self.0.dir).into_iter().flatten().flatten() {
            if folder.file_name() != own.as_str() {
                // Whoever still reads keeps the files; what is left goes the next time.
                let _ = std::fs::remove_dir_all(folder.path());
            }
        }
    }

    fn take(&self, names: &Names, store: &Store, placed: &[Placed]) -> Result<(), ReplicaError> {
        let mut changes = Changes::new(store);
        for one in placed {
            changes.apply([(&one.partition, &one.record)])?;
        }
        store.put(changes, placed)?;
        for one in placed {
            let of =
                |kept: &&Kept| names.output(kept.topic()).is_ok_and(|topic| topic == one.partition.topic);
            let Some(kept) = self.0.kept.iter().find(of) else { continue };
            let (key, value) = (one.record.key.clone().unwrap_or_default(), one.record.value.clone());
            // Nobody may be listening.
            let _ = self.0.changes.send(Heard::Change(ViewChange { topic: kept.topic(), key, value }));
        }
        Ok(())
    }
}

/// Raised when the shape of a copy changes.
const FORMAT: u32 = 1;

/// A topic as it is kept.
struct Copied {
    kept: Kept,
    topic: Topic,
}

impl Table for Copied {
    fn name(&self) -> &'static str {
        self.kept.topic()
    }

    fn apply(
        &self,
        partition: &TopicPartition,
        record: &Record,
        rows: &mut Rows<'_, '_>,
    ) -> Result<(), StoreError> {
        if partition.topic != self.topic {
            return Ok(());
        }
        let key = record.key.clone().unwrap_or_default();
        match (self.kept, &record.value) {
            (Kept::View(_), Some(value)) => rows.put(key, value.clone()),
            (Kept::View(_), None) => rows.remove(key),
            (Kept::Stream(_), Some(value)) => {
                let key = latest_first(partition, record, rows)?;
                rows.put(key, value.clone());
            }
            (Kept::Stream(_), None) => {}
        }
        Ok(())
    }
}

/// The place of a record of a stream. How many there were of a partition is kept in a row of its own.
fn latest_first(
    partition: &TopicPartition,
    record: &Record,
    rows: &mut Rows<'_, '_>,
) -> Result<Bytes, StoreError> {
    let counter: Bytes = [b"n", partition.partition.0.to_be_bytes().as_slice()].concat().into();
    let count =
        rows.get(&counter)?.and_then(|count| count.as_ref().try_into().ok()).map_or(0, u64::from_be_bytes);
    rows.put(counter, count.wrapping_add(1).to_be_bytes().to_vec());
    let mut key = BytesMut::from(LATEST_FIRST);
    key.put_u64(!record.timestamp.as_millis());
    key.put_u64(!count);
    key.put_u32(partition.partition.0);
    Ok(key.freeze())
}
