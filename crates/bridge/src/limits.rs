//! Every bound of a bridge, in one place, with its unit.

/// Records of one transaction, and of one read.
pub const BATCH_RECORDS: usize = 16_384;

/// Bytes of one transaction, and of one read: with one record more it stays within what a transaction may have.
pub const BATCH_BYTES: usize = 8 * 1024 * 1024;

/// Longest name of a source, bytes: it is part of a transactional id and of record keys.
pub const MAX_SOURCE_BYTES: usize = 128;
