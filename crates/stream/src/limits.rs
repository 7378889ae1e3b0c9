//! What is bounded, in one place.

/// The most rows that come to and go from a window in one step. Rows that enter or leave at one and the same millisecond
/// do so together, also if they are more; so do those of one key when a tumbling window goes.
pub const WINDOW_ROWS_A_STEP: usize = 4_096;

/// The most rows and ids that can no longer matter that one tick clears away.
pub const CLEARED_A_STEP: usize = 4_096;

/// Keys whose rows are looked up anew in one step when a row of a broadcast table has changed. Few: what follows a lookup
/// makes many rows of one.
pub const LOOKED_UP_A_STEP: usize = 4;
