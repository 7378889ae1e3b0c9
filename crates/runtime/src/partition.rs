//! One partition: its mailbox and the task that owns its producer.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use topspin_log::{Log, TopicPartition, TraceContext, TransactionalId};

use crate::limits::{MAILBOX_REQUESTS, MAILBOX_WAIT};
use crate::owner::{Owner, Standing};
use crate::recovery::catch_up;
use crate::trace::trace_context;
use crate::{CallError, Condition, Processor, StartError, Store, StoreError};

/// What one partition owns.
pub struct PartitionConfig {
    /// The owner of the transactions; the same for every life of the partition.
    pub transactional_id: TransactionalId,
    /// The partitions of topics that the store derives from and only this partition's processor writes.
    pub owned: Vec<TopicPartition>,
}

/// The way to a running partition. Clones share it; when all are dropped, it ends after what it has accepted.
pub struct Partition<P: Processor> {
    mailbox: mpsc::Sender<Call<P>>,
    closing: Arc<watch::Sender<bool>>,
    condition: watch::Receiver<Condition>,
}

impl<P: Processor> Clone for Partition<P> {
    fn clone(&self) -> Self {
        Partition {
            mailbox: self.mailbox.clone(),
            closing: self.closing.clone(),
            condition: self.condition.clone(),
        }
    }
}

/// A request with what it was caused by and the way of its answer.
pub(crate) struct Call<P: Processor> {
    pub(crate) request: P::Request,
    pub(crate) trace: Option<Arc<TraceContext>>,
    pub(crate) answer: oneshot::Sender<Result<P::Reply, CallError>>,
}

impl<P: Processor> Partition<P> {
    /// Fences earlier owners, brings the store up to the end of the log, and starts the task. `make` makes the processor
    /// from the store as it then is, and another one whenever one has panicked.
    ///
    /// # Errors
    /// [`StartError`] if any of this fails.
    pub async fn start(
        log: Arc<dyn Log>,
        store: Store,
        config: PartitionConfig,
        make: impl Fn(&Store) -> Result<P, StoreError> + Send + 'static,
    ) -> Result<(Self, JoinHandle<()>), StartError> {
        let producer = log.begin_producer(&config.transactional_id).await?;
        for partition in &config.owned {
            let count = catch_up(log.as_ref(), &store, partition).await?;
            tracing::debug!(%partition, count, "recovered");
        }
        let processor = make(&store)?;
        let (mailbox, calls) = mpsc::channel(MAILBOX_REQUESTS);
        let (closing, closed) = watch::channel(false);
        let (told, condition) = watch::channel(Condition::Running);
        let make = Box::new(make);
        let owner = Owner { log, store, config, producer, processor, make, standing: Standing::Good, told };
        let task = tokio::spawn(owner.run(calls, closed));
        Ok((Partition { mailbox, closing: Arc::new(closing), condition }, task))
    }

    /// Hands in a request and waits for its answer. Waits a bounded time for room. Dropping the future does not take
    /// the request back.
    ///
    /// # Errors
    /// [`CallError`] as its variants say.
    pub async fn call(&self, request: P::Request) -> Result<P::Reply, CallError> {
        let (answer, answered) = oneshot::channel();
        let call = Call { request, trace: trace_context(), answer };
        let sending = self.mailbox.send_timeout(call, MAILBOX_WAIT);
        sending.await.map_err(|refused| match refused {
            mpsc::error::SendTimeoutError::Timeout(_) => CallError::Overloaded,
            mpsc::error::SendTimeoutError::Closed(_) => CallError::Closed,
        })?;
        // The task answers every call that it has taken; it ends without an answer only if the process does.
        answered.await.unwrap_or(Err(CallError::Indeterminate { reason: "the partition ended".to_owned() }))
    }

    /// Whether it serves.
    pub fn condition(&self) -> Condition {
        self.condition.borrow().clone()
    }

    /// Follows whether it serves.
    pub fn watch(&self) -> watch::Receiver<Condition> {
        self.condition.clone()
    }

    /// How many requests wait.
    pub fn waiting(&self) -> usize {
        self.mailbox.max_capacity() - self.mailbox.capacity()
    }

    /// Takes no more requests; those accepted are still handled. The task ends afterwards.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }
}
