//! Handing changes to the streams that follow them.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Interval;
use topspin_log::Partition;
use topspin_scoring::{Clock, Home, LiveBatch, ReadError, Subscription, SubscriptionError};

use super::cursor::Positions;
use super::followers::{Follow, Followers};
use super::frame::Published;
use crate::limits::{HEARTBEAT, HUB_RETRY, MAX_PAGE};
use crate::metrics::Metrics;

/// What a stream waits for.
pub enum News {
    /// Something happened.
    Change(Arc<Published>),
    /// Nothing more comes: the hub has ended, or let this reader go because it was too slow.
    QueueEnded,
    /// Nothing happened for a while.
    Silence,
    /// The server stops.
    Stop,
}

/// What a stream knows by that nothing has happened for a while: [`HEARTBEAT`] from now, and again.
pub fn heartbeats() -> Interval {
    let mut beat = tokio::time::interval(HEARTBEAT);
    beat.reset();
    beat
}

/// Waits for the next of them; changes go first.
pub async fn news(queue: &mut Follow, beat: &mut Interval, stop: &mut watch::Receiver<bool>) -> News {
    tokio::select! {
        biased;
        change = queue.recv() => change.map_or(News::QueueEnded, News::Change),
        _ = beat.tick() => News::Silence,
        _ = stop.wait_for(|stop| *stop) => News::Stop,
    }
}

/// What hands out the changes, and how far it has come.
pub struct Hub {
    followers: Arc<Followers>,
    positions: Positions,
    home: Home,
    clock: Clock,
    metrics: Arc<Metrics>,
}

impl Hub {
    /// Starts handing out what `home` commits, until it shuts down.
    ///
    /// # Errors
    /// [`ReadError`] if the home's position cannot be read.
    pub fn start(home: &Home, clock: &Clock, metrics: &Arc<Metrics>) -> Result<Arc<Followers>, ReadError> {
        // First the subscription, then the positions: what is committed between comes twice and is known by its place.
        let subscription = home.subscribe();
        let followers = Arc::new(Followers::default());
        let hub = Hub {
            followers: Arc::clone(&followers),
            positions: home.positions()?,
            home: home.clone(),
            clock: Arc::clone(clock),
            metrics: Arc::clone(metrics),
        };
        tokio::spawn(hub.run(subscription));
        Ok(followers)
    }

    async fn run(mut self, mut subscription: Subscription) {
        loop {
            match subscription.next().await {
                Ok(batch) => self.publish(&batch),
                Err(SubscriptionError::Lagged(missed)) => {
                    tracing::warn!(missed, "the hub lagged and reads the log");
                    self.refill(self.home.partitions()).await;
                }
                Err(SubscriptionError::Missed(partition)) => self.refill(vec![partition]).await,
                Err(SubscriptionError::Closed) => break,
            }
        }
        self.followers.end(true);
    }

    /// Reads what was missed from the log; what the subscription brings again is known by its place.
    async fn refill(&mut self, partitions: Vec<Partition>) {
        while let Err(error) = self.try_refill(&partitions).await {
            tracing::error!(%error, "the hub cannot read what it missed, and tries again");
            // Whoever comes back reads the log for itself, and fails or is whole.
            self.followers.end(false);
            tokio::time::sleep(HUB_RETRY).await;
        }
    }

    async fn try_refill(&mut self, partitions: &[Partition]) -> Result<(), ReadError> {
        for partition in partitions {
            loop {
                let after = self.positions.get(partition).copied();
                let batches = self.home.catch_up(*partition, after, MAX_PAGE).await?;
                if batches.is_empty() {
                    break;
                }
                for batch in &batches {
                    self.publish(batch);
                }
            }
        }
        Ok(())
    }

    fn publish(&mut self, batch: &LiveBatch) {
        let now = (self.clock)();
        for (offset, change) in &batch.changes {
            if self.positions.get(&batch.partition).is_some_and(|last| offset <= last) {
                continue;
            }
            self.positions.insert(batch.partition, *offset);
            let recorded = &change.event.recorded;
            let since = now.millis_since(recorded.recorded_at);
            self.metrics.published(Duration::from_millis(u64::try_from(since).unwrap_or(0)));
            let published = || Published::new(batch.partition, *offset, change.clone(), now);
            self.metrics.lagged.inc_by(self.followers.hand_out(recorded.match_id, published));
        }
    }
}
