//! Tables: what is derived from the log, and how.

use std::collections::BTreeMap;

use bytes::Bytes;
use topspin_log::{Record, TopicPartition};

use super::{Store, StoreError};

/// A derived table: a pure function of the committed records of some topics.
///
/// `apply` sees the records of one partition of one topic in their order, and different topics in any order, so what
/// it makes of one topic must not depend on another. It may read what it wrote before. Offsets are not shown to it: a
/// table rebuilt from the log, or from a compacted one, is the same table.
pub trait Table: Send + Sync + 'static {
    /// The table's name: permanent, `[a-z_]`.
    fn name(&self) -> &'static str;

    /// Folds one record. A record that it does not know, it leaves alone.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    fn apply(
        &self,
        partition: &TopicPartition,
        record: &Record,
        rows: &mut Rows<'_, '_>,
    ) -> Result<(), StoreError>;
}

/// A row of a table: its key and its value.
pub type Row = (Bytes, Bytes);

/// Changes to tables that are not in the store yet, laid over it.
pub struct Changes<'store> {
    store: &'store Store,
    rows: BTreeMap<(usize, Bytes), Option<Bytes>>,
    /// What the records of one request change, until all of them are folded.
    staged: BTreeMap<(usize, Bytes), Option<Bytes>>,
}

impl<'store> Changes<'store> {
    /// No change over `store`.
    pub fn new(store: &'store Store) -> Self {
        Changes { store, rows: BTreeMap::new(), staged: BTreeMap::new() }
    }

    /// Lets every table fold some records, in their order: all of them, or none if it fails.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    pub fn apply<'record>(
        &mut self,
        records: impl IntoIterator<Item = (&'record TopicPartition, &'record Record)>,
    ) -> Result<(), StoreError> {
        for (partition, record) in records {
            for (index, table) in self.store.tables().iter().enumerate() {
                let folded = table.apply(partition, record, &mut Rows { index, changes: self });
                folded.inspect_err(|_| self.staged.clear())?;
            }
        }
        self.rows.append(&mut self.staged);
        Ok(())
    }

    /// The value of a key, with the changes.
    ///
    /// # Errors
    /// [`StoreError`] if the table is unknown or the store cannot be read.
    pub fn get(&self, table: &str, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        self.get_at(self.store.index_of(table)?, key)
    }

    /// Rows whose key starts with `prefix` and is at least `from`, in key order, at most `limit`, with the changes.
    ///
    /// # Errors
    /// [`StoreError`] if the table is unknown or the store cannot be read.
    pub fn scan(
        &self,
        table: &str,
        prefix: &[u8],
        from: &[u8],
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        self.scan_at(self.store.index_of(table)?, prefix, from, limit)
    }

    /// The changed rows by table; `None` removes.
    pub(super) fn into_rows(self) -> impl Iterator<Item = (usize, Bytes, Option<Bytes>)> {
        self.rows.into_iter().map(|((table, key), value)| (table, key, value))
    }

    fn scan_at(
        &self,
        index: usize,
        prefix: &[u8],
        from: &[u8],
        limit: usize,
    ) -> Result<Vec<Row>, StoreError> {
        let start = Bytes::copy_from_slice(from.max(prefix));
        // Of the two, what is staged is later.
        let mut changed = BTreeMap::new();
        for rows in [&self.rows, &self.staged] {
            let range = rows.range((index, start.clone())..);
            changed.extend(range.take_while(|((table, key), _)| *table == index && key.starts_with(prefix)));
        }
        // A change can remove a stored row, so that many more have to be read.
        let stored = self.store.scan_at(index, prefix, from, limit.saturating_add(changed.len()))?;
        let mut rows: BTreeMap<Bytes, Bytes> = stored.into_iter().collect();
        for ((_, key), value) in changed {
            match value {
                Some(value) => rows.insert(key.clone(), value.clone()),
                None => rows.remove(key),
            };
        }
        Ok(rows.into_iter().take(limit).collect())
    }

    fn get_at(&self, index: usize, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        let at = (index, Bytes::copy_from_slice(key));
        match self.staged.get(&at).or_else(|| self.rows.get(&at)) {
            Some(value) => Ok(value.clone()),
            None => self.store.get_at(index, key),
        }
    }
}

/// One table, while it folds a record.
pub struct Rows<'changes, 'store> {
    index: usize,
    changes: &'changes mut Changes<'store>,
}

impl Rows<'_, '_> {
    /// The value of a key.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    pub fn get(&self, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        self.changes.get_at(self.index, key)
    }

    /// Rows whose key starts with `prefix`, in key order, at most `limit`.
    ///
    /// # Errors
    /// [`StoreError`] if the store cannot be read.
    pub fn scan(&self, prefix: &[u8], limit: usize) -> Result<Vec<Row>, StoreError> {
        self.changes.scan_at(self.index, prefix, prefix, limit)
    }

    /// Sets the value of a key.
    pub fn put(&mut self, key: impl Into<Bytes>, value: impl Into<Bytes>) {
        self.changes.staged.insert((self.index, key.into()), Some(value.into()));
    }

    /// Removes a key.
    pub fn remove(&mut self, key: impl Into<Bytes>) {
        self.changes.staged.insert((self.index, key.into()), None);
    }
}
