//! The derived store: tables that are a function of the log, on fjall, in one directory.
//!
//! Nothing in it is the truth. It is not synced: after a crash it may be older than the log, and recovery applies what
//! is missing. A directory of another format, of another set of tables, or from another log is emptied and filled
//! again. The rows that a record makes and the position up to which records were applied change together.

mod error;
mod table;

use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use fjall::{Database, Keyspace, KeyspaceCreateOptions};
use topspin_log::{Offset, Record, TopicPartition};

pub use error::{OpenStoreError, StoreError};
pub use table::{Changes, Row, Rows, Table};

use crate::limits;

/// Raised when the shape of what this module itself keeps changes.
const FORMAT: u32 = 1;
const POSITIONS: &str = "positions";
const SHAPE: &[u8] = b"~shape";

/// The store of one node. Cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    database: Database,
    positions: Keyspace,
    tables: Vec<Box<dyn Table>>,
    keyspaces: Vec<Keyspace>,
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
        let store = Self::open_as_is(dir, tables)?;
        match store.0.positions.get(SHAPE)? {
            Some(found) if *found == *shape.as_bytes() => return Ok(store),
            Some(_) => store.clear()?,
            None => {}
        }
        store.0.positions.insert(SHAPE, shape.as_bytes())?;
        Ok(store)
    }

    fn open_as_is(dir: &Path, tables: Vec<Box<dyn Table>>) -> Result<Self, OpenStoreError> {
        let database =
            Database::builder(dir).cache_size(limits::STORE_CACHE_BYTES).worker_threads(1).open()?;
        let options = || KeyspaceCreateOptions::default().max_memtable_size(limits::TABLE_WRITE_BUFFER_BYTES);
        let positions = database.keyspace(POSITIONS, options)?;
        let keyspaces =
            tables.iter().map(|table| database.keyspace(table.name(), options)).collect::<Result<_, _>>()?;
        Ok(Store(Arc::new(Inner { database, positions, tables, keyspaces })))
    }

    /// Empties every table and forgets every position.
    ///
    /// # Errors
    /// [`StoreError`] if the storage refuses.
    pub fn clear(&self) -> Result<(), StoreError> {
        // Positions last would leave rows without their positions, which the next opening could not see.
        self.forget_positions()?;
        for keyspace in &self.0.keyspaces {
            keyspace.clear()?;
        }
        Ok(())
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
        let keyspace = &self.0.keyspaces[self.index_of(table)?];
        let start = from.max(prefix);
        let mut rows = Vec::new();
        for guard in keyspace.range(start..).take(limit.min(limits::MAX_SCAN_ROWS)) {
            let (key, value) = guard.into_inner()?;
            if !key.starts_with(prefix) {
                break;
            }
            rows.push((Bytes::copy_from_slice(&key), Bytes::copy_from_slice(&value)));
        }
        Ok(rows)
    }

    /// The last applied offset of a partition.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read.
    pub fn applied(&self, partition: &TopicPartition) -> Result<Option<Offset>, StoreError> {
        let stored = self.0.positions.get(partition.to_string())?;
        Ok(stored.and_then(|bytes| (*bytes).try_into().ok()).map(u64::from_be_bytes).map(Offset::new))
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
        let mut batch = self.0.database.batch();
        for (table, key, value) in changes.into_rows() {
            let keyspace = &self.0.keyspaces[table];
            match value {
                Some(value) => batch.insert(keyspace, key.as_ref(), value.as_ref()),
                None => batch.remove(keyspace, key.as_ref()),
            }
        }
        for placed in records {
            let offset = placed.offset.get().to_be_bytes();
            batch.insert(&self.0.positions, placed.partition.to_string(), offset.as_slice());
        }
        Ok(batch.commit()?)
    }

    /// Everything that the store holds, table by table, with the positions: to compare two stores.
    ///
    /// # Errors
    /// [`StoreError`] if it cannot be read.
    pub fn dump(&self) -> Result<Vec<(&'static str, Row)>, StoreError> {
        let mut rows = Vec::new();
        let named = self.0.tables.iter().map(|table| table.name()).zip(&self.0.keyspaces);
        for (name, keyspace) in named.chain([(POSITIONS, &self.0.positions)]) {
            for guard in keyspace.iter() {
                let (key, value) = guard.into_inner()?;
                rows.push((name, (Bytes::copy_from_slice(&key), Bytes::copy_from_slice(&value))));
            }
        }
        Ok(rows)
    }

    pub(crate) fn tables(&self) -> &[Box<dyn Table>] {
        &self.0.tables
    }

    pub(crate) fn index_of(&self, table: &str) -> Result<usize, StoreError> {
        let found = self.0.tables.iter().position(|candidate| candidate.name() == table);
        found.ok_or_else(|| StoreError::UnknownTable { table: table.to_owned() })
    }

    pub(crate) fn get_at(&self, index: usize, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        Ok(self.0.keyspaces[index].get(key)?.map(|value| Bytes::copy_from_slice(&value)))
    }

    fn forget_positions(&self) -> Result<(), StoreError> {
        self.0.positions.clear()?;
        Ok(())
    }
}

fn shape(version: u32, tables: &[Box<dyn Table>]) -> String {
    let names: Vec<_> = tables.iter().map(|table| table.name()).collect();
    format!("{FORMAT}/{version}/{}", names.join(","))
}
