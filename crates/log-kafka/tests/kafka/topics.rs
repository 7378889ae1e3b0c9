//! Topics as Kafka's own tools see them.

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminOptions, ResourceSpecifier};
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use topspin_log::conformance::fixtures::topic;
use topspin_log::{Cleanup, Log, TopicSpec};
use topspin_log_kafka::{Durability, KafkaLog, Settings};

use crate::cluster::{self, variable};

const WAIT: Duration = Duration::from_secs(10);

async fn configuration(name: &str) -> BTreeMap<String, String> {
    let asked = [ResourceSpecifier::Topic(name)];
    let answers = cluster::admin().describe_configs(&asked, &AdminOptions::new()).await.expect("asked");
    let found = answers.into_iter().next().expect("an answer").expect("a topic");
    found.entries.into_iter().filter_map(|entry| Some((entry.name, entry.value?))).collect()
}

#[tokio::test]
async fn a_topic_is_made_with_its_partitions_replicas_and_policy() {
    let settings = cluster::settings();
    let log = KafkaLog::connect(settings.clone()).await.expect("connected");
    let mut client = ClientConfig::new();
    let watcher: BaseConsumer =
        client.set("bootstrap.servers", variable("TOPSPIN_KAFKA")).create().expect("a client");
    let week = Duration::from_hours(24 * 7);
    let retain = Cleanup::Retain { max_age: Some(week), max_bytes: Some(1_000_000) };
    for (name, partitions, cleanup, policy, age, bytes) in [
        ("kept", 3, Cleanup::KeepForever, "delete", "-1", "-1"),
        ("latest", 5, Cleanup::Compact, "compact", "-1", "-1"),
        ("recent", 1, retain, "delete", "604800000", "1000000"),
    ] {
        log.create_topic(&TopicSpec::new(topic(name), partitions).with_cleanup(cleanup))
            .await
            .expect("created");
        let native = format!("{}{name}", settings.prefix);
        let found = configuration(&native).await;
        assert_eq!((&*found["cleanup.policy"], &*found["retention.ms"]), (policy, age), "{name}");
        assert_eq!(found["retention.bytes"], bytes, "{name}");
        assert_eq!(found["min.insync.replicas"], settings.min_in_sync.to_string(), "{name}");
        assert_eq!(found["unclean.leader.election.enable"], "false", "{name}");
        let metadata = watcher.fetch_metadata(Some(&native), WAIT).expect("known");
        let made = metadata.topics()[0].partitions();
        assert_eq!(made.len(), partitions as usize, "{name}");
        let replicas = made.iter().map(|partition| partition.replicas().len());
        assert!(replicas.eq(made.iter().map(|_| usize::from(settings.replication))), "{name}");
    }
}

#[tokio::test]
async fn topics_that_exist_are_announced_as_what_they_are_worth() {
    let settings = Settings { replication: 1, min_in_sync: 1, ..cluster::settings() };
    let once = KafkaLog::connect(settings.clone()).await.expect("connected");
    once.create_topic(&TopicSpec::new(topic("small"), 1)).await.expect("created");
    let later = Settings { replication: 3, min_in_sync: 2, ..settings };
    assert_eq!(later.durability(), Durability::Replicated);
    let later = KafkaLog::connect(later).await.expect("connected");
    let found = later.durability().await.expect("readable");
    assert_eq!(found, Durability::Reduced { replication: 1, min_in_sync: 1 });
}
