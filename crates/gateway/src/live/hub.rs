//! Handing changes to the streams that follow them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::Interval;
use topspin_event::MatchId;
use topspin_log::{Offset, Partition};
use topspin_scoring::{Change, Clock, Home, LiveBatch, ReadError, Subscription, SubscriptionError};

use super::cursor::Positions;
use super::frame::Published;
use crate::limits::{MAX_PAGE, SUBSCRIBER_QUEUE};
use crate::metrics::Metrics;

/// What a stream reads from. It ends when the hub has ended, or after the last change that fitted.
pub type Queue = mpsc::Receiver<Arc<Published>>;

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

/// Waits for the next of them; changes go first.
pub async fn news(queue: &mut Queue, beat: &mut Interval, stop: &mut watch::Receiver<bool>) -> News {
    tokio::select! {
        biased;
        change = queue.recv() => change.map_or(News::QueueEnded, News::Change),
        _ = beat.tick() => News::Silence,
        _ = stop.wait_for(|stop| *stop) => News::Stop,
    }
}

/// The streams, and how far the hub has come.
pub struct Hub {
    streams: Mutex<Streams>,
    clock: Clock,
    metrics: Arc<Metrics>,
}

#[derive(Default)]
struct Streams {
    positions: Positions,
    one: HashMap<MatchId, Vec<mpsc::Sender<Arc<Published>>>>,
    across: Vec<mpsc::Sender<Arc<Published>>>,
}

impl Hub {
    /// Starts handing out what `home` commits, until it shuts down.
    ///
    /// # Errors
    /// [`ReadError`] if the home's position cannot be read.
    pub fn start(home: &Home, clock: &Clock, metrics: &Arc<Metrics>) -> Result<Arc<Self>, ReadError> {
        // First the subscription, then the positions: what is committed between comes twice and is known by its place.
        let subscription = home.subscribe();
        let streams = Streams { positions: home.positions()?.into_iter().collect(), ..Streams::default() };
        let hub = Arc::new(Hub {
            streams: Mutex::new(streams),
            clock: Arc::clone(clock),
            metrics: Arc::clone(metrics),
        });
        tokio::spawn(Arc::clone(&hub).run(home.clone(), subscription));
        Ok(hub)
    }

    /// A queue of the changes of one match from now on.
    pub fn follow(&self, id: MatchId) -> Queue {
        let (sender, queue) = mpsc::channel(SUBSCRIBER_QUEUE);
        let mut streams = self.streams();
        let followers = streams.one.entry(id).or_default();
        followers.retain(|follower| !follower.is_closed());
        followers.push(sender);
        queue
    }

    /// A queue of all changes from now on, and where "now" is.
    pub fn follow_all(&self) -> (Queue, Positions) {
        let (sender, queue) = mpsc::channel(SUBSCRIBER_QUEUE);
        let mut streams = self.streams();
        streams.across.retain(|follower| !follower.is_closed());
        streams.across.push(sender);
        (queue, streams.positions.clone())
    }

    async fn run(self: Arc<Self>, home: Home, mut subscription: Subscription) {
        loop {
            match subscription.next().await {
                Ok(batch) => self.publish(&batch),
                Err(SubscriptionError::Lagged(missed)) => {
                    tracing::warn!(missed, "the hub lagged and reads the log");
                    if let Err(error) = self.refill(&home).await {
                        tracing::error!(%error, "the hub cannot read what it missed");
                        break;
                    }
                }
                Err(SubscriptionError::Closed) => break,
            }
        }
        let mut streams = self.streams();
        streams.one.clear();
        streams.across.clear();
    }

    /// Reads what was missed from the log; what the subscription brings again is known by its place.
    async fn refill(&self, home: &Home) -> Result<(), ReadError> {
        for partition in home.partitions() {
            loop {
                let after = self.streams().positions.get(&partition).copied();
                let batches = home.catch_up(partition, after, MAX_PAGE).await?;
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

    fn publish(&self, batch: &LiveBatch) {
        let now = (self.clock)();
        let mut streams = self.streams();
        for (offset, change) in &batch.changes {
            if streams.positions.get(&batch.partition).is_some_and(|last| offset <= last) {
                continue;
            }
            let since = now.millis_since(change.event.recorded.recorded_at);
            self.metrics.published(Duration::from_millis(u64::try_from(since).unwrap_or(0)));
            self.hand_out(&mut streams, (batch.partition, *offset), change, now);
        }
    }

    fn hand_out(
        &self,
        streams: &mut Streams,
        (partition, offset): (Partition, Offset),
        change: &Change,
        now: topspin_event::Timestamp,
    ) {
        streams.positions.insert(partition, offset);
        let id = change.event.recorded.match_id;
        let followed = streams.one.contains_key(&id);
        if !followed && streams.across.is_empty() {
            return;
        }
        let published = Arc::new(Published::new(partition, offset, change.clone(), now));
        let mut lagged = send(&mut streams.across, &published);
        if let Some(followers) = streams.one.get_mut(&id) {
            lagged += send(followers, &published);
            if followers.is_empty() {
                streams.one.remove(&id);
            }
        }
        self.metrics.lagged.inc_by(lagged);
    }

    fn streams(&self) -> MutexGuard<'_, Streams> {
        // Nothing that holds the lock can panic half-way through a change of it.
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Hands a change to every follower with room; the others are let go, and find their queue at its end.
fn send(followers: &mut Vec<mpsc::Sender<Arc<Published>>>, published: &Arc<Published>) -> u64 {
    let mut lagged = 0;
    followers.retain(|follower| match follower.try_send(Arc::clone(published)) {
        Ok(()) => true,
        Err(mpsc::error::TrySendError::Full(_)) => {
            lagged += 1;
            false
        }
        Err(mpsc::error::TrySendError::Closed(_)) => false,
    });
    lagged
}
