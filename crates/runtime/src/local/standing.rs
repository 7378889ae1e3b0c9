//! Up to where the rows of a shard go, and in which changelog.

use topspin_log::{Offset, Timestamp};

use crate::store::Position;

/// Where the standing is among the rows; above every key of a store.
pub(super) const KEY: &[u8] = b"\xff\xff~standing";

/// Names one life of a changelog partition. It is the value of the first record that the partition ever held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin(pub [u8; 16]);

/// What a shard's rows are: the changelog of this origin up to this position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) origin: Origin,
    /// The last record applied.
    pub(crate) position: Position,
    /// The last record's time: what was removed after it is on the changelog for
    /// [`TOMBSTONE_RETENTION`](topspin_log::limits::TOMBSTONE_RETENTION) from then on.
    pub(crate) at: Timestamp,
    /// The end of the changelog when its owner stopped; nothing was appended after it if that is still the end.
    pub(crate) sealed: Option<Offset>,
}

impl Standing {
    /// Origin, position, time and seal (all ones if there is none), big endian.
    pub(crate) fn bytes(&self) -> [u8; 48] {
        let mut bytes = [0; 48];
        bytes[..16].copy_from_slice(&self.origin.0);
        bytes[16..32].copy_from_slice(&self.position.bytes());
        bytes[32..40].copy_from_slice(&self.at.as_millis().to_be_bytes());
        bytes[40..].copy_from_slice(&self.sealed.map_or(u64::MAX, Offset::get).to_be_bytes());
        bytes
    }

    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; 48] = bytes.try_into().ok()?;
        let number = |from: usize| Some(u64::from_be_bytes(bytes[from..from + 8].try_into().ok()?));
        Some(Self {
            origin: Origin(bytes[..16].try_into().ok()?),
            position: Position::read(&bytes[16..32])?,
            at: Timestamp::from_millis(number(32)?),
            sealed: Some(number(40)?).filter(|end| *end != u64::MAX).map(Offset::new),
        })
    }
}
