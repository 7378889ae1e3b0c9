//! What is committed, as it is committed.

use std::sync::Arc;

use tokio::sync::{broadcast, watch};
use topspin_event::{EventEnvelope, MatchSnapshot, TieEventEnvelope, TieSnapshot};
use topspin_log::{Offset, Partition};

/// An event with the match as it was after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What happened.
    pub event: EventEnvelope,
    /// The match after it.
    pub snapshot: MatchSnapshot,
}

/// Changes of one partition, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveBatch {
    /// The partition.
    pub partition: Partition,
    /// At least one; each change with the place of its event in `match-events`; what [`crate::Home::catch_up`] goes on after.
    pub changes: Vec<(Offset, Change)>,
}

/// An event of a tie with the tie as it was after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TieChange {
    /// What happened.
    pub event: TieEventEnvelope,
    /// The tie after it.
    pub snapshot: TieSnapshot,
}

/// Who is told of what a home commits.
#[derive(Clone)]
pub(crate) struct Audience {
    /// Of changes of matches.
    pub(crate) matches: broadcast::Sender<Arc<LiveBatch>>,
    /// That ties have changed. They are few and short: who follows one reads it.
    pub(crate) ties: watch::Sender<()>,
}

impl Audience {
    /// Says that a partition has changes that nobody was told of.
    pub(crate) fn missed(&self, partition: Partition) {
        // Nobody may be listening.
        let _ = self.matches.send(Arc::new(LiveBatch { partition, changes: Vec::new() }));
    }
}

/// A subscription to what is committed.
pub struct Subscription {
    batches: broadcast::Receiver<Arc<LiveBatch>>,
}

/// No more batches come through a subscription in one go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SubscriptionError {
    /// The subscriber was too slow: this many batches are not delivered. The subscription goes on after them.
    #[error("{0} batches were missed")]
    Lagged(u64),
    /// A partition may have changes that nobody is told of, since this home has only just taken it over, or had to
    /// recover. The subscription goes on after them.
    #[error("partition {} may have changes that nobody was told of", .0.0)]
    Missed(Partition),
    /// The home has shut down.
    #[error("the home has shut down")]
    Closed,
}

impl Subscription {
    pub(crate) fn new(batches: broadcast::Receiver<Arc<LiveBatch>>) -> Self {
        Subscription { batches }
    }

    /// The next batch; waits for it.
    ///
    /// # Errors
    /// [`SubscriptionError`] as its variants say.
    pub async fn next(&mut self) -> Result<Arc<LiveBatch>, SubscriptionError> {
        match self.batches.recv().await {
            Ok(batch) if batch.changes.is_empty() => Err(SubscriptionError::Missed(batch.partition)),
            Ok(batch) => Ok(batch),
            Err(broadcast::error::RecvError::Lagged(missed)) => Err(SubscriptionError::Lagged(missed)),
            Err(broadcast::error::RecvError::Closed) => Err(SubscriptionError::Closed),
        }
    }
}
