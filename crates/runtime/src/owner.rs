//! The task that owns a partition: batch, commit, store, answer.

use std::sync::Arc;

use tokio::sync::{mpsc, oneshot, watch};
use topspin_log::{CommitError, Log, Producer, Record, TopicPartition};

use crate::limits::{MAX_BATCH_BYTES, MAX_BATCH_REQUESTS};
use crate::partition::Call;
use crate::recovery::catch_up;
use crate::unwind::{caught, caught_async};
use crate::{
    CallError, Changes, Condition, PartitionConfig, Placed, Positions, Processor, Scope, Store, StoreError,
};

/// Whether the partition can commit.
pub(crate) enum Standing {
    Good,
    /// The store or the producer may not be where the log is: recover first.
    Behind,
    /// The processor has panicked: make another one first.
    Crashed,
    /// It cannot, until the process starts again.
    Terminal(CallError),
}

/// The task of a partition: the owner of its producer.
pub(crate) struct Owner<P: Processor> {
    pub(crate) log: Arc<dyn Log>,
    pub(crate) store: Store,
    pub(crate) config: PartitionConfig,
    pub(crate) producer: Producer,
    pub(crate) processor: P,
    pub(crate) make: Make<P>,
    pub(crate) standing: Standing,
    pub(crate) told: watch::Sender<Condition>,
}

/// Makes a processor from the store.
pub(crate) type Make<P> = Box<dyn Fn(&Store) -> Result<P, StoreError> + Send>;

type Answer<P> = oneshot::Sender<Result<<P as Processor>::Reply, CallError>>;
type Answers<P> = Vec<(Answer<P>, <P as Processor>::Reply)>;

/// A request that the processor panicked over.
struct Crash<P: Processor> {
    culprit: Answer<P>,
    /// Those of the same batch that were handled before.
    others: Answers<P>,
    reason: String,
}

impl<P: Processor> Owner<P> {
    pub(crate) async fn run(mut self, mut calls: mpsc::Receiver<Call<P>>, mut closed: watch::Receiver<bool>) {
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
            // Whoever waits for an answer is told that the outcome is unknown.
            if let Err(reason) = caught_async(self.serve(call, &mut calls)).await {
                self.fail(CallError::Failed { reason });
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
        let answers = match self.handle(first, calls, &mut changes, &mut records) {
            Ok(answers) => answers,
            Err(crash) => return self.void(crash),
        };
        let positions = self.processor.seal(&mut records);
        match self.commit(&records, positions.as_ref()).await {
            Ok(placed) => {
                if let Err(error) = store.put(changes, self.derived_from(&placed)) {
                    // What is committed is committed: the answers stand, and the store is mended from the log.
                    tracing::error!(%error, "the store missed a commit");
                    self.standing = Standing::Behind;
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
    ) -> Result<Answers<P>, Crash<P>> {
        let mut answers = Answers::<P>::new();
        let mut next = Some(first);
        let (mut bytes, mut counted) = (0, 0);
        while let Some(call) = next.take() {
            let mut scope = Scope::new(changes, records, call.trace.as_deref());
            let handled = caught(|| self.processor.handle(call.request, &mut scope));
            match handled {
                Ok(reply) => answers.push((call.answer, reply)),
                Err(reason) => return Err(Crash { culprit: call.answer, others: answers, reason }),
            }
            bytes += records[counted..].iter().map(|(_, record)| record.size()).sum::<usize>();
            counted = records.len();
            if answers.len() < MAX_BATCH_REQUESTS && bytes < MAX_BATCH_BYTES {
                next = calls.try_recv().ok();
            }
        }
        Ok(answers)
    }

    /// Nothing of a batch happens that has hit a fault of the program, and what the processor holds is worth nothing.
    fn void(&mut self, crash: Crash<P>) {
        tracing::error!(reason = crash.reason, "a request hit a fault of the program");
        self.standing = Standing::Crashed;
        for (answer, _) in crash.others {
            let reason = "another request of the batch hit a fault of the program".to_owned();
            let _ = answer.send(Err(CallError::Unavailable { reason }));
        }
        let _ = crash.culprit.send(Err(CallError::Crashed { reason: crash.reason }));
    }

    /// Refuses everything from now on.
    fn fail(&mut self, error: CallError) {
        tracing::error!(%error, "a partition has failed");
        self.told.send_replace(match &error {
            CallError::Fenced => Condition::Fenced,
            other => Condition::Failed { reason: other.to_string() },
        });
        self.standing = Standing::Terminal(error);
    }

    /// Commits the records as one transaction. An empty batch costs nothing.
    async fn commit(
        &mut self,
        records: &[(TopicPartition, Record)],
        positions: Option<&Positions>,
    ) -> Result<Vec<Placed>, CallError> {
        if records.is_empty() && positions.is_none() {
            return Ok(Vec::new());
        }
        let refused = |error: topspin_log::AppendError| CallError::Failed { reason: error.to_string() };
        let mut transaction = self.producer.begin();
        for (partition, record) in records {
            transaction.append(partition.clone(), record.clone()).map_err(refused)?;
        }
        if let Some(Positions { group, positions }) = positions {
            transaction.commit_positions(group, positions.iter().cloned()).map_err(refused)?;
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
                self.standing = Standing::Behind;
                CallError::Indeterminate { reason }
            }
            CommitError::Failed { .. } => {
                // The outcome shows only after a restart.
                self.fail(CallError::Failed { reason: reason.clone() });
                CallError::Failed { reason }
            }
            CommitError::Fenced(_) | CommitError::StaleGeneration(_) => {
                self.fail(CallError::Fenced);
                CallError::Fenced
            }
            CommitError::UnknownTopic { .. }
            | CommitError::UnknownPartition(_)
            | CommitError::KeyRequired { .. }
            | CommitError::TooMany { .. }
            | CommitError::NotAuthorized { .. }
            | CommitError::Refused { .. } => {
                self.fail(CallError::Failed { reason: reason.clone() });
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
        match &self.standing {
            Standing::Good => Ok(()),
            Standing::Terminal(error) => Err(error.clone()),
            Standing::Behind => self.realign().await,
            Standing::Crashed => {
                let made = (self.make)(&self.store);
                self.processor =
                    made.map_err(|error| CallError::Unavailable { reason: error.to_string() })?;
                self.standing = Standing::Good;
                Ok(())
            }
        }
    }

    /// Brings the store to the end of the log, with a producer that nobody else has.
    async fn realign(&mut self) -> Result<(), CallError> {
        if self.producer.is_fenced().await {
            self.fail(CallError::Fenced);
            return Err(CallError::Fenced);
        }
        let unavailable = |reason: String| CallError::Unavailable { reason };
        self.store.mend().map_err(|error| {
            if error.is_storage_full() { CallError::StorageFull } else { unavailable(error.to_string()) }
        })?;
        self.producer = match self.log.begin_producer(&self.config.transactional_id).await {
            Ok(producer) => producer,
            Err(error) if error.is_retryable() => return Err(unavailable(error.to_string())),
            Err(error) => {
                let failed = CallError::Failed { reason: error.to_string() };
                self.fail(failed.clone());
                return Err(failed);
            }
        };
        self.processor.rolled_back();
        for partition in &self.config.owned {
            let caught_up = catch_up(self.log.as_ref(), &self.store, partition).await;
            caught_up.map_err(|error| unavailable(error.to_string()))?;
        }
        self.processor.recovered();
        self.standing = Standing::Good;
        Ok(())
    }
}
