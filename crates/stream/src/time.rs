//! Instants as data.

use serde::{Deserialize, Serialize};

use crate::key::{DecodeError, Key};

/// An instant: milliseconds since 1970-01-01T00:00:00Z. Negative before that.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Time(pub i64);

impl Time {
    /// Earlier than every instant that can be told.
    pub const MIN: Self = Self(i64::MIN);
    /// Later than every instant that can be told.
    pub const MAX: Self = Self(i64::MAX);

    /// Reads the value of a tick record: eight bytes, big-endian.
    ///
    /// # Errors
    /// The bytes are not eight.
    pub fn from_tick(value: &[u8]) -> Result<Self, DecodeError> {
        Ok(Self(i64::from_be_bytes(value.try_into().map_err(|_| DecodeError)?)))
    }

    /// The value of a tick record: eight bytes, big-endian.
    pub fn to_tick(self) -> [u8; 8] {
        self.0.to_be_bytes()
    }

    pub(crate) fn saturating_add(self, milliseconds: i64) -> Self {
        Self(self.0.saturating_add(milliseconds))
    }
}

impl Key for Time {
    fn encode(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
    }

    fn decode(input: &mut &[u8]) -> Result<Self, DecodeError> {
        i64::decode(input).map(Self)
    }
}
