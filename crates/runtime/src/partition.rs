//! One partition: its mailbox and the task that owns its producer.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use topspin_log::{BeginProducerError, CommitError, Log, Producer, Record, TopicPartition, TransactionalId};

use crate::limits::{MAILBOX_REQUESTS, MAILBOX_WAIT, MAX_BATCH_BYTES, MAX_BATCH_REQUESTS};
use crate::recovery::{RecoveryError, catch_up};
use crate::{Changes, Placed, Processor, Scope, Store, StoreError};

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
}

impl<P: Processor> Clone for Partition<P> {
    fn clone(&self) -> Self {
        Partition { mailbox: self.mailbox.clone(), closing: self.closing.clone() }
    }
}

struct Call<P: Processor> {
    request: P::Request,
    answer: oneshot::Sender<Result<P::Reply, CallError>>,
}

/// A request was not handled, or nobody knows. Unless it says otherwise, nothing of it happened.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CallError {
    /// Too many requests wait.
    #[error("the partition is overloaded")]
    Overloaded,
    /// The partition is closing or has closed.
    #[error("the partition is closed")]
    Closed,
    /// The storage is full.
    #[error("the storage is full")]
    StorageFull,
    /// The log cannot be reached now.
    #[error("the log is unavailable: {reason}")]
    Unavailable {
        /// What the engine says.
        reason: String,
    },
    /// It may have happened: ask again with the same id to find out.
    #[error("the outcome is unknown: {reason}")]
    Indeterminate {
        /// What the engine says.
        reason: String,
    },
    /// Another process owns this partition now.
    #[error("another node owns the partition")]
    Fenced,
    /// The partition has failed for good: it needs a restart.
    #[error("the partition has failed: {reason}")]
    Failed {
        /// What failed.
        reason: String,
    },
}

impl CallError {
    /// Whether the same call can succeed later in this process.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Overloaded | Self::StorageFull | Self::Unavailable { .. } | Self::Indeterminate { .. } => {
                true
            }
            Self::Closed | Self::Fenced | Self::Failed { .. } => false,
        }
    }
}

/// A partition could not be started.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StartError {
    /// No producer.
    #[error(transparent)]
    Producer(#[from] BeginProducerError),
    /// The store is not up to date.
    #[error(transparent)]
    Recovery(#[from] RecoveryError),
    /// The processor cannot be made.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl StartError {
    /// Whether the same call can succeed later.
    pub fn is_retryable(&self) -> bool {
        match self {
            StartError::Producer(error) => error.is_retryable(),
            StartError::Recovery(error) => error.is_retryable(),
            StartError::Store(error) => error.is_retryable(),
        }
    }
}

impl<P: Processor> Partition<P> {
    /// Fences earlier owners, brings the store up to the end of the log, and starts the task. `processor` is made from
    /// the store as it then is.
    ///
    /// # Errors
    /// [`StartError`] if any of this fails.
    pub async fn start(
        log: Arc<dyn Log>,
        store: Store,
        config: PartitionConfig,
        processor: impl FnOnce(&Store) -> Result<P, StoreError> + Send,
    ) -> Result<(Self, JoinHandle<()>), StartError> {
        let producer = log.begin_producer(&config.transactional_id).await?;
        for partition in &config.owned {
            let count = catch_up(log.as_ref(), &store, partition).await?;
            tracing::debug!(%partition, count, "recovered");
        }
        let processor = processor(&store)?;
        let (mailbox, calls) = mpsc::channel(MAILBOX_REQUESTS);
        let (closing, closed) = watch::channel(false);
        let owner = Owner { log, store, config, producer, processor, condition: Condition::Good };
        let task = tokio::spawn(owner.run(calls, closed));
        Ok((Partition { mailbox, closing: Arc::new(closing) }, task))
    }

    /// Hands in a request and waits for its answer. Waits a bounded time for room. Dropping the future does not take
    /// the request back.
    ///
    /// # Errors
    /// [`CallError`] as its variants say.
    pub async fn call(&self, request: P::Request) -> Result<P::Reply, CallError> {
        let (answer, answered) = oneshot::channel();
        let sending = self.mailbox.send_timeout(Call { request, answer }, MAILBOX_WAIT);
        sending.await.map_err(|refused| match refused {
            mpsc::error::SendTimeoutError::Timeout(_) => CallError::Overloaded,
            mpsc::error::SendTimeoutError::Closed(_) => CallError::Closed,
        })?;
        // The task answers every call that it has taken; it ends without an answer only if the process does.
        answered.await.unwrap_or(Err(CallError::Indeterminate { reason: "the partition ended".to_owned() }))
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

/// Whether the partition can commit.
enum Condition {
    Good,
    /// The store or the producer may not be where the log is: recover first.
    Behind,
    /// It cannot, until the process starts again.
    Terminal(CallError),
}

struct Owner<P: Processor> {
    log: Arc<dyn Log>,
    store: Store,
    config: PartitionConfig,
    producer: Producer,
    processor: P,
    condition: Condition,
}

type Answers<P> = Vec<(oneshot::Sender<Result<<P as Processor>::Reply, CallError>>, <P as Processor>::Reply)>;

impl<P: Processor> Owner<P> {
    fn run(
        mut self,
        mut calls: mpsc::Receiver<Call<P>>,
        mut closed: watch::Receiver<bool>,
    ) -> impl Future<Output = ()> + Send {
        async move {
            let mut open = true;
            loop {
                let call = tokio::select! {
                    call = calls.recv() => call,
                    _ = closed.wait_for(|closing| *closing), if open => {
                        open = false;
                        calls.close();
                        continue;
                    }
                };
                let Some(call) = call else { return };
                self.serve(call, &mut calls).await;
            }
        }
    }

    async fn serve(&mut self, first: Call<P>, calls: &mut mpsc::Receiver<Call<P>>) {
        if let Err(error) = self.recover().await {
            let _ = first.answer.send(Err(error));
            return;
        }
        let store = self.store.clone();
        let mut changes = Changes::new(&store);
        let mut records = Vec::new();
        let answers = self.handle(first, calls, &mut changes, &mut records);
        match self.commit(&records).await {
            Ok(placed) => {
                if let Err(error) = store.put(changes, self.derived_from(&placed)) {
                    // What is committed is committed: the answers stand, and the store is mended from the log.
                    tracing::error!(%error, "the store missed a commit");
                    self.condition = Condition::Behind;
                }
                self.processor.committed(&placed);
                for (answer, reply) in answers {
                    let _ = answer.send(Ok(reply));
                }
            }
            Err(error) => {
                self.processor.rolled_back();
                for (answer, _) in answers {
                    let _ = answer.send(Err(error.clone()));
                }
            }
        }
    }

    /// Handles what waits, within the bounds of one commit.
    fn handle(
        &mut self,
        first: Call<P>,
        calls: &mut mpsc::Receiver<Call<P>>,
        changes: &mut Changes<'_>,
        records: &mut Vec<(TopicPartition, Record)>,
    ) -> Answers<P> {
        let mut answers = Answers::<P>::new();
        let mut next = Some(first);
        let (mut bytes, mut counted) = (0, 0);
        while let Some(call) = next.take() {
            let reply = self.processor.handle(call.request, &mut Scope::new(changes, records));
            answers.push((call.answer, reply));
            bytes += records[counted..].iter().map(|(_, record)| record.size()).sum::<usize>();
            counted = records.len();
            if answers.len() < MAX_BATCH_REQUESTS && bytes < MAX_BATCH_BYTES {
                next = calls.try_recv().ok();
            }
        }
        answers
    }

    /// Commits the records as one transaction. An empty batch costs nothing.
    async fn commit(&mut self, records: &[(TopicPartition, Record)]) -> Result<Vec<Placed>, CallError> {
        if records.is_empty() {
            return Ok(Vec::new());
        }
        let mut transaction = self.producer.begin();
        for (partition, record) in records {
            let added = transaction.append(partition.clone(), record.clone());
            added.map_err(|error| CallError::Failed { reason: error.to_string() })?;
        }
        let receipt = match transaction.commit().await {
            Ok(receipt) => receipt,
            Err(error) => return Err(self.judge(error)),
        };
        let placed = records.iter().zip(receipt.offsets());
        Ok(placed
            .map(|((partition, record), offset)| Placed {
                partition: partition.clone(),
                offset: *offset,
                record: record.clone(),
            })
            .collect())
    }

    /// What a failed commit means for its requests, and for the partition.
    fn judge(&mut self, error: CommitError) -> CallError {
        let reason = error.to_string();
        match error {
            CommitError::StorageFull => CallError::StorageFull,
            CommitError::Unavailable { reason } => CallError::Unavailable { reason },
            CommitError::Indeterminate { reason } => {
                self.condition = Condition::Behind;
                CallError::Indeterminate { reason }
            }
            CommitError::Failed { .. } => {
                // The outcome shows only after a restart.
                self.condition = Condition::Terminal(CallError::Failed { reason: reason.clone() });
                CallError::Failed { reason }
            }
            CommitError::Fenced(_) => {
                self.condition = Condition::Terminal(CallError::Fenced);
                CallError::Fenced
            }
            CommitError::StaleGeneration(_)
            | CommitError::UnknownTopic { .. }
            | CommitError::UnknownPartition(_)
            | CommitError::KeyRequired { .. }
            | CommitError::TooMany { .. } => {
                self.condition = Condition::Terminal(CallError::Failed { reason: reason.clone() });
                CallError::Failed { reason }
            }
        }
    }

    /// Those records that recovery would read: of the others the store knows nothing, not even where they are.
    fn derived_from<'placed>(&self, placed: &'placed [Placed]) -> impl Iterator<Item = &'placed Placed> {
        placed.iter().filter(|placed| self.config.owned.contains(&placed.partition))
    }

    /// Makes the partition good again, if it is not and can be.
    async fn recover(&mut self) -> Result<(), CallError> {
        match &self.condition {
            Condition::Good => return Ok(()),
            Condition::Terminal(error) => return Err(error.clone()),
            Condition::Behind => {}
        }
        let unavailable = |reason: String| CallError::Unavailable { reason };
        self.producer = match self.log.begin_producer(&self.config.transactional_id).await {
            Ok(producer) => producer,
            Err(error) if error.is_retryable() => return Err(unavailable(error.to_string())),
            Err(error) => {
                let failed = CallError::Failed { reason: error.to_string() };
                self.condition = Condition::Terminal(failed.clone());
                return Err(failed);
            }
        };
        self.processor.rolled_back();
        for partition in &self.config.owned {
            let caught_up = catch_up(self.log.as_ref(), &self.store, partition).await;
            caught_up.map_err(|error| unavailable(error.to_string()))?;
        }
        self.condition = Condition::Good;
        Ok(())
    }
}
