//! What goes wrong is said in a way that tells what to do next.

use std::time::{Duration, Instant};

use rdkafka::admin::{AdminOptions, NewTopic, TopicReplication};
use rdkafka::{Offset as KafkaOffset, TopicPartitionList};
use topspin_log::conformance::fixtures::{
    bounded, commit, commit_each, create_keeping, first, group, next, producer, reader, record, t, topic,
    values,
};
use topspin_log::{
    BatchLimit, CommitError, Committed, GroupMetadata, Log, Offset, ReadError, Record, Start, Timestamp,
    TransactionalId,
};
use topspin_log_kafka::{ConnectError, KafkaLog, Settings, SettingsError};

use crate::cluster;

/// A port of the loopback address that nobody listens on.
fn nobody() -> String {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.local_addr().expect("an address").to_string()
}

#[tokio::test]
async fn a_cluster_that_is_not_there_is_unavailable_and_named() {
    let bootstrap = nobody();
    let error = KafkaLog::connect(Settings::new(&bootstrap)).await.err().expect("nobody is there");
    assert!(error.is_retryable() && error.to_string().contains(&bootstrap), "{error}");
}

#[tokio::test]
async fn a_setting_that_cannot_be_is_refused_before_anything_is_tried() {
    for (name, value) in [("acks", "1"), ("no.such.setting", "1")] {
        let mut settings = Settings::new(nobody());
        settings.client.insert(name.to_owned(), value.to_owned());
        let told = match KafkaLog::connect(settings).await.err() {
            Some(ConnectError::Settings(
                SettingsError::Reserved { name } | SettingsError::Client { name, .. },
            )) => name,
            other => unreachable!("{other:?}"),
        };
        assert_eq!(told, name);
    }
}

#[tokio::test]
async fn a_transaction_that_a_topic_does_not_take_is_refused_whole() {
    bounded(async {
        let settings = cluster::settings();
        let log = KafkaLog::connect(settings.clone()).await.expect("connected");
        let name = format!("{}small", settings.prefix);
        let small = NewTopic::new(&name, 1, TopicReplication::Fixed(1))
            .set("cleanup.policy", "delete")
            .set("max.message.bytes", "1000");
        let made = cluster::admin().create_topics([&small], &AdminOptions::new()).await.expect("asked");
        assert!(made[0].is_ok(), "{made:?}");
        create_keeping(&log, 1).await;
        let small = topspin_log::TopicPartition::new(topic("small"), topspin_log::Partition(0));
        let mut producer = producer(&log, "p").await;
        let mut transaction = producer.begin();
        transaction.append(t(0), record("half")).expect("within limits");
        transaction.append(small.clone(), record("x".repeat(2000))).expect("within limits");
        let refused = transaction.commit().await.expect_err("too large");
        assert!(
            matches!(&refused, CommitError::Refused { reason } if reason.contains("max.message.bytes")),
            "{refused:?}"
        );
        commit(&mut producer, [(t(0), record("whole")), (small, record("fits"))]).await;
        assert_eq!(values(&first(&log, &t(0), 1).await), ["whole"]);
    })
    .await;
}

#[tokio::test]
async fn a_header_that_kafka_would_cut_off_is_refused() {
    let log = cluster::log().await;
    create_keeping(&log, 1).await;
    let mut producer = producer(&log, "p").await;
    let mut transaction = producer.begin();
    transaction.append(t(0), record("x").with_header("a\0b", "1")).expect("within limits");
    assert!(matches!(transaction.commit().await, Err(CommitError::Refused { .. })));
}

#[tokio::test]
async fn times_come_back_as_they_went() {
    bounded(async {
        let log = cluster::log().await;
        create_keeping(&log, 1).await;
        let times = [0, 1, 1_767_225_600_000, 4_102_444_800_000].map(Timestamp::from_millis);
        let mut producer = producer(&log, "p").await;
        commit(&mut producer, times.map(|time| (t(0), Record::new("k", "v", time)))).await;
        let read = first(&log, &t(0), times.len()).await;
        assert_eq!(read.iter().map(|read| read.record.timestamp).collect::<Vec<_>>(), times);
    })
    .await;
}

#[tokio::test]
async fn a_reader_that_retention_overtakes_returns_no_record_after_a_gap() {
    bounded(async {
        let settings = cluster::settings();
        let log = KafkaLog::connect(settings.clone()).await.expect("connected");
        create_keeping(&log, 1).await;
        let mut producer = producer(&log, "p").await;
        let mut slow = reader(&log, &t(0), Start::Beginning).await;
        let beginning = slow.position();
        // More than a reader fetches ahead.
        let offsets = commit_each(&mut producer, (0..40).map(|_| "x".repeat(500_000))).await;
        let mut read: Vec<Committed> = next(slow.as_mut(), 1).await;

        let mut until = TopicPartitionList::new();
        let kept = offsets[39];
        until
            .add_partition_offset(
                &format!("{}t", settings.prefix),
                0,
                KafkaOffset::Offset(kept.get().cast_signed()),
            )
            .expect("added");
        cluster::admin().delete_records(&until, &AdminOptions::new()).await.expect("deleted");
        assert_eq!(log.start_offset(&t(0)).await, Ok(kept));

        let told = loop {
            match slow.next_batch(BatchLimit::default()).await {
                Ok(batch) => read.extend(batch),
                Err(error) => break error,
            }
        };
        assert!(read.iter().map(|read| &read.offset).eq(&offsets[..read.len()]), "a gap before the end");
        assert_eq!(told, ReadError::Trimmed { partition: t(0), wanted: slow.position(), earliest: kept });
        assert_eq!(slow.try_next_batch(BatchLimit::default()).await, Err(told));
        let early = log.reader(&t(0), Start::At(beginning)).await.err();
        assert_eq!(early, Some(ReadError::Trimmed { partition: t(0), wanted: beginning, earliest: kept }));
        assert_eq!(next(reader(&log, &t(0), Start::At(kept)).await.as_mut(), 1).await[0].offset, kept);
    })
    .await;
}

#[tokio::test]
async fn a_topic_that_somebody_deletes_is_unknown() {
    bounded(async {
        let settings = cluster::settings();
        let log = KafkaLog::connect(settings.clone()).await.expect("connected");
        create_keeping(&log, 1).await;
        let mut producer = producer(&log, "p").await;
        commit_each(&mut producer, ["x".to_owned()]).await;
        let name = format!("{}t", settings.prefix);
        cluster::admin().delete_topics(&[&name], &AdminOptions::new()).await.expect("deleted");
        let unknown = ReadError::UnknownTopic { topic: topic("t") };
        // Each broker hears of it in its time.
        while log.end_offset(&t(0)).await != Err(unknown.clone()) {}
        let mut transaction = producer.begin();
        transaction.append(t(0), record("y")).expect("within limits");
        assert_eq!(transaction.commit().await, Err(CommitError::UnknownTopic { topic: topic("t") }));
    })
    .await;
}

#[tokio::test]
async fn the_lag_of_a_group_is_what_it_has_not_committed() {
    bounded(async {
        let log = cluster::log().await;
        create_keeping(&log, 2).await;
        let mut producer = producer(&log, "p").await;
        commit_each(&mut producer, (0..5).map(|number| number.to_string())).await;
        let mut source = reader(&log, &t(0), Start::Beginning).await;
        next(source.as_mut(), 5).await;
        let behind = async |log: &KafkaLog| {
            let lags = log.lag(&group("g"), &[topic("t")]).await.expect("known");
            assert_eq!(lags.iter().map(|lag| lag.partition.clone()).collect::<Vec<_>>(), [t(0), t(1)]);
            lags.iter().map(|lag| lag.behind).collect::<Vec<_>>()
        };
        let before = behind(&log).await;
        assert!(before[0] >= 5 && before[1] == 0, "{before:?}");
        let mut transaction = producer.begin();
        let alone = GroupMetadata::standalone(group("g"));
        let end = log.end_offset(&t(0)).await.expect("known");
        transaction.commit_positions(&alone, [(t(0), end), (t(1), Offset::ZERO)]).expect("within limits");
        transaction.commit().await.expect("committed");
        assert_eq!(behind(&log).await, [0, 0]);
    })
    .await;
}

#[tokio::test]
async fn a_takeover_that_nobody_waits_for_any_more_shuts_out_nobody() {
    bounded(async {
        let log = cluster::log().await;
        create_keeping(&log, 1).await;
        let id = TransactionalId::new("p").expect("valid");
        for _ in 0..5 {
            let given_up = tokio::time::timeout(Duration::ZERO, log.begin_producer(&id)).await;
            assert!(given_up.is_err(), "it takes longer than no time");
            let mut successor = producer(&log, "p").await;
            // Longer than a takeover takes.
            let begun = Instant::now();
            while begun.elapsed() < Duration::from_millis(500) {
                commit(&mut successor, [(t(0), record("x"))]).await;
            }
        }
    })
    .await;
}
