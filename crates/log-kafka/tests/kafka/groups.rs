//! What the suite leaves to each engine.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::producer::{BaseProducer, Producer as _};
use rdkafka::{ClientConfig, Offset as KafkaOffset, TopicPartitionList};
use topspin_log::conformance::fixtures::{bounded, create_keeping, group, member, producer, t, topic};
use topspin_log::limits::REVOKE_TIMEOUT;
use topspin_log::{CommitError, GroupError, GroupEvent, Log, Offset};
use topspin_log_kafka::KafkaLog;
use topspin_log_kafka::limits::TRANSACTION_TIMEOUT;

use crate::cluster::{self, variable};

/// An owner that was killed: its transaction with the group's position in `t`/0 stays open.
fn killed_in_a_transaction(prefix: &str) -> BaseProducer {
    let client = |name: &str, value: &str| {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", variable("TOPSPIN_KAFKA")).set(name, format!("{prefix}{value}"));
        config
    };
    let owner: BaseConsumer = client("group.id", "g").create().expect("a client");
    let producer: BaseProducer = client("transactional.id", "killed").create().expect("a client");
    let mut positions = TopicPartitionList::new();
    let placed = positions.add_partition_offset(&format!("{prefix}t"), 0, KafkaOffset::Offset(1));
    placed.expect("a position");
    let member = owner.group_metadata().expect("in a group");
    let patience = Duration::from_secs(30);
    producer.init_transactions(patience).expect("begun");
    producer.begin_transaction().expect("begun");
    producer.send_offsets_to_transaction(&positions, &member, patience).expect("sent");
    producer
}

#[tokio::test]
async fn a_partition_is_assigned_while_a_transaction_of_its_killed_owner_is_open() {
    bounded(async {
        let settings = cluster::settings();
        let prefix = settings.prefix.clone();
        let log = KafkaLog::connect(settings).await.expect("connected");
        create_keeping(&log, 1).await;
        let _open = killed_in_a_transaction(&prefix);
        let began = Instant::now();
        let mut next = log.join(&group("g"), &[topic("t")], &member("next")).await.expect("joined");
        assert!(
            matches!(next.next_event().await, Ok(GroupEvent::Assigned(one)) if one[0].position.is_none())
        );
        assert!(began.elapsed() < TRANSACTION_TIMEOUT / 2, "after {:?}", began.elapsed());
    })
    .await;
}

#[tokio::test]
async fn a_member_that_does_not_give_up_in_time_loses_everything() {
    bounded(async {
        let log = cluster::log().await;
        create_keeping(&log, 2).await;
        let mut stuck = log.join(&group("g"), &[topic("t")], &member("stuck")).await.expect("joined");
        assert!(matches!(stuck.next_event().await, Ok(GroupEvent::Assigned(both)) if both.len() == 2));
        let mut other = log.join(&group("g"), &[topic("t")], &member("other")).await.expect("joined");
        let revoked = match stuck.next_event().await {
            Ok(GroupEvent::Revoked(revoked)) => revoked,
            other => unreachable!("{other:?}"),
        };
        let told = Instant::now();
        assert!(matches!(other.next_event().await, Ok(GroupEvent::Assigned(_))));
        assert!(told.elapsed() >= REVOKE_TIMEOUT, "after {:?}", told.elapsed());
        let mut producer = producer(&log, "p").await;
        let mut transaction = producer.begin();
        transaction
            .commit_positions(&stuck.metadata(), [(revoked[0].clone(), Offset::ZERO)])
            .expect("within limits");
        assert_eq!(transaction.commit().await, Err(CommitError::StaleGeneration(group("g"))));
        assert!(matches!(stuck.next_event().await, Ok(GroupEvent::Lost(lost)) if lost.len() == 1));
        assert_eq!(stuck.next_event().await, Err(GroupError::Fenced(group("g"))));
    })
    .await;
}

#[tokio::test]
async fn a_member_that_is_back_in_time_keeps_its_partitions() {
    bounded(async {
        let log = cluster::log().await;
        create_keeping(&log, 4).await;
        let join =
            async |name: &str| log.join(&group("g"), &[topic("t")], &member(name)).await.expect("joined");
        let mut first = join("a").await;
        assert!(matches!(first.next_event().await, Ok(GroupEvent::Assigned(all)) if all.len() == 4));
        drop(first);
        let mut again = join("a").await;
        assert!(matches!(again.next_event().await, Ok(GroupEvent::Assigned(all)) if all.len() == 4));
    })
    .await;
}

/// Kafka gives a static member that comes back what it had in the first step of the rebalance, and has no second step.
#[tokio::test]
async fn what_a_member_was_to_give_up_when_it_was_killed_is_assigned_again() {
    bounded(async {
        let log = cluster::log().await;
        create_keeping(&log, 2).await;
        let join =
            async |name: &str| log.join(&group("g"), &[topic("t")], &member(name)).await.expect("joined");
        let mut killed = join("a").await;
        assert!(matches!(killed.next_event().await, Ok(GroupEvent::Assigned(both)) if both.len() == 2));
        let mut waiting = join("b").await;
        assert!(matches!(killed.next_event().await, Ok(GroupEvent::Revoked(one)) if one.len() == 1));
        let mut back = join("a").await;
        let (mut of_back, mut of_waiting) = (BTreeSet::new(), BTreeSet::new());
        let note = |owned: &mut BTreeSet<_>, event: GroupEvent| match event {
            GroupEvent::Assigned(more) => owned.extend(more.into_iter().map(|one| one.partition)),
            GroupEvent::Revoked(gone) | GroupEvent::Lost(gone) => owned.retain(|one| !gone.contains(one)),
        };
        while of_back.len() + of_waiting.len() < 2 {
            tokio::select! {
                event = back.next_event() => match event {
                    Ok(event) => note(&mut of_back, event),
                    Err(_) => back = join("a").await,
                },
                event = waiting.next_event() => match event {
                    Ok(event) => note(&mut of_waiting, event),
                    Err(_) => waiting = join("b").await,
                },
            }
        }
        assert!(of_back.is_disjoint(&of_waiting));
    })
    .await;
}

#[tokio::test]
async fn a_partition_that_was_given_up_cannot_be_committed() {
    bounded(async {
        let log = cluster::log().await;
        create_keeping(&log, 2).await;
        let mut a = log.join(&group("g"), &[topic("t")], &member("a")).await.expect("joined");
        assert!(matches!(a.next_event().await, Ok(GroupEvent::Assigned(both)) if both.len() == 2));
        let mut b = log.join(&group("g"), &[topic("t")], &member("b")).await.expect("joined");
        let gone = match a.next_event().await {
            Ok(GroupEvent::Revoked(gone)) => gone[0].clone(),
            other => unreachable!("{other:?}"),
        };
        // It gives up by asking; nothing more comes.
        let taken = tokio::select! {
            event = a.next_event() => unreachable!("{event:?}"),
            event = b.next_event() => event,
        };
        assert!(matches!(taken, Ok(GroupEvent::Assigned(one)) if one[0].partition == gone));
        let mut producer = producer(&log, "p").await;
        let kept = if gone == t(0) { t(1) } else { t(0) };
        for (partition, allowed) in [(gone, false), (kept, true)] {
            let mut transaction = producer.begin();
            transaction.commit_positions(&a.metadata(), [(partition, Offset::ZERO)]).expect("within limits");
            assert_eq!(transaction.commit().await.is_ok(), allowed);
        }
    })
    .await;
}
