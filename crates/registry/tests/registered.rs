//! The log in the wire format: the same to those above it, and readable for those beside it.

use std::path::PathBuf;
use std::sync::Arc;

use protox::prost_reflect::prost_types::DescriptorProto;
use topspin_event::schema;
use topspin_log::memory::MemoryLog;
use topspin_log::{
    BatchLimit, Log, Partition, Record, Start, Timestamp, Topic, TopicPartition, TopicSpec, TransactionalId,
};
use topspin_registry::{RegisteredLog, Schema, SchemaId, Schemas, unframe};

const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn topic(name: &str) -> Topic {
    Topic::new(name).expect("a name")
}

fn schemas() -> Schemas {
    let schema = Schema { id: SchemaId(41), index: 2, message: "topspin.v1.Device".to_owned() };
    [(topic("devices"), schema)].into_iter().collect()
}

async fn written(log: &dyn Log, records: &[(Topic, Record)]) {
    let mut producer =
        log.begin_producer(&TransactionalId::new("writer").expect("a name")).await.expect("one");
    let mut transaction = producer.begin();
    for (topic, record) in records {
        let partition = TopicPartition::new(topic.clone(), Partition(0));
        transaction.append(partition, record.clone()).expect("room");
    }
    transaction.commit().await.expect("committed");
}

async fn read(log: &dyn Log, topic: &Topic) -> Vec<Record> {
    let partition = TopicPartition::new(topic.clone(), Partition(0));
    let mut reader = log.reader(&partition, Start::Beginning).await.expect("a reader");
    let batch = reader.try_next_batch(BatchLimit::default()).await.expect("a batch");
    batch.into_iter().map(|committed| committed.record).collect()
}

#[tokio::test]
async fn above_nothing_changes_and_beside_it_all_is_told() {
    let beside = Arc::new(MemoryLog::new());
    let above = RegisteredLog::new(beside.clone(), schemas());
    for name in ["devices", "other"] {
        above.create_topic(&TopicSpec::new(topic(name), 1)).await.expect("created");
    }
    let record = Record::new("tablet-3", &b"\x0a\x01x"[..], Timestamp::from_millis(1_500))
        .with_header("topspin_chain", "c")
        .with_header("traceparent", TRACEPARENT)
        .with_header("tracestate", "a=1")
        .with_header("content-type", "text/plain");
    let tombstone = Record::tombstone("tablet-3", Timestamp::from_millis(2_000));
    let other = Record::new("k", "v", Timestamp::from_millis(3));
    let all = [
        (topic("devices"), record.clone()),
        (topic("devices"), tombstone.clone()),
        (topic("other"), other.clone()),
    ];
    written(&above, &all).await;

    assert_eq!(read(&above, &topic("devices")).await, [record, tombstone.clone()]);
    assert_eq!(read(&above, &topic("other")).await, std::slice::from_ref(&other));

    let raw = read(beside.as_ref(), &topic("devices")).await;
    assert_eq!(raw[1], tombstone);
    let value = raw[0].value.clone().expect("a value");
    assert_eq!(unframe(&value).map(|(id, _)| id), Some(SchemaId(41)));
    let headers: Vec<_> = raw[0]
        .headers
        .iter()
        .map(|header| (header.name.as_str(), std::str::from_utf8(&header.value).expect("text")))
        .collect();
    let id = headers[1].1;
    assert_eq!((headers[1].0, id.len()), ("ce_id", 32));
    assert_eq!(
        headers,
        [
            ("ce_specversion", "1.0"),
            ("ce_id", id),
            ("ce_source", "/topspin/devices"),
            ("ce_type", "topspin.v1.Device"),
            ("ce_subject", "tablet-3"),
            ("ce_time", "1970-01-01T00:00:01.500Z"),
            ("content-type", "application/protobuf"),
            ("topspin_chain", "c"),
            ("traceparent", TRACEPARENT),
            ("tracestate", "a=1"),
            ("content-type", "text/plain"),
        ]
    );
    assert_eq!(read(beside.as_ref(), &topic("other")).await, [other]);
}

#[tokio::test]
async fn what_others_wrote_is_passed_on_as_it_is() {
    let beside = Arc::new(MemoryLog::new());
    let above = RegisteredLog::new(beside.clone(), schemas());
    above.create_topic(&TopicSpec::new(topic("devices"), 1)).await.expect("created");
    let foreign = Record::new("k", "no frame", Timestamp::from_millis(1)).with_header("ce_id", "theirs");
    written(beside.as_ref(), &[(topic("devices"), foreign.clone())]).await;
    assert_eq!(read(&above, &topic("devices")).await, [foreign]);
}

/// What is read from the text of the files is what their compiler finds in them.
#[test]
fn the_files_hold_the_messages_in_the_order_of_their_indexes() {
    let manifest = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where the crate is"));
    let paths = schema::FILES.iter().map(|file| file.path);
    let compiled = protox::compile(paths, [manifest.join("../../proto")]).expect("the proto files compile");
    assert_eq!(compiled.file.len(), schema::FILES.len());
    for file in &schema::FILES {
        let found = compiled.file.iter().find(|candidate| candidate.name() == file.path).expect("the file");
        assert_eq!(found.package(), schema::PACKAGE);
        let names: Vec<_> = found.message_type.iter().map(DescriptorProto::name).collect();
        assert_eq!(file.messages().collect::<Vec<_>>(), names, "{}", file.path);
        let imports: Vec<_> = file.imports().map(|file| file.path).collect();
        assert_eq!(imports, found.dependency, "{}", file.path);
    }
}
