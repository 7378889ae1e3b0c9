//! A copy is what it was copied from, whatever happens on the way.

mod flaky;

use std::sync::Arc;

use bytes::Bytes;
use flaky::flaky;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use topspin_bridge::{Bridge, Comparison, CopyError, Difference, Source, positions_topic};
use topspin_log::memory::MemoryLog;
use topspin_log::{
    BatchLimit, Cleanup, CommitError, Log, Offset, Partition, Record, Start, Timestamp, Topic,
    TopicPartition, TopicSpec, TransactionalId,
};

const PARTITIONS: u32 = 3;

fn events() -> Topic {
    Topic::new("events").expect("a name")
}

fn names() -> Topic {
    Topic::new("names").expect("a name")
}

fn source() -> Source {
    Source::new("hall-1").expect("a name")
}

fn of(topic: Topic, partition: u32) -> TopicPartition {
    TopicPartition::new(topic, Partition(partition))
}

/// A log with a topic that keeps all and a compacted one, in many transactions with records of every shape.
async fn filled(log: MemoryLog, seed: u64) -> Arc<MemoryLog> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    log.create_topic(&TopicSpec::new(events(), PARTITIONS)).await.expect("created");
    log.create_topic(&TopicSpec::new(names(), PARTITIONS).with_cleanup(Cleanup::Compact))
        .await
        .expect("created");
    let mut producer =
        log.begin_producer(&TransactionalId::new("writer").expect("a name")).await.expect("a producer");
    for number in 0..60_u64 {
        let mut transaction = producer.begin();
        for _ in 0..random.random_range(1..5) {
            let record = shaped(&mut random, number);
            transaction.append(of(events(), random.random_range(0..PARTITIONS)), record).expect("room");
            let key = format!("key-{}", random.random_range(0..9));
            let record = match random.random_range(0..4) {
                0 => Record::tombstone(key, Timestamp::from_millis(number)),
                _ => Record::new(key, format!("name {number}"), Timestamp::from_millis(number)),
            };
            transaction.append(of(names(), random.random_range(0..PARTITIONS)), record).expect("room");
        }
        transaction.commit().await.expect("committed");
    }
    // Whoever begins again can read what was committed before.
    log.begin_producer(&TransactionalId::new("writer").expect("a name")).await.expect("a producer");
    Arc::new(log)
}

fn shaped(random: &mut ChaCha8Rng, number: u64) -> Record {
    let mut record = Record {
        key: random.random_bool(0.8).then(|| Bytes::from(format!("match-{}", number % 7))),
        value: random.random_bool(0.9).then(|| Bytes::from(vec![number as u8; random.random_range(0..200)])),
        headers: Vec::new(),
        timestamp: Timestamp::from_millis(1_000 + number),
    };
    for _ in 0..random.random_range(0..3) {
        record = record.with_header("ce_type", format!("point {number}"));
    }
    record
}

async fn bridge(from: &Arc<MemoryLog>, to: &Arc<impl Log>) -> Bridge {
    let (from, to): (Arc<dyn Log>, Arc<dyn Log>) = (from.clone(), to.clone());
    Bridge::new(from, to, source(), &[events(), names()]).await.expect("a bridge")
}

/// Steps until nothing is left, and through every error that can pass.
async fn finish(bridge: &mut Bridge) -> u64 {
    let mut records = 0;
    loop {
        match bridge.step().await {
            Ok(copied) if copied.records == 0 => return records,
            Ok(copied) => records += copied.records,
            Err(error) => assert!(error.is_retryable(), "{error}"),
        }
    }
}

async fn records(log: &dyn Log, partition: &TopicPartition) -> Vec<Record> {
    let end = log.end_offset(partition).await.expect("an end");
    let mut reader = log.reader(partition, Start::Beginning).await.expect("a reader");
    let mut records = Vec::new();
    while reader.position() < end {
        let batch = reader.try_next_batch(BatchLimit::default()).await.expect("a batch");
        records.extend(batch.into_iter().map(|committed| committed.record));
    }
    records
}

/// Looks at the records themselves, not at what the bridge says of them.
async fn assert_same(from: &dyn Log, to: &dyn Log) {
    for topic in [events(), names()] {
        for partition in 0..PARTITIONS {
            let partition = of(topic.clone(), partition);
            let same = records(from, &partition).await == records(to, &partition).await;
            assert!(same, "{partition}");
        }
    }
}

#[tokio::test]
async fn everything_arrives_as_it_is() {
    for seed in 0..20 {
        let from = filled(MemoryLog::kafka_like(seed), seed).await;
        let to = Arc::new(MemoryLog::new());
        let mut bridge = bridge(&from, &to).await;
        assert!(finish(&mut bridge).await > 0);
        assert_same(from.as_ref(), to.as_ref()).await;
        let span = bridge.span().await.expect("a span");
        assert_eq!(span.done, span.total);
        let Ok(Comparison { records, partitions }) = bridge.compare().await.expect("compared") else {
            panic!("a difference");
        };
        assert!(records > 0);
        assert_eq!(partitions, 6);
    }
}

#[tokio::test]
async fn a_copy_goes_on_with_what_came_later() {
    let from = filled(MemoryLog::new(), 1).await;
    let to = Arc::new(MemoryLog::new());
    let mut bridge = bridge(&from, &to).await;
    finish(&mut bridge).await;
    let mut producer =
        from.begin_producer(&TransactionalId::new("writer").expect("a name")).await.expect("one");
    let later = async {
        let mut transaction = producer.begin();
        let record = Record::new("late", "late", Timestamp::from_millis(9));
        transaction.append(of(events(), 1), record).expect("room");
        transaction.commit().await.expect("committed");
    };
    let (waited, ()) = tokio::join!(bridge.wait(), later);
    waited.expect("something to copy");
    assert_eq!(finish(&mut bridge).await, 1);
    assert_same(from.as_ref(), to.as_ref()).await;
}

/// The target commits and does not say so, or does not commit; and the bridge is dropped at any step.
#[tokio::test]
async fn a_crash_at_any_step_doubles_nothing_and_loses_nothing() {
    for seed in 0..300 {
        let from = filled(MemoryLog::kafka_like(seed), seed % 5).await;
        let inner = if seed % 2 == 0 { MemoryLog::new() } else { MemoryLog::kafka_like(seed) };
        let to = Arc::new(flaky(inner, seed));
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        for _ in 0..4 {
            let mut bridge = bridge(&from, &to).await;
            for _ in 0..random.random_range(0..4) {
                match bridge.step().await {
                    Ok(_) => {}
                    Err(error) => assert!(error.is_retryable(), "{error}"),
                }
            }
        }
        let mut bridge = bridge(&from, &to).await;
        finish(&mut bridge).await;
        assert!(bridge.compare().await.expect("compared").is_ok());
        assert_same(from.as_ref(), to.as_ref()).await;
    }
}

#[tokio::test]
async fn of_two_bridges_the_later_one_copies() {
    let from = filled(MemoryLog::new(), 3).await;
    let to = Arc::new(MemoryLog::new());
    let mut first = bridge(&from, &to).await;
    first.wait().await.expect("aligned");
    let mut second = bridge(&from, &to).await;
    second.step().await.expect("copied");
    let refused = first.step().await.expect_err("fenced");
    assert!(matches!(refused, CopyError::Commit(CommitError::Fenced(_))), "{refused}");
    assert!(!refused.is_retryable());
    finish(&mut second).await;
    assert_same(from.as_ref(), to.as_ref()).await;
}

#[tokio::test]
async fn records_of_others_are_not_mixed_with() {
    let from = filled(MemoryLog::new(), 4).await;
    let to = filled(MemoryLog::new(), 5).await;
    let refused = bridge(&from, &to).await.step().await.expect_err("occupied");
    assert!(matches!(refused, CopyError::Occupied { .. }), "{refused}");
    let own = Bridge::new(from, to, source(), &[positions_topic()]).await.err().expect("an error");
    assert!(matches!(own, CopyError::Own(_)), "{own}");
}

#[tokio::test]
async fn a_topic_of_another_shape_is_told() {
    let from = filled(MemoryLog::new(), 4).await;
    let to = Arc::new(MemoryLog::new());
    to.create_topic(&TopicSpec::new(events(), PARTITIONS + 1)).await.expect("created");
    let refused = bridge(&from, &to).await.step().await.expect_err("another shape");
    assert!(refused.to_string().contains("exists with 4 partitions"), "{refused}");
}

#[tokio::test]
async fn every_difference_is_found() {
    let cases: [(Topic, Record); 3] = [
        (events(), Record::new("extra", "extra", Timestamp::from_millis(1))),
        (names(), Record::new("extra", "extra", Timestamp::from_millis(1))),
        (names(), Record::new("key-1", "another name", Timestamp::from_millis(1))),
    ];
    for (topic, planted) in cases {
        let from = filled(MemoryLog::new(), 6).await;
        let to = Arc::new(MemoryLog::new());
        let mut bridge = bridge(&from, &to).await;
        finish(&mut bridge).await;
        assert!(bridge.compare().await.expect("compared").is_ok());
        let mut other =
            to.begin_producer(&TransactionalId::new("other").expect("a name")).await.expect("one");
        let mut transaction = other.begin();
        transaction.append(of(topic, 1), planted).expect("room");
        transaction.commit().await.expect("committed");
        let difference = bridge.compare().await.expect("compared").expect_err("a difference");
        assert!(matches!(difference, Difference::Extra { .. } | Difference::Changed { .. }), "{difference}");
    }
}

#[tokio::test]
async fn cleaning_either_side_makes_no_difference() {
    for clean_source in [true, false] {
        let from = filled(MemoryLog::new(), 7).await;
        let to = Arc::new(MemoryLog::new());
        let mut bridge = bridge(&from, &to).await;
        finish(&mut bridge).await;
        let cleaned = if clean_source { &from } else { &to };
        let before = records(cleaned.as_ref(), &of(names(), 0)).await.len();
        cleaned.clean(Timestamp::from_millis(u64::from(u32::MAX) * 1_000));
        assert!(records(cleaned.as_ref(), &of(names(), 0)).await.len() < before);
        let compared = bridge.compare().await.expect("compared");
        assert!(compared.is_ok(), "{compared:?}");
    }
}

/// Records 20 s apart on a topic that keeps a minute of them, in a transaction each.
async fn write_retained(log: &MemoryLog, seconds: std::ops::Range<u64>) {
    let short = Cleanup::Retain { max_age: Some(std::time::Duration::from_mins(1)), max_bytes: None };
    log.create_topic(&TopicSpec::new(events(), 1).with_cleanup(short)).await.expect("created");
    let mut producer =
        log.begin_producer(&TransactionalId::new("writer").expect("a name")).await.expect("one");
    for second in seconds.step_by(20) {
        let mut transaction = producer.begin();
        let record = Record::new("k", "the same", Timestamp::from_millis(second * 1_000));
        transaction.append(of(events(), 0), record).expect("room");
        transaction.commit().await.expect("committed");
    }
}

#[tokio::test]
async fn what_retention_took_from_one_side_makes_no_difference() {
    let from = Arc::new(MemoryLog::new());
    write_retained(&from, 0..200).await;
    let to = Arc::new(MemoryLog::new());
    let mut bridge = Bridge::new(from.clone(), to.clone(), source(), &[events()]).await.expect("a bridge");
    finish(&mut bridge).await;
    from.clean(Timestamp::from_millis(200_000));
    let left = records(from.as_ref(), &of(events(), 0)).await.len();
    assert!(0 < left && left < 10);
    assert_eq!(
        bridge.compare().await.expect("compared"),
        Ok(Comparison { records: left as u64, partitions: 1 })
    );
}

#[tokio::test]
async fn what_retention_took_before_it_was_copied_is_not_waited_for() {
    let from = Arc::new(MemoryLog::new());
    write_retained(&from, 0..200).await;
    let to = Arc::new(MemoryLog::new());
    let mut bridge = Bridge::new(from.clone(), to.clone(), source(), &[events()]).await.expect("a bridge");
    finish(&mut bridge).await;
    write_retained(&from, 200..400).await;
    from.clean(Timestamp::from_millis(400_000));
    let left = records(from.as_ref(), &of(events(), 0)).await.len() as u64;
    assert!(0 < left && left < 10);
    let mut bridge = Bridge::new(from, to, source(), &[events()]).await.expect("a bridge");
    assert_eq!(finish(&mut bridge).await, left);
    assert_eq!(bridge.compare().await.expect("compared"), Ok(Comparison { records: left, partitions: 1 }));
}

/// A log of `count` different records in one partition that keeps all, and a copy of it.
async fn copied(count: u64) -> (Arc<MemoryLog>, Arc<MemoryLog>, Bridge) {
    let from = Arc::new(MemoryLog::new());
    from.create_topic(&TopicSpec::new(events(), 1)).await.expect("created");
    write(&from, 0..count).await;
    let to = Arc::new(MemoryLog::new());
    let mut bridge = Bridge::new(from.clone(), to.clone(), source(), &[events()]).await.expect("a bridge");
    assert_eq!(finish(&mut bridge).await, count);
    (from, to, bridge)
}

async fn write(log: &MemoryLog, numbers: std::ops::Range<u64>) {
    let mut producer =
        log.begin_producer(&TransactionalId::new("writer").expect("a name")).await.expect("one");
    for number in numbers {
        let mut transaction = producer.begin();
        let record = Record::new("k", format!("record {number}"), Timestamp::from_millis(number));
        transaction.append(of(events(), 0), record).expect("room");
        transaction.commit().await.expect("committed");
    }
}

/// Where the record after the first `passed` ones begins.
async fn place(log: &MemoryLog, passed: usize) -> Offset {
    let mut reader = log.reader(&of(events(), 0), Start::Beginning).await.expect("a reader");
    reader.try_next_batch(BatchLimit::records(passed)).await.expect("a batch");
    reader.position()
}

async fn trim(log: &MemoryLog, passed: usize) {
    log.trim(&of(events(), 0), place(log, passed).await).await.expect("trimmed");
}

#[tokio::test]
async fn a_source_that_was_trimmed_after_it_was_copied_is_compared_from_where_it_begins() {
    let (from, to, mut bridge) = copied(10).await;
    for (trimmed, left) in [(4, 6), (6, 0)] {
        trim(&from, trimmed).await;
        let compared = bridge.compare().await.expect("compared");
        assert_eq!(compared, Ok(Comparison { records: left, partitions: 1 }));
    }
    // Both begin later, and it goes on.
    write(&from, 10..13).await;
    assert_eq!(finish(&mut bridge).await, 3);
    assert_eq!(records(to.as_ref(), &of(events(), 0)).await.len(), 13);
    let compared = bridge.compare().await.expect("compared");
    assert_eq!(compared, Ok(Comparison { records: 3, partitions: 1 }));
}

#[tokio::test]
async fn a_source_that_was_trimmed_before_is_copied_from_where_it_begins() {
    let from = Arc::new(MemoryLog::new());
    from.create_topic(&TopicSpec::new(events(), 1)).await.expect("created");
    write(&from, 0..10).await;
    trim(&from, 4).await;
    let to = Arc::new(MemoryLog::new());
    let mut bridge = Bridge::new(from, to, source(), &[events()]).await.expect("a bridge");
    assert_eq!(finish(&mut bridge).await, 6);
    let compared = bridge.compare().await.expect("compared");
    assert_eq!(compared, Ok(Comparison { records: 6, partitions: 1 }));
}

#[tokio::test]
async fn what_the_target_lacks_is_a_difference_wherever_the_source_begins() {
    for (source, target) in [(0, 4), (0, 10), (2, 4), (4, 5), (4, 10)] {
        let (from, to, mut bridge) = copied(10).await;
        trim(&from, source).await;
        trim(&to, target).await;
        let difference = bridge.compare().await.expect("compared");
        assert!(difference.is_err(), "source from {source}, target from {target}");
    }
}

#[tokio::test]
async fn a_trimmed_source_hides_no_difference_in_what_it_still_holds() {
    for planted in 0..10_u64 {
        // Another source of this name, in which one record is another.
        let (other, to, mut bridge) = copied(planted).await;
        write(&other, 100..101).await;
        write(&other, planted + 1..10).await;
        finish(&mut bridge).await;
        let (from, ..) = copied(10).await;
        trim(&from, 3).await;
        let mut bridge = Bridge::new(from, to, source(), &[events()]).await.expect("a bridge");
        let same = bridge.compare().await.expect("compared").is_ok();
        assert_eq!(same, planted < 3, "the record at {planted}");
    }
    let (from, to, mut bridge) = copied(10).await;
    write(&to, 10..11).await;
    trim(&from, 3).await;
    assert!(bridge.compare().await.expect("compared").is_err(), "one more");
}

#[tokio::test]
async fn what_was_removed_before_it_was_copied_is_told_with_its_partition() {
    let (from, to, mut running) = copied(4).await;
    write(&from, 4..10).await;
    trim(&from, 7).await;
    let earliest = from.start_offset(&of(events(), 0)).await.expect("a start");
    let mut again = Bridge::new(from, to.clone(), source(), &[events()]).await.expect("a bridge");
    let told = [
        running.step().await.expect_err("overtaken"),
        running.wait().await.expect_err("overtaken"),
        again.step().await.expect_err("overtaken"),
    ];
    for error in told {
        let CopyError::Trimmed { partition, copied, earliest: from } = &error else { panic!("{error}") };
        assert_eq!((partition, copied.get(), *from), (&of(events(), 0), 4, earliest));
        assert!(!error.is_retryable());
        let said = error.to_string();
        assert!(said.contains("events/0") && said.contains("removed before it was copied"), "{said}");
    }
    assert_eq!(records(to.as_ref(), &of(events(), 0)).await.len(), 4, "nothing is skipped");
}
