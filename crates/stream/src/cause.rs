//! Which input record a change comes from.

use crate::time::Time;

/// The longest name of a cause.
pub const CAUSE_MAX_BYTES: usize = 64;

/// Names one input record, for example by topic, partition and offset: at most [`CAUSE_MAX_BYTES`] opaque bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CauseId {
    len: u8,
    bytes: [u8; CAUSE_MAX_BYTES],
}

impl CauseId {
    /// `None` if there are too many bytes.
    pub fn new(id: &[u8]) -> Option<Self> {
        Self::of(&[id])
    }

    /// The parts one behind the other; `None` if there are too many bytes.
    pub fn of(parts: &[&[u8]]) -> Option<Self> {
        let (mut bytes, mut len) = ([0; CAUSE_MAX_BYTES], 0);
        for part in parts {
            bytes.get_mut(len..len + part.len())?.copy_from_slice(part);
            len += part.len();
        }
        Some(Self { len: len as u8, bytes })
    }

    /// The bytes it was made of.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

impl std::fmt::Debug for CauseId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CauseId({})", self.as_bytes().escape_ascii())
    }
}

/// What everything downstream of a record carries, also through repartition topics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cause {
    /// The input record.
    pub id: CauseId,
    /// Its time.
    pub at: Time,
}
