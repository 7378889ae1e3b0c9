//! Appending to the active segment, and sealing it.

use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::catalog::Catalog;
use crate::disk::{Disk, DiskFile, is_full};
use crate::frame::{self, FRAME_ALIGNMENT, Kind};
use crate::index::GrowingIndex;
use crate::segment::{SEGMENT_HEADER, SegmentId, header, index_path, new_salt, segment_path, temporary};
use crate::store::{Active, Sealed, Store};

/// Why nothing was appended.
#[derive(Debug)]
pub(crate) enum AppendFault {
    /// No space, and nothing of the append is in the journal.
    Full,
    /// What is in the journal is known only after opening again.
    Broken(String),
}

/// The end of the journal, owned by the writer.
pub(crate) struct Journal {
    store: Arc<Store>,
    segment_bytes: u64,
    id: SegmentId,
    salt: u64,
    file: Arc<dyn DiskFile>,
    /// Where the next frame goes. Everything before it is durable whenever no append is under way.
    position: u64,
    /// Where the checkpoint ends.
    begin: u64,
    /// Bytes that the file has space for, if space can be reserved.
    allocated: u64,
    can_allocate: bool,
    buffer: Vec<u8>,
}

impl Journal {
    pub(crate) fn new(store: Arc<Store>, segment_bytes: u64, begin: u64, position: u64) -> Self {
        assert!(position.is_multiple_of(FRAME_ALIGNMENT), "recovery looks for frames at such positions only");
        assert!(begin <= position, "the checkpoint comes first");
        let (id, salt, file) = {
            let active = store.active();
            (active.id, active.salt, active.file.clone())
        };
        Self {
            store,
            segment_bytes,
            id,
            salt,
            file,
            position,
            begin,
            allocated: position,
            can_allocate: true,
            buffer: Vec::new(),
        }
    }

    /// Whether frames of so many bytes need another segment.
    pub(crate) fn is_full_for(&self, bytes: usize) -> bool {
        !self.is_fresh() && self.position - self.begin + bytes as u64 > self.segment_bytes
    }

    /// Whether the active segment has nothing but its checkpoint.
    pub(crate) fn is_fresh(&self) -> bool {
        self.position == self.begin
    }

    /// Seals finished frames and makes them durable, all with one sync. Answers where each of them is.
    pub(crate) fn append<'a>(
        &mut self,
        frames: impl Iterator<Item = &'a mut Vec<u8>>,
    ) -> Result<Vec<usize>, AppendFault> {
        let mut positions = Vec::new();
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        for frame in frames {
            let position = self.position + buffer.len() as u64;
            frame::seal(frame, self.salt, position, self.position as u32);
            buffer.extend_from_slice(frame);
            positions.push(position as usize);
        }
        let written =
            self.reserve(buffer.len() as u64).and_then(|()| self.file.write_all_at(&buffer, self.position));
        let outcome = match written {
            Ok(()) => self.file.sync().map_err(|error| AppendFault::Broken(format!("cannot sync: {error}"))),
            Err(error) => Err(self.take_back(&error)),
        };
        self.position += outcome.as_ref().map_or(0, |()| buffer.len() as u64);
        buffer.shrink_to(crate::limits::GROUP_BYTES);
        self.buffer = buffer;
        outcome.map(|()| positions)
    }

    /// Makes the active segment a sealed one and starts the next, with a checkpoint of the store's catalog and space
    /// for at least `room` bytes. Every step before the rename can be undone, so a full disk changes nothing.
    pub(crate) fn roll(&mut self, room: usize) -> Result<(), AppendFault> {
        let store = self.store.clone();
        let (id, salt) = (self.id + 1, new_salt());
        let path = segment_path(&store.directory, id);
        let checkpoint = checkpoint(&store.catalog(), salt);
        let space = (SEGMENT_HEADER + checkpoint.len()) as u64 + self.segment_bytes.max(room as u64);
        let (file, allocated) = create(&store, id, salt, &checkpoint, space)?;
        let sealed = self.seal().inspect_err(|_| {
            // A leftover is removed when the log is opened; failing to remove it now changes nothing.
            let _ = store.disk.remove(&temporary(&path));
        })?;
        let rename = || {
            store.disk.rename(&temporary(&path), &path)?;
            store.disk.sync_dir(&store.directory)
        };
        rename().map_err(|error| AppendFault::Broken(format!("cannot start segment {id}: {error}")))?;
        // In this order, so that a reader never finds the sealed segment in neither place.
        let mut all_sealed = store.sealed_mut();
        all_sealed.insert(self.id, sealed);
        *store.active_mut() = Active { id, salt, file: file.clone(), index: GrowingIndex::default() };
        (self.id, self.salt, self.file) = (id, salt, file);
        self.begin = (SEGMENT_HEADER + checkpoint.len()) as u64;
        self.position = self.begin;
        (self.allocated, self.can_allocate) = allocated.map_or((self.position, false), |bytes| (bytes, true));
        Ok(())
    }

    /// Reserves space before it is written to, so that a full disk shows before anything is half written.
    fn reserve(&mut self, bytes: u64) -> io::Result<()> {
        let needed = self.position + bytes;
        if !self.can_allocate || needed <= self.allocated {
            return Ok(());
        }
        let wanted = needed.max(self.begin + self.segment_bytes);
        self.can_allocate = self.file.allocate(wanted)?;
        self.allocated = wanted;
        Ok(())
    }

    /// Removes what a failed write left, so that it cannot come back when the log is opened again.
    fn take_back(&mut self, error: &io::Error) -> AppendFault {
        self.allocated = self.position;
        let undone = self.file.set_len(self.position).and_then(|()| self.file.sync());
        match undone {
            Ok(()) if is_full(error) => AppendFault::Full,
            Ok(()) => AppendFault::Broken(format!("cannot write: {error}")),
            Err(undo) => AppendFault::Broken(format!("cannot write: {error}, nor take it back: {undo}")),
        }
    }

    /// Writes the sidecar of the active segment and cuts its reserved space off.
    fn seal(&mut self) -> Result<Sealed, AppendFault> {
        let (bytes, directory) = self.store.active().index.encode(self.salt, self.position);
        let path = index_path(&self.store.directory, self.id);
        write_whole(self.store.disk.as_ref(), &path, &bytes)?;
        self.allocated = self.position;
        let cut = self.file.set_len(self.position).and_then(|()| self.file.sync());
        cut.map_err(|error| AppendFault::Broken(format!("cannot seal segment {}: {error}", self.id)))?;
        Ok(Sealed { bytes: self.position, directory: Arc::new(directory) })
    }
}

/// A finished and sealed checkpoint frame for the start of a segment.
pub(crate) fn checkpoint(catalog: &Catalog, salt: u64) -> Vec<u8> {
    let mut frame = frame::begin();
    catalog.put_checkpoint(&mut frame);
    let finished = frame::finish(&mut frame, Kind::Checkpoint);
    assert!(finished.is_some(), "limits keep a checkpoint below 20 MiB, and a frame can have 4 GiB");
    frame::seal(&mut frame, salt, SEGMENT_HEADER as u64, SEGMENT_HEADER as u32);
    frame
}

/// A new segment under its temporary name, durable but for the name, and the space that it has.
fn create(
    store: &Store,
    id: SegmentId,
    salt: u64,
    checkpoint: &[u8],
    space: u64,
) -> Result<(Arc<dyn DiskFile>, Option<u64>), AppendFault> {
    let path = temporary(&segment_path(&store.directory, id));
    let write = || {
        let file = store.disk.create(&path)?;
        let allocated = file.allocate(space)?;
        file.write_all_at(&header(id, salt), 0)?;
        file.write_all_at(checkpoint, SEGMENT_HEADER as u64)?;
        file.sync()?;
        Ok((file, allocated.then_some(space)))
    };
    write().map_err(|error| give_up(store.disk.as_ref(), &path, &error))
}

/// Writes a file so that it is there whole or not at all, but for a sync of the directory.
fn write_whole(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> Result<(), AppendFault> {
    write_temporary(disk, path, bytes)?;
    let temporary = temporary(path);
    disk.rename(&temporary, path).map_err(|error| give_up(disk, &temporary, &error))
}

/// Writes a file, durable, under its temporary name.
pub(crate) fn write_temporary(disk: &dyn Disk, path: &Path, bytes: &[u8]) -> Result<(), AppendFault> {
    let temporary = temporary(path);
    let write = || {
        let file = disk.create(&temporary)?;
        file.write_all_at(bytes, 0)?;
        file.sync()
    };
    write().map_err(|error| give_up(disk, &temporary, &error))
}

fn give_up(disk: &dyn Disk, path: &Path, error: &io::Error) -> AppendFault {
    // A leftover is removed when the log is opened; failing to remove it now changes nothing.
    let _ = disk.remove(path);
    if is_full(error) {
        AppendFault::Full
    } else {
        AppendFault::Broken(format!("cannot write {}: {error}", path.display()))
    }
}
