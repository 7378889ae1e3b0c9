//! Topics as Kafka keeps them: their description is in their configuration, so it can be read back.

use std::collections::BTreeMap;
use std::time::Duration;

use rdkafka::admin::{
    AdminOptions, ConfigResource, NewTopic, OwnedResourceSpecifier, ResourceSpecifier, TopicReplication,
};
use rdkafka::consumer::Consumer as _;
use rdkafka::error::RDKafkaErrorCode as Code;
use rdkafka::metadata::MetadataTopic;
use topspin_log::limits::TOMBSTONE_RETENTION;
use topspin_log::{Cleanup, CreateTopicError, ReadError, Topic, TopicSpec};

use crate::Durability;
use crate::cluster::Cluster;
use crate::fault::Fault;
use crate::limits::{CALL_TIMEOUT, MAX_WIRE_BYTES};

/// How often a topic that was just created is looked for.
const CREATED_POLL: Duration = Duration::from_millis(20);

/// A topic in the cluster's metadata.
#[derive(Clone, Copy)]
struct Shape {
    partitions: u32,
    /// The fewest replicas of a partition.
    replication: u16,
}

impl Shape {
    fn of(topic: &MetadataTopic) -> Self {
        let replicas = topic.partitions().iter().map(|partition| partition.replicas().len()).min();
        Shape {
            partitions: u32::try_from(topic.partitions().len()).unwrap_or(u32::MAX),
            replication: u16::try_from(replicas.unwrap_or(0)).unwrap_or(u16::MAX),
        }
    }
}

/// A topic as the cluster has it.
struct Found {
    spec: TopicSpec,
    durability: Durability,
}

impl Cluster {
    pub(crate) async fn create_topic(&self, spec: &TopicSpec) -> Result<(), CreateTopicError> {
        spec.check()?;
        match self.lookup(&spec.topic).await.map_err(create_error)? {
            Some(existing) => return same(spec, existing),
            None => self.create(spec).await?,
        }
        // A broker may hear of the topic later than the controller that has made it.
        let seen = async {
            loop {
                if let Some(existing) = self.lookup(&spec.topic).await.map_err(create_error)?
                    && self.is_known_to_leaders(&existing).await.map_err(create_error)?
                {
                    return same(spec, existing);
                }
                tokio::time::sleep(CREATED_POLL).await;
            }
        };
        let late =
            || CreateTopicError::Unavailable { reason: "the topic was created but has no leader yet".into() };
        tokio::time::timeout(CALL_TIMEOUT, seen).await.unwrap_or_else(|_| Err(late()))
    }

    async fn is_known_to_leaders(&self, spec: &TopicSpec) -> Result<bool, Fault> {
        for partition in spec.topic_partitions() {
            match self.bounds_of_leader(&partition).await {
                Ok(_) => {}
                Err(Fault::UnknownTopic | Fault::UnknownPartition) => return Ok(false),
                Err(fault) => return Err(fault),
            }
        }
        Ok(true)
    }

    async fn create(&self, spec: &TopicSpec) -> Result<(), CreateTopicError> {
        let name = self.native(spec.topic.as_str());
        let config = configuration(spec, self.settings.min_in_sync)?;
        let replication = TopicReplication::Fixed(i32::from(self.settings.replication));
        let mut topic = NewTopic::new(&name, spec.partitions.cast_signed(), replication);
        for (key, value) in &config {
            topic = topic.set(key, value);
        }
        let options = options().operation_timeout(Some(CALL_TIMEOUT));
        let results = self.admin.create_topics([&topic], &options).await;
        let results = results.map_err(|error| create_error(self.health.judge(&error)))?;
        match results.into_iter().next() {
            // Somebody else has just created it; whether it is the same is looked up.
            None | Some(Ok(_) | Err((_, Code::TopicAlreadyExists))) => Ok(()),
            Some(Err((_, code))) => Err(create_error(Fault::of_code(code))),
        }
    }

    /// All topics of this log, by name.
    pub(crate) async fn all_topics(&self) -> Result<Vec<TopicSpec>, ReadError> {
        let mut specs: Vec<_> = self.existing().await?.into_iter().map(|found| found.spec).collect();
        specs.sort_by(|a, b| a.topic.cmp(&b.topic));
        self.remembered().extend(specs.iter().map(|spec| (spec.topic.clone(), spec.clone())));
        Ok(specs)
    }

    /// What an acknowledgement is worth on the topic of this log where it is worth least, or on a new one.
    pub(crate) async fn durability(&self) -> Result<Durability, ReadError> {
        let existing = self.existing().await?.into_iter().map(|found| found.durability);
        Ok(existing.fold(self.settings.durability(), Durability::lesser))
    }

    async fn existing(&self) -> Result<Vec<Found>, ReadError> {
        let found = self.ask(|watcher| {
            let metadata = watcher.fetch_metadata(None, CALL_TIMEOUT)?;
            let shapes = metadata.topics().iter().map(|topic| (topic.name().to_owned(), Shape::of(topic)));
            Ok(shapes.collect::<BTreeMap<_, _>>())
        });
        let mut shapes = found.await.map_err(unreadable)?;
        shapes.retain(|name, _| self.ours(name).is_some());
        self.described(&shapes).await.map_err(unreadable)
    }

    /// One topic, from memory if it was seen before: it does not change.
    pub(crate) async fn spec(&self, topic: &Topic) -> Result<TopicSpec, ReadError> {
        if let Some(spec) = self.remembered().get(topic) {
            return Ok(spec.clone());
        }
        let unknown = || ReadError::UnknownTopic { topic: topic.clone() };
        self.lookup(topic).await.map_err(unreadable)?.ok_or_else(unknown)
    }

    /// One topic as the cluster has it; `None` if there is none, or not on all brokers yet.
    async fn lookup(&self, topic: &Topic) -> Result<Option<TopicSpec>, Fault> {
        let name = self.native(topic.as_str());
        let asked = name.clone();
        let found = self.ask(move |watcher| {
            let metadata = watcher.fetch_metadata(Some(&asked), CALL_TIMEOUT)?;
            let Some(topic) = metadata.topics().iter().find(|topic| topic.name() == asked) else {
                return Ok(Ok(None));
            };
            let led = topic.partitions().iter().all(|partition| partition.leader() >= 0);
            Ok(match topic.error() {
                Some(code) => Err(Code::from(code)),
                None if led && !topic.partitions().is_empty() => Ok(Some(Shape::of(topic))),
                None => Ok(None),
            })
        });
        let shape = match found.await?.map_err(Fault::of_code) {
            Ok(None) | Err(Fault::UnknownTopic) => return Ok(None),
            Ok(Some(shape)) => shape,
            Err(fault) => return Err(fault),
        };
        let found = self.described(&BTreeMap::from([(name, shape)])).await?.into_iter().next();
        let spec = found.map(|found| found.spec);
        if let Some(spec) = &spec {
            self.remembered().insert(spec.topic.clone(), spec.clone());
        }
        Ok(spec)
    }

    /// The descriptions of topics of known shapes.
    async fn described(&self, shapes: &BTreeMap<String, Shape>) -> Result<Vec<Found>, Fault> {
        if shapes.is_empty() {
            return Ok(Vec::new());
        }
        let resources: Vec<_> = shapes.keys().map(|name| ResourceSpecifier::Topic(name)).collect();
        let answers = self.admin.describe_configs(&resources, &options()).await;
        let answers = answers.map_err(|error| self.health.judge(&error))?;
        let mut found = Vec::new();
        for answer in answers {
            match answer.map_err(Fault::of_code) {
                Ok(resource) => found.extend(self.found(&resource, shapes)),
                Err(Fault::UnknownTopic) => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(found)
    }

    fn found(&self, resource: &ConfigResource, shapes: &BTreeMap<String, Shape>) -> Option<Found> {
        let OwnedResourceSpecifier::Topic(name) = &resource.specifier else { return None };
        let Some(cleanup) = cleanup(resource) else {
            tracing::warn!(topic = name, "left out: its cleanup.policy is neither `delete` nor `compact`");
            return None;
        };
        let Shape { partitions, replication } = *shapes.get(name)?;
        let in_sync =
            resource.get("min.insync.replicas").and_then(|entry| entry.value.as_ref()?.parse().ok());
        let durability = Durability::of(replication, in_sync.unwrap_or(1));
        Some(Found { spec: TopicSpec { topic: self.ours(name)?, partitions, cleanup }, durability })
    }

    /// The topic of that name on the cluster, if it is of this log and not Kafka's own.
    fn ours(&self, name: &str) -> Option<Topic> {
        let topic = name.strip_prefix(&self.settings.prefix)?;
        (!topic.starts_with("__")).then(|| Topic::new(topic).ok()).flatten()
    }
}

pub(crate) fn options() -> AdminOptions {
    AdminOptions::new().request_timeout(Some(CALL_TIMEOUT))
}

/// A policy without a bound keeps everything, and Kafka cannot tell it from `KeepForever`.
fn plain(cleanup: Cleanup) -> Cleanup {
    match cleanup {
        Cleanup::Retain { max_age: None, max_bytes: None } => Cleanup::KeepForever,
        other @ (Cleanup::KeepForever | Cleanup::Retain { .. } | Cleanup::Compact) => other,
    }
}

fn same(wanted: &TopicSpec, existing: TopicSpec) -> Result<(), CreateTopicError> {
    if existing.partitions == wanted.partitions && existing.cleanup == plain(wanted.cleanup) {
        Ok(())
    } else {
        Err(CreateTopicError::Different { existing })
    }
}

/// A topic's configuration: what the contract promises, and nothing that it leaves open.
fn configuration(
    spec: &TopicSpec,
    min_in_sync: u16,
) -> Result<Vec<(&'static str, String)>, CreateTopicError> {
    let number = |value: u128, what: &str| {
        let reason = format!("{what} is at most {}", i64::MAX);
        i64::try_from(value).map_err(|_| CreateTopicError::Refused { reason })
    };
    let (policy, age, bytes) = match spec.cleanup {
        Cleanup::KeepForever => ("delete", -1, -1),
        Cleanup::Compact => ("compact", -1, -1),
        Cleanup::Retain { max_age, max_bytes } => {
            let age = max_age.map(|age| number(age.as_millis(), "max_age in milliseconds")).transpose()?;
            let bytes = max_bytes.map(|bytes| number(bytes.into(), "max_bytes")).transpose()?;
            ("delete", age.unwrap_or(-1), bytes.unwrap_or(-1))
        }
    };
    Ok(vec![
        ("cleanup.policy", policy.to_owned()),
        ("retention.ms", age.to_string()),
        ("retention.bytes", bytes.to_string()),
        ("delete.retention.ms", TOMBSTONE_RETENTION.as_millis().to_string()),
        ("min.insync.replicas", min_in_sync.to_string()),
        ("unclean.leader.election.enable", "false".to_owned()),
        ("max.message.bytes", (2 * MAX_WIRE_BYTES).to_string()),
        // The times of records are the writer's, and a correction may lie far back or ahead.
        ("message.timestamp.type", "CreateTime".to_owned()),
        ("message.timestamp.before.max.ms", i64::MAX.to_string()),
        ("message.timestamp.after.max.ms", i64::MAX.to_string()),
    ])
}

/// The reverse of [`configuration`]; `None` for a policy that the contract has no word for.
fn cleanup(resource: &ConfigResource) -> Option<Cleanup> {
    let value = |name: &str| resource.get(name).and_then(|entry| entry.value.as_deref());
    let bound = |name: &str| value(name).and_then(|value| value.parse::<u64>().ok());
    match value("cleanup.policy")? {
        "compact" => Some(Cleanup::Compact),
        "delete" => Some(plain(Cleanup::Retain {
            max_age: bound("retention.ms").map(Duration::from_millis),
            max_bytes: bound("retention.bytes"),
        })),
        _ => None,
    }
}

fn create_error(fault: Fault) -> CreateTopicError {
    match fault {
        Fault::NotAuthorized(reason) | Fault::Unauthenticated(reason) => {
            CreateTopicError::NotAuthorized { reason }
        }
        Fault::Refused(reason) => CreateTopicError::Refused { reason },
        other @ (Fault::UnknownTopic
        | Fault::UnknownPartition
        | Fault::Fenced
        | Fault::StaleMember
        | Fault::Purged
        | Fault::Unavailable(_)) => CreateTopicError::Unavailable { reason: other.reason() },
    }
}

fn unreadable(fault: Fault) -> ReadError {
    match fault {
        Fault::NotAuthorized(reason) | Fault::Unauthenticated(reason) => ReadError::NotAuthorized { reason },
        other @ (Fault::UnknownTopic
        | Fault::UnknownPartition
        | Fault::Fenced
        | Fault::StaleMember
        | Fault::Refused(_)
        | Fault::Purged
        | Fault::Unavailable(_)) => ReadError::Unavailable { reason: other.reason() },
    }
}

#[cfg(test)]
mod tests {
    use rdkafka::admin::{ConfigEntry, ConfigSource};

    use super::*;

    fn stored(spec: &TopicSpec) -> ConfigResource {
        let entry = |(name, value): (&str, String)| ConfigEntry {
            name: name.to_owned(),
            value: Some(value),
            source: ConfigSource::DynamicTopic,
            is_read_only: false,
            is_default: false,
            is_sensitive: false,
        };
        let entries =
            configuration(spec, 2).expect("within Kafka's numbers").into_iter().map(entry).collect();
        ConfigResource { specifier: OwnedResourceSpecifier::Topic("t".to_owned()), entries }
    }

    #[test]
    fn a_description_comes_back_from_the_configuration() {
        let retain = |max_age, max_bytes| Cleanup::Retain { max_age, max_bytes };
        let policies = [
            Cleanup::KeepForever,
            Cleanup::Compact,
            retain(Some(Duration::from_millis(7)), None),
            retain(None, Some(0)),
            retain(Some(Duration::ZERO), Some(u64::MAX / 2)),
        ];
        for policy in policies {
            let spec = TopicSpec::new(Topic::new("t").expect("valid"), 1).with_cleanup(policy);
            assert_eq!(cleanup(&stored(&spec)), Some(policy));
        }
    }

    #[test]
    fn a_bound_that_kafka_cannot_hold_is_refused() {
        let policy = Cleanup::Retain { max_age: None, max_bytes: Some(u64::MAX) };
        let spec = TopicSpec::new(Topic::new("t").expect("valid"), 1).with_cleanup(policy);
        assert!(matches!(configuration(&spec, 1), Err(CreateTopicError::Refused { .. })));
    }
}
