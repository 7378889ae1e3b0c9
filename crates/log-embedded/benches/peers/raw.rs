//! What the disk can do: one file, one write, one `fdatasync`.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Contender, KEY, VALUE_BYTES, Writer};

/// What the embedded log's frame adds to one record.
const FRAME_BYTES: usize = 80;
const BYTES: usize = KEY.len() + VALUE_BYTES + FRAME_BYTES;
/// Preallocated, and written to from the start again when it is full.
const FILE_BYTES: u64 = 64 * 1024 * 1024;

pub struct Raw {
    file: Arc<File>,
    written: Arc<AtomicU64>,
}

impl Raw {
    pub fn create(path: &Path) -> Self {
        let file = File::create(path).expect("a file");
        rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, FILE_BYTES).expect("space");
        file.sync_all().expect("synced");
        Self { file: Arc::new(file), written: Arc::default() }
    }
}

impl Contender for Raw {
    fn name(&self) -> &'static str {
        "raw append + fdatasync"
    }

    fn writer(&self, _number: usize) -> Writer {
        let (file, written) = (self.file.clone(), self.written.clone());
        let frame = vec![7; BYTES];
        Box::new(move || {
            let number = written.fetch_add(1, Ordering::Relaxed);
            let position = (number * BYTES as u64) % (FILE_BYTES - BYTES as u64);
            file.write_all_at(&frame, position).expect("written");
            file.sync_data().expect("synced");
        })
    }

    fn held(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    fn is_shared(&self) -> bool {
        false
    }
}
