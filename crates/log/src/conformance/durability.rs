//! What was acknowledged survives a restart.

use super::fixtures::{
    NOW, commit, commit_each, create, create_keeping, first, group, next, numbered, producer, reader, record,
    rest, t, topic, values,
};
use super::{Engine, Reopened};
use crate::{Cleanup, GroupMetadata, Record, Start, TopicSpec};

/// Records come back as they were, at their offsets.
pub async fn a_restart_keeps_every_acknowledged_record(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 3).await;
    let mut writer = producer(log.as_ref(), "p").await;
    for round in 0..30 {
        commit(&mut writer, (0..3).map(|partition| (t(partition), record(format!("{round}-{partition}")))))
            .await;
    }
    let mut before = Vec::new();
    for partition in 0..3 {
        before.push(first(log.as_ref(), &t(partition), 30).await);
    }
    drop((writer, log));
    let Reopened::Again(engine) = engine.reopen().await else { return };
    for (partition, before) in before.into_iter().enumerate() {
        let partition = t(u32::try_from(partition).expect("small"));
        let mut reader = reader(engine.log().as_ref(), &partition, Start::Beginning).await;
        assert_eq!(rest(reader.as_mut()).await, before);
    }
}

/// Topics and positions come back.
pub async fn a_restart_keeps_topics_and_positions(engine: Box<dyn Engine>) {
    let log = engine.log();
    let compacted = TopicSpec::new(topic("c"), 2).with_cleanup(Cleanup::Compact);
    log.create_topic(&compacted).await.expect("created");
    create_keeping(log.as_ref(), 1).await;
    let mut writer = producer(log.as_ref(), "p").await;
    commit_each(&mut writer, numbered("x", 10)).await;
    let mut source = reader(log.as_ref(), &t(0), Start::Beginning).await;
    next(source.as_mut(), 4).await;
    let position = source.position();
    let mut transaction = writer.begin();
    let alone = GroupMetadata::standalone(group("g"));
    transaction.commit_positions(&alone, [(t(0), position)]).expect("within limits");
    transaction.commit().await.expect("committed");
    drop((writer, source, log));
    let Reopened::Again(engine) = engine.reopen().await else { return };
    let log = engine.log();
    assert_eq!(log.topic(&topic("c")).await, Ok(compacted));
    assert_eq!(log.committed_position(&group("g"), &t(0)).await, Ok(Some(position)));
    let mut resumed = reader(log.as_ref(), &t(0), Start::At(position)).await;
    assert_eq!(values(&next(resumed.as_mut(), 6).await), numbered("x", 10)[4..]);
}

/// What was trimmed away does not come back, and is not missed, also when its bytes are gone.
pub async fn a_restart_keeps_what_was_trimmed_away(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 2).await;
    let mut writer = producer(log.as_ref(), "p").await;
    for round in 0..5 {
        commit(&mut writer, (0..10).map(|number| (t(0), record((10 * round + number).to_string())))).await;
        commit(&mut writer, [(t(1), record(round.to_string()))]).await;
        engine.clean(NOW).await;
    }
    let before = first(log.as_ref(), &t(0), 50).await;
    let middle = before[26].offset;
    log.trim(&t(0), middle).await.expect("trimmed");
    engine.clean(NOW).await;
    drop((writer, log));
    let Reopened::Again(engine) = engine.reopen().await else { return };
    let log = engine.log();
    assert_eq!(log.start_offset(&t(0)).await, Ok(middle));
    assert_eq!(first(log.as_ref(), &t(0), 24).await, before[26..]);
    assert_eq!(first(log.as_ref(), &t(1), 5).await.len(), 5);
    // All of it, and then something new.
    let end = reader(log.as_ref(), &t(0), Start::End).await.position();
    log.trim(&t(0), end).await.expect("trimmed");
    engine.clean(NOW).await;
    drop(log);
    let Reopened::Again(engine) = engine.reopen().await else { return };
    let log = engine.log();
    let mut writer = producer(log.as_ref(), "p").await;
    commit(&mut writer, [(t(0), record("new"))]).await;
    assert_eq!(values(&first(log.as_ref(), &t(0), 1).await), ["new"]);
}

/// Cleaning and restarting leave what compaction had to keep.
pub async fn a_restart_after_cleaning_keeps_what_was_kept(engine: Box<dyn Engine>) {
    let log = engine.log();
    create(log.as_ref(), 1, Cleanup::Compact).await;
    let mut writer = producer(log.as_ref(), "p").await;
    for number in 0..40 {
        commit(&mut writer, [(t(0), Record::new(format!("k{}", number % 4), number.to_string(), NOW))]).await;
        if number == 20 {
            engine.clean(NOW).await;
        }
    }
    engine.clean(NOW).await;
    drop((writer, log));
    let Reopened::Again(engine) = engine.reopen().await else { return };
    let log = engine.log();
    // What the earlier producer of an id has committed is visible when the later has begun.
    drop(producer(log.as_ref(), "p").await);
    let mut reader = reader(log.as_ref(), &t(0), Start::Beginning).await;
    let left = values(&rest(reader.as_mut()).await);
    assert!(left.ends_with(&["36".into(), "37".into(), "38".into(), "39".into()]), "{left:?}");
}

/// An offset is never given twice, also not after everything before was removed.
pub async fn offsets_go_on_after_a_restart(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 1).await;
    let mut writer = producer(log.as_ref(), "p").await;
    let before = commit_each(&mut writer, numbered("x", 5)).await;
    drop((writer, log));
    let Reopened::Again(engine) = engine.reopen().await else { return };
    let log = engine.log();
    let mut writer = producer(log.as_ref(), "p").await;
    let after = commit_each(&mut writer, numbered("y", 5)).await;
    assert!(before.iter().chain(&after).is_sorted_by(|a, b| a < b));
    let expected: Vec<_> = numbered("x", 5).into_iter().chain(numbered("y", 5)).collect();
    assert_eq!(values(&first(log.as_ref(), &t(0), 10).await), expected);
}
