//! The latest offset of every key, for a bounded number of keys.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use topspin_log::Record;

use crate::catalog::PartitionId;

/// Which record of a key is the latest, among those that were noted.
///
/// A key is known by 128 bits of a hash with a random key, so two keys are taken for one with a chance below 2⁻⁸⁰ even
/// with billions of keys.
pub(crate) struct Latest {
    offsets: HashMap<(u64, u64), u64>,
    hashers: (RandomState, RandomState),
}

impl Latest {
    pub(crate) fn new() -> Self {
        Self { offsets: HashMap::new(), hashers: (RandomState::new(), RandomState::new()) }
    }

    pub(crate) fn len(&self) -> usize {
        self.offsets.len()
    }

    pub(crate) fn note(&mut self, partition: PartitionId, record: &Record, offset: u64) {
        let key = self.hash(partition, record);
        let latest = self.offsets.entry(key).or_insert(offset);
        *latest = offset.max(*latest);
    }

    pub(crate) fn is_superseded(&self, partition: PartitionId, record: &Record, offset: u64) -> bool {
        self.offsets.get(&self.hash(partition, record)).is_some_and(|latest| *latest > offset)
    }

    fn hash(&self, partition: PartitionId, record: &Record) -> (u64, u64) {
        let key = (partition, record.key.as_deref());
        (self.hashers.0.hash_one(key), self.hashers.1.hash_one(key))
    }
}
