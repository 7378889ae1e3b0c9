//! How far a partition is applied, and what was there: to know a store of another log.

use topspin_log::{Offset, Record, murmur2};

/// The last applied record of a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) offset: Offset,
    /// Of the key and the value.
    fingerprint: u64,
}

impl Position {
    pub(crate) fn of(offset: Offset, record: &Record) -> Self {
        let half = |bytes: Option<&[u8]>| u64::from(bytes.map_or(0, murmur2));
        let fingerprint = half(record.key.as_deref()) << 32 | half(record.value.as_deref());
        Position { offset, fingerprint }
    }

    /// Offset and fingerprint, 8 bytes each, big endian.
    pub(crate) fn bytes(self) -> [u8; 16] {
        (u128::from(self.offset.get()) << 64 | u128::from(self.fingerprint)).to_be_bytes()
    }

    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let (offset, fingerprint) = bytes.split_first_chunk::<8>()?;
        let fingerprint = u64::from_be_bytes(fingerprint.try_into().ok()?);
        Some(Position { offset: Offset::new(u64::from_be_bytes(*offset)), fingerprint })
    }
}
