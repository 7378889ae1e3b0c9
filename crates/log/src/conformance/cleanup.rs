//! Cleaning removes what it may, and nothing else.

use std::time::Duration;

use super::fixtures::{
    NOW, commit, create, create_keeping, first, producer, reader, record, rest, settle, t, values,
};
use super::{Cleaning, Engine};
use crate::limits::TOMBSTONE_RETENTION;
use crate::{Cleanup, Log, Producer, ReadError, Record, Start, Timestamp, TrimError};

const DAY: Duration = Duration::from_hours(24);

fn later(duration: Duration) -> Timestamp {
    Timestamp::from_millis(NOW.as_millis() + u64::try_from(duration.as_millis()).expect("small"))
}

async fn write(producer: &mut Producer, key: &str, value: &str, timestamp: Timestamp) {
    commit(producer, [(t(0), Record::new(key.to_owned(), value.to_owned(), timestamp))]).await;
}

async fn all(log: &dyn Log) -> Vec<String> {
    let mut reader = reader(log, &t(0), Start::Beginning).await;
    values(&rest(reader.as_mut()).await)
}

/// Without a policy nothing goes, however old.
pub async fn what_is_kept_for_ever_stays(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 1).await;
    let mut producer = producer(log.as_ref(), "p").await;
    for number in 0..20 {
        write(&mut producer, "same", &number.to_string(), Timestamp::from_millis(number)).await;
    }
    settle(log.as_ref(), &mut producer, &t(0)).await;
    engine.clean(later(DAY * 365)).await;
    assert_eq!(all(log.as_ref()).await.len(), 21);
    assert_eq!(log.start_offset(&t(0)).await.map(crate::Offset::get), Ok(0));
}

/// Old records may go; young ones stay, with their offsets.
pub async fn retention_by_age_removes_only_the_old(engine: Box<dyn Engine>) {
    let log = engine.log();
    create(log.as_ref(), 1, Cleanup::Retain { max_age: Some(DAY), max_bytes: None }).await;
    let mut producer = producer(log.as_ref(), "p").await;
    for number in 0..10 {
        write(&mut producer, "k", &format!("old-{number}"), NOW).await;
    }
    settle(log.as_ref(), &mut producer, &t(0)).await;
    assert_eq!(engine.clean(later(DAY / 2)).await, engine.clean(later(DAY / 2)).await);
    assert_eq!(all(log.as_ref()).await.len(), 11, "nothing is old yet");
    let done = engine.clean(later(DAY * 2)).await;
    for number in 0..10 {
        write(&mut producer, "k", &format!("young-{number}"), later(DAY * 2)).await;
    }
    let young: Vec<_> = (0..10).map(|number| format!("young-{number}")).collect();
    settle(log.as_ref(), &mut producer, &t(0)).await;
    let left = all(log.as_ref()).await;
    assert_eq!(left[left.len() - 11..left.len() - 1], young);
    if done == Cleaning::Done {
        assert_eq!(left.len(), 11, "the old are gone");
        assert!(log.start_offset(&t(0)).await.expect("known").get() >= 11);
    }
}

/// The newest bytes stay.
pub async fn retention_by_size_keeps_at_least_its_bytes(engine: Box<dyn Engine>) {
    let log = engine.log();
    let size = record("x-000").size() as u64;
    create(log.as_ref(), 1, Cleanup::Retain { max_age: None, max_bytes: Some(10 * size) }).await;
    let mut producer = producer(log.as_ref(), "p").await;
    for number in 0..100 {
        commit(&mut producer, [(t(0), record(format!("x-{number:03}")))]).await;
        if number % 10 == 9 {
            settle(log.as_ref(), &mut producer, &t(0)).await;
            engine.clean(NOW).await;
        }
    }
    let left = all(log.as_ref()).await;
    let expected: Vec<_> = (91..100).map(|number| format!("x-{number:03}")).collect();
    assert_eq!(left[left.len() - 10..left.len() - 1], expected);
    if engine.clean(NOW).await == Cleaning::Done {
        assert!(left.len() < 100, "{} records are left", left.len());
    }
}

/// A reader behind the start gets an error with the new start, not silence.
pub async fn a_reader_overtaken_by_retention_is_told(engine: Box<dyn Engine>) {
    let log = engine.log();
    create(log.as_ref(), 1, Cleanup::Retain { max_age: Some(DAY), max_bytes: None }).await;
    let mut producer = producer(log.as_ref(), "p").await;
    let mut slow = reader(log.as_ref(), &t(0), Start::Beginning).await;
    let beginning = slow.position();
    settle(log.as_ref(), &mut producer, &t(0)).await;
    if engine.clean(later(DAY * 2)).await == Cleaning::NotOnDemand {
        return;
    }
    let earliest = log.start_offset(&t(0)).await.expect("known");
    assert!(earliest > beginning);
    let told = ReadError::Trimmed { partition: t(0), wanted: beginning, earliest };
    assert_eq!(slow.try_next_batch(crate::BatchLimit::default()).await, Err(told.clone()));
    assert_eq!(slow.position(), beginning);
    assert_eq!(log.reader(&t(0), Start::At(beginning)).await.err(), Some(told));
    let mut again = reader(log.as_ref(), &t(0), Start::At(earliest)).await;
    commit(&mut producer, [(t(0), record("new"))]).await;
    assert_eq!(values(&super::fixtures::next(again.as_mut(), 1).await), ["new"]);
}

/// A partition starts where it was trimmed, to a record; the others stay at their offsets, and nothing comes back.
pub async fn what_is_trimmed_is_gone_and_the_rest_stays(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 2).await;
    let mut producer = producer(log.as_ref(), "p").await;
    commit(&mut producer, (0..20).map(|number| (t(0), record(format!("x-{number}"))))).await;
    commit(&mut producer, (0..3).map(|number| (t(1), record(format!("y-{number}"))))).await;
    let before = first(log.as_ref(), &t(0), 20).await;
    let mut slow = reader(log.as_ref(), &t(0), Start::Beginning).await;
    let (beginning, middle) = (slow.position(), before[13].offset);
    for position in [middle, beginning, before[7].offset, middle] {
        assert_eq!(log.trim(&t(0), position).await, Ok(()));
        assert_eq!(log.start_offset(&t(0)).await, Ok(middle));
    }
    assert_eq!(first(log.as_ref(), &t(0), 7).await, before[13..]);
    assert_eq!(first(log.as_ref(), &t(1), 3).await.len(), 3, "another partition is as it was");
    let told = ReadError::Trimmed { partition: t(0), wanted: beginning, earliest: middle };
    assert_eq!(log.reader(&t(0), Start::At(beginning)).await.err(), Some(told.clone()));
    // It may have read ahead; what it returns then is no less than all.
    match slow.try_next_batch(crate::BatchLimit::default()).await {
        Ok(ahead) => assert!(!ahead.is_empty() && before.starts_with(&ahead), "{ahead:?}"),
        Err(error) => assert_eq!(error, told),
    }
    let end = reader(log.as_ref(), &t(0), Start::End).await.position();
    let beyond = log.trim(&t(0), crate::Offset::new(end.get() + 1_000)).await;
    assert!(matches!(beyond, Err(TrimError::BeyondEnd { .. })), "{beyond:?}");
    engine.clean(NOW).await;
    assert_eq!(first(log.as_ref(), &t(0), 7).await, before[13..]);
    assert_eq!(log.trim(&t(0), end).await, Ok(()), "all of it may go");
    commit(&mut producer, [(t(0), record("new"))]).await;
    assert_eq!(values(&first(log.as_ref(), &t(0), 1).await), ["new"]);
    let unknown = log.trim(&t(9), beginning).await;
    assert_eq!(unknown, Err(TrimError::UnknownPartition(t(9))));
}

/// Nobody can cut off what a key holds.
pub async fn a_compacted_topic_is_not_trimmed(engine: Box<dyn Engine>) {
    let log = engine.log();
    create(log.as_ref(), 1, Cleanup::Compact).await;
    let mut producer = producer(log.as_ref(), "p").await;
    write(&mut producer, "k", "v", NOW).await;
    let held = first(log.as_ref(), &t(0), 1).await;
    let refused = log.trim(&t(0), held[0].resume_at).await;
    assert_eq!(refused, Err(TrimError::Compacted { topic: t(0).topic }));
    assert_eq!(first(log.as_ref(), &t(0), 1).await, held);
}

/// Compaction removes only what is superseded, and moves nothing.
pub async fn compaction_keeps_the_latest_of_each_key_at_its_offset(engine: Box<dyn Engine>) {
    let log = engine.log();
    create(log.as_ref(), 1, Cleanup::Compact).await;
    let mut producer = producer(log.as_ref(), "p").await;
    for round in 0..10 {
        let records = (0..10).map(|key| {
            let record = Record::new(format!("k{key}"), format!("k{key}-{round}"), NOW);
            (t(0), record)
        });
        commit(&mut producer, records).await;
    }
    settle(log.as_ref(), &mut producer, &t(0)).await;
    let before = first(log.as_ref(), &t(0), 101).await;
    let done = engine.clean(NOW).await;
    let mut reader = reader(log.as_ref(), &t(0), Start::Beginning).await;
    let after = rest(reader.as_mut()).await;
    assert!(before.ends_with(&after[after.len() - 11..]));
    assert!(after.iter().all(|record| before.contains(record)));
    if done == Cleaning::Done {
        assert_eq!(after.len(), 11, "only the latest of each key");
    }
}

/// A tombstone stays long enough to be seen by everybody.
pub async fn old_tombstones_may_go_and_young_ones_stay(engine: Box<dyn Engine>) {
    let log = engine.log();
    create(log.as_ref(), 1, Cleanup::Compact).await;
    let mut producer = producer(log.as_ref(), "p").await;
    write(&mut producer, "a", "a", NOW).await;
    write(&mut producer, "b", "b", NOW).await;
    commit(&mut producer, [(t(0), Record::tombstone("a", NOW))]).await;
    settle(log.as_ref(), &mut producer, &t(0)).await;
    let done = engine.clean(later(TOMBSTONE_RETENTION / 2)).await;
    let left = all(log.as_ref()).await;
    assert!(left.ends_with(&["b".into(), String::new(), "settled".into()]), "{left:?}");
    engine.clean(later(TOMBSTONE_RETENTION * 2)).await;
    if done == Cleaning::Done {
        assert_eq!(all(log.as_ref()).await, ["b", "settled"]);
    }
}

/// A reader in the middle of what is compacted goes on in order, and misses no latest record.
pub async fn a_reader_survives_compaction(engine: Box<dyn Engine>) {
    let log = engine.log();
    create(log.as_ref(), 1, Cleanup::Compact).await;
    let mut producer = producer(log.as_ref(), "p").await;
    for number in 0..50 {
        write(&mut producer, &format!("k{}", number % 10), &number.to_string(), NOW).await;
    }
    settle(log.as_ref(), &mut producer, &t(0)).await;
    let mut reader = reader(log.as_ref(), &t(0), Start::Beginning).await;
    let before = super::fixtures::next(reader.as_mut(), 15).await;
    engine.clean(NOW).await;
    let mut read = values(&before);
    read.extend(values(&rest(reader.as_mut()).await));
    let latest: Vec<_> = (40..50).map(|number| number.to_string()).chain(["settled".into()]).collect();
    assert!(read.ends_with(&latest), "{read:?}");
    assert_eq!(read[..15], (0..15).map(|number| number.to_string()).collect::<Vec<_>>());
}
