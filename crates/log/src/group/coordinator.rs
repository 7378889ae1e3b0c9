//! Groups for engines that live in one process.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;
use tokio::time::Instant;

use super::assignor::{Claim, assign};
use super::{Assignment, Generation, GroupEvent, GroupMetadata, Membership};
use crate::limits::{MAX_GROUPS, MAX_MEMBERS, REVOKE_TIMEOUT};
use crate::{Batch, CommitError, GroupError, GroupId, MemberId, Offset, PositionCommit, TopicPartition};

/// How a group moves to a new assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Only the partitions that move are revoked.
    Cooperative,
    /// Every change revokes everything first, as Kafka's eager protocol does.
    Eager,
}

/// Looks up a committed position.
type Positions = dyn Fn(&GroupId, &TopicPartition) -> Option<Offset> + Send + Sync;

/// The groups of one log. Memory: one small entry for each member and owned partition.
pub struct Coordinator {
    protocol: Protocol,
    positions: Box<Positions>,
    groups: Mutex<BTreeMap<GroupId, Group>>,
}

/// A commit of positions on its way; see [`Coordinator::admit_all`].
#[must_use = "the partitions are free again when this is dropped"]
pub struct Admission {
    held: Option<(Arc<Coordinator>, GroupId, BTreeSet<TopicPartition>)>,
}

impl Drop for Admission {
    fn drop(&mut self) {
        if let Some((coordinator, group, partitions)) = self.held.take() {
            coordinator.release(&group, &partitions);
        }
    }
}

struct Group {
    members: BTreeMap<MemberId, Member>,
    /// How many commits are on their way for a partition.
    in_flight: BTreeMap<TopicPartition, usize>,
    next_generation: u64,
    round: u64,
    changed: watch::Sender<u64>,
}

struct Member {
    generation: Generation,
    subscribed: BTreeSet<TopicPartition>,
    owned: BTreeSet<TopicPartition>,
    target: BTreeSet<TopicPartition>,
    /// Part of `owned` that the member was told to give up.
    told: BTreeSet<TopicPartition>,
    /// Whether everything has to be given up first, in the eager protocol.
    must_yield: bool,
    revoke_deadline: Option<Instant>,
}

enum Step {
    Event(GroupEvent),
    Wait { changed: watch::Receiver<u64>, deadline: Option<Instant> },
}

impl Coordinator {
    /// Groups that look committed positions up with `positions`, which must not call back.
    pub fn new(
        protocol: Protocol,
        positions: impl Fn(&GroupId, &TopicPartition) -> Option<Offset> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self { protocol, positions: Box::new(positions), groups: Mutex::default() })
    }

    /// Adds a member that shares `partitions` with the others.
    ///
    /// # Errors
    /// [`GroupError::TooMany`] members or groups.
    pub fn join(
        self: &Arc<Self>,
        group: &GroupId,
        member: &MemberId,
        partitions: BTreeSet<TopicPartition>,
    ) -> Result<Box<dyn Membership>, GroupError> {
        let mut groups = self.lock();
        if !groups.contains_key(group) && groups.len() == MAX_GROUPS {
            return Err(GroupError::TooMany { what: "groups", max: MAX_GROUPS });
        }
        let entry = groups.entry(group.clone()).or_insert_with(Group::new);
        if !entry.members.contains_key(member) && entry.members.len() == MAX_MEMBERS {
            return Err(GroupError::TooMany { what: "members", max: MAX_MEMBERS });
        }
        entry.next_generation += 1;
        let generation = Generation(entry.next_generation);
        entry.members.insert(member.clone(), Member::new(generation, partitions));
        entry.rebalance(self.protocol);
        Ok(Box::new(InProcessMember {
            coordinator: self.clone(),
            group: group.clone(),
            member: member.clone(),
            generation,
            owned: BTreeSet::new(),
            lost: false,
        }))
    }

    /// Admits a commit of positions: by a member for partitions that it owns, or by a lone consumer while the group has
    /// no members. Until the admission is dropped, no other member is assigned these partitions, so a new owner
    /// always starts at the position that the last owner committed. `None` if the commit must be refused.
    fn admit<'a>(
        self: &Arc<Self>,
        metadata: &GroupMetadata,
        partitions: impl IntoIterator<Item = &'a TopicPartition>,
    ) -> Option<Admission> {
        let partitions: BTreeSet<TopicPartition> = partitions.into_iter().cloned().collect();
        let mut groups = self.lock();
        let Some(group) = groups.get_mut(metadata.group()) else {
            return metadata.membership().is_none().then_some(Admission { held: None });
        };
        let allowed = match metadata.membership() {
            None => group.members.is_empty(),
            Some((member, generation)) => group
                .members
                .get(member)
                .is_some_and(|member| member.generation == generation && partitions.is_subset(&member.owned)),
        };
        if !allowed {
            return None;
        }
        for partition in &partitions {
            *group.in_flight.entry(partition.clone()).or_default() += 1;
        }
        Some(Admission { held: Some((self.clone(), metadata.group().clone(), partitions)) })
    }

    /// Admits all positions of a transaction.
    ///
    /// # Errors
    /// [`CommitError::StaleGeneration`] for the first group whose commit must be refused.
    pub fn admit_all(self: &Arc<Self>, batch: &Batch) -> Result<Vec<Admission>, CommitError> {
        let admit = |commit: &PositionCommit| {
            let partitions = commit.positions.iter().map(|(partition, _)| partition);
            self.admit(&commit.group, partitions)
                .ok_or_else(|| CommitError::StaleGeneration(commit.group.group().clone()))
        };
        batch.positions().iter().map(admit).collect()
    }

    fn release(&self, group: &GroupId, partitions: &BTreeSet<TopicPartition>) {
        let mut groups = self.lock();
        let Some(group) = groups.get_mut(group) else { return };
        for partition in partitions {
            if let Some(commits) = group.in_flight.get_mut(partition) {
                *commits -= 1;
            }
        }
        group.in_flight.retain(|_, commits| *commits > 0);
        group.notify();
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<GroupId, Group>> {
        // Every change under the lock is complete before anything can panic, so a poisoned lock is still good.
        self.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn step(&self, member: &InProcessMember) -> Option<Step> {
        let mut groups = self.lock();
        let group = groups.get_mut(&member.group)?;
        group.expire(self.protocol);
        let free = group.free_for(&member.member);
        let entry =
            group.members.get_mut(&member.member).filter(|entry| entry.generation == member.generation)?;
        if entry.give_up() {
            group.round += 1;
            group.changed.send_replace(group.round);
        }
        let leaving = entry.leaving();
        if !leaving.is_empty() {
            entry.told.clone_from(&leaving);
            return Some(Step::Event(GroupEvent::Revoked(leaving.into_iter().collect())));
        }
        let arriving: Vec<_> =
            entry.target.difference(&entry.owned).filter(|p| free.contains(*p)).cloned().collect();
        if !arriving.is_empty() {
            entry.owned.extend(arriving.iter().cloned());
            let assign = |partition: TopicPartition| Assignment {
                position: (self.positions)(&member.group, &partition),
                partition,
            };
            return Some(Step::Event(GroupEvent::Assigned(arriving.into_iter().map(assign).collect())));
        }
        let blocked = entry.target.len() > entry.owned.len();
        let deadline = blocked.then(|| group.next_deadline()).flatten();
        Some(Step::Wait { changed: group.changed.subscribe(), deadline })
    }

    fn owned(&self, member: &InProcessMember) -> BTreeSet<TopicPartition> {
        let groups = self.lock();
        let entry = groups.get(&member.group).and_then(|group| group.members.get(&member.member));
        entry
            .filter(|entry| entry.generation == member.generation)
            .map(|entry| entry.owned.clone())
            .unwrap_or_default()
    }

    fn leave(&self, member: &InProcessMember) {
        let mut groups = self.lock();
        let Some(group) = groups.get_mut(&member.group) else { return };
        if group.members.get(&member.member).is_some_and(|entry| entry.generation == member.generation) {
            group.members.remove(&member.member);
            group.rebalance(self.protocol);
        }
        // The generation must go on, so a group without members stays; MAX_GROUPS bounds how many.
    }
}

impl Group {
    fn new() -> Self {
        Self {
            members: BTreeMap::new(),
            in_flight: BTreeMap::new(),
            next_generation: 0,
            round: 0,
            changed: watch::Sender::new(0),
        }
    }

    fn rebalance(&mut self, protocol: Protocol) {
        let claims = self
            .members
            .iter()
            .map(|(id, member)| (id.clone(), Claim { subscribed: &member.subscribed, owned: &member.owned }))
            .collect();
        let mut plan = assign(&claims);
        for (id, member) in &mut self.members {
            member.target = plan.remove(id).unwrap_or_default();
            member.must_yield = protocol == Protocol::Eager && !member.owned.is_empty();
            let leaves = !member.leaving().is_empty();
            let deadline = member.revoke_deadline.unwrap_or_else(|| Instant::now() + REVOKE_TIMEOUT);
            member.revoke_deadline = leaves.then_some(deadline);
        }
        self.notify();
    }

    fn notify(&mut self) {
        self.round += 1;
        self.changed.send_replace(self.round);
    }

    /// Removes members that did not give up in time what was revoked.
    fn expire(&mut self, protocol: Protocol) {
        let now = Instant::now();
        let before = self.members.len();
        self.members.retain(|_, member| member.revoke_deadline.is_none_or(|deadline| now < deadline));
        if self.members.len() < before {
            self.rebalance(protocol);
        }
    }

    /// Partitions that no other member owns or is committing for.
    fn free_for(&self, member: &MemberId) -> BTreeSet<TopicPartition> {
        let Some(target) = self.members.get(member).map(|member| &member.target) else {
            return BTreeSet::new();
        };
        let held = |partition: &&TopicPartition| {
            !self.in_flight.contains_key(*partition)
                && !self.members.iter().any(|(id, other)| id != member && other.owned.contains(*partition))
        };
        target.iter().filter(held).cloned().collect()
    }

    fn next_deadline(&self) -> Option<Instant> {
        self.members.values().filter_map(|member| member.revoke_deadline).min()
    }
}

impl Member {
    fn new(generation: Generation, subscribed: BTreeSet<TopicPartition>) -> Self {
        Self {
            generation,
            subscribed,
            owned: BTreeSet::new(),
            target: BTreeSet::new(),
            told: BTreeSet::new(),
            must_yield: false,
            revoke_deadline: None,
        }
    }

    fn leaving(&self) -> BTreeSet<TopicPartition> {
        if self.must_yield {
            self.owned.clone()
        } else {
            self.owned.difference(&self.target).cloned().collect()
        }
    }

    /// Gives up what the member was told to; whether there was anything.
    fn give_up(&mut self) -> bool {
        let told = std::mem::take(&mut self.told);
        if told.is_empty() {
            return false;
        }
        self.owned.retain(|partition| !told.contains(partition));
        self.must_yield = false;
        if self.owned.is_subset(&self.target) {
            self.revoke_deadline = None;
        }
        true
    }
}

struct InProcessMember {
    coordinator: Arc<Coordinator>,
    group: GroupId,
    member: MemberId,
    generation: Generation,
    owned: BTreeSet<TopicPartition>,
    lost: bool,
}

#[async_trait]
impl Membership for InProcessMember {
    async fn next_event(&mut self) -> Result<GroupEvent, GroupError> {
        loop {
            if self.lost {
                return Err(GroupError::Fenced(self.group.clone()));
            }
            let Some(step) = self.coordinator.step(self) else {
                self.lost = true;
                return Ok(GroupEvent::Lost(std::mem::take(&mut self.owned).into_iter().collect()));
            };
            self.owned = self.coordinator.owned(self);
            match step {
                Step::Event(event) => return Ok(event),
                Step::Wait { mut changed, deadline } => {
                    let wait = deadline.map_or(Duration::MAX, |deadline| deadline - Instant::now());
                    // Either a change or the deadline: both mean looking again. The sender lives in the coordinator.
                    let _ = tokio::time::timeout(wait, changed.changed()).await;
                }
            }
        }
    }

    fn metadata(&self) -> GroupMetadata {
        GroupMetadata::member(self.group.clone(), self.member.clone(), self.generation)
    }
}

impl Drop for InProcessMember {
    fn drop(&mut self) {
        self.coordinator.leave(self);
    }
}
