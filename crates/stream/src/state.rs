//! Where operators keep what they must not forget.

use std::ops::ControlFlow;

use crate::error::StateError;

/// The way a scan goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Smallest key first.
    Forward,
    /// Greatest key first.
    Backward,
}

/// The keys of a scan, in the order of their bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyRange<'a> {
    /// The smallest key, inclusive.
    pub from: &'a [u8],
    /// The first key that no longer belongs to it, exclusive. `None`: all there are.
    pub to: Option<&'a [u8]>,
}

/// What a scan calls for each entry (key, value), until it breaks.
pub type Visit<'v> = dyn FnMut(&[u8], &[u8]) -> ControlFlow<()> + 'v;

/// Ordered stores of bytes, numbered as in [`Subtopology::stores`](crate::Subtopology::stores).
///
/// What was written is read at once, also by a scan. Who implements it can take back all writes of one record.
pub trait State {
    /// Appends the value of a key to `into`. `false` if there is none; then `into` is unchanged.
    ///
    /// # Errors
    /// The store failed.
    fn get(&self, store: usize, key: &[u8], into: &mut Vec<u8>) -> Result<bool, StateError>;

    /// Writes the value of a key, or with `None` takes it away.
    ///
    /// # Errors
    /// The store failed.
    fn put(&mut self, store: usize, key: &[u8], value: Option<&[u8]>) -> Result<(), StateError>;

    /// Visits the entries of a range in order. A range whose `to` is not after its `from` is empty.
    ///
    /// # Errors
    /// The store failed.
    fn scan(
        &self,
        store: usize,
        range: KeyRange<'_>,
        direction: Direction,
        visit: &mut Visit<'_>,
    ) -> Result<(), StateError>;
}
