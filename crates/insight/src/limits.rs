//! What is bounded, in one place.

use std::num::NonZeroU32;
use std::ops::RangeInclusive;

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

/// The deviation up to which a player is well enough known for lists and upsets, in thousandths of a point.
pub const ESTABLISHED_THOUSANDTHS: i64 = 130_000;
/// Cards of a match that stand at a time, at most.
pub const CARDS_OPEN: usize = 5;

/// Cards of a match that were withdrawn and are kept to be read.
pub const CARDS_KEPT: usize = 40;

/// Rallies from one new card of a match to the next, at least, while it is played.
pub const CARD_EVERY_RALLIES: u32 = 4;

/// How much more worth telling a card must be to take the place of another when there is no room.
pub const CARD_DISPLACES: i64 = 50;

/// How long after its last event something new is told of a match, in milliseconds.
pub const CARD_FRESH_MS: i64 = 600_000;

/// Places of a list of records that are worth telling.
pub const CARD_PLACES: usize = 3;

/// Other matches that a list of records must have before one of its places is worth telling.
pub const CARD_RIVALS: usize = 4;

/// "The best since": how long ago that must be, in milliseconds.
pub const CARD_SINCE_MS: i64 = 30 * 86_400_000;

/// The fewest points in a row that are worth telling.
pub(crate) const CARD_RUN: u32 = 8;

/// The fewest matches won one after the other.
pub(crate) const CARD_WINS: i64 = 5;

/// The fewest rating points that the winner of a match was behind.
pub(crate) const CARD_UPSET: i64 = 100;

/// The fewest where they are a record.
pub(crate) const CARD_RECORD_RUN: i64 = 6;

/// How long a game is believed to take, in milliseconds, bounds included: beyond it somebody forgot to tap, and before it a simulation
/// or an import was in a hurry.
pub(crate) const CARD_GAME_MS: RangeInclusive<i64> = 60_000..=45 * 60_000;

/// The same of a match.
pub(crate) const CARD_MATCH_MS: RangeInclusive<i64> = 2 * 60_000..=90 * 60_000;

/// The fewest points that the winner of a game was behind.
pub(crate) const CARD_GAME_TURNED: i64 = 5;

/// The fewest games that the winner of a match was behind.
pub(crate) const CARD_MATCH_TURNED: u8 = 2;

/// The fewest match points that are worth telling when they were saved and the match was not won then.
pub(crate) const CARD_MATCH_POINTS: usize = 2;

/// The fewest game points saved in a game that was won then.
pub(crate) const CARD_GAME_POINTS: usize = 3;

/// The fewest aces.
pub(crate) const CARD_ACES: usize = 4;

/// How far beyond the points that win a game the winner's points were.
pub(crate) const CARD_LONG_GAME: u16 = 4;

/// Of the five rallies after a time-out, at least so many won; of the five before it, all but at most so many lost.
pub(crate) const CARD_TIME_OUT: (u32, u32) = (4, 1);
