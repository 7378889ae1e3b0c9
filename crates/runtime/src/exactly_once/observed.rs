//! What has come out.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use topspin_log::{
    BatchLimit, Committed, GroupId, Log, Partition, ReadError, Reader, Start, Topic, TopicPartition,
};
use topspin_stream::{SourceKind, StoreSpec, Subtopology};

use super::trial::{TABOO, topology};
use crate::{DeadLetters, Deployment, Generation, Listed, Names};

/// The outputs of the trial, each as a reader of committed records has them in the end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outputs {
    /// Of the view.
    pub totals: BTreeMap<Bytes, Bytes>,
    /// Of the view.
    pub recent: BTreeMap<Bytes, Bytes>,
    /// Of the view.
    pub weighed: BTreeMap<Bytes, Bytes>,
    /// Of the view.
    pub named: BTreeMap<Bytes, Bytes>,
    /// Every record of the stream, ordered.
    pub said: Vec<(Bytes, Bytes)>,
    /// How many open dead letters: of the words as they came, and of those that may not be said.
    pub letters: BTreeMap<String, usize>,
}

/// Every committed record that is visible.
pub async fn records(log: &dyn Log, partition: &TopicPartition) -> Vec<Committed> {
    let mut seen = Seen::new(log.reader(partition, Start::Beginning).await.expect("a reader"));
    seen.look(log).await.expect("readable");
    seen.records
}

/// A partition as far as it was read.
struct Seen {
    reader: Box<dyn Reader>,
    records: Vec<Committed>,
}

impl Seen {
    fn new(reader: Box<dyn Reader>) -> Self {
        Self { reader, records: Vec::new() }
    }

    /// Reads what has come since.
    async fn look(&mut self, log: &dyn Log) -> Result<(), ReadError> {
        let end = log.end_offset(self.reader.partition()).await?;
        while self.reader.position() < end {
            self.records.extend(self.reader.try_next_batch(BatchLimit::default()).await?);
        }
        Ok(())
    }
}

/// Somebody who looks again and again whether everything was read, as an [`Onlooker`] does: with one reader for each
/// partition.
#[derive(Default)]
pub struct Overseer {
    partitions: BTreeMap<TopicPartition, Seen>,
}

impl Overseer {
    /// Whether nothing comes after the positions of a deployment's groups.
    pub async fn all_read(&mut self, log: &dyn Log, deployment: &Deployment) -> bool {
        for part in deployment.parts() {
            for partition in (0..part.partitions).map(Partition) {
                for input in 0..part.inputs() {
                    let group = part.group_of(input, partition).expect("a valid name");
                    if !self.is_read(log, &group, part.read_by(input, partition)).await {
                        return false;
                    }
                }
            }
        }
        true
    }

    async fn is_read(&mut self, log: &dyn Log, group: &GroupId, partition: TopicPartition) -> bool {
        let committed = log.committed_position(group, &partition).await.expect("readable");
        let mut seen = match self.partitions.remove(&partition) {
            Some(seen) => seen,
            None => Seen::new(log.reader(&partition, Start::Beginning).await.expect("a reader")),
        };
        match seen.look(log).await {
            // What was processed is removed from between subtopologies: look again, from where it begins then.
            Err(ReadError::Trimmed { .. }) => return false,
            looked => looked.expect("readable"),
        }
        let last = seen.records.last().map(|last| last.offset);
        self.partitions.insert(partition, seen);
        last.is_none_or(|last| committed.is_some_and(|position| position > last))
    }
}

/// The latest value of each key of a topic.
pub async fn table(log: &dyn Log, topic: &Topic) -> BTreeMap<Bytes, Bytes> {
    latest(all(log, topic).await)
}

fn latest(records: Vec<Committed>) -> BTreeMap<Bytes, Bytes> {
    let mut rows = BTreeMap::new();
    for committed in records {
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
pub async fn outputs(log: &Arc<dyn Log>, app: &str, generation: Generation) -> Outputs {
    Onlooker::new(log, app, generation).await.outputs().await
}

/// Somebody who looks at the outputs of a generation again and again, and reads each record once: on a cluster a reader is
/// a client of its own.
pub struct Onlooker {
    log: Arc<dyn Log>,
    names: Names,
    totals: Vec<Seen>,
    recent: Vec<Seen>,
    weighed: Vec<Seen>,
    named: Vec<Seen>,
    said: Vec<Seen>,
}

impl Onlooker {
    /// Somebody who has seen nothing yet.
    pub async fn new(log: &Arc<dyn Log>, app: &str, generation: Generation) -> Self {
        let names = Names::new(app, generation).expect("a valid name");
        let open = async |topic| {
            let spec = log.topic(&names.output(topic).expect("a valid name")).await.expect("it exists");
            let mut partitions = Vec::new();
            for partition in spec.topic_partitions() {
                partitions.push(Seen::new(log.reader(&partition, Start::Beginning).await.expect("a reader")));
            }
            partitions
        };
        let (totals, recent) = (open("totals").await, open("recent").await);
        let (named, said, weighed) = (open("named").await, open("said").await, open("weighed").await);
        Self { log: log.clone(), names, totals, recent, weighed, named, said }
    }

    /// What the generation has said until now.
    pub async fn outputs(&mut self) -> Outputs {
        Outputs {
            said: self.said().await,
            totals: self.totals().await,
            recent: self.recent().await,
            weighed: self.weighed().await,
            named: self.named().await,
            letters: self.letters().await,
        }
    }

    /// Whether that is what it must be; looks no further than the first difference.
    pub async fn sees(&mut self, expected: &Outputs) -> bool {
        self.said().await == expected.said
            && self.totals().await == expected.totals
            && self.recent().await == expected.recent
            && self.weighed().await == expected.weighed
            && self.named().await == expected.named
            && self.letters().await == expected.letters
    }

    async fn said(&mut self) -> Vec<(Bytes, Bytes)> {
        let records = look(self.log.as_ref(), &mut self.said).await.into_iter();
        let mut said: Vec<_> = records
            .map(|Committed { record, .. }| {
                (record.key.unwrap_or_default(), record.value.unwrap_or_default())
            })
            .collect();
        said.sort();
        said
    }

    async fn totals(&mut self) -> BTreeMap<Bytes, Bytes> {
        latest(look(self.log.as_ref(), &mut self.totals).await)
    }

    async fn recent(&mut self) -> BTreeMap<Bytes, Bytes> {
        latest(look(self.log.as_ref(), &mut self.recent).await)
    }

    async fn weighed(&mut self) -> BTreeMap<Bytes, Bytes> {
        latest(look(self.log.as_ref(), &mut self.weighed).await)
    }

    async fn named(&mut self) -> BTreeMap<Bytes, Bytes> {
        latest(look(self.log.as_ref(), &mut self.named).await)
    }

    async fn letters(&self) -> BTreeMap<String, usize> {
        letters(&self.log, self.names.app(), self.names.generation()).await
    }
}

/// All that has come, partition by partition.
async fn look(log: &dyn Log, partitions: &mut [Seen]) -> Vec<Committed> {
    let mut records = Vec::new();
    for partition in partitions {
        partition.look(log).await.expect("readable");
        records.extend(partition.records.iter().cloned());
    }
    records
}

async fn letters(log: &Arc<dyn Log>, app: &str, generation: Generation) -> BTreeMap<String, usize> {
    let office = DeadLetters::new(log.clone(), app, Arc::new(super::trial::clock));
    let mut counts = BTreeMap::new();
    let page = office.list(Listed::Open, None).await.expect("readable");
    assert_eq!(page.next, None, "a trial has few dead letters");
    for letter in page.letters {
        let ours = letter.id.generation == generation;
        let kind = if letter.reason.contains(TABOO) { TABOO } else { letter.id.source.topic.as_str() };
        *counts.entry(kind.to_owned()).or_default() += usize::from(ours);
    }
    counts.retain(|_, count| *count > 0);
    counts
}

/// The state of a generation of the trial, as its changelogs have it; without the positions and the sequences of tables, as
/// a log may have gaps, and without how far a lookup has come with a record, as records come to it in any order.
pub async fn state(log: &dyn Log, app: &str, generation: Generation) -> BTreeMap<(Topic, Bytes), Bytes> {
    let names = Names::new(app, generation).expect("a valid name");
    let mut rows = BTreeMap::new();
    for part in topology().subtopologies() {
        let changelog = names.changelog(part.name()).expect("a valid name");
        let tables: Vec<_> = stores_of_tables(part).collect();
        let steps: Vec<_> = stores(part, |store| store.name == "weighing.steps").collect();
        for (key, value) in table(log, &changelog).await {
            if key.starts_with(b"\xff") || steps.iter().any(|store| key.starts_with(store)) {
                continue;
            }
            let of_table = tables.iter().any(|store| key.starts_with(store));
            let value = if of_table { without_sequence(&value) } else { value };
            rows.insert((changelog.clone(), key), value);
        }
    }
    rows
}

/// What the keys of the stores of tables begin with: their numbers.
fn stores_of_tables(part: &Subtopology) -> impl Iterator<Item = [u8; 2]> {
    let is_table = |kind| matches!(kind, SourceKind::Table | SourceKind::Broadcast);
    stores(part, move |store| {
        let mut sources = part.sources().iter();
        sources.any(|source| is_table(source.kind) && source.topic == store.name)
    })
}

/// The numbers of some stores, as keys begin with them.
fn stores(part: &Subtopology, which: impl Fn(&StoreSpec) -> bool) -> impl Iterator<Item = [u8; 2]> {
    let stores = part.stores().iter().zip(0_u16..);
    stores.filter(move |(store, _)| which(store)).map(|(_, number)| number.to_be_bytes())
}

/// The sequence is a varint before the value.
fn without_sequence(row: &Bytes) -> Bytes {
    let last = row.iter().position(|byte| *byte < 0x80).expect("a varint ends");
    row.slice(last + 1..)
}
