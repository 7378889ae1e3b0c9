//! What the tasks of the applications of a process keep on this machine between their lives.
//!
//! Nothing in it is the truth: it is a copy of the tasks' changelogs as far as it goes, not synced, and can be deleted.
//! Each task has a [`Shard`]: rows, and the [`Standing`] that says up to which record of which changelog they go. Rows
//! and standing change together, and the standing is the first to go when a shard is emptied, so rows without a
//! standing are never taken for good ones.

mod directory;
mod memory;
mod standing;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use self::directory::Directory;
use self::memory::Memory;
pub use self::standing::Origin;
pub(crate) use self::standing::Standing;
use crate::limits::TASK_MEMORY_BYTES;
use crate::{OpenStoreError, Row, StoreError};

/// The local state of the applications of a process. Cheap to clone.
#[derive(Clone)]
pub struct LocalState {
    medium: Medium,
    /// The shards that tasks hold now.
    held: Arc<Mutex<BTreeSet<String>>>,
    memory_bytes: usize,
}

#[derive(Clone)]
enum Medium {
    Directory(Arc<Directory>),
    Memory(Arc<Memory>),
}

impl LocalState {
    /// Opens or creates the state in `dir`.
    ///
    /// # Errors
    /// [`OpenStoreError`] if the directory cannot be used, or another process holds it.
    pub fn open(dir: &Path) -> Result<Self, OpenStoreError> {
        Ok(Self::on(Medium::Directory(Arc::new(Directory::open(dir)?))))
    }

    /// State in memory: gone with the last clone, so that the first life of every task restores all from its changelog.
    pub fn in_memory() -> Self {
        Self::on(Medium::Memory(Arc::default()))
    }

    /// The same state, but tasks write to it what they hold as soon as that is so many bytes.
    #[must_use]
    pub fn with_memory(mut self, bytes: usize) -> Self {
        self.memory_bytes = bytes;
        self
    }

    /// The shard of a task, for as long as the task lives.
    ///
    /// # Errors
    /// [`OpenStoreError::Locked`] while another task of this process has it; otherwise as the variants say.
    pub(crate) fn shard(&self, name: &str) -> Result<Shard, OpenStoreError> {
        if !self.held().insert(name.to_owned()) {
            return Err(OpenStoreError::Locked);
        }
        let shard = Shard { state: self.clone(), name: name.to_owned() };
        if let Medium::Directory(directory) = &self.medium {
            directory.create(name)?;
        }
        Ok(shard)
    }

    fn on(medium: Medium) -> Self {
        Self { medium, held: Arc::default(), memory_bytes: TASK_MEMORY_BYTES }
    }

    fn held(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// In which order a scan goes through its keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Ascending,
    Descending,
}

/// Rows of a scan.
pub(crate) type Scan = Box<dyn Iterator<Item = Result<Row, StoreError>>>;

/// The rows of one task.
pub(crate) struct Shard {
    state: LocalState,
    name: String,
}

impl Shard {
    /// How many bytes its task may hold in memory before it writes them.
    pub(crate) fn memory_bytes(&self) -> usize {
        self.state.memory_bytes
    }

    pub(crate) fn get(&self, key: &[u8]) -> Result<Option<Bytes>, StoreError> {
        match &self.state.medium {
            Medium::Directory(directory) => directory.get(&self.name, key),
            Medium::Memory(memory) => Ok(memory.get(&self.name, key)),
        }
    }

    /// The rows from `from` (inclusive) to `to` (exclusive).
    pub(crate) fn scan(&self, from: &[u8], to: &[u8], order: Order) -> Result<Scan, StoreError> {
        match &self.state.medium {
            Medium::Directory(directory) => directory.scan(&self.name, from..to, order),
            Medium::Memory(memory) => Ok(Memory::scan(memory.clone(), &self.name, from..to, order)),
        }
    }

    /// Writes rows together with where they stand; `None` removes. All of it or nothing.
    pub(crate) fn write<'row>(
        &self,
        rows: impl Iterator<Item = (&'row [u8], Option<&'row [u8]>)>,
        standing: &Standing,
    ) -> Result<(), StoreError> {
        match &self.state.medium {
            Medium::Directory(directory) => directory.write(&self.name, rows, standing),
            Medium::Memory(memory) => {
                memory.write(&self.name, rows, standing);
                Ok(())
            }
        }
    }

    pub(crate) fn standing(&self) -> Result<Option<Standing>, StoreError> {
        Ok(self.get(standing::KEY)?.and_then(|bytes| Standing::read(&bytes)))
    }

    /// Empties the shard.
    pub(crate) fn clear(&self) -> Result<(), StoreError> {
        match &self.state.medium {
            Medium::Directory(directory) => directory.clear(&self.name),
            Medium::Memory(memory) => {
                memory.clear(&self.name);
                Ok(())
            }
        }
    }

    /// Opens the medium anew if it refuses writes since one has failed.
    pub(crate) fn mend(&self) -> Result<(), StoreError> {
        match &self.state.medium {
            Medium::Directory(directory) => directory.mend(),
            Medium::Memory(_) => Ok(()),
        }
    }
}

impl Drop for Shard {
    fn drop(&mut self) {
        self.state.held().remove(&self.name);
    }
}
