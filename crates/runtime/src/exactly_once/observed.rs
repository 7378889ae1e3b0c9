//! What has come out.

use std::collections::BTreeMap;

use bytes::Bytes;
use topspin_log::{BatchLimit, Committed, Log, Start, Topic, TopicPartition};

use super::trial::TABOO;
use crate::{DeadLetters, Generation, LetterStanding, Names};

/// The outputs of the trial, each as a reader of committed records has them in the end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outputs {
    /// Of the view.
    pub totals: BTreeMap<Bytes, Bytes>,
    /// Of the view.
    pub named: BTreeMap<Bytes, Bytes>,
    /// Every record of the stream, ordered.
    pub said: Vec<(Bytes, Bytes)>,
    /// How many open dead letters: of the words as they came, and of those that may not be said.
    pub letters: BTreeMap<String, usize>,
}

/// Every committed record that is visible.
pub async fn records(log: &dyn Log, partition: &TopicPartition) -> Vec<Committed> {
    let end = log.end_offset(partition).await.expect("readable");
    let mut reader = log.reader(partition, Start::Beginning).await.expect("a reader");
    let mut records = Vec::new();
    while reader.position() < end {
        records.extend(reader.try_next_batch(BatchLimit::default()).await.expect("readable"));
    }
    records
}

/// The latest value of each key of a topic.
pub async fn table(log: &dyn Log, topic: &Topic) -> BTreeMap<Bytes, Bytes> {
    let mut rows = BTreeMap::new();
    for committed in all(log, topic).await {
        let key = committed.record.key.expect("a compacted topic has keys");
        match committed.record.value {
            Some(value) => rows.insert(key, value),
            None => rows.remove(&key),
        };
    }
    rows
}

/// Every record of every partition.
pub async fn all(log: &dyn Log, topic: &Topic) -> Vec<Committed> {
    let spec = log.topic(topic).await.expect("it exists");
    let mut found = Vec::new();
    for partition in spec.topic_partitions() {
        found.extend(records(log, &partition).await);
    }
    found
}

/// What a generation of the trial says.
pub async fn outputs(log: &std::sync::Arc<dyn Log>, app: &str, generation: Generation) -> Outputs {
    let names = Names::new(app, generation).expect("a valid name");
    let output = |topic| names.output(topic).expect("a valid name");
    let said = all(log.as_ref(), &output("said")).await.into_iter();
    let said = said.map(|committed| {
        (committed.record.key.unwrap_or_default(), committed.record.value.unwrap_or_default())
    });
    let mut said: Vec<(Bytes, Bytes)> = said.collect();
    said.sort();
    Outputs {
        totals: table(log.as_ref(), &output("totals")).await,
        named: table(log.as_ref(), &output("named")).await,
        said,
        letters: letters(log, app, generation).await,
    }
}

async fn letters(
    log: &std::sync::Arc<dyn Log>,
    app: &str,
    generation: Generation,
) -> BTreeMap<String, usize> {
    let office = DeadLetters::new(log.clone(), app, std::sync::Arc::new(super::trial::clock));
    let mut counts = BTreeMap::new();
    for letter in office.list(None).await.expect("readable") {
        let ours = letter.id.generation == generation && letter.standing == LetterStanding::Open;
        let kind = if letter.reason.contains(TABOO) { TABOO } else { letter.id.source.topic.as_str() };
        *counts.entry(kind.to_owned()).or_default() += usize::from(ours);
    }
    counts.retain(|_, count| *count > 0);
    counts
}

/// The state of a generation, as its changelogs have it.
pub async fn state(log: &dyn Log, app: &str, generation: Generation) -> BTreeMap<(Topic, Bytes), Bytes> {
    let prefix = format!("{app}.{generation}.");
    let mut rows = BTreeMap::new();
    for spec in log.topics().await.expect("readable") {
        let name = spec.topic.as_str();
        if name.starts_with(&prefix) && name.ends_with(".changelog") {
            let table = table(log, &spec.topic).await;
            let named = table.into_iter().filter(|(key, _)| !key.ends_with(b"~origin"));
            rows.extend(named.map(|(key, value)| ((spec.topic.clone(), key), value)));
        }
    }
    rows
}
