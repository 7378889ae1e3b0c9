//! What readers, the writer and the cleaner share: the catalog, and which segments there are.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use topspin_log::ReadError;

use crate::catalog::{Catalog, PartitionId};
use crate::disk::{Disk, DiskFile};
use crate::index::{Entry, GrowingIndex, Summary, read_block};
use crate::segment::{SegmentId, index_path, segment_path, unreadable};

/// A segment that does not grow any more. Its files stay closed until somebody reads them.
#[derive(Debug, Clone)]
pub(crate) struct Sealed {
    pub(crate) bytes: u64,
    /// By partition.
    pub(crate) directory: Arc<Vec<Summary>>,
}

impl Sealed {
    pub(crate) fn summary(&self, partition: PartitionId) -> Option<&Summary> {
        let found = self.directory.binary_search_by_key(&partition, |summary| summary.partition);
        found.ok().and_then(|at| self.directory.get(at))
    }
}

/// The segment that grows.
pub(crate) struct Active {
    pub(crate) id: SegmentId,
    pub(crate) salt: u64,
    pub(crate) file: Arc<dyn DiskFile>,
    pub(crate) index: GrowingIndex,
}

/// The sealed segments and the growing one.
pub(crate) type Segments = (BTreeMap<SegmentId, Sealed>, Active);

/// Lock order: sealed segments, active segment, catalog. Files are opened and renamed under the first, never under the
/// others, so that a slow disk holds up no commit but one that starts a segment.
pub(crate) struct Store {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) directory: PathBuf,
    sealed: RwLock<BTreeMap<SegmentId, Sealed>>,
    active: RwLock<Active>,
    catalog: RwLock<Catalog>,
}

/// Sections of one segment that a reader wants, and the file to read them from.
pub(crate) struct Run {
    pub(crate) file: Arc<dyn DiskFile>,
    pub(crate) path: PathBuf,
    pub(crate) entries: Vec<Entry>,
}

impl Store {
    pub(crate) fn new(disk: Arc<dyn Disk>, directory: PathBuf, catalog: Catalog, segments: Segments) -> Self {
        let (sealed, active) = (RwLock::new(segments.0), RwLock::new(segments.1));
        Self { disk, directory, sealed, active, catalog: RwLock::new(catalog) }
    }

    // Every change under these locks is complete before anything can panic, so a poisoned lock is still good.

    pub(crate) fn catalog(&self) -> RwLockReadGuard<'_, Catalog> {
        self.catalog.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn catalog_mut(&self) -> RwLockWriteGuard<'_, Catalog> {
        self.catalog.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn sealed(&self) -> RwLockReadGuard<'_, BTreeMap<SegmentId, Sealed>> {
        self.sealed.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn sealed_mut(&self) -> RwLockWriteGuard<'_, BTreeMap<SegmentId, Sealed>> {
        self.sealed.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn active(&self) -> RwLockReadGuard<'_, Active> {
        self.active.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn active_mut(&self) -> RwLockWriteGuard<'_, Active> {
        self.active.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next sections of a partition from `offset` on; `None` if no segment has any. Blocks.
    pub(crate) fn run_at(&self, partition: PartitionId, offset: u64) -> Result<Option<Run>, ReadError> {
        // Held while the files are opened, so that the cleaner cannot replace them in between, and while the active
        // segment is looked at, so that it cannot become a sealed one in between.
        let all_sealed = self.sealed();
        let found = all_sealed.iter().find_map(|(id, sealed)| {
            let summary = sealed.summary(partition).filter(|summary| summary.next > offset)?;
            Some((*id, *summary))
        });
        let Some((id, summary)) = found else {
            let active = self.active();
            let entries = active.index.block_at(partition, offset);
            let path = segment_path(&self.directory, active.id);
            let run = Run { file: active.file.clone(), path, entries };
            return Ok((!run.entries.is_empty()).then_some(run));
        };
        let (path, index_path) = (segment_path(&self.directory, id), index_path(&self.directory, id));
        let (file, index) = (self.open(&path)?, self.open(&index_path)?);
        drop(all_sealed);
        let entries = read_block(index.as_ref(), &index_path, &summary, offset)?;
        Ok(Some(Run { file, path, entries }))
    }

    fn open(&self, path: &Path) -> Result<Arc<dyn DiskFile>, ReadError> {
        self.disk.open(path).map_err(|error| unreadable(path, &error))
    }
}
