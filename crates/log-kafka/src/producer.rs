//! The thread that owns a transactional id. Its transactions are in order, whatever becomes of those who wait for them.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use rdkafka::consumer::ConsumerGroupMetadata;
use rdkafka::error::{KafkaError, KafkaResult, RDKafkaErrorCode as Code};
use rdkafka::producer::{BaseProducer, Producer as _, PurgeConfig};
use rdkafka::topic_partition_list::{Offset as KafkaOffset, TopicPartitionList};
use rdkafka::util::Timeout;
use tokio::sync::{mpsc, oneshot};
use topspin_log::{Batch, BeginProducerError, CommitError, Offset, Receipt, TransactionalId};

use crate::client::{self, Health};
use crate::cluster::Cluster;
use crate::commit::Committing;
use crate::delivery::Deliveries;
use crate::fault::Fault;
use crate::limits::{
    ABORT_TIMEOUT, CALL_TIMEOUT, COMMIT_TIMEOUT, DELIVERY_POLL, DELIVERY_TIMEOUT, OVERDUE_AFTER,
    TAKE_OVER_STEP, TRANSACTION_TIMEOUT,
};
use crate::message;
use crate::watchdog::{self, Deadline};

/// A transaction that was checked as far as it can be without sending it.
pub(crate) struct Order {
    pub(crate) batch: Batch,
    /// For each of the batch's commits of positions: who commits them.
    pub(crate) members: Vec<ConsumerGroupMetadata>,
    pub(crate) answer: oneshot::Sender<Result<Receipt, CommitError>>,
}

/// Whether the producer can begin a transaction.
enum Standing {
    Idle,
    /// The last transaction has to be aborted first; it began then.
    Aborting {
        since: Instant,
    },
    /// Somebody else owns the id.
    Fenced,
    /// Nobody knows what became of the last transaction, or the client has failed; only a new producer can tell.
    Lost {
        reason: String,
    },
}

struct Owner {
    cluster: Arc<Cluster>,
    id: TransactionalId,
    producer: Arc<BaseProducer<Deliveries>>,
    standing: Standing,
    /// When the last transaction began.
    begun: Instant,
    /// The client has thrown the last transaction away for its own reasons.
    purged: bool,
    /// When a call of the client that may last for ever should be over.
    overdue_at: Deadline,
}

/// Takes the id over and starts the thread.
pub(crate) async fn begin(
    cluster: &Arc<Cluster>,
    id: &TransactionalId,
) -> Result<Committing, BeginProducerError> {
    let failed = |reason: String| BeginProducerError::Failed { reason };
    let config = client::producer(&cluster.settings, &cluster.native(id.as_str()));
    let deliveries = Deliveries::new(cluster.health.clone());
    let producer: BaseProducer<Deliveries> = config
        .create_with_context(deliveries)
        .map_err(|error| failed(client::refusal(&error).to_string()))?;
    let producer = Arc::new(producer);
    let unavailable = |fault: Fault| BeginProducerError::Unavailable { reason: fault.reason() };
    cluster.enrol(&producer).map_err(unavailable)?;
    let asker = Arc::new(());
    let asking = Arc::downgrade(&asker);
    let taken = cluster.call(move || take_over(&producer, &asking).map(|()| producer));
    let producer = taken.await.map_err(|fault| match fault {
        Fault::NotAuthorized(reason) | Fault::Unauthenticated(reason) => {
            BeginProducerError::NotAuthorized { reason }
        }
        Fault::Refused(reason) => failed(reason),
        other @ (Fault::UnknownTopic
        | Fault::UnknownPartition
        | Fault::Fenced
        | Fault::StaleMember
        | Fault::Purged
        | Fault::Unavailable(_)) => unavailable(other),
    })?;
    drop(asker);
    let (sender, orders) = mpsc::channel(1);
    let (overdue_at, watchdog) = watchdog::channel();
    let owner = Owner {
        cluster: cluster.clone(),
        id: id.clone(),
        producer,
        standing: Standing::Idle,
        begun: Instant::now(),
        purged: false,
        overdue_at,
    };
    let thread = std::thread::Builder::new().name("kafka-producer".to_owned());
    thread.spawn(move || owner.run(orders)).map_err(|error| BeginProducerError::Unavailable {
        reason: format!("no thread for the producer: {error}"),
    })?;
    Ok(Committing::new(cluster.clone(), sender, watchdog))
}

/// Shuts out whoever has the id. Once the asker is gone, nobody must be shut out any more: it may be the asker's successor.
fn take_over(producer: &BaseProducer<Deliveries>, asker: &Weak<()>) -> KafkaResult<()> {
    let deadline = Instant::now() + CALL_TIMEOUT;
    while asker.strong_count() > 0 {
        match producer.init_transactions(TAKE_OVER_STEP) {
            // The client goes on with it in the background; asked again, it says how far it is.
            Err(KafkaError::Transaction(error)) if error.is_retriable() && Instant::now() < deadline => {}
            other => return other,
        }
    }
    Err(KafkaError::Canceled)
}

impl Owner {
    fn run(mut self, mut orders: mpsc::Receiver<Order>) {
        while let Some(order) = orders.blocking_recv() {
            let mut result = self.serve(&order);
            // Nothing of the first try is in the log, so a second one doubles nothing.
            if std::mem::take(&mut self.purged) && result.is_err() {
                result = self.serve(&order);
            }
            // Whoever does not wait any more was promised nothing.
            let _ = order.answer.send(result);
        }
    }

    fn serve(&mut self, order: &Order) -> Result<Receipt, CommitError> {
        self.purged = false;
        self.settle()?;
        let batch = &order.batch;
        if batch.appends().is_empty() && batch.positions().iter().all(|commit| commit.positions.is_empty()) {
            return Ok(Receipt::default());
        }
        self.transact(batch, &order.members)
    }

    /// Finishes what the last transaction left.
    fn settle(&mut self) -> Result<(), CommitError> {
        self.producer.poll(Duration::ZERO);
        match &self.standing {
            Standing::Idle => Ok(()),
            Standing::Aborting { .. } => match self.abort() {
                Ok(()) => Ok(()),
                Err(fault) => Err(self.doomed(fault)),
            },
            Standing::Fenced => Err(CommitError::Fenced(self.id.clone())),
            Standing::Lost { reason } => Err(CommitError::Indeterminate { reason: reason.clone() }),
        }
    }

    /// What to say while an abort does not come through.
    fn doomed(&self, fault: Fault) -> CommitError {
        match &self.standing {
            Standing::Fenced => CommitError::Fenced(self.id.clone()),
            Standing::Lost { reason } => CommitError::Indeterminate { reason: reason.clone() },
            Standing::Idle | Standing::Aborting { .. } => CommitError::Unavailable { reason: fault.reason() },
        }
    }

    fn transact(&mut self, batch: &Batch, members: &[ConsumerGroupMetadata]) -> Result<Receipt, CommitError> {
        self.begun = Instant::now();
        if let Err(error) = self.producer.begin_transaction() {
            return Err(self.undo(Fault::of(&error), &error, batch));
        }
        match self.fill(batch, members) {
            Ok(offsets) => self.commit(batch).map(|()| Receipt::new(offsets)),
            Err(fault) => {
                let fault = self.health().explain(fault);
                Err(self.give_up(fault, batch))
            }
        }
    }

    /// Sends records and positions; waits until all brokers have them.
    fn fill(&self, batch: &Batch, members: &[ConsumerGroupMetadata]) -> Result<Vec<Offset>, Fault> {
        let deliveries = self.producer.context().clone();
        let base = deliveries.expect(batch.appends().len());
        let mut topics = BTreeMap::new();
        for (index, append) in batch.appends().iter().enumerate() {
            let topic = append.partition.topic.as_str();
            let topic = topics.entry(topic).or_insert_with(|| self.cluster.native(topic));
            let partition = append.partition.partition.0.cast_signed();
            let outgoing = message::outgoing(topic, partition, &append.record, base + index);
            self.producer.send(outgoing).map_err(|(error, _)| self.deeper(Fault::of(&error)))?;
        }
        for (commit, member) in batch.positions().iter().zip(members) {
            let mut positions = TopicPartitionList::new();
            for (partition, offset) in &commit.positions {
                let topic = self.cluster.native(partition.topic.as_str());
                let number = partition.partition.0.cast_signed();
                let offset = KafkaOffset::Offset(offset.get().cast_signed());
                // A later position wins: an entry that is there is changed.
                let added = match positions.find_partition(&topic, number) {
                    Some(mut entry) => entry.set_offset(offset),
                    None => positions.add_partition_offset(&topic, number, offset),
                };
                added.map_err(|error| Fault::Refused(error.to_string()))?;
            }
            // It forgets its timeout once the group's coordinator has left the cluster (librdkafka issues 5456 and 5511).
            self.overdue_at.set(CALL_TIMEOUT + OVERDUE_AFTER);
            let sent = self.producer.send_offsets_to_transaction(&positions, member, CALL_TIMEOUT);
            self.overdue_at.clear();
            sent.map_err(|error| self.deeper(Fault::of(&error)))?;
        }
        let deadline = Instant::now() + DELIVERY_TIMEOUT + CALL_TIMEOUT;
        while !deliveries.complete().map_err(|fault| self.deeper(fault))? {
            if let Some((code, _)) = self.producer.client().fatal_error() {
                return Err(Fault::of_code(code));
            }
            if Instant::now() > deadline {
                return Err(Fault::Unavailable("records were not acknowledged in time".to_owned()));
            }
            self.hear();
        }
        let unplaced = || Fault::Unavailable("a broker acknowledged a record without its offset".to_owned());
        deliveries.offsets().ok_or_else(unplaced)
    }

    /// Takes what the brokers have acknowledged, or waits a little. The client's own wait is a busy one near its end.
    fn hear(&self) {
        let waiting = self.producer.context().waiting();
        self.producer.poll(Duration::ZERO);
        if self.producer.context().waiting() == waiting {
            std::thread::sleep(DELIVERY_POLL);
        }
    }

    /// A record or position fails for the producer's reason, if the producer has one.
    fn deeper(&self, fault: Fault) -> Fault {
        match self.producer.client().fatal_error() {
            Some((code, _)) => Fault::of_code(code),
            None => fault,
        }
    }

    fn commit(&mut self, batch: &Batch) -> Result<(), CommitError> {
        let deadline = Instant::now() + COMMIT_TIMEOUT;
        loop {
            let remaining = deadline.saturating_duration_since(Instant::now());
            let error = match self.producer.commit_transaction(remaining) {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            if let KafkaError::Transaction(kafka) = &error {
                if kafka.txn_requires_abort() {
                    return Err(self.give_up(Fault::of(&error), batch));
                }
                if kafka.is_retriable() && !kafka.is_fatal() && !remaining.is_zero() {
                    continue;
                }
            }
            // An earlier try of the client may have been the one that the cluster carried out.
            let reason = format!("{}; begin a new producer and read", Fault::of(&error).reason());
            self.standing = match self.producer.client().fatal_error() {
                Some((code, _)) if Fault::of_code(code) == Fault::Fenced => Standing::Fenced,
                _ => Standing::Lost { reason: reason.clone() },
            };
            return Err(CommitError::Indeterminate { reason });
        }
    }

    /// A transaction that could not even begin.
    fn undo(&mut self, fault: Fault, error: &KafkaError, batch: &Batch) -> CommitError {
        let abort = matches!(error, KafkaError::Transaction(kafka) if kafka.txn_requires_abort());
        if abort || self.producer.client().fatal_error().is_some() {
            return self.give_up(fault, batch);
        }
        self.complaint(self.health().explain(fault), batch)
    }

    /// Aborts, and says why.
    fn give_up(&mut self, fault: Fault, batch: &Batch) -> CommitError {
        self.standing = Standing::Aborting { since: self.begun };
        // An abort that does not come through goes on at the next commit; this transaction is never committed either way.
        self.purged = fault == Fault::Purged;
        if self.abort().is_err() && matches!(self.standing, Standing::Fenced) {
            return CommitError::Fenced(self.id.clone());
        }
        self.complaint(fault, batch)
    }

    fn abort(&mut self) -> Result<(), Fault> {
        // What is under way would be waited for otherwise.
        self.producer.purge(PurgeConfig::default().queue().inflight());
        let deadline = Instant::now() + ABORT_TIMEOUT;
        while self.producer.in_flight_count() > 0 && Instant::now() < deadline {
            self.hear();
        }
        let error = match self.producer.abort_transaction(Timeout::After(ABORT_TIMEOUT)) {
            Ok(()) => {
                self.standing = Standing::Idle;
                return Ok(());
            }
            Err(error) => error,
        };
        let fault = self.deeper(Fault::of(&error));
        if let Some((code, reason)) = self.producer.client().fatal_error() {
            self.standing = match Fault::of_code(code) {
                Fault::Fenced if !self.overdue() => Standing::Fenced,
                _ => Standing::Lost { reason: format!("{code}: {reason}; begin a new producer") },
            };
        } else if error.rdkafka_error_code() == Some(Code::State) {
            // There is no transaction to abort: it never began.
            self.standing = Standing::Idle;
            return Ok(());
        }
        Err(self.health().explain(fault))
    }

    /// Whether the cluster has by now aborted the transaction by itself. It fences the producer then, and nobody can tell
    /// that from a later one.
    fn overdue(&self) -> bool {
        matches!(&self.standing, Standing::Aborting { since } if since.elapsed() > TRANSACTION_TIMEOUT)
    }

    fn health(&self) -> &Health {
        &self.cluster.health
    }

    fn complaint(&self, fault: Fault, batch: &Batch) -> CommitError {
        match fault {
            Fault::Fenced => CommitError::Fenced(self.id.clone()),
            Fault::NotAuthorized(reason) | Fault::Unauthenticated(reason) => {
                CommitError::NotAuthorized { reason }
            }
            Fault::Refused(reason) => CommitError::Refused { reason },
            Fault::Purged | Fault::Unavailable(_) => CommitError::Unavailable { reason: fault.reason() },
            Fault::StaleMember => match batch.positions() {
                [commit, ..] => CommitError::StaleGeneration(commit.group.group().clone()),
                [] => CommitError::Unavailable { reason: fault.reason() },
            },
            // All partitions were known when the transaction was checked: one of the topics has been deleted since.
            Fault::UnknownTopic | Fault::UnknownPartition => {
                for append in batch.appends() {
                    self.cluster.forget(&append.partition.topic);
                }
                CommitError::Unavailable { reason: format!("{}: a topic was deleted", fault.reason()) }
            }
        }
    }
}
