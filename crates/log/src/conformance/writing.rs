//! Transactions are atomic, fenced and bounded.

use bytes::Bytes;

use super::Engine;
use super::fixtures::{
    NOW, commit, commit_each, create, create_keeping, first, numbered, producer, reader, record, rest,
    settle, t, topic, values,
};
use crate::limits::{MAX_HEADERS, MAX_RECORD_BYTES, MAX_TRANSACTION_BYTES, MAX_TRANSACTION_RECORDS};
use crate::{AppendError, Cleanup, CommitError, Header, Partition, Record, Start, TopicPartition};

/// The receipt tells where each record is, also when partitions alternate.
pub async fn a_receipt_has_an_offset_for_each_append_in_order(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 3).await;
    let mut producer = producer(log.as_ref(), "p").await;
    let places = [2, 0, 2, 1, 0, 2];
    let appends = places.iter().enumerate().map(|(index, place)| (t(*place), record(format!("r{index}"))));
    let receipt = commit(&mut producer, appends).await;
    assert_eq!(receipt.offsets().len(), places.len());
    for (index, place) in places.iter().enumerate() {
        let records =
            first(log.as_ref(), &t(*place), places.iter().filter(|other| *other == place).count()).await;
        let at =
            records.iter().find(|record| record.offset == receipt.offsets()[index]).expect("at its offset");
        assert_eq!(values(std::slice::from_ref(at)), [format!("r{index}")]);
    }
}

/// Nothing about a record is changed or normalised.
pub async fn every_shape_of_record_comes_back_as_it_went(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 1).await;
    let mut producer = producer(log.as_ref(), "p").await;
    let empty = Bytes::new();
    let records = vec![
        Record { value: Some(Bytes::from_static(b"no key")), timestamp: NOW, ..Record::default() },
        Record::tombstone("gone", NOW),
        Record { key: Some(empty.clone()), value: Some(empty.clone()), timestamp: NOW, ..Record::default() },
        record("headers")
            .with_header("a", "1")
            .with_header("a", "2")
            .with_header("", empty)
            .with_header("ü", "\0"),
        Record::new(vec![0u8, 255, 10], (0..=255u8).cycle().take(100_000).collect::<Vec<_>>(), NOW),
    ];
    commit(&mut producer, records.iter().map(|record| (t(0), record.clone()))).await;
    let read = first(log.as_ref(), &t(0), records.len()).await;
    assert_eq!(read.into_iter().map(|read| read.record).collect::<Vec<_>>(), records);
}

/// All partitions of a committed transaction get their records.
pub async fn a_transaction_is_visible_in_all_partitions_or_none(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 8).await;
    let mut producer = producer(log.as_ref(), "p").await;
    for round in 0..20 {
        let mut aborted = producer.begin();
        aborted.append(t(round % 8), record("aborted")).expect("within limits");
        aborted.abort();
        commit(&mut producer, (0..8).map(|partition| (t(partition), record(format!("{round}"))))).await;
    }
    let expected: Vec<_> = (0..20).map(|round| round.to_string()).collect();
    for partition in 0..8 {
        assert_eq!(values(&first(log.as_ref(), &t(partition), 20).await), expected);
    }
}

/// Aborted and dropped transactions are as if they never were.
pub async fn an_aborted_transaction_is_never_read(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 1).await;
    let mut producer = producer(log.as_ref(), "p").await;
    for number in 0..10 {
        let mut transaction = producer.begin();
        transaction.append(t(0), record("aborted")).expect("within limits");
        transaction.abort();
        let mut dropped = producer.begin();
        dropped.append(t(0), record("dropped")).expect("within limits");
        drop(dropped);
        commit_each(&mut producer, [number.to_string()]).await;
    }
    settle(log.as_ref(), &mut producer, &t(0)).await;
    let mut reader = reader(log.as_ref(), &t(0), Start::Beginning).await;
    let mut expected: Vec<_> = (0..10).map(|number| number.to_string()).collect();
    expected.push("settled".into());
    assert_eq!(values(&rest(reader.as_mut()).await), expected);
}

/// An owner of a transactional id that has been replaced can write nothing, not even what it had begun.
pub async fn a_later_producer_fences_the_earlier(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 1).await;
    let mut old = producer(log.as_ref(), "p").await;
    let mut other = producer(log.as_ref(), "other").await;
    commit_each(&mut old, ["first".to_owned()]).await;
    let mut begun = old.begin();
    begun.append(t(0), record("zombie")).expect("within limits");
    let mut new = producer(log.as_ref(), "p").await;
    let fenced = begun.commit().await.expect_err("fenced");
    assert!(matches!(fenced, CommitError::Fenced(_)) && !fenced.is_retryable(), "{fenced:?}");
    commit_each(&mut new, ["second".to_owned()]).await;
    let mut again = old.begin();
    again.append(t(0), record("zombie")).expect("within limits");
    assert!(matches!(again.commit().await, Err(CommitError::Fenced(_))));
    assert!(old.is_fenced().await && !new.is_fenced().await);
    commit_each(&mut other, ["third".to_owned()]).await;
    assert_eq!(values(&first(log.as_ref(), &t(0), 3).await), ["first", "second", "third"]);
}

/// A transaction that is refused for one record writes none of its records.
pub async fn a_refused_transaction_leaves_nothing(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 2).await;
    let mut producer = producer(log.as_ref(), "p").await;
    let mut transaction = producer.begin();
    transaction.append(t(0), record("half")).expect("within limits");
    transaction
        .append(TopicPartition::new(topic("unknown"), Partition(0)), record("x"))
        .expect("within limits");
    assert!(transaction.commit().await.is_err());
    commit_each(&mut producer, ["whole".to_owned()]).await;
    assert_eq!(values(&first(log.as_ref(), &t(0), 1).await), ["whole"]);
}

/// Every bound has its own error and leaves the transaction as it was.
pub async fn limits_are_typed_errors(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 1).await;
    let mut producer = producer(log.as_ref(), "p").await;
    let mut transaction = producer.begin();
    let large = Record::new("", vec![0; MAX_RECORD_BYTES - 32], NOW);
    let too_large = Record::new("", vec![0; MAX_RECORD_BYTES - 31], NOW);
    let refused = transaction.append(t(0), too_large);
    assert_eq!(
        refused,
        Err(AppendError::RecordTooLarge { bytes: MAX_RECORD_BYTES + 1, max: MAX_RECORD_BYTES })
    );
    let header = Header { name: "h".into(), value: Bytes::new() };
    let many_headers = Record { headers: vec![header; MAX_HEADERS + 1], ..Record::default() };
    assert_eq!(transaction.append(t(0), many_headers), Err(AppendError::Headers { max: MAX_HEADERS }));
    let full = MAX_TRANSACTION_BYTES / MAX_RECORD_BYTES;
    for _ in 0..full {
        transaction.append(t(0), large.clone()).expect("within limits");
    }
    let refused = transaction.append(t(0), record("x"));
    assert!(matches!(refused, Err(AppendError::TransactionTooLarge { max: MAX_TRANSACTION_BYTES, .. })));
    assert_eq!(transaction.commit().await.expect("committed").offsets().len(), full);
    let read = first(log.as_ref(), &t(0), full).await;
    assert!(read.iter().all(|read| read.record == large));
}

/// As many records as a transaction may have are one commit.
pub async fn the_largest_transaction_is_one_commit(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 4).await;
    let mut producer = producer(log.as_ref(), "p").await;
    let mut transaction = producer.begin();
    for number in 0..MAX_TRANSACTION_RECORDS {
        let partition = t(u32::try_from(number % 4).expect("small"));
        transaction.append(partition, record(format!("{number:06}"))).expect("within limits");
    }
    let refused = transaction.append(t(0), record("one more"));
    assert_eq!(refused, Err(AppendError::TooManyRecords { max: MAX_TRANSACTION_RECORDS }));
    transaction.commit().await.expect("committed");
    for partition in 0..4 {
        let read = first(log.as_ref(), &t(partition), MAX_TRANSACTION_RECORDS / 4).await;
        let numbers = (0..MAX_TRANSACTION_RECORDS).filter(|number| *number % 4 == partition as usize);
        assert!(values(&read).into_iter().eq(numbers.map(|number| format!("{number:06}"))));
    }
}

/// Writers interleave, but each finds its own records in the order of its commits.
pub async fn concurrent_writers_each_keep_their_order(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 1).await;
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let log = log.clone();
            tokio::spawn(async move {
                let mut producer = producer(log.as_ref(), &format!("w{writer}")).await;
                commit_each(&mut producer, numbered(&writer.to_string(), 50)).await
            })
        })
        .collect();
    let read = values(&first(log.as_ref(), &t(0), 8 * 50).await);
    for (writer, task) in writers.into_iter().enumerate() {
        let offsets = task.await.expect("the writer finished");
        assert!(offsets.is_sorted_by(|a, b| a < b));
        let own: Vec<_> =
            read.iter().filter(|value| value.starts_with(&format!("{writer}-"))).cloned().collect();
        assert_eq!(own, numbered(&writer.to_string(), 50));
    }
}

/// A record that compaction could never supersede is refused.
pub async fn a_compacted_topic_needs_keys(engine: Box<dyn Engine>) {
    let log = engine.log();
    create(log.as_ref(), 1, Cleanup::Compact).await;
    let mut producer = producer(log.as_ref(), "p").await;
    let mut transaction = producer.begin();
    transaction.append(t(0), Record { key: None, ..record("x") }).expect("within limits");
    assert_eq!(transaction.commit().await, Err(CommitError::KeyRequired { topic: topic("t") }));
}

/// Nothing to commit is not an error.
pub async fn an_empty_transaction_commits(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 1).await;
    let mut producer = producer(log.as_ref(), "p").await;
    assert_eq!(producer.begin().commit().await.expect("committed").offsets(), []);
    assert_eq!(commit_each(&mut producer, numbered("x", 2)).await.len(), 2);
}

/// A later commit has greater offsets.
pub async fn offsets_increase_over_transactions(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 1).await;
    let mut producer = producer(log.as_ref(), "p").await;
    let offsets = commit_each(&mut producer, numbered("x", 50)).await;
    assert!(offsets.is_sorted_by(|a, b| a < b));
    let read = first(log.as_ref(), &t(0), 50).await;
    assert_eq!(read.iter().map(|read| read.offset).collect::<Vec<_>>(), offsets);
}
