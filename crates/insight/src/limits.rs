//! What is bounded, in one place.

use std::num::NonZeroU32;

/// Places of a list: of a record, and of a player's latest results.
pub(crate) const TEN: NonZeroU32 = NonZeroU32::new(10).expect("ten is not zero");

/// The months of the sliding window.
pub(crate) const MONTHS: u32 = 24;

/// The most time zones that are known. The IANA database has about 600 names.
pub const ZONES: usize = 4_096;

/// The longest that a rally can last, in milliseconds: beyond it somebody forgot to tap.
pub const RALLY_MAX_MS: u32 = 600_000;

/// Rallies that momentum looks back on.
pub const MOMENTUM_RALLIES: i32 = 10;

/// Rallies before and after a time-out by which its effect is told.
pub const TIME_OUT_RALLIES: usize = 5;
