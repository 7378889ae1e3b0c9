//! The derived store: tables that are a function of the log, on fjall, in one directory.
//!
//! Nothing in it is the truth. It is not synced: after a crash it may be older than the log, and recovery applies what
//! is missing. A directory of another format, of another set of tables, or from another log is emptied and filled
//! again. The rows that a record makes and the position up to which records were applied change together.
//!
//! The shape says that the rows beside it are of this format and these tables. It is the first to go when the store is
//! emptied and the last to come back, each durably, so rows without a shape are never taken for good ones.

mod error;
mod position;
mod table;
#[cfg(test)]
mod tests;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};
use topspin_log::{Offset, Record, TopicPartition};

pub use error::{OpenStoreError, StoreError};
pub(crate) use position::Position;
pub use table::{Changes, Row, Rows, Table};

use crate::limits;

/// Raised when the shape of what this module itself keeps changes.
const FORMAT: u32 = 2;
const POSITIONS: &str = "positions";
const SHAPE: &[u8] = b"~shape";
const PROBE: &[u8] = b"~probe";

/// The store of one node. Cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    dir: PathBuf,
    shape: String,
    tables: Vec<Box<dyn Table>>,
    /// `None` only while, or after, opening anew has failed.
    opened: RwLock<Option<Opened>>,
}

/// A record that was committed, where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The partition.
    pub partition: TopicPartition,
    /// The place in it.
    pub offset: Offset,
    /// The record.
    pub record: Record,
}

impl Store {
    /// Opens or creates the store in `dir`. `version` is raised by the owner of `tables` when what they make of a
    /// record changes: a store of another version is emptied.
    ///
    /// # Errors
    /// [`OpenStoreError`] if the directory cannot be used, or another process holds it.
    pub fn open(dir: &Path, version: u32, tables: Vec<Box<dyn Table>>) -> Result<Self, OpenStoreError> {
        let shape = shape(version, &tables);
        let opened = Opened::open(dir, &tables)?;
        let inner = Inner { dir: dir.to_owned(), shape, tables, opened: RwLock::new(Some(opened)) };
        let store = Store(Arc::new(inner));
        store.read(|opened| match opened.positions.get(SHAPE)? {
            Some(found) if *found == *store.0.shape.as_bytes() => Ok(()),
            None if opened.is_empty()? => store.take(Step::WriteShape, opened),
            Some(_) | None => store.empty(opened),
        })?;
        Ok(store)
    }

    /// Empties every table and forgets every position, durably. After a crash in between, the next opening does it.
    ///
    /// # Errors
    /// [`StoreError`] if the storage refuses.
    pub fn clear(&self) -> Result<(), StoreError> {
        self.read(|opened| self.empty(opened))
    }

    /// The value of a key.
    ///
    /// # Errors
    /// [`StoreError`] if the table is unknown or cannot be read.
    pub fn get(&self, table: &str, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        self.get_at(self.index_of(table)?, key)
    }

    /// Rows whose key starts with `prefix` and is at least `from`, in key order, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] if the table is unknown or cannot be read.
    pub fn scan(
        &self,
        table: &str,
        prefix: &[u8],
        from: &[u8],
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        self.scan_at(self.index_of(table)?, prefix, from, limit)
    }

    pub(crate) fn scan_at(
        &self,
        index: usize,
        prefix: &[u8],
        from: &[u8],
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        self.read(|opened| {
            let mut rows = Vec::new();
            let found = opened.keyspaces[index].range(from.max(prefix)..);
            for guard in found.take(limit.min(limits::MAX_SCAN_ROWS)) {
                let (key, value) = guard.into_inner()?;
                if !key.starts_with(prefix) {
                    break;
                }
                rows.push((Bytes::copy_from_slice(&key), Bytes::copy_from_slice(&value)));
            }
            Ok(rows)
        })
    }

    /// The last applied offset of a partition.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read.
    pub fn applied(&self, partition: &TopicPartition) -> Result<Option<Offset>, StoreError> {
        Ok(self.position(partition)?.map(|position| position.offset))
    }

    pub(crate) fn position(&self, partition: &TopicPartition) -> Result<Option<Position>, StoreError> {
        let stored = self.read(|opened| Ok(opened.positions.get(partition.to_string())?))?;
        Ok(stored.and_then(|bytes| Position::read(&bytes)))
    }

    /// Applies committed records, in their order within each partition, as one change.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is applied then.
    pub fn apply(&self, records: &[Placed]) -> Result<(), StoreError> {
        let mut changes = Changes::new(self);
        changes.apply(records.iter().map(|placed| (&placed.partition, &placed.record)))?;
        self.put(changes, records)
    }

    /// Writes changes that `records`, and no others, have made, with the positions of the records.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is written then.
    pub fn put<'record>(
        &self,
        changes: Changes<'_>,
        records: impl IntoIterator<Item = &'record Placed>,
    ) -> Result<(), StoreError> {
        self.read(|opened| {
            let mut batch = opened.database.batch();
            for (table, key, value) in changes.into_rows() {
                let keyspace = &opened.keyspaces[table];
                match value {
                    Some(value) => batch.insert(keyspace, key.as_ref(), value.as_ref()),
                    None => batch.remove(keyspace, key.as_ref()),
                }
            }
            for placed in records {
                let position = Position::of(placed.offset, &placed.record);
                batch.insert(&opened.positions, placed.partition.to_string(), position.bytes().as_slice());
            }
            Ok(batch.commit()?)
        })
    }

    /// Opens the storage anew if it refuses writes since one has failed, such as on a full disk. Until that works,
    /// what was there can be read.
    ///
    /// # Errors
    /// [`StoreError`] if it does not work yet.
    pub(crate) fn mend(&self) -> Result<(), StoreError> {
        let mut opened = self.0.opened.write().unwrap_or_else(PoisonError::into_inner);
        if opened.as_ref().is_some_and(Opened::takes_writes) {
            return Ok(());
        }
        probe(&self.0.dir).map_err(fjall::Error::Io)?;
        // The directory can be held once only.
        *opened = None;
        *opened = Some(Opened::open(&self.0.dir, &self.0.tables)?);
        Ok(())
    }

    /// Everything that the store holds, table by table, with the positions: to compare two stores.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read.
    pub fn dump(&self) -> Result<Vec<(&'static str, Row)>, StoreError> {
        self.read(|opened| {
            let mut rows = Vec::new();
            let named = self.0.tables.iter().map(|table| table.name()).zip(&opened.keyspaces);
            for (name, keyspace) in named.chain([(POSITIONS, &opened.positions)]) {
                for guard in keyspace.iter() {
                    let (key, value) = guard.into_inner()?;
                    rows.push((name, (Bytes::copy_from_slice(&key), Bytes::copy_from_slice(&value))));
                }
            }
            Ok(rows)
        })
    }

    pub(crate) fn tables(&self) -> &[Box<dyn Table>] {
        &self.0.tables
    }

    pub(crate) fn index_of(&self, table: &str) -> Result<usize, StoreError> {
        let found = self.0.tables.iter().position(|candidate| candidate.name() == table);
        found.ok_or_else(|| StoreError::UnknownTable { table: table.to_owned() })
    }

    pub(crate) fn get_at(&self, index: usize, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        self.read(|opened| Ok(opened.keyspaces[index].get(key)?.map(|value| Bytes::copy_from_slice(&value))))
    }

    fn empty(&self, opened: &Opened) -> Result<(), StoreError> {
        opened.emptying().try_for_each(|step| self.take(step, opened))
    }

    fn take(&self, step: Step<'_>, opened: &Opened) -> Result<(), StoreError> {
        match step {
            Step::ForgetShape => opened.positions.remove(SHAPE)?,
            Step::Empty(keyspace) => keyspace.clear()?,
            Step::Persist => opened.database.persist(PersistMode::SyncAll)?,
            Step::WriteShape => opened.positions.insert(SHAPE, self.0.shape.as_bytes())?,
        }
        Ok(())
    }

    fn read<T>(&self, read: impl FnOnce(&Opened) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let opened = self.0.opened.read().unwrap_or_else(PoisonError::into_inner);
        read(opened.as_ref().ok_or(StoreError::Closed)?)
    }
}

/// A part of emptying the store, between two of which a crash can come.
#[derive(Clone, Copy)]
enum Step<'opened> {
    ForgetShape,
    Empty(&'opened Keyspace),
    Persist,
    WriteShape,
}

/// The storage of a store.
struct Opened {
    database: Database,
    positions: Keyspace,
    keyspaces: Vec<Keyspace>,
}

impl Opened {
    fn open(dir: &Path, tables: &[Box<dyn Table>]) -> Result<Self, fjall::Error> {
        let database = open_database(dir)?;
        let positions = database.keyspace(POSITIONS, keyspace_options)?;
        let keyspaces = tables.iter().map(|table| database.keyspace(table.name(), keyspace_options));
        let keyspaces = keyspaces.collect::<Result<_, _>>()?;
        Ok(Opened { database, positions, keyspaces })
    }

    fn all_keyspaces(&self) -> impl Iterator<Item = &Keyspace> {
        std::iter::once(&self.positions).chain(&self.keyspaces)
    }

    fn is_empty(&self) -> Result<bool, fjall::Error> {
        for keyspace in self.all_keyspaces() {
            if !keyspace.is_empty()? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn emptying(&self) -> impl Iterator<Item = Step<'_>> {
        let emptying = self.all_keyspaces().map(Step::Empty);
        [Step::ForgetShape, Step::Persist].into_iter().chain(emptying).chain([
            Step::Persist,
            Step::WriteShape,
            Step::Persist,
        ])
    }

    fn takes_writes(&self) -> bool {
        self.positions.insert(PROBE, []).and_then(|()| self.positions.remove(PROBE)).is_ok()
    }
}

/// Opens a database with the bounds of [`limits`].
pub(crate) fn open_database(dir: &Path) -> Result<Database, fjall::Error> {
    Database::builder(dir)
        .cache_size(limits::STORE_CACHE_BYTES)
        .max_journaling_size(limits::STORE_JOURNAL_BYTES)
        .worker_threads(limits::STORE_WORKERS)
        .open()
}

/// How every keyspace is created.
pub(crate) fn keyspace_options() -> KeyspaceCreateOptions {
    KeyspaceCreateOptions::default().max_memtable_size(limits::TABLE_WRITE_BUFFER_BYTES)
}

/// Whether the disk takes what opening needs.
pub(crate) fn probe(dir: &Path) -> std::io::Result<()> {
    let path = dir.join("probe");
    let mut file = std::fs::File::create(&path)?;
    let written = file.write_all(&vec![0; limits::PROBE_BYTES]).and_then(|()| file.sync_all());
    std::fs::remove_file(&path)?;
    written
}

fn shape(version: u32, tables: &[Box<dyn Table>]) -> String {
    let names: Vec<_> = tables.iter().map(|table| table.name()).collect();
    format!("{FORMAT}/{version}/{}", names.join(","))
}
