//! What makes the clock of topologies go on: records with the time, on a topic of one partition.
//!
//! Every process that keeps views ticks. A tick that is earlier than one before it is nothing to those who read them, so
//! nobody has to own the clock. Only the latest tick matters: the topic is compacted.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use topspin_log::{
    AppendError, BatchLimit, BeginProducerError, Cleanup, CommitError, CreateTopicError, Log, Partition,
    Producer, ReadError, Record, Start, Topic, TopicPartition, TopicSpec, TransactionalId,
};
use topspin_stream::Time;

use crate::Clock;
use crate::limits::{TICK_AFTER_ACTIVITY, TICK_AT_LEAST_EVERY};

/// How a clock is kept going.
pub struct TickerConfig {
    /// The log that it is on.
    pub log: Arc<dyn Log>,
    /// The topic; made if it is missing.
    pub topic: Topic,
    /// Of this process alone.
    pub id: TransactionalId,
    /// What time it is for the views.
    pub now: Arc<dyn Fn() -> Time + Send + Sync>,
    /// What time it is for the log.
    pub clock: Clock,
}

/// The latest tick of a clock; `None` before the first.
///
/// # Errors
/// [`ReadError`] if the topic cannot be read.
pub async fn last_tick(log: &dyn Log, topic: &Topic) -> Result<Option<Time>, ReadError> {
    let place = TopicPartition::new(topic.clone(), Partition(0));
    let mut reader = match log.reader(&place, Start::Beginning).await {
        Err(ReadError::UnknownTopic { .. }) => return Ok(None),
        opened => opened?,
    };
    let (end, mut last) = (log.end_offset(&place).await?, None);
    while reader.position() < end {
        for committed in reader.try_next_batch(BatchLimit::default()).await? {
            let tick = committed.record.value.and_then(|value| Time::from_tick(&value).ok());
            last = last.max(tick);
        }
    }
    Ok(last)
}

/// A clock that is kept going: it ticks at once, soon after something has happened, and every minute.
pub struct Ticker {
    happened: Arc<Notify>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// Why a tick was not written.
#[derive(Debug, thiserror::Error)]
enum TickError {
    #[error(transparent)]
    Producer(#[from] BeginProducerError),
    #[error(transparent)]
    Append(#[from] AppendError),
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl Ticker {
    /// Starts it.
    ///
    /// # Errors
    /// [`CreateTopicError`] if the topic cannot be made.
    pub async fn start(config: TickerConfig) -> Result<Self, CreateTopicError> {
        let spec = TopicSpec::new(config.topic.clone(), 1).with_cleanup(Cleanup::Compact);
        config.log.create_topic(&spec).await?;
        let (stop, stopping) = watch::channel(false);
        let happened = Arc::new(Notify::new());
        let task = tokio::spawn(keep(config, Arc::clone(&happened), stopping));
        Ok(Ticker { happened, stop, task })
    }

    /// Whoever is told that something has happened: windows look at it soon.
    pub fn happened(&self) -> Arc<Notify> {
        Arc::clone(&self.happened)
    }

    /// Stops it.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        // Whoever panicked has said so.
        let _ = self.task.await;
    }
}

async fn keep(config: TickerConfig, happened: Arc<Notify>, mut stop: watch::Receiver<bool>) {
    let mut producer = None;
    let mut complained = false;
    loop {
        match tick(&config, &mut producer).await {
            Ok(()) => complained = false,
            Err(error) => {
                producer = None;
                if !complained {
                    tracing::warn!(%error, topic = %config.topic, "the clock does not go on; it is tried again");
                }
                complained = true;
            }
        }
        let wait = async {
            // Not more often than that, however much happens.
            tokio::time::sleep(TICK_AFTER_ACTIVITY).await;
            let rest = TICK_AT_LEAST_EVERY.saturating_sub(TICK_AFTER_ACTIVITY);
            if !complained && tokio::time::timeout(rest, happened.notified()).await.is_ok() {
                // What has happened since is in the past when the clock ticks.
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        tokio::select! {
            () = wait => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

async fn tick(config: &TickerConfig, kept: &mut Option<Producer>) -> Result<(), TickError> {
    let producer = match kept {
        Some(producer) => producer,
        None => kept.insert(config.log.begin_producer(&config.id).await?),
    };
    let now = (config.now)();
    let place = TopicPartition::new(config.topic.clone(), Partition(0));
    let mut transaction = producer.begin();
    transaction.append(place, Record::new("clock", now.to_tick().to_vec(), (config.clock)()))?;
    transaction.commit().await?;
    Ok(())
}
