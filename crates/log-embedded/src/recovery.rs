//! Opening: the last segment is read, the others are known from their sidecars.
//!
//! A bad frame in the last segment is a torn tail, and cut off, if nothing shows that it was acknowledged: zeros or
//! rubbish follow, or only frames of the same unfinished group commit. Any other damage is an error that names the
//! file and the byte. Damage to the very last acknowledged frame cannot be told from a torn tail.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use topspin_log::{Cleanup, ReadError};

use crate::OpenError;
use crate::catalog::{Catalog, read_spec};
use crate::codec::Cursor;
use crate::commit;
use crate::disk::{Disk, DiskFile, read_all};
use crate::frame::{Fault, Frame, Kind};
use crate::index::{GrowingIndex, read_directory};
use crate::journal::{checkpoint, write_temporary};
use crate::segment::{
    Image, SEGMENT_HEADER, SegmentId, corrupt, header, id_of, id_of_index, index_path, is_temporary,
    new_salt, read_header, segment_path, temporary, unreadable,
};
use crate::store::{Active, Sealed, Store};

/// A log as it was found, and where its journal goes on.
pub(crate) struct Opened {
    pub(crate) store: Arc<Store>,
    /// Where the checkpoint of the active segment ends.
    pub(crate) begin: u64,
    /// Where the next frame goes.
    pub(crate) position: u64,
}

/// Opens the segments in a directory; makes the first one if the directory `is_new`.
pub(crate) fn open(disk: Arc<dyn Disk>, directory: PathBuf, is_new: bool) -> Result<Opened, OpenError> {
    let io = |source| OpenError::Io { path: directory.clone(), source };
    disk.create_dir(&directory).map_err(io)?;
    let mut ids = survey(disk.as_ref(), &directory).map_err(io)?;
    if ids.is_empty() {
        if !is_new {
            return Err(OpenError::NotALog { directory, reason: "it has no segment files" });
        }
        create_first(disk.as_ref(), &directory)?;
        ids.push(1);
    }
    let last = ids.pop().unwrap_or(1);
    let mut sealed = std::collections::BTreeMap::new();
    for id in ids {
        sealed.insert(id, open_sealed(disk.as_ref(), &directory, id)?);
    }
    let tail = open_last(disk.as_ref(), &directory, last)?;
    let active = Active { id: last, salt: tail.salt, file: tail.file, index: tail.index };
    let store = Arc::new(Store::new(disk, directory, tail.catalog, (sealed, active)));
    check_complete(&store)?;
    Ok(Opened { store, begin: tail.begin, position: tail.position })
}

/// The segments that there are, in order. Removes what an interrupted write left.
fn survey(disk: &dyn Disk, directory: &Path) -> std::io::Result<Vec<SegmentId>> {
    let names = disk.list(directory)?;
    let mut ids: Vec<SegmentId> = names.iter().filter_map(|name| id_of(name)).collect();
    ids.sort_unstable();
    for name in &names {
        let is_sidecar_of_none = id_of_index(name).is_some_and(|id| !ids.contains(&id));
        if is_temporary(name) || is_sidecar_of_none {
            disk.remove(&directory.join(name))?;
        }
    }
    Ok(ids)
}

fn create_first(disk: &dyn Disk, directory: &Path) -> Result<(), OpenError> {
    let path = segment_path(directory, 1);
    let salt = new_salt();
    let mut bytes = header(1, salt).to_vec();
    bytes.extend_from_slice(&checkpoint(&Catalog::default(), salt));
    let write = || {
        let file = disk.create(&temporary(&path))?;
        file.write_all_at(&bytes, 0)?;
        file.sync()?;
        disk.rename(&temporary(&path), &path)?;
        disk.sync_dir(directory)
    };
    write().map_err(|source| OpenError::Io { path: path.clone(), source })
}

fn open_sealed(disk: &dyn Disk, directory: &Path, id: SegmentId) -> Result<Sealed, ReadError> {
    let path = segment_path(directory, id);
    let file = disk.open(&path).map_err(|error| unreadable(&path, &error))?;
    let bytes = file.len().map_err(|error| unreadable(&path, &error))?;
    let mut head = [0; SEGMENT_HEADER];
    if bytes < SEGMENT_HEADER as u64 {
        return Err(corrupt(&path, 0, "no segment header"));
    }
    file.read_exact_at(&mut head, 0).map_err(|error| unreadable(&path, &error))?;
    let salt = read_header(&head, id).ok_or_else(|| corrupt(&path, 0, "no segment header"))?;
    let sidecar = disk.open(&index_path(directory, id)).ok();
    let known = sidecar.and_then(|sidecar| read_directory(sidecar.as_ref(), salt, bytes));
    let directory = match known {
        Some(directory) => directory,
        None => rebuild_index(disk, directory, id, file.as_ref())?,
    };
    Ok(Sealed { bytes, directory: Arc::new(directory) })
}

/// Makes the sidecar of a sealed segment anew, which must be whole.
fn rebuild_index(
    disk: &dyn Disk,
    directory: &Path,
    id: SegmentId,
    file: &dyn DiskFile,
) -> Result<Vec<crate::index::Summary>, ReadError> {
    let path = segment_path(directory, id);
    let bytes = read_all(file).map_err(|error| unreadable(&path, &error))?;
    let image = Image::new(bytes, id, &path)?;
    let mut index = GrowingIndex::default();
    let extent = image.walk(|at, frame| {
        if frame.kind == Kind::Commit {
            let commit = commit::decode(&image.bytes, frame.payload.clone());
            let commit = commit.ok_or_else(|| corrupt(&path, at as u64, "a frame that cannot be decoded"))?;
            for section in &commit.sections {
                index.add(&section.head, section.at, section.len());
            }
        }
        Ok(())
    })?;
    if extent.end != image.bytes.len() {
        return Err(corrupt(&path, extent.end as u64, "a bad frame in a sealed segment"));
    }
    let (bytes, summaries) = index.encode(image.salt, image.bytes.len() as u64);
    let index_path = index_path(directory, id);
    let storage = |reason| ReadError::Storage { file: index_path.display().to_string(), reason };
    write_temporary(disk, &index_path, &bytes).map_err(|fault| storage(format!("{fault:?}")))?;
    disk.rename(&temporary(&index_path), &index_path).map_err(|error| storage(error.to_string()))?;
    Ok(summaries)
}

struct Last {
    file: Arc<dyn DiskFile>,
    salt: u64,
    catalog: Catalog,
    index: GrowingIndex,
    begin: u64,
    position: u64,
}

fn open_last(disk: &dyn Disk, directory: &Path, id: SegmentId) -> Result<Last, ReadError> {
    let path = segment_path(directory, id);
    let file = disk.open(&path).map_err(|error| unreadable(&path, &error))?;
    let bytes = read_all(file.as_ref()).map_err(|error| unreadable(&path, &error))?;
    let image = Image::new(bytes, id, &path)?;
    let mut replay =
        Replay { image: &image, catalog: Catalog::default(), index: GrowingIndex::default(), begin: 0 };
    let extent = image.walk(|at, frame| {
        replay.apply(frame).ok_or_else(|| corrupt(&path, at as u64, "a frame that contradicts those before"))
    })?;
    let Replay { catalog, index, begin, .. } = replay;
    if begin == 0 {
        return Err(corrupt(&path, SEGMENT_HEADER as u64, "no checkpoint"));
    }
    let end = extent.end;
    let written = end.min(image.bytes.len());
    let torn = match extent.fault {
        Fault::End => image.bytes[written..].iter().any(|byte| *byte != 0),
        Fault::Bad(_) => true,
    };
    if torn && image.proves_durable(end) {
        let reason = match extent.fault {
            Fault::End => "zeros where a frame was",
            Fault::Bad(reason) => reason,
        };
        return Err(corrupt(&path, end as u64, reason));
    }
    let durable = (extent.durable as usize).clamp(SEGMENT_HEADER, written);
    let repair = || {
        if torn || written < end {
            file.set_len(end as u64)?;
        }
        // The system may have forgotten that these bytes never reached the disk, after a sync that failed before.
        file.write_all_at(&image.bytes[durable..written], durable as u64)?;
        file.sync()
    };
    repair().map_err(|error| unreadable(&path, &error))?;
    Ok(Last { file, salt: image.salt, catalog, index, begin: begin as u64, position: end as u64 })
}

struct Replay<'a> {
    image: &'a Image,
    catalog: Catalog,
    index: GrowingIndex,
    begin: usize,
}

impl Replay<'_> {
    /// Applies a frame; `None` if it makes no sense here.
    fn apply(&mut self, frame: &Frame) -> Option<()> {
        let payload = &self.image.bytes[frame.payload.clone()];
        if (frame.kind == Kind::Checkpoint) != (self.begin == 0) {
            return None;
        }
        match frame.kind {
            Kind::Checkpoint => {
                self.catalog = Catalog::from_checkpoint(payload)?;
                self.begin = frame.end;
            }
            Kind::Commit => self.apply_commit(frame)?,
            Kind::Topic => {
                let spec = read_spec(&mut Cursor::new(payload))?;
                self.catalog.check_new(&spec).ok()?.then(|| self.catalog.add_topic(spec))?;
            }
            Kind::Trim => {
                let mut cursor = Cursor::new(payload);
                let id = crate::catalog::PartitionId { topic: cursor.u32()?, partition: cursor.u32()? };
                self.catalog.tail(id)?.trim(cursor.u64()?);
            }
        }
        Some(())
    }

    fn apply_commit(&mut self, frame: &Frame) -> Option<()> {
        let commit = commit::decode(&self.image.bytes, frame.payload.clone())?;
        for section in &commit.sections {
            let tail = self.catalog.tail(section.head.partition)?;
            if section.head.base != tail.bounds().1 {
                return None;
            }
            tail.advance(section.head.next());
            self.index.add(&section.head, section.at, section.len());
        }
        for position in commit.positions {
            self.catalog.tail(position.partition)?;
            self.catalog.set_position(position.group, position.partition, position.offset);
        }
        Some(())
    }
}

/// Whatever is kept for ever, and was not trimmed away, is there without a gap.
fn check_complete(store: &Store) -> Result<(), OpenError> {
    let mut ends = std::collections::HashMap::new();
    let (sealed, active) = (store.sealed(), store.active());
    let (catalog, directory) = (&*store.catalog(), store.directory.as_path());
    let in_sealed = sealed.values().flat_map(|sealed| sealed.directory.iter());
    for summary in in_sealed.chain(active.index.summaries()) {
        if catalog.cleanup(summary.partition) == Some(Cleanup::KeepForever) {
            let end = ends.entry(summary.partition).or_insert(0);
            missing(directory, catalog, summary.partition, *end, summary.first)?;
            *end = summary.next;
        }
    }
    for id in catalog.ids().filter(|id| catalog.cleanup(*id) == Some(Cleanup::KeepForever)) {
        let end = catalog.tail(id).map_or(0, |tail| tail.bounds().1);
        missing(directory, catalog, id, ends.get(&id).copied().unwrap_or(0), end)?;
    }
    Ok(())
}

fn missing(
    directory: &Path,
    catalog: &Catalog,
    id: crate::catalog::PartitionId,
    from: u64,
    to: u64,
) -> Result<(), OpenError> {
    let start = catalog.tail(id).map_or(0, |tail| tail.bounds().0);
    let (from, to) = (from.max(start), to.max(start));
    match catalog.name(id) {
        Some(partition) if from != to => {
            Err(OpenError::MissingRecords { directory: directory.to_owned(), partition, from, to })
        }
        Some(_) | None => Ok(()),
    }
}
