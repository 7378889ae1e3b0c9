//! A disk in memory that remembers what was synced, fails when told to, and can lose its power.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};

use super::Dice;
use crate::disk::{Disk, DiskFile};

const SECTOR: usize = 512;

#[derive(Default)]
struct State {
    /// What names mean now, and what they mean after a loss of power.
    names: BTreeMap<PathBuf, usize>,
    durable_names: BTreeMap<PathBuf, usize>,
    files: Vec<Contents>,
    plan: Plan,
    bytes_read: usize,
    syncs: usize,
    syncs_held: bool,
}

#[derive(Default, Clone)]
struct Contents {
    bytes: Vec<u8>,
    durable: Vec<u8>,
}

/// What goes wrong.
#[derive(Debug, Default, Clone)]
pub(super) struct Plan {
    /// Bytes that all files together can have.
    pub(super) capacity: Option<usize>,
    /// Whether space can be reserved; if not, a full disk shows only when writing, after a part was written.
    pub(super) cannot_allocate: bool,
    /// Syncs that succeed before one fails.
    pub(super) fail_sync_after: Option<usize>,
    /// Operations that succeed before the power goes.
    pub(super) lose_power_after: Option<usize>,
}

pub(super) struct SimDisk(Mutex<State>, Condvar);

impl SimDisk {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::default(), Condvar::new()))
    }

    pub(super) fn plan(&self, plan: impl FnOnce(&mut Plan)) {
        plan(&mut self.lock().plan);
    }

    pub(super) fn used(&self) -> usize {
        self.lock().used()
    }

    /// Bytes that were ever read from files.
    pub(super) fn bytes_read(&self) -> usize {
        self.lock().bytes_read
    }

    /// Syncs of files that have begun, held ones aside.
    pub(super) fn syncs(&self) -> usize {
        self.lock().syncs
    }

    /// Syncs wait from here on, until they are let go.
    pub(super) fn hold_syncs(&self) {
        self.lock().syncs_held = true;
    }

    pub(super) fn let_syncs_go(&self) {
        self.lock().syncs_held = false;
        self.1.notify_all();
    }

    /// The disk after a loss of power: of what was not synced, any sector may be there or not, any name, and any byte
    /// of what a file grew or shrank by. In half of the files all sectors are there, and only the length is in doubt.
    pub(super) fn after_power_loss(&self, dice: &mut Dice) -> Arc<Self> {
        let state = self.lock();
        let mut files = Vec::new();
        for file in &state.files {
            let [shortest, longest] = sorted(file.durable.len(), file.bytes.len());
            let between = longest - shortest + 1;
            let length = match dice.roll(4) {
                0 => file.durable.len(),
                1 => file.bytes.len(),
                2 => shortest + dice.roll(between as u64) as usize,
                _ => longest - dice.roll(between.min(8) as u64) as usize,
            };
            let mut bytes = file.durable.clone();
            bytes.resize(length, 0);
            let odds = 1 + dice.roll(2);
            for (sector, now) in file.bytes.chunks(SECTOR).enumerate() {
                let at = sector * SECTOR;
                let end = (at + now.len()).min(length);
                if at < end && dice.roll(odds) == 0 {
                    bytes[at..end].copy_from_slice(&now[..end - at]);
                }
            }
            files.push(Contents { durable: bytes.clone(), bytes });
        }
        let mut names = state.durable_names.clone();
        let changed = state.names.keys().chain(state.durable_names.keys());
        for name in changed.cloned().collect::<std::collections::BTreeSet<_>>() {
            if dice.roll(2) == 0 {
                match state.names.get(&name) {
                    Some(file) => names.insert(name, *file),
                    None => names.remove(&name),
                };
            }
        }
        let durable_names = names.clone();
        Arc::new(Self(Mutex::new(State { names, durable_names, files, ..State::default() }), Condvar::new()))
    }

    /// The bytes of every file, and the same disk with other bytes in one of them.
    pub(super) fn image(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let state = self.lock();
        state.names.iter().map(|(name, file)| (name.clone(), state.files[*file].bytes.clone())).collect()
    }

    pub(super) fn of(image: &BTreeMap<PathBuf, Vec<u8>>) -> Arc<Self> {
        let disk = Self::new();
        for (name, bytes) in image {
            let mut state = disk.lock();
            let file = state.files.len();
            state.files.push(Contents { bytes: bytes.clone(), durable: bytes.clone() });
            state.names.insert(name.clone(), file);
            state.durable_names.insert(name.clone(), file);
        }
        disk
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test panics while it holds the disk")
    }
}

impl State {
    fn used(&self) -> usize {
        let live: std::collections::BTreeSet<_> = self.names.values().collect();
        live.into_iter().map(|file| self.files[*file].bytes.len()).sum()
    }

    fn step(&mut self) -> io::Result<()> {
        match &mut self.plan.lose_power_after {
            Some(0) => Err(io::Error::other("no power")),
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Grows a file as far as there is space.
    fn grow(&mut self, file: usize, bytes: usize) -> io::Result<()> {
        let room = self.plan.capacity.map_or(usize::MAX, |capacity| capacity.saturating_sub(self.used()));
        let contents = &mut self.files[file].bytes;
        let missing = bytes.saturating_sub(contents.len());
        contents.resize(contents.len() + missing.min(room), 0);
        if missing > room { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }
}

fn sorted(one: usize, other: usize) -> [usize; 2] {
    [one.min(other), one.max(other)]
}

struct SimFile {
    disk: Arc<SimDisk>,
    file: usize,
}

impl Disk for Arc<SimDisk> {
    fn create(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let mut state = self.lock();
        state.step()?;
        let file = state.files.len();
        state.files.push(Contents::default());
        state.names.insert(path.to_owned(), file);
        Ok(Arc::new(SimFile { disk: self.clone(), file }))
    }

    fn open(&self, path: &Path) -> io::Result<Arc<dyn DiskFile>> {
        let file = *self.lock().names.get(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(Arc::new(SimFile { disk: self.clone(), file }))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        let mut state = self.lock();
        state.step()?;
        let file = state.names.remove(from).ok_or(io::ErrorKind::NotFound)?;
        state.names.insert(to.to_owned(), file);
        Ok(())
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        let mut state = self.lock();
        state.step()?;
        state.names.remove(path).map(|_| ()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn create_dir(&self, _path: &Path) -> io::Result<()> {
        Ok(())
    }

    fn list(&self, _path: &Path) -> io::Result<Vec<String>> {
        let name = |path: &PathBuf| path.file_name().map(|name| name.to_string_lossy().into_owned());
        Ok(self.lock().names.keys().filter_map(name).collect())
    }

    fn sync_dir(&self, _path: &Path) -> io::Result<()> {
        let mut state = self.lock();
        state.step()?;
        state.durable_names = state.names.clone();
        Ok(())
    }
}

impl DiskFile for SimFile {
    fn len(&self) -> io::Result<u64> {
        Ok(self.disk.lock().files[self.file].bytes.len() as u64)
    }

    fn read_exact_at(&self, buffer: &mut [u8], position: u64) -> io::Result<()> {
        let mut state = self.disk.lock();
        state.bytes_read += buffer.len();
        let at = position as usize;
        let bytes =
            state.files[self.file].bytes.get(at..at + buffer.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(bytes);
        Ok(())
    }

    fn write_all_at(&self, bytes: &[u8], position: u64) -> io::Result<()> {
        let mut state = self.disk.lock();
        state.step()?;
        let at = position as usize;
        let grown = state.grow(self.file, at + bytes.len());
        let contents = &mut state.files[self.file].bytes;
        let end = contents.len().min(at + bytes.len());
        if at < end {
            contents[at..end].copy_from_slice(&bytes[..end - at]);
        }
        grown
    }

    fn set_len(&self, bytes: u64) -> io::Result<()> {
        let mut state = self.disk.lock();
        state.step()?;
        state.files[self.file].bytes.resize(bytes as usize, 0);
        Ok(())
    }

    fn allocate(&self, bytes: u64) -> io::Result<bool> {
        let mut state = self.disk.lock();
        state.step()?;
        if state.plan.cannot_allocate {
            return Ok(false);
        }
        let before = state.files[self.file].bytes.len();
        let grown = state.grow(self.file, bytes as usize);
        if grown.is_err() {
            state.files[self.file].bytes.truncate(before);
        }
        grown.map(|()| true)
    }

    fn sync(&self) -> io::Result<()> {
        let held = self.disk.1.wait_while(self.disk.lock(), |state| state.syncs_held);
        let mut state = held.expect("no test panics while it holds the disk");
        state.syncs += 1;
        state.step()?;
        if let Some(left) = &mut state.plan.fail_sync_after {
            if *left == 0 {
                return Err(io::Error::other("the device is gone"));
            }
            *left -= 1;
        }
        let file = &mut state.files[self.file];
        file.durable = file.bytes.clone();
        Ok(())
    }
}
