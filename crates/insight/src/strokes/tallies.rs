//! Tallies by pattern.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use topspin_event::Tally;
use topspin_stream::Reason;

/// So many won of so many, by pattern; one that does not occur has no place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Tallies<K: Ord>(BTreeMap<K, (i64, i64)>);

impl<K: Ord> Default for Tallies<K> {
    fn default() -> Self {
        Tallies(BTreeMap::new())
    }
}

impl<K: Ord + Copy> Tallies<K> {
    /// Adds to a pattern.
    pub(crate) fn add(&mut self, pattern: K, won: i64, of: i64) -> Result<(), Reason> {
        let sum = self.0.entry(pattern).or_default();
        let (more_won, more_of) = (sum.0.checked_add(won), sum.1.checked_add(of));
        *sum = more_won.zip(more_of).ok_or_else(|| Reason::from("a count is too large"))?;
        if *sum == (0, 0) {
            self.0.remove(&pattern);
        }
        Ok(())
    }

    /// What occurred most often first; of what occurred as often, in the order of the patterns.
    pub(crate) fn listed<T>(&self, one: impl Fn(K, Tally) -> T) -> Vec<T> {
        let mut all: Vec<(K, Tally)> = self.0.iter().map(|(pattern, sum)| (*pattern, tally(*sum))).collect();
        all.sort_by_key(|(_, tally)| Reverse(tally.of));
        all.into_iter().map(|(pattern, tally)| one(pattern, tally)).collect()
    }

    /// The tally of a pattern, if it occurred.
    pub(crate) fn get(&self, pattern: K) -> Option<Tally> {
        self.0.get(&pattern).map(|sum| tally(*sum))
    }
}

fn tally((won, of): (i64, i64)) -> Tally {
    Tally { won: u32::try_from(won).unwrap_or(u32::MAX), of: u32::try_from(of).unwrap_or(u32::MAX) }
}
