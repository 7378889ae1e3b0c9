//! Whether a partition serves.

/// How a partition is, for who watches it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// It handles requests. If something is to be mended first, such as after a full disk, the next request does it.
    Running,
    /// It refuses every request until the process starts again.
    Failed {
        /// What failed.
        reason: String,
    },
}
