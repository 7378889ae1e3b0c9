//! Transactions that several may attempt at the same time, under one transactional id: whoever begins last shuts the
//! others out.

use tokio::time::{Instant, sleep};
use topspin_log::CommitError;

use crate::limits::{BACK_OFF_MOST, RETRY_ATTEMPTS};

/// The attempts at one thing.
pub(crate) struct Attempts {
    made: u32,
    began: Instant,
}

impl Attempts {
    /// The first begins now.
    pub(crate) fn new() -> Self {
        Self { made: 0, began: Instant::now() }
    }

    /// After a failed one: waits until the next should begin; `false` if there is to be none.
    ///
    /// It waits for at least as long as the attempt took, each time longer: the one that shut it out needs about as much
    /// to finish, and would be shut out in turn.
    pub(crate) async fn another(&mut self) -> bool {
        self.made += 1;
        if self.made == RETRY_ATTEMPTS {
            return false;
        }
        sleep((self.began.elapsed() * self.made).min(BACK_OFF_MOST)).await;
        self.began = Instant::now();
        true
    }
}

/// Whether another attempt finds out more: another was faster, or nobody knows.
pub(crate) fn is_contended(error: &CommitError) -> bool {
    matches!(error, CommitError::Fenced(_) | CommitError::Indeterminate { .. })
}
