//! Segment files: a header of 64 bytes, then frames.
//!
//! ```text
//! magic 8 bytes │ version u32 │ crc32c u32 │ segment u64 │ salt u64 │ 0 … to 64
//! ```

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use topspin_log::ReadError;

use crate::frame::{self, FRAME_ALIGNMENT, Fault, Frame};

pub(crate) const SEGMENT_HEADER: usize = 64;
const MAGIC: &[u8; 8] = b"TOPSPSEG";
const VERSION: u32 = 1;

/// Numbers segments in the order of their records, from 1.
pub(crate) type SegmentId = u64;

pub(crate) fn segment_path(directory: &Path, id: SegmentId) -> PathBuf {
    directory.join(format!("{id:016}.seg"))
}

pub(crate) fn index_path(directory: &Path, id: SegmentId) -> PathBuf {
    directory.join(format!("{id:016}.idx"))
}

/// The name under which a file is written before it is whole.
pub(crate) fn temporary(path: &Path) -> PathBuf {
    path.with_added_extension("tmp")
}

/// The segment whose file has this name.
pub(crate) fn id_of(name: &str) -> Option<SegmentId> {
    id_before(name, ".seg")
}

/// The segment whose sidecar has this name.
pub(crate) fn id_of_index(name: &str) -> Option<SegmentId> {
    id_before(name, ".idx")
}

fn id_before(name: &str, suffix: &str) -> Option<SegmentId> {
    let digits = name.strip_suffix(suffix)?;
    (digits.len() == 16).then(|| digits.parse().ok())?
}

/// Whether a file of this name was never whole.
pub(crate) fn is_temporary(name: &str) -> bool {
    name.strip_suffix(".tmp").is_some()
}

/// A number that no other file of this log has had.
pub(crate) fn new_salt() -> u64 {
    RandomState::new().build_hasher().finish()
}

pub(crate) fn header(id: SegmentId, salt: u64) -> [u8; SEGMENT_HEADER] {
    let mut header = [0; SEGMENT_HEADER];
    header[0..8].copy_from_slice(MAGIC);
    header[8..12].copy_from_slice(&VERSION.to_le_bytes());
    header[16..24].copy_from_slice(&id.to_le_bytes());
    header[24..32].copy_from_slice(&salt.to_le_bytes());
    let crc = crc32c::crc32c(&header);
    header[12..16].copy_from_slice(&crc.to_le_bytes());
    header
}

/// The salt of the segment that a header belongs to; `None` if it is not the header of segment `id`.
pub(crate) fn read_header(bytes: &[u8], id: SegmentId) -> Option<u64> {
    let header_bytes: [u8; SEGMENT_HEADER] = bytes.get(..SEGMENT_HEADER)?.try_into().ok()?;
    let salt = u64::from_le_bytes(header_bytes[24..32].try_into().ok()?);
    (header_bytes == header(id, salt)).then_some(salt)
}

pub(crate) fn corrupt(path: &Path, position: u64, reason: &'static str) -> ReadError {
    ReadError::Corrupt { file: path.display().to_string(), position, reason }
}

pub(crate) fn unreadable(path: &Path, error: &std::io::Error) -> ReadError {
    ReadError::Storage { file: path.display().to_string(), reason: error.to_string() }
}

/// A whole segment in memory.
pub(crate) struct Image {
    pub(crate) bytes: Bytes,
    pub(crate) salt: u64,
}

/// Where the frames of a segment end, and why.
pub(crate) struct Extent {
    /// The first byte that belongs to no frame, a multiple of 8: beyond the file if the padding of the last is cut off.
    pub(crate) end: usize,
    /// The greatest `durable` of the frames.
    pub(crate) durable: u32,
    pub(crate) fault: Fault,
}

impl Image {
    /// Checks the header.
    pub(crate) fn new(bytes: Vec<u8>, id: SegmentId, path: &Path) -> Result<Self, ReadError> {
        let salt = read_header(&bytes, id).ok_or_else(|| corrupt(path, 0, "no segment header"))?;
        Ok(Self { bytes: Bytes::from(bytes), salt })
    }

    /// Calls `visit` for each frame with its position, up to the first that is not valid.
    pub(crate) fn walk<E>(&self, mut visit: impl FnMut(usize, &Frame) -> Result<(), E>) -> Result<Extent, E> {
        let (mut at, mut durable) = (SEGMENT_HEADER, 0);
        loop {
            match frame::read(&self.bytes, at, self.salt, at as u64) {
                Ok(frame) => {
                    visit(at, &frame)?;
                    durable = durable.max(frame.durable);
                    at = frame.end;
                }
                Err(fault) => return Ok(Extent { end: at, durable, fault }),
            }
        }
    }

    /// Whether a valid frame after `end` shows that what is at `end` was acknowledged.
    pub(crate) fn proves_durable(&self, end: usize) -> bool {
        let mut at = end;
        while at < self.bytes.len() {
            if frame::read(&self.bytes, at, self.salt, at as u64)
                .is_ok_and(|frame| frame.durable as usize > end)
            {
                return true;
            }
            at += FRAME_ALIGNMENT as usize;
        }
        false
    }
}
