//! How long rallies were.

use std::collections::BTreeMap;

use topspin_event::{LengthCount, Lengths};

/// Lengths as they are counted.
#[derive(Default)]
pub(crate) struct Distribution(BTreeMap<u32, u32>);

impl Distribution {
    pub(crate) fn extend(&mut self, lengths: impl IntoIterator<Item = u32>) {
        for length in lengths {
            *self.0.entry(length).or_default() += 1;
        }
    }

    /// `None` if there is none.
    pub(crate) fn finish(self) -> Option<Lengths> {
        let (longest, _) = self.0.last_key_value()?;
        Some(Lengths {
            count: self.0.values().sum(),
            total: self.0.iter().map(|(length, count)| u64::from(*length) * u64::from(*count)).sum(),
            longest: *longest,
            distribution: self
                .0
                .iter()
                .map(|(length, count)| LengthCount { length: *length, count: *count })
                .collect(),
        })
    }
}
