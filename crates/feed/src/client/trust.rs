//! Why what is held may not be the truth.

use serde::Serialize;

/// A reason to decide nothing by what is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// There is no connection.
    Disconnected,
    /// Nothing was heard for two heartbeats.
    Silent,
    /// The server has more than was received, or has not said yet that it has not.
    CatchingUp,
    /// A correction has begun and not ended.
    Correcting,
    /// Events were left out and are being read.
    Filling,
    /// A hash did not agree: everything is asked for again.
    Broken,
    /// The server is behind the halls.
    SourceLate,
    /// A hall is not reached.
    VenueLost,
}
