//! Shards on fjall, in one directory: one database for all tasks, a keyspace for each.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{PoisonError, RwLock};

use bytes::Bytes;
use fjall::{Database, Keyspace};

use super::{Order, Scan, Standing, standing};
use crate::store::{keyspace_options, open_database, probe};
use crate::{OpenStoreError, Row, StoreError};

pub(super) struct Directory {
    dir: PathBuf,
    held: RwLock<Held>,
}

#[derive(Default)]
struct Held {
    /// `None` only while, or after, opening anew has failed.
    database: Option<Database>,
    /// Every shard that was ever asked for; open while the database is.
    shards: BTreeMap<String, Option<Keyspace>>,
}

impl Directory {
    pub(super) fn open(dir: &Path) -> Result<Self, OpenStoreError> {
        let held = Held { database: Some(open_database(dir)?), shards: BTreeMap::new() };
        Ok(Self { dir: dir.to_owned(), held: RwLock::new(held) })
    }

    pub(super) fn create(&self, shard: &str) -> Result<(), StoreError> {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        held.shards.entry(shard.to_owned()).or_default();
        held.open_shards()
    }

    pub(super) fn get(&self, shard: &str, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        self.with(shard, |_, rows| Ok(rows.get(key)?.map(|value| Bytes::copy_from_slice(&value))))
    }

    pub(super) fn scan(&self, shard: &str, keys: Range<&[u8]>, order: Order) -> Result<Scan, StoreError> {
        if keys.is_empty() {
            return Ok(Box::new(std::iter::empty()));
        }
        self.with(shard, |_, rows| {
            let found = rows.range(keys);
            Ok(match order {
                Order::Ascending => Box::new(found.map(row)) as Scan,
                Order::Descending => Box::new(found.rev().map(row)) as Scan,
            })
        })
    }

    pub(super) fn write<'row>(
        &self,
        shard: &str,
        rows: impl Iterator<Item = (&'row [u8], Option<&'row [u8]>)>,
        standing: &Standing,
    ) -> Result<(), StoreError> {
        self.with(shard, |database, keyspace| {
            let mut batch = database.batch();
            for (key, value) in rows {
                match value {
                    Some(value) => batch.insert(keyspace, key, value),
                    None => batch.remove(keyspace, key),
                }
            }
            batch.insert(keyspace, standing::KEY, standing.bytes().as_slice());
            Ok(batch.commit()?)
        })
    }

    pub(super) fn clear(&self, shard: &str) -> Result<(), StoreError> {
        self.with(shard, |_, rows| {
            rows.remove(standing::KEY)?;
            Ok(rows.clear()?)
        })
    }

    /// Opens the database anew if it refuses writes since one has failed, such as on a full disk.
    pub(super) fn mend(&self) -> Result<(), StoreError> {
        let mut held = self.held.write().unwrap_or_else(PoisonError::into_inner);
        if held.takes_writes() {
            return Ok(());
        }
        probe(&self.dir).map_err(fjall::Error::Io)?;
        // The directory can be held once only.
        held.shards.values_mut().for_each(|shard| *shard = None);
        held.database = None;
        held.database = Some(open_database(&self.dir)?);
        held.open_shards()
    }

    fn with<T>(
        &self,
        shard: &str,
        work: impl FnOnce(&Database, &Keyspace) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        let keyspace = held.shards.get(shard).and_then(Option::as_ref);
        let (database, keyspace) = held.database.as_ref().zip(keyspace).ok_or(StoreError::Closed)?;
        work(database, keyspace)
    }
}

impl Held {
    fn open_shards(&mut self) -> Result<(), StoreError> {
        let database = self.database.as_ref().ok_or(StoreError::Closed)?;
        for (name, shard) in self.shards.iter_mut().filter(|(_, shard)| shard.is_none()) {
            *shard = Some(database.keyspace(name, keyspace_options)?);
        }
        Ok(())
    }

    fn takes_writes(&self) -> bool {
        let takes = |rows: &Keyspace| rows.insert(PROBE, []).and_then(|()| rows.remove(PROBE)).is_ok();
        self.database.is_some() && self.shards.values().all(|shard| shard.as_ref().is_some_and(takes))
    }
}

/// Above every key of a store.
const PROBE: &[u8] = b"\xff\xff~probe";

fn row(guard: fjall::Guard) -> Result<Row, StoreError> {
    let (key, value) = guard.into_inner()?;
    Ok((Bytes::copy_from_slice(&key), Bytes::copy_from_slice(&value)))
}
