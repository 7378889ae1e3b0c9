//! What a member owns, as its own thread, its owner and the producers see it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer as _, ConsumerContext, ConsumerGroupMetadata};
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::TopicPartitionList;
use rdkafka::types::RDKafkaRespErr;
use tokio::sync::Notify;
use topspin_log::group::Generation;
use topspin_log::{GroupError, GroupEvent, TopicPartition};

use crate::client::{self, Detached, Health};

/// What the group asks of a member, until the member has done it.
pub(crate) enum Change {
    Take(TopicPartitionList),
    GiveUp(TopicPartitionList),
}

/// The ears of a member's client.
pub(crate) struct Ears {
    health: Arc<Health>,
    changes: Mutex<VecDeque<Change>>,
    /// The client is being closed: nobody looks at changes any more.
    closing: AtomicBool,
}

impl Ears {
    pub(crate) fn new(health: Arc<Health>) -> Self {
        Self { health, changes: Mutex::default(), closing: AtomicBool::new(false) }
    }

    pub(crate) fn next_change(&self) -> Option<Change> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    pub(crate) fn close(&self) {
        self.closing.store(true, Ordering::Release);
    }
}

impl ClientContext for Ears {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        client::relay(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.health.note(&error, reason);
    }
}

impl ConsumerContext for Ears {
    /// Only notes the change: the group waits until the member's thread has carried it out.
    fn rebalance(&self, consumer: &BaseConsumer<Self>, error: RDKafkaRespErr, list: &mut TopicPartitionList) {
        let assign = matches!(error, RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS);
        if self.closing.load(Ordering::Acquire) {
            let done =
                if assign { consumer.incremental_assign(list) } else { consumer.incremental_unassign(list) };
            if let Err(error) = done.or_else(|_| consumer.unassign()) {
                tracing::debug!(%error, "a member's client is closed over a change");
            }
            return;
        }
        let change = if assign { Change::Take(list.clone()) } else { Change::GiveUp(list.clone()) };
        self.changes.lock().unwrap_or_else(PoisonError::into_inner).push_back(change);
    }
}

/// What the member's thread is woken for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Wishes {
    /// The client has something.
    queue: bool,
    /// The owner is done with what was revoked.
    pub(crate) give_up: bool,
    /// The owner has gone.
    pub(crate) leave: bool,
}

#[derive(Default)]
pub(crate) struct Alarm {
    wishes: Mutex<Wishes>,
    rings: Condvar,
}

impl Alarm {
    fn ring(&self, wish: impl FnOnce(&mut Wishes)) {
        wish(&mut self.wishes.lock().unwrap_or_else(PoisonError::into_inner));
        self.rings.notify_one();
    }

    pub(crate) fn queue(&self) {
        self.ring(|wishes| wishes.queue = true);
    }

    pub(crate) fn give_up(&self) {
        self.ring(|wishes| wishes.give_up = true);
    }

    pub(crate) fn leave(&self) {
        self.ring(|wishes| wishes.leave = true);
    }

    /// Waits for a wish, and takes all there are.
    pub(crate) fn wait(&self, within: Duration) -> Wishes {
        let wishes = self.wishes.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.rings.wait_timeout_while(wishes, within, |wishes| *wishes == Wishes::default());
        let (mut wishes, _) = waited.unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut wishes)
    }
}

#[derive(Default)]
pub(crate) struct Standing {
    pub(crate) events: VecDeque<Result<GroupEvent, GroupError>>,
    pub(crate) owned: BTreeSet<TopicPartition>,
    pub(crate) over: bool,
}

/// One membership.
pub(crate) struct Seat {
    pub(crate) consumer: Arc<Detached<BaseConsumer<Ears>>>,
    pub(crate) alarm: Arc<Alarm>,
    /// An event was added, or the membership is over.
    pub(crate) changed: Notify,
    standing: Mutex<Standing>,
}

impl Seat {
    pub(crate) fn new(consumer: BaseConsumer<Ears>, alarm: Arc<Alarm>) -> Self {
        let consumer = Arc::new(Detached::new(consumer));
        Self { consumer, alarm, changed: Notify::new(), standing: Mutex::default() }
    }

    pub(crate) fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn change(&self, change: impl FnOnce(&mut Standing)) {
        change(&mut self.standing());
        self.changed.notify_one();
    }
}

/// The memberships of one log, by the number that callers know them by.
#[derive(Default)]
pub(crate) struct Members(Mutex<Registry>);

#[derive(Default)]
struct Registry {
    last: u64,
    seats: BTreeMap<Generation, Weak<Seat>>,
}

impl Members {
    fn lock(&self) -> MutexGuard<'_, Registry> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn add(&self, seat: &Arc<Seat>) -> Generation {
        let mut registry = self.lock();
        registry.seats.retain(|_, seat| seat.strong_count() > 0);
        registry.last += 1;
        let generation = Generation(registry.last);
        registry.seats.insert(generation, Arc::downgrade(seat));
        generation
    }

    /// What the cluster knows the member by now; `None` if it does not own all of these partitions. The cluster checks
    /// the rest.
    pub(crate) fn metadata(
        &self,
        generation: Generation,
        partitions: &BTreeSet<TopicPartition>,
    ) -> Option<ConsumerGroupMetadata> {
        let seat = self.lock().seats.get(&generation)?.upgrade()?;
        let standing = seat.standing();
        if standing.over || !partitions.is_subset(&standing.owned) {
            return None;
        }
        seat.consumer.group_metadata()
    }
}
