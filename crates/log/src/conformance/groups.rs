//! Groups share partitions, and positions commit with records.

use std::collections::BTreeSet;

use super::Engine;
use super::fixtures::{
    commit_each, create_keeping, group, member, next, numbered, producer, reader, record, t, topic, values,
};
use crate::{
    CommitError, GroupError, GroupEvent, GroupMetadata, Log, Membership, Offset, Producer, Start,
    TopicPartition,
};

struct Consumer {
    membership: Box<dyn Membership>,
    owned: BTreeSet<TopicPartition>,
}

impl Consumer {
    async fn join(log: &dyn Log, name: &str) -> Self {
        let membership = log.join(&group("g"), &[topic("t")], &member(name)).await.expect("joined");
        Self { membership, owned: BTreeSet::new() }
    }

    /// Applies the next event; one that contradicts what is owned fails the test.
    async fn step(&mut self) -> GroupEvent {
        let event = self.membership.next_event().await.expect("a member");
        match &event {
            GroupEvent::Assigned(assigned) => {
                for assignment in assigned {
                    assert!(self.owned.insert(assignment.partition.clone()), "assigned twice");
                }
            }
            GroupEvent::Revoked(gone) | GroupEvent::Lost(gone) => {
                for partition in gone {
                    assert!(self.owned.remove(partition), "gone without being owned");
                }
            }
        }
        event
    }

    async fn until(&mut self, owned: usize) {
        while self.owned.len() != owned {
            self.step().await;
        }
    }
}

/// Drives both until they own so many partitions; a partition is never owned by both.
async fn settle_both(a: &mut Consumer, b: &mut Consumer, owned: (usize, usize)) {
    while (a.owned.len(), b.owned.len()) != owned {
        tokio::select! {
            biased;
            _ = a.step() => {}
            _ = b.step() => {}
        }
        assert!(a.owned.is_disjoint(&b.owned), "owned twice");
    }
}

async fn commit_position(
    producer: &mut Producer,
    metadata: &GroupMetadata,
    partition: u32,
    position: Offset,
) -> Result<(), CommitError> {
    let mut transaction = producer.begin();
    transaction.commit_positions(metadata, [(t(partition), position)]).expect("within limits");
    transaction.commit().await.map(|_| ())
}

/// An assignment tells where to go on.
pub async fn one_member_gets_everything_with_positions(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 3).await;
    let mut producer = producer(log.as_ref(), "p").await;
    commit_each(&mut producer, numbered("x", 3)).await;
    let mut source = reader(log.as_ref(), &t(0), Start::Beginning).await;
    next(source.as_mut(), 2).await;
    let alone = GroupMetadata::standalone(group("g"));
    commit_position(&mut producer, &alone, 0, source.position()).await.expect("committed");

    let mut consumer = Consumer::join(log.as_ref(), "a").await;
    let mut positions = Vec::new();
    while consumer.owned.len() < 3 {
        if let GroupEvent::Assigned(assigned) = consumer.step().await {
            positions.extend(assigned.into_iter().filter_map(|a| Some((a.partition, a.position?))));
        }
    }
    assert_eq!(positions, [(t(0), source.position())]);
    let mut resumed = reader(log.as_ref(), &t(0), Start::At(positions[0].1)).await;
    assert_eq!(values(&next(resumed.as_mut(), 1).await), ["x-2"]);
}

/// Together the members own everything, and never a partition twice.
pub async fn members_share_all_partitions_once(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 4).await;
    let mut a = Consumer::join(log.as_ref(), "a").await;
    a.until(4).await;
    let mut b = Consumer::join(log.as_ref(), "b").await;
    settle_both(&mut a, &mut b, (2, 2)).await;
}

/// What was done before a revocation can be committed when hearing of it.
pub async fn a_revoked_partition_can_be_committed_before_it_goes(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 2).await;
    let mut producer = producer(log.as_ref(), "p").await;
    let mut a = Consumer::join(log.as_ref(), "a").await;
    a.until(2).await;
    let mut b = Consumer::join(log.as_ref(), "b").await;
    let revoked = loop {
        let event = tokio::select! { event = a.step() => event, _ = b.step() => continue };
        if let GroupEvent::Revoked(partitions) = event {
            break partitions;
        }
    };
    for partition in &revoked {
        let metadata = a.membership.metadata();
        commit_position(&mut producer, &metadata, partition.partition.0, Offset::ZERO)
            .await
            .expect("still owned");
    }
    settle_both(&mut a, &mut b, (1, 1)).await;
    let taken = b.owned.first().expect("one partition").clone();
    assert_eq!(log.committed_position(&group("g"), &taken).await, Ok(Some(Offset::ZERO)));
}

/// A member that was replaced learns that it lost everything, and commits nothing any more.
pub async fn a_replaced_member_loses_and_is_fenced(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 2).await;
    let mut producer = producer(log.as_ref(), "p").await;
    let mut old = Consumer::join(log.as_ref(), "a").await;
    old.until(2).await;
    let stale = old.membership.metadata();
    commit_position(&mut producer, &stale, 0, Offset::ZERO).await.expect("owned");
    let mut new = Consumer::join(log.as_ref(), "a").await;
    new.until(2).await;
    let refused = commit_position(&mut producer, &stale, 1, Offset::ZERO).await;
    assert_eq!(refused, Err(CommitError::StaleGeneration(group("g"))));
    assert_eq!(log.committed_position(&group("g"), &t(1)).await, Ok(None));
    loop {
        if matches!(old.step().await, GroupEvent::Lost(_)) {
            break;
        }
    }
    assert_eq!(old.owned, BTreeSet::new());
    assert_eq!(old.membership.next_event().await, Err(GroupError::Fenced(group("g"))));
    drop(old);
    commit_position(&mut producer, &new.membership.metadata(), 1, Offset::ZERO).await.expect("owned");
}

/// Leaving hands partitions over.
pub async fn partitions_of_a_member_that_leaves_go_to_the_rest(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 4).await;
    let mut a = Consumer::join(log.as_ref(), "a").await;
    let mut b = Consumer::join(log.as_ref(), "b").await;
    settle_both(&mut a, &mut b, (2, 2)).await;
    drop(a);
    b.until(4).await;
}

/// A position moves exactly with the records of its transaction.
pub async fn positions_commit_with_the_records_or_not_at_all(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 2).await;
    let mut producer = producer(log.as_ref(), "p").await;
    commit_each(&mut producer, numbered("x", 5)).await;
    let alone = GroupMetadata::standalone(group("g"));
    let mut source = reader(log.as_ref(), &t(0), Start::Beginning).await;
    for number in 0..5 {
        let before = log.committed_position(&group("g"), &t(0)).await.expect("known");
        next(source.as_mut(), 1).await;
        let mut aborted = producer.begin();
        aborted.append(t(1), record("aborted")).expect("within limits");
        aborted.commit_positions(&alone, [(t(0), source.position())]).expect("within limits");
        aborted.abort();
        assert_eq!(log.committed_position(&group("g"), &t(0)).await, Ok(before));
        let mut transaction = producer.begin();
        transaction.append(t(1), record(format!("y-{number}"))).expect("within limits");
        transaction.commit_positions(&alone, [(t(0), source.position())]).expect("within limits");
        transaction.commit().await.expect("committed");
        assert_eq!(log.committed_position(&group("g"), &t(0)).await, Ok(Some(source.position())));
    }
    let mut sink = reader(log.as_ref(), &t(1), Start::Beginning).await;
    assert_eq!(values(&next(sink.as_mut(), 5).await), numbered("y", 5));
}

/// Whoever is not a member cannot move the positions of those who are, and its records are not written either.
pub async fn a_lone_consumer_is_refused_beside_members(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 1).await;
    let mut producer = producer(log.as_ref(), "p").await;
    let mut consumer = Consumer::join(log.as_ref(), "a").await;
    consumer.until(1).await;
    let mut transaction = producer.begin();
    transaction.append(t(0), record("refused")).expect("within limits");
    let alone = GroupMetadata::standalone(group("g"));
    transaction.commit_positions(&alone, [(t(0), Offset::ZERO)]).expect("within limits");
    assert_eq!(transaction.commit().await, Err(CommitError::StaleGeneration(group("g"))));
    commit_each(&mut producer, numbered("x", 1)).await;
    let mut source = reader(log.as_ref(), &t(0), Start::Beginning).await;
    assert_eq!(values(&next(source.as_mut(), 1).await), ["x-0"]);
}

/// A position for a partition that does not exist is a typed error.
pub async fn a_foreign_partition_cannot_be_committed(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 1).await;
    let mut producer = producer(log.as_ref(), "p").await;
    let alone = GroupMetadata::standalone(group("g"));
    let refused = commit_position(&mut producer, &alone, 7, Offset::ZERO).await;
    assert_eq!(refused, Err(CommitError::UnknownPartition(t(7))));
}

/// Two groups read the same partitions, each at its own position.
pub async fn groups_are_independent(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 1).await;
    let mut producer = producer(log.as_ref(), "p").await;
    let mut consumer = Consumer::join(log.as_ref(), "a").await;
    consumer.until(1).await;
    let other = log.join(&group("h"), &[topic("t")], &member("a")).await.expect("joined");
    let mut other = Consumer { membership: other, owned: BTreeSet::new() };
    other.until(1).await;
    commit_position(&mut producer, &other.membership.metadata(), 0, Offset::ZERO).await.expect("committed");
    assert_eq!(log.committed_position(&group("h"), &t(0)).await, Ok(Some(Offset::ZERO)));
    assert_eq!(log.committed_position(&group("g"), &t(0)).await, Ok(None));
}

/// Joining creates no topic.
pub async fn joining_an_unknown_topic_is_refused(engine: Box<dyn Engine>) {
    let refused = engine.log().join(&group("g"), &[topic("unknown")], &member("a")).await.err();
    assert_eq!(refused, Some(GroupError::UnknownTopic { topic: topic("unknown") }));
}
