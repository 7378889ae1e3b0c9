//! Topics are created once and do not change.

use std::time::Duration;

use super::Engine;
use super::fixtures::{create_keeping, group, producer, record, t, topic};
use crate::{
    Cleanup, CommitError, CreateTopicError, Partition, ReadError, Start, TopicError, TopicPartition,
    TopicSpec,
};

/// Creation is idempotent, and all topics are listed by name.
pub async fn creating_a_topic_again_changes_nothing(engine: Box<dyn Engine>) {
    let log = engine.log();
    let retained = Cleanup::Retain { max_age: Some(Duration::from_mins(1)), max_bytes: None };
    let specs = [
        TopicSpec::new(topic("b"), 3),
        TopicSpec::new(topic("c"), 1).with_cleanup(Cleanup::Compact),
        TopicSpec::new(topic("a"), 2).with_cleanup(retained),
    ];
    for spec in specs.iter().chain(&specs) {
        log.create_topic(spec).await.expect("created");
    }
    let [b, c, a] = specs;
    assert_eq!(log.topic(&topic("b")).await, Ok(b.clone()));
    assert_eq!(log.topics().await, Ok(vec![a, b, c]));
}

/// A topic never changes by creating it.
pub async fn a_different_topic_of_the_same_name_is_refused(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 3).await;
    let existing = TopicSpec::new(topic("t"), 3);
    for other in [TopicSpec::new(topic("t"), 4), existing.clone().with_cleanup(Cleanup::Compact)] {
        let refused = log.create_topic(&other).await;
        assert_eq!(refused, Err(CreateTopicError::Different { existing: existing.clone() }));
    }
}

/// A topic has at least one partition and not too many.
pub async fn partition_counts_are_bounded(engine: Box<dyn Engine>) {
    let log = engine.log();
    for partitions in [0, 1025] {
        let refused = log.create_topic(&TopicSpec::new(topic("t"), partitions)).await;
        let invalid = TopicError::PartitionCount { partitions, max: 1024 };
        assert_eq!(refused, Err(CreateTopicError::Invalid(invalid)));
    }
}

/// An age that an engine would have to round is refused.
pub async fn ages_are_whole_milliseconds(engine: Box<dyn Engine>) {
    let max_age = Duration::from_micros(1500);
    let cleanup = Cleanup::Retain { max_age: Some(max_age), max_bytes: None };
    let refused = engine.log().create_topic(&TopicSpec::new(topic("t"), 1).with_cleanup(cleanup)).await;
    assert_eq!(refused, Err(CreateTopicError::Invalid(TopicError::Age { max_age })));
}

/// Nothing is created by using it.
pub async fn unknown_topics_and_partitions_are_typed_errors(engine: Box<dyn Engine>) {
    let log = engine.log();
    create_keeping(log.as_ref(), 2).await;
    let unknown = TopicPartition::new(topic("unknown"), Partition(0));
    let no_topic = ReadError::UnknownTopic { topic: topic("unknown") };
    assert_eq!(log.topic(&topic("unknown")).await, Err(no_topic.clone()));
    assert_eq!(log.end_offset(&unknown).await, Err(no_topic.clone()));
    assert_eq!(log.start_offset(&t(2)).await, Err(ReadError::UnknownPartition(t(2))));
    assert_eq!(log.reader(&unknown, Start::Beginning).await.err(), Some(no_topic.clone()));
    assert_eq!(log.reader(&t(2), Start::End).await.err(), Some(ReadError::UnknownPartition(t(2))));
    assert_eq!(log.committed_position(&group("g"), &unknown).await, Err(no_topic));

    let mut producer = producer(log.as_ref(), "p").await;
    for (partition, error) in [
        (unknown, CommitError::UnknownTopic { topic: topic("unknown") }),
        (t(2), CommitError::UnknownPartition(t(2))),
    ] {
        let mut transaction = producer.begin();
        transaction.append(partition, record("x")).expect("within limits");
        assert_eq!(transaction.commit().await, Err(error));
    }
}
