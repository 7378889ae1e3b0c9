//! The files around the segments: the lock and the format.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::OpenError;

const FORMAT: u32 = 1;

/// A directory that no other process has open as a log.
pub(crate) struct Locked {
    /// Locked until it is dropped.
    _lock: File,
    directory: PathBuf,
    is_new: bool,
}

impl Locked {
    /// Makes the directory if there is none, locks it and checks its format.
    pub(crate) fn open(directory: &Path) -> Result<Self, OpenError> {
        fs::create_dir_all(directory).map_err(io(directory))?;
        let path = directory.join("LOCK");
        let lock =
            OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(io(&path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(OpenError::Locked { directory: directory.to_owned() });
            }
            Err(TryLockError::Error(source)) => return Err(OpenError::Io { path, source }),
        }
        let is_new = check_format(directory)?;
        Ok(Self { _lock: lock, directory: directory.to_owned(), is_new })
    }

    /// Whether the directory has never been a log.
    pub(crate) fn is_new(&self) -> bool {
        self.is_new
    }

    /// Says which format the directory has, once its first segment is there.
    pub(crate) fn write_format(&self) -> Result<(), OpenError> {
        let path = self.directory.join("FORMAT");
        let temporary = self.directory.join("FORMAT.tmp");
        let write = || {
            let mut file = File::create(&temporary)?;
            writeln!(file, "topspin-log {FORMAT}")?;
            file.sync_all()?;
            fs::rename(&temporary, &path)?;
            File::open(&self.directory)?.sync_all()?;
            match self.directory.parent().filter(|parent| !parent.as_os_str().is_empty()) {
                Some(parent) => File::open(parent)?.sync_all(),
                None => Ok(()),
            }
        };
        write().map_err(io(&path))
    }
}

fn check_format(directory: &Path) -> Result<bool, OpenError> {
    let path = directory.join("FORMAT");
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => String::new(),
        Err(source) => return Err(OpenError::Io { path, source }),
    };
    let found = text.strip_prefix("topspin-log ").and_then(|rest| rest.trim_end().parse().ok());
    match found {
        Some(FORMAT) => Ok(false),
        Some(found) if found > FORMAT => {
            Err(OpenError::NewerFormat { directory: directory.to_owned(), found, supported: FORMAT })
        }
        Some(_) | None => {
            let reason = "its FORMAT file names no known format";
            Err(OpenError::NotALog { directory: directory.to_owned(), reason })
        }
    }
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> OpenError {
    let path = path.to_owned();
    move |source| OpenError::Io { path, source }
}
