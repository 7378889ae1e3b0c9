//! Whether a partition serves.

/// How a partition is, for who watches it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// It handles requests. If something is to be mended first, such as after a full disk, the next request does it.
    Running,
    /// Another process owns it, or may: it refuses every request until it is started again.
    Fenced,
    /// It refuses every request until it is started again.
    Failed {
        /// What failed.
        reason: String,
    },
}
