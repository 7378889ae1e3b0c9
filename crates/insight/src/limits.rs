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

/// Lengths of rallies that are told apart, in strokes: from and to, inclusive. The last has no bound.
pub(crate) const RALLY_LENGTHS: [(u16, Option<u16>); 5] =
    [(1, Some(2)), (3, Some(4)), (5, Some(6)), (7, Some(9)), (10, None)];

/// Rallies before and after a time-out by which its effect is told.
pub const TIME_OUT_RALLIES: usize = 5;

/// Runs of fewer points or matches are nothing to remember.
pub(crate) const SHORTEST_RUN: u32 = 3;

/// Months of players that one change or tick rates again at most; the others follow.
pub(crate) const RATED_A_STEP: u32 = 512;

/// Months without a match after which a rating is as uncertain as it gets: by Glicko-2's usual volatility it is so after
/// 29 years.
pub(crate) const AGED_MONTHS: u32 = 1_200;

/// The deviation up to which both players of an upset are well enough known, in thousandths of a point.
pub(crate) const ESTABLISHED_THOUSANDTHS: i64 = 130_000;
