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
    pub(crate) salt: u64,
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

pub(crate) struct Segments {
    pub(crate) sealed: BTreeMap<SegmentId, Sealed>,
    pub(crate) active: Active,
}

pub(crate) struct Store {
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) directory: PathBuf,
    catalog: RwLock<Catalog>,
    segments: RwLock<Segments>,
}

/// Frames of one segment that hold what a reader wants, and the file to read them from.
pub(crate) struct Run {
    pub(crate) file: Arc<dyn DiskFile>,
    pub(crate) path: PathBuf,
    pub(crate) salt: u64,
    pub(crate) entries: Vec<Entry>,
}

impl Store {
    pub(crate) fn new(disk: Arc<dyn Disk>, directory: PathBuf, catalog: Catalog, segments: Segments) -> Self {
        Self { disk, directory, catalog: RwLock::new(catalog), segments: RwLock::new(segments) }
    }

    // Every change under these locks is complete before anything can panic, so a poisoned lock is still good.

    pub(crate) fn catalog(&self) -> RwLockReadGuard<'_, Catalog> {
        self.catalog.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn catalog_mut(&self) -> RwLockWriteGuard<'_, Catalog> {
        self.catalog.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn segments(&self) -> RwLockReadGuard<'_, Segments> {
        self.segments.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn segments_mut(&self) -> RwLockWriteGuard<'_, Segments> {
        self.segments.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next frames of a partition from `offset` on; `None` if no segment has any. Blocks.
    pub(crate) fn run_at(&self, partition: PartitionId, offset: u64) -> Result<Option<Run>, ReadError> {
        // Files are opened under the lock, so that the cleaner cannot replace them in between.
        let segments = self.segments();
        let sealed = segments.sealed.iter().find_map(|(id, sealed)| {
            let summary = sealed.summary(partition).filter(|summary| summary.next > offset)?;
            Some((*id, sealed, summary))
        });
        if let Some((id, sealed, summary)) = sealed {
            let index = index_path(&self.directory, id);
            let index_file = self.open(&index)?;
            let path = segment_path(&self.directory, id);
            let file = self.open(&path)?;
            let entries = read_block(index_file.as_ref(), &index, summary, offset)?;
            return Ok(Some(Run { file, path, salt: sealed.salt, entries }));
        }
        let active = &segments.active;
        let entries = active.index.block_at(partition, offset);
        let path = segment_path(&self.directory, active.id);
        let run = Run { file: active.file.clone(), path, salt: active.salt, entries };
        Ok((!run.entries.is_empty()).then_some(run))
    }

    fn open(&self, path: &Path) -> Result<Arc<dyn DiskFile>, ReadError> {
        self.disk.open(path).map_err(|error| unreadable(path, &error))
    }
}
