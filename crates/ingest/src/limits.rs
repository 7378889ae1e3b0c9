//! Every bound of the importer, in one place, with its unit.

/// Largest file read, in bytes.
pub const MAX_FILE_BYTES: u64 = 256 * 1024 * 1024;

/// Updates of one match that are read; more are an anomaly.
pub const MAX_UPDATES: usize = 20_000;

/// How far back the reading of claims looks for the update that an update follows, in updates.
pub const MAX_LOOK_BACK: usize = 256;

/// Points that are filled in for missing updates one by one, in points; a larger gap sets the score.
pub const MAX_FILLED_POINTS: u32 = 3;

/// Highest number of a set, and most sets of an official result.
pub const MAX_SETS: u8 = 9;

/// Largest points of a side that a claim can hold.
pub const MAX_POINTS: i64 = 999;

/// Longest detail of an anomaly, in characters.
pub const MAX_DETAIL_CHARS: usize = 500;
