//! Sends the requests of this process to lanes that others own.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};
use topspin_log::{CommitError, Log, Producer, Record, TopicPartition, TransactionalId};
use topspin_runtime::CallError;
use topspin_runtime::limits::MAILBOX_WAIT;

use crate::limits::{FORWARD_BATCH_BYTES, FORWARD_BATCH_REQUESTS, FORWARD_QUEUE, LANE_RETRY};

/// A request on its way.
pub(crate) struct Parcel {
    pub(crate) partition: TopicPartition,
    pub(crate) record: Record,
    /// Nobody waits for it afterwards.
    pub(crate) until: Instant,
}

/// The way to the task that sends.
#[derive(Clone)]
pub(crate) struct Courier(mpsc::Sender<Parcel>);

impl Courier {
    /// The way, and the task that has to be run.
    pub(crate) fn new(log: Arc<dyn Log>, id: TransactionalId) -> (Self, impl Future<Output = ()> + Send) {
        let (sender, parcels) = mpsc::channel(FORWARD_QUEUE);
        (Courier(sender), Round { log, id, producer: None }.run(parcels))
    }

    /// Sends a request as soon as it can be, but not after its time. Waits a bounded time for room.
    pub(crate) async fn send(&self, parcel: Parcel) -> Result<(), CallError> {
        self.0.send_timeout(parcel, MAILBOX_WAIT).await.map_err(|refused| match refused {
            mpsc::error::SendTimeoutError::Timeout(_) => CallError::Overloaded,
            mpsc::error::SendTimeoutError::Closed(_) => CallError::Closed,
        })
    }
}

struct Round {
    log: Arc<dyn Log>,
    id: TransactionalId,
    producer: Option<Producer>,
}

impl Round {
    async fn run(mut self, mut parcels: mpsc::Receiver<Parcel>) {
        while let Some(first) = parcels.recv().await {
            let mut bytes = first.record.size();
            let mut batch = vec![first];
            while batch.len() < FORWARD_BATCH_REQUESTS
                && bytes < FORWARD_BATCH_BYTES
                && let Ok(next) = parcels.try_recv()
            {
                bytes += next.record.size();
                batch.push(next);
            }
            self.deliver(batch).await;
        }
    }

    /// Sends a batch, again and again if nobody knows whether it was sent: a request may be there twice, and its second
    /// answer is that of the first.
    async fn deliver(&mut self, mut batch: Vec<Parcel>) {
        loop {
            let now = Instant::now();
            batch.retain(|parcel| parcel.until > now);
            if batch.is_empty() {
                return;
            }
            match self.try_deliver(&batch).await {
                Ok(()) => return,
                Err(reason) => {
                    tracing::warn!(reason, waiting = batch.len(), "requests to other processes wait");
                    sleep(LANE_RETRY).await;
                }
            }
        }
    }

    async fn try_deliver(&mut self, batch: &[Parcel]) -> Result<(), String> {
        let producer = match &mut self.producer {
            Some(producer) => producer,
            none => none.insert(self.log.begin_producer(&self.id).await.map_err(|error| error.to_string())?),
        };
        let mut transaction = producer.begin();
        for Parcel { partition, record, .. } in batch {
            if let Err(error) = transaction.append(partition.clone(), record.clone()) {
                tracing::error!(%error, "a request to another process cannot be sent");
            }
        }
        match transaction.commit().await {
            Ok(_) => Ok(()),
            Err(error) => {
                let reason = error.to_string();
                if !matches!(error, CommitError::StorageFull | CommitError::Unavailable { .. }) {
                    // Only a new producer can go on.
                    self.producer = None;
                }
                Err(reason)
            }
        }
    }
}
