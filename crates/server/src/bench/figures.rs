//! Durations, sorted for their percentiles.

use std::time::Duration;

use serde::Serialize;

/// Percentiles of many durations, microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// How many.
    pub count: usize,
    /// The median.
    pub p50_us: u64,
    /// One in a hundred is longer.
    pub p99_us: u64,
    /// The longest.
    pub max_us: u64,
}

impl Figures {
    /// The percentiles (nearest rank) of durations; zeros for none.
    pub fn of(mut durations: Vec<Duration>) -> Self {
        durations.sort_unstable();
        let at = |percent: usize| {
            let rank = (durations.len() * percent).div_ceil(100).max(1) - 1;
            durations.get(rank).map_or(0, |d| u64::try_from(d.as_micros()).unwrap_or(u64::MAX))
        };
        Figures { count: durations.len(), p50_us: at(50), p99_us: at(99), max_us: at(100) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_of_the_nearest_rank() {
        let figures = Figures::of((1..=200).rev().map(Duration::from_micros).collect());
        assert_eq!((figures.p50_us, figures.p99_us, figures.max_us), (100, 198, 200));
        assert_eq!(Figures::of(Vec::new()).max_us, 0);
    }
}
