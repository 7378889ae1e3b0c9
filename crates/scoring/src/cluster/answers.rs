//! Hears what became of the requests of this process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::oneshot;
use tokio::time::sleep;
use topspin_event::{Reply as Told, wire};
use topspin_log::{BatchLimit, Log, ReadError, Reader, Start, TopicPartition};

use crate::limits::LANE_RETRY;

/// Those who wait for an answer, by the request's id.
#[derive(Clone, Default)]
pub(crate) struct Pending(Arc<Mutex<HashMap<Bytes, oneshot::Sender<Told>>>>);

/// A place among them, until this is dropped.
pub(crate) struct Waiting {
    pending: Pending,
    key: Bytes,
    pub(crate) told: oneshot::Receiver<Told>,
}

impl Pending {
    pub(crate) fn wait_for(&self, key: Bytes) -> Waiting {
        let (sender, told) = oneshot::channel();
        self.waiting().insert(key.clone(), sender);
        Waiting { pending: self.clone(), key, told }
    }

    /// How many wait.
    pub(crate) fn count(&self) -> usize {
        self.waiting().len()
    }

    fn tell(&self, key: &Bytes, value: &[u8]) {
        // Most replies are for other processes.
        let Some(waiting) = self.waiting().remove(key) else { return };
        match wire::decode_reply(value) {
            // Whoever does not wait any more asks again.
            Ok(told) => drop(waiting.send(told)),
            Err(error) => tracing::warn!(%error, "a reply cannot be read"),
        }
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<Bytes, oneshot::Sender<Told>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.pending.waiting().remove(&self.key);
    }
}

/// Reads the replies of one lane, and hands them out for ever.
pub(crate) async fn listen(log: Arc<dyn Log>, mut reader: Box<dyn Reader>, pending: Pending) {
    loop {
        match reader.next_batch(BatchLimit::default()).await {
            Ok(batch) => {
                for record in batch.into_iter().map(|committed| committed.record) {
                    if let (Some(key), Some(value)) = (record.key, record.value) {
                        pending.tell(&key, &value);
                    }
                }
            }
            Err(error) => {
                tracing::warn!(%error, "replies cannot be read now");
                sleep(LANE_RETRY).await;
                if let Ok(again) = reopen(log.as_ref(), reader.partition(), &error, reader.position()).await {
                    reader = again;
                }
            }
        }
    }
}

async fn reopen(
    log: &dyn Log,
    partition: &TopicPartition,
    error: &ReadError,
    position: topspin_log::Offset,
) -> Result<Box<dyn Reader>, ReadError> {
    let trimmed = if let ReadError::Trimmed { earliest, .. } = error { Some(*earliest) } else { None };
    log.reader(partition, Start::At(trimmed.unwrap_or(position))).await
}
