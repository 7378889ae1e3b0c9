//! When to connect again.

use std::time::Duration;

use crate::limits::{BACKOFF_FIRST, BACKOFF_MAX};

/// Exponential backoff with full jitter: a storm of clients that lose one server comes back spread out.
pub(super) struct Backoff {
    failures: u32,
    state: u64,
}

impl Backoff {
    /// `seed` should differ between clients.
    pub(super) fn new(seed: u64) -> Self {
        Backoff { failures: 0, state: seed }
    }

    /// How long to wait before the next attempt: any time up to twice as long as the last bound.
    pub(super) fn next(&mut self) -> Duration {
        let bound = BACKOFF_FIRST.saturating_mul(1 << self.failures.min(10)).min(BACKOFF_MAX);
        self.failures += 1;
        let bound = u64::try_from(bound.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(self.random() % (bound + 1))
    }

    pub(super) fn succeeded(&mut self) {
        self.failures = 0;
    }

    /// `SplitMix64` (Steele, Lea and Flood, 2014).
    fn random(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
