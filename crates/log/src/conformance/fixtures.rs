//! What the tests of the suite share.

use std::future::Future;
use std::time::Duration;

use crate::{
    BatchLimit, Cleanup, Committed, GroupId, Log, MemberId, Offset, Partition, Producer, Reader, Receipt,
    Record, Start, Timestamp, Topic, TopicPartition, TopicSpec, TransactionalId,
};

/// The time of the records that tests write, unless they say otherwise: 2026-01-01.
pub const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);

/// A test that waits for something that never comes fails instead of hanging.
pub async fn bounded(test: impl Future<Output = ()>) {
    let outcome = tokio::time::timeout(Duration::from_mins(2), test).await;
    assert!(outcome.is_ok(), "waited for something that never came");
}

/// A topic name.
pub fn topic(name: &str) -> Topic {
    Topic::new(name).expect("a valid name")
}

/// A group name.
pub fn group(name: &str) -> GroupId {
    GroupId::new(name).expect("a valid name")
}

/// A member name.
pub fn member(name: &str) -> MemberId {
    MemberId::new(name).expect("a valid name")
}

/// A partition of the topic `t`.
pub fn t(partition: u32) -> TopicPartition {
    TopicPartition::new(topic("t"), Partition(partition))
}

/// Creates the topic `t`.
pub async fn create(log: &dyn Log, partitions: u32, cleanup: Cleanup) {
    let spec = TopicSpec::new(topic("t"), partitions).with_cleanup(cleanup);
    log.create_topic(&spec).await.expect("created");
}

/// Creates the topic `t` that keeps everything.
pub async fn create_keeping(log: &dyn Log, partitions: u32) {
    create(log, partitions, Cleanup::KeepForever).await;
}

/// A producer.
pub async fn producer(log: &dyn Log, id: &str) -> Producer {
    log.begin_producer(&TransactionalId::new(id).expect("a valid name")).await.expect("begun")
}

/// A record whose key and value are the text.
pub fn record(text: impl Into<String>) -> Record {
    let text = text.into();
    Record::new(text.clone(), text, NOW)
}

/// Commits the records as one transaction.
pub async fn commit(
    producer: &mut Producer,
    records: impl IntoIterator<Item = (TopicPartition, Record)>,
) -> Receipt {
    let mut transaction = producer.begin();
    for (partition, record) in records {
        transaction.append(partition, record).expect("within limits");
    }
    transaction.commit().await.expect("committed")
}

/// Commits each text as a transaction of its own to `t/0`, and answers their offsets.
pub async fn commit_each(producer: &mut Producer, texts: impl IntoIterator<Item = String>) -> Vec<Offset> {
    let mut offsets = Vec::new();
    for text in texts {
        offsets.extend_from_slice(commit(producer, [(t(0), record(text))]).await.offsets());
    }
    offsets
}

/// A reader that starts.
pub async fn reader(log: &dyn Log, partition: &TopicPartition, start: Start) -> Box<dyn Reader> {
    log.reader(partition, start).await.expect("a reader")
}

/// The next `count` records, waiting for them to become visible.
pub async fn next(reader: &mut dyn Reader, count: usize) -> Vec<Committed> {
    let mut records = Vec::new();
    while records.len() < count {
        let limit = BatchLimit::records(count - records.len());
        records.extend(reader.next_batch(limit).await.expect("readable"));
    }
    records
}

/// The first `count` records of a partition, waiting for them to become visible.
pub async fn first(log: &dyn Log, partition: &TopicPartition, count: usize) -> Vec<Committed> {
    next(reader(log, partition, Start::Beginning).await.as_mut(), count).await
}

/// Everything visible from the reader's position on, without waiting.
pub async fn rest(reader: &mut dyn Reader) -> Vec<Committed> {
    let mut records = Vec::new();
    loop {
        let batch = reader.try_next_batch(BatchLimit::default()).await.expect("readable");
        if batch.is_empty() {
            return records;
        }
        records.extend(batch);
    }
}

/// Waits until a marker record, committed now, is visible: then all before it in the partition is, too.
pub async fn settle(log: &dyn Log, producer: &mut Producer, partition: &TopicPartition) {
    let receipt = commit(producer, [(partition.clone(), record("settled"))]).await;
    let mut reader = reader(log, partition, Start::At(receipt.offsets()[0])).await;
    next(reader.as_mut(), 1).await;
}

/// The values as text.
pub fn values(records: &[Committed]) -> Vec<String> {
    let value = |record: &Committed| record.record.value.clone().unwrap_or_default();
    records.iter().map(|record| String::from_utf8_lossy(&value(record)).into_owned()).collect()
}

/// `prefix-0`, `prefix-1`, …
pub fn numbered(prefix: &str, count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{prefix}-{number}")).collect()
}
