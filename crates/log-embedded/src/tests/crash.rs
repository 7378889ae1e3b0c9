//! Random histories, cut by a loss of power after any operation of the disk, against a model.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use topspin_log::conformance::fixtures::{NOW, group, producer, record, rest, t, topic};
use topspin_log::{
    Cleanup, CommitError, GroupMetadata, Log, Offset, ReadError, Record, Start, TopicPartition, TopicSpec,
};

use super::sim_disk::Plan;
use super::{Dice, OPTIONS, SimDisk, contents};
use crate::{CleanError, EmbeddedLog};

/// What must be there: every acknowledged transaction, and perhaps the one that was under way.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Model {
    partitions: [Vec<String>; 3],
    position: Option<Offset>,
    /// The latest value of each key of the compacted topic.
    latest: BTreeMap<String, String>,
}

fn compacted() -> TopicPartition {
    TopicPartition::new(topic("c"), topspin_log::Partition(0))
}

/// Runs random operations until the power goes; answers what was acknowledged, and the transaction under way.
async fn live(log: &EmbeddedLog, dice: &mut Dice, mut model: Model, life: u64) -> (Model, Option<Model>) {
    let specs = [TopicSpec::new(topic("t"), 3), TopicSpec::new(topic("c"), 1).with_cleanup(Cleanup::Compact)];
    for spec in &specs {
        if log.create_topic(spec).await.is_err() {
            return (model, None);
        }
    }
    let Ok(mut writer) = log.begin_producer(&topspin_log::TransactionalId::new("p").expect("valid")).await
    else {
        return (model, None);
    };
    for number in 0..60 {
        if dice.roll(12) == 0 {
            let now = topspin_log::Timestamp::from_millis(NOW.as_millis() + 1000);
            match log.clean_now(now).await {
                Ok(_) => continue,
                Err(CleanError::Read(ReadError::Corrupt { file, position, reason })) => {
                    panic!("a loss of power is no damage: {reason} at {position} of {file}")
                }
                Err(_) => return (model, None),
            }
        }
        let mut next = model.clone();
        let mut transaction = writer.begin();
        for part in 0..dice.roll(6) {
            let partition = dice.roll(3) as u32;
            let text = format!("{life}-{number}-{part}-{}", "x".repeat(dice.roll(400) as usize));
            transaction.append(t(partition), record(text.clone())).expect("within limits");
            next.partitions[partition as usize].push(text);
        }
        let key = format!("k{}", dice.roll(3));
        let value = format!("{life}-{number}");
        next.latest.insert(key.clone(), value.clone());
        transaction.append(compacted(), Record::new(key, value, NOW)).expect("within limits");
        let position = Offset::new(life * 1000 + number);
        let alone = GroupMetadata::standalone(group("g"));
        transaction.commit_positions(&alone, [(t(0), position)]).expect("within limits");
        next.position = Some(position);
        match transaction.commit().await {
            Ok(_) => model = next,
            Err(CommitError::Failed { .. }) => return (model, Some(next)),
            Err(error) => panic!("{error}"),
        }
    }
    (model, None)
}

async fn found(log: &EmbeddedLog) -> Model {
    let mut model = Model::default();
    for partition in 0..3 {
        model.partitions[partition as usize] = contents(log, partition).await;
    }
    if let Ok(mut reader) = log.reader(&compacted(), Start::Beginning).await {
        let text = |bytes: Option<bytes::Bytes>| {
            String::from_utf8(bytes.unwrap_or_default().to_vec()).expect("text")
        };
        let records = rest(reader.as_mut()).await;
        let pairs = records.into_iter().map(|read| (text(read.record.key), text(read.record.value)));
        model.latest = pairs.collect();
    }
    model.position = log.committed_position(&group("g"), &t(0)).await.ok().flatten();
    model
}

async fn check(log: &EmbeddedLog, acknowledged: &Model, under_way: Option<&Model>, seed: u64) -> Model {
    let found = found(log).await;
    assert!(found == *acknowledged || under_way == Some(&found), "seed {seed}: not what was acknowledged");
    found
}

async fn lives(seed: u64, cannot_allocate: bool) {
    let mut dice = Dice(seed);
    let mut disk = SimDisk::new();
    let (mut model, mut under_way) = (Model::default(), None);
    let mut created = false;
    for life in 0..4 {
        let budget = dice.roll(400) as usize;
        disk.plan(|plan| *plan = Plan { lose_power_after: Some(budget), cannot_allocate, ..Plan::default() });
        if let Ok(log) = EmbeddedLog::open_on(Arc::new(disk.clone()), &OPTIONS, !created) {
            created = true;
            let before = check(&log, &model, under_way.as_ref(), seed).await;
            (model, under_way) = live(&log, &mut dice, before, life).await;
            log.close().await;
        }
        disk = disk.after_power_loss(&mut dice);
    }
    let log = EmbeddedLog::open_on(Arc::new(disk), &OPTIONS, !created).expect("opened");
    check(&log, &model, under_way.as_ref(), seed).await;
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_loss_of_power_after_any_operation() {
    for seed in 0..400 {
        let done = tokio::time::timeout(Duration::from_mins(1), lives(seed, false)).await;
        assert!(done.is_ok(), "seed {seed} hangs");
    }
}

/// Here a file is only as long as what was written, and ends at any byte when the power goes.
#[tokio::test]
async fn what_was_acknowledged_survives_a_loss_of_power_where_no_space_can_be_reserved() {
    for seed in 0..400 {
        let done = tokio::time::timeout(Duration::from_mins(1), lives(seed, true)).await;
        assert!(done.is_ok(), "seed {seed} hangs");
    }
}

#[tokio::test]
async fn a_log_without_a_crash_keeps_everything() {
    let disk = SimDisk::new();
    let log = EmbeddedLog::open_on(Arc::new(disk.clone()), &OPTIONS, true).expect("opened");
    let mut writer = producer(&log, "x").await;
    writer.begin().commit().await.expect("committed");
    let (model, under_way) = live(&log, &mut Dice(1), Model::default(), 0).await;
    assert!(under_way.is_none() && model.partitions.iter().any(|partition| partition.len() > 10));
    check(&log, &model, None, 1).await;
}

/// Several writers share syncs; the power goes while a group is on its way.
async fn torn_group(seed: u64) -> usize {
    let mut dice = Dice(seed);
    let disk = SimDisk::new();
    let log = EmbeddedLog::open_on(Arc::new(disk.clone()), &OPTIONS, true).expect("opened");
    log.create_topic(&TopicSpec::new(topic("t"), 8)).await.expect("created");
    disk.plan(|plan| {
        plan.lose_power_after = Some(dice.roll(40) as usize);
        plan.cannot_allocate = dice.roll(2) == 0;
    });
    let mut writers = Vec::new();
    for writer in 0..8u32 {
        let log = log.clone();
        let size = dice.roll(900) as usize;
        writers.push(tokio::spawn(async move {
            let mut acknowledged = 0;
            let Ok(mut own) = log
                .begin_producer(&topspin_log::TransactionalId::new(format!("w{writer}")).expect("valid"))
                .await
            else {
                return acknowledged;
            };
            for number in 0..20 {
                let mut transaction = own.begin();
                for part in 0..2 {
                    let text = format!("{number}-{part}-{}", "x".repeat(size));
                    transaction.append(t(writer), record(text)).expect("within limits");
                }
                if transaction.commit().await.is_err() {
                    break;
                }
                acknowledged += 1;
            }
            acknowledged
        }));
    }
    let mut acknowledged = Vec::new();
    for writer in writers {
        acknowledged.push(writer.await.expect("the writer finished"));
    }
    log.close().await;
    let after = disk.after_power_loss(&mut dice);
    let log = EmbeddedLog::open_on(Arc::new(after), &OPTIONS, false).expect("a torn group is no damage");
    for (writer, acknowledged) in (0..).zip(&acknowledged) {
        let found = contents(&log, writer).await;
        let whole = found.len() / 2;
        assert!(found.len() % 2 == 0, "seed {seed}: half a transaction");
        assert!(
            whole == *acknowledged || whole == acknowledged + 1,
            "seed {seed}: {whole} of {acknowledged}"
        );
        for (at, text) in found.iter().enumerate() {
            assert!(text.starts_with(&format!("{}-{}-", at / 2, at % 2)), "seed {seed}: out of order");
        }
    }
    acknowledged.iter().filter(|acknowledged| **acknowledged < 20).count()
}

#[tokio::test]
async fn a_group_commit_torn_in_any_sector_is_cut_and_not_taken_for_damage() {
    let mut interrupted = 0;
    for seed in 0..300 {
        interrupted += torn_group(seed).await;
    }
    assert!(interrupted > 1000, "the power went in the middle: {interrupted}");
}
