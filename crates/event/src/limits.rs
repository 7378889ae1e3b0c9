//! Every bound of the records, in one place, with its unit.

/// Most external ids on one item.
pub const MAX_EXTERNAL_IDS: usize = 16;

/// Longest free text (a name, a table, a category), in characters.
pub const MAX_TEXT_CHARS: usize = 200;

/// Most games in a reported result.
pub const MAX_REPORTED_GAMES: usize = 99;

/// Most strokes recorded of one rally; the longest on record have several hundred.
pub const MAX_STROKES: usize = 512;

/// Most cards that one side of a match carries in.
pub const MAX_CARRIED_CARDS: usize = 32;

/// Largest raw record kept with an anomaly, in bytes; a longer one is cut, and says so.
pub const MAX_ANOMALY_RAW_BYTES: usize = 256 * 1024;

/// An event recorded later than this after it occurred is delayed, in milliseconds.
pub const LIVE_WITHIN_MS: i64 = 10_000;
