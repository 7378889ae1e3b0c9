//! Full disks and failed syncs.

use std::sync::Arc;

use topspin_log::conformance::fixtures::{NOW, create_keeping, producer, t};
use topspin_log::{
    BeginProducerError, CommitError, CreateTopicError, Log, Partition, Topic, TopicPartition, TopicSpec,
};

use super::{OPTIONS, SimDisk, contents, open, try_commit};
use crate::EmbeddedLog;

fn text(number: usize) -> String {
    format!("{number}-{}", "x".repeat(200))
}

/// Fills the disk, makes space, goes on, and checks that exactly what was acknowledged is there.
async fn fill_and_go_on(disk: Arc<SimDisk>, spare: usize) {
    let log = open(&disk).expect("opened");
    create_keeping(&log, 1).await;
    let mut writer = producer(&log, "p").await;
    let capacity = disk.used() + spare;
    disk.plan(|plan| plan.capacity = Some(capacity));
    let mut acknowledged = Vec::new();
    let mut refused = 0;
    for number in 0..200 {
        match try_commit(&mut writer, &[(0, text(number))]).await {
            Ok(_) => acknowledged.push(text(number)),
            Err(error) => {
                assert!(error == CommitError::StorageFull && error.is_retryable(), "{error:?}");
                refused += 1;
            }
        }
        if number == 150 {
            assert!(refused > 0, "the disk was never full");
            let topic = TopicSpec::new(Topic::new("other").expect("valid"), 1);
            assert!(matches!(log.create_topic(&topic).await, Ok(()) | Err(CreateTopicError::StorageFull)));
            disk.plan(|plan| plan.capacity = None);
        }
        assert_eq!(contents(&log, 0).await, acknowledged);
    }
    assert_eq!(*acknowledged.last().expect("some"), text(199), "it works again when there is space");
    drop(writer);
    log.close().await;
    let again = EmbeddedLog::open_on(Arc::new(disk), &OPTIONS, false).expect("opened");
    assert_eq!(contents(&again, 0).await, acknowledged);
}

#[tokio::test]
async fn a_full_disk_is_retryable_wherever_it_becomes_full() {
    for spare in (0..12_000).step_by(331) {
        fill_and_go_on(SimDisk::new(), spare).await;
    }
}

#[tokio::test]
async fn a_full_disk_without_reserved_space_is_retryable_after_a_short_write() {
    for spare in (0..6_000).step_by(97) {
        let disk = SimDisk::new();
        disk.plan(|plan| plan.cannot_allocate = true);
        fill_and_go_on(disk, spare).await;
    }
}

#[tokio::test]
async fn a_refused_transaction_does_not_come_back_when_the_log_is_opened_again() {
    for spare in (0..2_000).step_by(53) {
        let disk = SimDisk::new();
        disk.plan(|plan| plan.cannot_allocate = true);
        let log = open(&disk).expect("opened");
        create_keeping(&log, 1).await;
        let mut writer = producer(&log, "p").await;
        let capacity = disk.used() + spare;
        disk.plan(|plan| plan.capacity = Some(capacity));
        let mut acknowledged = Vec::new();
        for number in 0..20 {
            if try_commit(&mut writer, &[(0, text(number))]).await.is_ok() {
                acknowledged.push(text(number));
            }
        }
        let after = disk.after_power_loss(&mut super::Dice(spare as u64));
        let again = EmbeddedLog::open_on(Arc::new(after), &OPTIONS, false).expect("opened");
        assert_eq!(contents(&again, 0).await, acknowledged);
    }
}

#[tokio::test]
async fn after_a_failed_sync_the_log_refuses_writes_until_it_is_opened_again() {
    for successes in 0..12 {
        let disk = SimDisk::new();
        let log = open(&disk).expect("opened");
        create_keeping(&log, 1).await;
        let mut writer = producer(&log, "p").await;
        disk.plan(|plan| plan.fail_sync_after = Some(successes));
        let mut acknowledged = Vec::new();
        let mut unknown = None;
        for number in 0..30 {
            match try_commit(&mut writer, &[(0, text(number))]).await {
                Ok(_) => acknowledged.push(text(number)),
                Err(error) => {
                    assert!(
                        matches!(error, CommitError::Failed { .. }) && !error.is_retryable(),
                        "{error:?}"
                    );
                    unknown.get_or_insert(text(number));
                }
            }
        }
        let unknown = unknown.expect("a sync failed");
        disk.plan(|plan| plan.fail_sync_after = None);
        let refused = try_commit(&mut writer, &[(0, "late".into())]).await;
        assert!(matches!(refused, Err(CommitError::Failed { .. })), "still refused: {refused:?}");
        let topic = TopicSpec::new(Topic::new("late").expect("valid"), 1);
        assert!(matches!(log.create_topic(&topic).await, Err(CreateTopicError::Failed { .. })));
        let begun = log.begin_producer(&topspin_log::TransactionalId::new("q").expect("valid")).await;
        assert!(matches!(begun.err(), Some(BeginProducerError::Failed { .. })));
        assert!(log.clean_now(NOW).await.is_err());
        assert_eq!(contents(&log, 0).await, acknowledged, "reading goes on");
        drop(writer);
        log.close().await;

        let again = EmbeddedLog::open_on(Arc::new(disk), &OPTIONS, false).expect("opened");
        let found = contents(&again, 0).await;
        let with_unknown: Vec<_> = acknowledged.iter().cloned().chain([unknown]).collect();
        assert!(
            found == acknowledged || found == with_unknown,
            "the unknown one is there or not: {}",
            found.len()
        );
        let mut writer = producer(&again, "p").await;
        try_commit(&mut writer, &[(0, "again".into())]).await.expect("writes go on");
    }
}

#[tokio::test]
async fn a_transaction_beyond_a_segment_gets_one_of_its_own() {
    let disk = SimDisk::new();
    let log = open(&disk).expect("opened");
    create_keeping(&log, 2).await;
    let mut writer = producer(&log, "p").await;
    for round in 0..3 {
        let large: Vec<_> = (0..100).map(|number| (number as u32 % 2, text(round * 100 + number))).collect();
        try_commit(&mut writer, &large).await.expect("committed");
    }
    drop(writer);
    log.close().await;
    let again = EmbeddedLog::open_on(Arc::new(disk), &OPTIONS, false).expect("opened");
    let expected: Vec<_> = (0..300).filter(|number| number % 2 == 1).map(text).collect();
    assert_eq!(contents(&again, 1).await, expected);
    let end = again.end_offset(&TopicPartition::new(t(0).topic, Partition(0))).await;
    assert_eq!(end.map(topspin_log::Offset::get), Ok(150));
}

#[tokio::test]
async fn no_frame_of_a_refused_group_comes_back_when_the_log_is_opened_again() {
    for spare in (0..4_000).step_by(67) {
        let disk = SimDisk::new();
        disk.plan(|plan| plan.cannot_allocate = true);
        let log = open(&disk).expect("opened");
        create_keeping(&log, 1).await;
        let capacity = disk.used() + spare;
        disk.plan(|plan| plan.capacity = Some(capacity));
        let writers: Vec<_> = (0..8)
            .map(|writer| {
                let log = log.clone();
                tokio::spawn(async move {
                    let mut own = producer(&log, &format!("w{writer}")).await;
                    let mut acknowledged = Vec::new();
                    for number in 0..6 {
                        let text = text(writer * 100 + number);
                        if try_commit(&mut own, &[(0, text.clone())]).await.is_ok() {
                            acknowledged.push(text);
                        }
                    }
                    acknowledged
                })
            })
            .collect();
        let mut acknowledged = Vec::new();
        for writer in writers {
            acknowledged.extend(writer.await.expect("finished"));
        }
        acknowledged.sort();
        let again =
            EmbeddedLog::open_on(Arc::new(SimDisk::of(&disk.image())), &OPTIONS, false).expect("opened");
        let mut found = contents(&again, 0).await;
        found.sort();
        assert_eq!(found, acknowledged, "spare {spare}");
    }
}
