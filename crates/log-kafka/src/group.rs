//! A member of a consumer group: cooperative, static, and kept alive by a thread of its own.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::KafkaError;
use rdkafka::topic_partition_list::{Offset as KafkaOffset, TopicPartitionList};
use topspin_log::group::Generation;
use topspin_log::limits::REVOKE_TIMEOUT;
use topspin_log::{
    Assignment, GroupError, GroupEvent, GroupId, GroupMetadata, MemberId, Membership, Partition, ReadError,
    Topic, TopicPartition,
};

use crate::client;
use crate::cluster::Cluster;
use crate::fault::Fault;
use crate::limits::{LEAVE_TIMEOUT, MEMBER_POLL, STABLE_WAIT};
use crate::member::{Alarm, Change, Ears, Seat};
use crate::orphans::Guard;
use crate::positions::position;

/// How often a member that leaves looks whether it has.
const LEAVE_POLL: Duration = Duration::from_millis(20);

pub(crate) async fn join(
    cluster: &Arc<Cluster>,
    group: &GroupId,
    topics: &[Topic],
    member: &MemberId,
) -> Result<Box<dyn Membership>, GroupError> {
    let mut all = BTreeSet::new();
    for topic in topics {
        let spec = cluster.spec(topic).await.map_err(unjoinable)?;
        let name = cluster.native(topic.as_str());
        all.extend((0..spec.partitions).map(|number| (name.clone(), number.cast_signed())));
    }
    let unavailable = |reason: String| GroupError::Unavailable { reason };
    let config = client::member(&cluster.settings, &cluster.native(group.as_str()), member.as_str());
    let made: Result<BaseConsumer<Ears>, _> = config.create_with_context(Ears::new(cluster.health.clone()));
    let mut consumer = made.map_err(|error| unavailable(client::refusal(&error).to_string()))?;
    let alarm = Arc::new(Alarm::default());
    let ringing = alarm.clone();
    consumer.set_nonempty_callback(move || ringing.queue());
    let names: Vec<_> = topics.iter().map(|topic| cluster.native(topic.as_str())).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    consumer.subscribe(&names).map_err(|error| unavailable(error.to_string()))?;
    let seat = Arc::new(Seat::new(consumer, alarm));
    cluster.enrol(&seat.consumer).map_err(|fault| unavailable(fault.reason()))?;
    let generation = cluster.members.add(&seat);
    let life = Life {
        cluster: cluster.clone(),
        group: group.clone(),
        seat: seat.clone(),
        yielding: None,
        guard: Guard::new(cluster.native(group.as_str()), all),
        leaves: false,
    };
    let thread = std::thread::Builder::new().name("kafka-member".to_owned());
    thread
        .spawn(move || life.run())
        .map_err(|error| unavailable(format!("no thread for the member: {error}")))?;
    let (group, member) = (group.clone(), member.clone());
    Ok(Box::new(KafkaMember { seat, group, member, generation, told: false }))
}

/// The owner's side of a membership.
struct KafkaMember {
    seat: Arc<Seat>,
    group: GroupId,
    member: MemberId,
    generation: Generation,
    /// The last event was a revocation: asking for the next one gives up.
    told: bool,
}

#[async_trait]
impl Membership for KafkaMember {
    async fn next_event(&mut self) -> Result<GroupEvent, GroupError> {
        if std::mem::take(&mut self.told) {
            self.seat.alarm.give_up();
        }
        loop {
            let next = {
                let mut standing = self.seat.standing();
                let over = standing.over;
                standing
                    .events
                    .pop_front()
                    .or_else(|| over.then(|| Err(GroupError::Fenced(self.group.clone()))))
            };
            if let Some(event) = next {
                self.told = matches!(event, Ok(GroupEvent::Revoked(_)));
                return event;
            }
            self.seat.changed.notified().await;
        }
    }

    fn metadata(&self) -> GroupMetadata {
        GroupMetadata::member(self.group.clone(), self.member.clone(), self.generation)
    }
}

impl Drop for KafkaMember {
    fn drop(&mut self) {
        self.seat.alarm.leave();
    }
}

/// The thread's side: it looks after the client whether the owner asks or not.
struct Life {
    cluster: Arc<Cluster>,
    group: GroupId,
    seat: Arc<Seat>,
    /// What the owner was told to give up, and until when.
    yielding: Option<(TopicPartitionList, Instant)>,
    guard: Guard,
    /// Its place is not kept for it when it is gone.
    leaves: bool,
}

impl Life {
    fn run(mut self) {
        while !self.over() {
            self.listen();
            self.look_after_group();
            if self.yielding.is_none()
                && let Some(change) = self.seat.consumer.context().next_change()
            {
                self.carry_out(change);
                continue;
            }
            let patience =
                self.yielding.as_ref().map(|(_, until)| until.saturating_duration_since(Instant::now()));
            let wishes = self.seat.alarm.wait(patience.map_or(MEMBER_POLL, |left| left.min(MEMBER_POLL)));
            if wishes.leave {
                self.seat.change(|standing| standing.over = true);
            } else if wishes.give_up
                && let Some((list, _)) = self.yielding.take()
            {
                self.give_up(&list);
            } else if patience.is_some_and(|left| left.is_zero()) {
                self.leaves = true;
                self.lose();
            }
        }
        self.seat.consumer.context().close();
        // Without this, giving up would make the client join again, and the others wait for it.
        self.seat.consumer.unsubscribe();
        if let Some((list, _)) = self.yielding.take() {
            self.release(&list);
        }
        if self.leaves {
            self.leave();
        }
    }

    /// Leaves and joins again where that is the only way to have everything assigned.
    fn look_after_group(&mut self) {
        let owns = !self.seat.standing().owned.is_empty();
        if self.yielding.is_none() && self.guard.should_rejoin(&self.seat.consumer, owns) {
            tracing::warn!(group = %self.group, "partitions are assigned to nobody: this member joins again");
            self.leaves = true;
            self.lose();
        }
    }

    /// Waits until the group knows that this member is gone. A static member that is only closed keeps its place.
    fn leave(&self) {
        let until = Instant::now() + LEAVE_TIMEOUT;
        while Instant::now() < until && self.seat.consumer.assignment().is_ok_and(|list| list.count() > 0) {
            self.seat.consumer.poll(LEAVE_POLL);
        }
    }

    fn over(&self) -> bool {
        self.seat.standing().over
    }

    /// Lets the client do its work, and hears what went wrong.
    fn listen(&mut self) {
        let mut nothing = 0;
        while nothing < 2 {
            match self.seat.consumer.poll(Duration::ZERO) {
                None => nothing += 1,
                // Records are read elsewhere; one that was fetched before the pause took hold is not committed by anybody.
                Some(Ok(_)) => nothing = 0,
                Some(Err(error)) => {
                    nothing = 0;
                    self.suffer(&error);
                }
            }
        }
        if self.yielding.is_some() && self.seat.consumer.assignment_lost() {
            self.lose();
        }
    }

    fn suffer(&mut self, error: &KafkaError) {
        let fatal = matches!(error, KafkaError::MessageConsumptionFatal(_));
        match self.cluster.health.judge(error) {
            Fault::NotAuthorized(reason) | Fault::Unauthenticated(reason) => {
                self.seat
                    .change(|standing| standing.events.push_back(Err(GroupError::NotAuthorized { reason })));
                self.lose();
            }
            Fault::StaleMember | Fault::Fenced => self.lose(),
            _ if fatal => self.lose(),
            // The client goes on trying.
            Fault::UnknownTopic
            | Fault::UnknownPartition
            | Fault::Refused(_)
            | Fault::Purged
            | Fault::Unavailable(_) => {}
        }
    }

    fn carry_out(&mut self, change: Change) {
        match change {
            Change::Take(list) => self.take(list),
            Change::GiveUp(_) if self.seat.consumer.assignment_lost() => self.lose(),
            Change::GiveUp(list) => {
                let partitions = self.partitions(&list);
                self.yielding = Some((list, Instant::now() + REVOKE_TIMEOUT));
                if partitions.is_empty() {
                    self.seat.alarm.give_up();
                } else {
                    let event = GroupEvent::Revoked(partitions);
                    self.seat.change(|standing| standing.events.push_back(Ok(event)));
                }
            }
        }
    }

    fn take(&mut self, mut list: TopicPartitionList) {
        let Some(assigned) = self.positions(&list) else { return };
        // Where to start matters to nobody: the partitions are paused, since readers read them.
        let started = list
            .set_all_offsets(KafkaOffset::End)
            .and_then(|()| self.seat.consumer.incremental_assign(&list))
            .and_then(|()| self.seat.consumer.pause(&list));
        if let Err(error) = started {
            tracing::warn!(%error, group = %self.group, "an assignment was void before it was taken");
            return self.lose();
        }
        if !assigned.is_empty() {
            self.seat.change(|standing| {
                standing.owned.extend(assigned.iter().map(|assignment| assignment.partition.clone()));
                standing.events.push_back(Ok(GroupEvent::Assigned(assigned)));
            });
        }
    }

    /// The group's positions; asked for until they are known. `None` if the member has left meanwhile. Stable ones if they
    /// are to be had soon: whoever waited for the transaction of an owner that was killed would wait for itself.
    fn positions(&mut self, list: &TopicPartitionList) -> Option<Vec<Assignment>> {
        if list.count() == 0 {
            return Some(Vec::new());
        }
        loop {
            let stable = self.seat.consumer.committed_offsets(list.clone(), STABLE_WAIT);
            match stable.or_else(|_| self.cluster.committed_now(&self.group, list.clone())) {
                Ok(committed) => {
                    let entries = committed.elements();
                    let assignment = |entry: &rdkafka::topic_partition_list::TopicPartitionListElem<'_>| {
                        let partition = self.partition(entry.topic(), entry.partition())?;
                        Some(Assignment { partition, position: position(entry.offset()) })
                    };
                    return Some(entries.iter().filter_map(assignment).collect());
                }
                Err(error) => self.suffer(&error),
            }
            self.listen();
            if self.seat.alarm.wait(Duration::ZERO).leave {
                self.seat.change(|standing| standing.over = true);
            }
            if self.over() {
                return None;
            }
        }
    }

    fn give_up(&mut self, list: &TopicPartitionList) {
        let gone: BTreeSet<_> = self.partitions(list).into_iter().collect();
        self.seat.standing().owned.retain(|partition| !gone.contains(partition));
        self.release(list);
    }

    fn release(&self, list: &TopicPartitionList) {
        if let Err(error) = self.seat.consumer.incremental_unassign(list) {
            tracing::debug!(%error, group = %self.group, "partitions were gone before they were given up");
        }
    }

    /// All is gone, and the membership over.
    fn lose(&mut self) {
        // The owner has heard, or will hear first, that it must give these up.
        let told = self.yielding.as_ref().map(|(list, _)| self.partitions(list)).unwrap_or_default();
        self.seat.change(|standing| {
            if !standing.over {
                standing.over = true;
                let owned = std::mem::take(&mut standing.owned).into_iter();
                let lost = owned.filter(|partition| !told.contains(partition)).collect();
                standing.events.push_back(Ok(GroupEvent::Lost(lost)));
            }
        });
    }

    fn partitions(&self, list: &TopicPartitionList) -> Vec<TopicPartition> {
        list.elements().iter().filter_map(|entry| self.partition(entry.topic(), entry.partition())).collect()
    }

    /// The contract's name of a partition on the cluster.
    fn partition(&self, topic: &str, number: i32) -> Option<TopicPartition> {
        let topic = topic.strip_prefix(&self.cluster.settings.prefix)?;
        let number = u32::try_from(number).ok()?;
        Some(TopicPartition::new(Topic::new(topic).ok()?, Partition(number)))
    }
}

fn unjoinable(error: ReadError) -> GroupError {
    match error {
        ReadError::UnknownTopic { topic } => GroupError::UnknownTopic { topic },
        ReadError::NotAuthorized { reason } => GroupError::NotAuthorized { reason },
        other @ (ReadError::UnknownPartition(_)
        | ReadError::Trimmed { .. }
        | ReadError::BeyondEnd { .. }
        | ReadError::Corrupt { .. }
        | ReadError::Storage { .. }
        | ReadError::Unavailable { .. }
        | ReadError::Closed) => GroupError::Unavailable { reason: other.to_string() },
    }
}
