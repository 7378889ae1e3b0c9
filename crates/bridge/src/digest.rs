//! What a record is, in 32 bytes.

use sha2::{Digest as _, Sha256};
use topspin_log::Record;

/// SHA-256 of everything that a record is but its key, each part with its length before it.
pub(crate) fn of(record: &Record) -> [u8; 32] {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    part(&record.timestamp.as_millis().to_be_bytes());
    part(record.value.as_deref().unwrap_or_default());
    for header in &record.headers {
        part(header.name.as_bytes());
        part(&header.value);
    }
    hash.finalize().into()
}
