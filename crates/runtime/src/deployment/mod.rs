//! A topology as it is laid out on a log: which topics stand for its sources, sinks and stores, and their partitions.

mod error;
mod part;

use std::collections::BTreeMap;
use std::sync::Arc;

use topspin_log::{
    Cleanup, CreateTopicError, GroupId, Log, Offset, Partition, Timestamp, Topic, TopicPartition, TopicSpec,
};
use topspin_stream::{SinkKind, SourceKind, Subtopology, Topology};

pub use self::error::DeployError;
pub(crate) use self::part::{Input, Part, Sink, Source, Which};
use crate::limits::MAX_SOURCE_NAME_BYTES;
use crate::local::Origin;
use crate::{Generation, Names};

/// Tells the time of what is written to compacted topics: the machine's clock in production.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Where a generation begins in a stream that it has not read before. Tables, clocks and what the application itself
/// writes are always read from their beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StartFrom {
    /// At the first record that there is.
    Beginning,
    /// At the first record of each partition whose time is this or later. What comes after it is read, whatever its
    /// time.
    Time(Timestamp),
    /// At these offsets; partitions that are not named, at their beginning.
    Offsets(BTreeMap<TopicPartition, Offset>),
}

/// How a topology is laid out.
#[derive(Clone)]
pub struct DeploymentConfig {
    /// Which generation this is; another one stands beside it on the log.
    pub generation: Generation,
    /// Where it begins.
    pub start: StartFrom,
    /// What time it is.
    pub clock: Clock,
    /// Names the changelogs that this start creates, if it does: never the same twice.
    pub origin: Origin,
}

/// A topology on a log.
pub struct Deployment {
    names: Names,
    version: u32,
    parts: Vec<Arc<Part>>,
    dead_letters: TopicPartition,
}

impl Deployment {
    /// Creates what is missing on the log, and checks what is there.
    ///
    /// # Errors
    /// [`DeployError`]: topics that were created stay.
    pub async fn create(
        log: &dyn Log,
        topology: &Topology,
        config: &DeploymentConfig,
    ) -> Result<Self, DeployError> {
        let names = Names::new(topology.name(), config.generation)?;
        let dead_letters = names.dead_letters()?;
        for topic in [dead_letters.clone(), names.active()?] {
            create(log, &TopicSpec::new(topic, 1).with_cleanup(Cleanup::Compact)).await?;
        }
        let dead_letters = TopicPartition::new(dead_letters, Partition(0));
        let counts = Counts::resolve(log, &names, topology).await?;
        let mut parts = Vec::new();
        for (subtopology, partitions) in topology.subtopologies().iter().zip(&counts.parts) {
            let laying = Laying { log, names: &names, counts: &counts, partitions: *partitions };
            parts.push(Arc::new(laying.part(subtopology, config, &dead_letters).await?));
        }
        Ok(Self { names, version: topology.version(), parts, dead_letters })
    }

    /// What it is called.
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The version of the topology.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The subtopologies, as the topology has them.
    pub(crate) fn parts(&self) -> &[Arc<Part>] {
        &self.parts
    }

    /// The tasks: each subtopology with its number of partitions.
    pub fn tasks(&self) -> impl Iterator<Item = (&str, u32)> {
        self.parts.iter().map(|part| (part.name.as_str(), part.partitions))
    }

    /// Where records go that cannot be processed.
    pub fn dead_letters(&self) -> &TopicPartition {
        &self.dead_letters
    }

    /// Every topic that only this generation uses: once it is stopped for good, they can be deleted.
    pub fn own_topics(&self) -> Vec<Topic> {
        let mut topics: Vec<Topic> = Vec::new();
        for part in &self.parts {
            topics.push(part.changelog.clone());
            topics.push(part.retry.clone());
            topics.extend(part.sinks.iter().map(|sink| sink.topic.clone()));
        }
        topics.sort();
        topics.dedup();
        topics
    }
}

/// How many partitions everything has.
struct Counts {
    /// Of each subtopology.
    parts: Vec<u32>,
    /// Of each topic between subtopologies, by the topology's name for it.
    between: BTreeMap<String, u32>,
    /// Of each other source.
    sources: BTreeMap<String, u32>,
}

impl Counts {
    async fn resolve(log: &dyn Log, names: &Names, topology: &Topology) -> Result<Self, DeployError> {
        let mut counts = Self { parts: Vec::new(), between: BTreeMap::new(), sources: BTreeMap::new() };
        for subtopology in topology.subtopologies() {
            let mut own = None;
            for source in subtopology.sources() {
                if source.kind == SourceKind::Repartition {
                    continue;
                }
                let count = log.topic(&Topic::new(&source.topic)?).await?.partitions;
                counts.sources.insert(source.topic.clone(), count);
                if !source.kind.is_everywhere() {
                    let expected = *own.get_or_insert(count);
                    check(&source.topic, count, expected)?;
                }
            }
            let inner = subtopology.sources().iter().filter(|source| source.kind == SourceKind::Repartition);
            let inner: Vec<&String> = inner.map(|source| &source.topic).collect();
            let written = inner.iter().filter_map(|topic| counts.between.get(*topic)).max().copied();
            let own = own
                .or(written)
                .ok_or_else(|| DeployError::NoSource { subtopology: subtopology.name().to_owned() })?;
            counts.between.extend(inner.into_iter().map(|topic| (topic.clone(), own)));
            let outward = subtopology.sinks().iter().filter(|sink| sink.kind == SinkKind::Repartition);
            for sink in outward {
                counts.between.entry(sink.topic.clone()).or_insert(own);
            }
            counts.parts.push(own);
        }
        for (topic, partitions) in &counts.between {
            // Kept for ever: what is not processed yet must not go, however old it is.
            create(log, &TopicSpec::new(names.repartition(topic)?, *partitions)).await?;
        }
        Ok(counts)
    }
}

fn check(topic: &str, partitions: u32, expected: u32) -> Result<(), DeployError> {
    if partitions == expected {
        return Ok(());
    }
    Err(DeployError::NotCoPartitioned { topic: topic.to_owned(), partitions, expected })
}

/// Lays out one subtopology.
struct Laying<'a> {
    log: &'a dyn Log,
    names: &'a Names,
    counts: &'a Counts,
    partitions: u32,
}

impl Laying<'_> {
    async fn part(
        &self,
        subtopology: &Subtopology,
        config: &DeploymentConfig,
        dead_letters: &TopicPartition,
    ) -> Result<Part, DeployError> {
        let name = subtopology.name();
        let changelog = self.names.changelog(name)?;
        let retry = self.names.retry(name)?;
        create(self.log, &TopicSpec::new(changelog.clone(), self.partitions).with_cleanup(Cleanup::Compact))
            .await?;
        create(self.log, &TopicSpec::new(retry.clone(), self.partitions)).await?;
        let sources: Vec<Source> =
            subtopology.sources().iter().map(|source| self.source(source)).collect::<Result<_, _>>()?;
        let mut sinks = Vec::new();
        for sink in subtopology.sinks() {
            sinks.push(self.sink(&sink.topic, sink.kind).await?);
        }
        let inputs: Vec<Input> =
            sources.iter().enumerate().flat_map(|(number, source)| self.inputs(number, source)).collect();
        let lead = inputs.iter().position(|input| !sources[input.source].kind.is_everywhere());
        Ok(Part {
            name: name.to_owned(),
            names: self.names.clone(),
            subtopology: subtopology.clone(),
            partitions: self.partitions,
            lead: lead.ok_or_else(|| DeployError::NoSource { subtopology: name.to_owned() })?,
            sources,
            inputs,
            sinks,
            changelog,
            retry,
            dead_letters: dead_letters.clone(),
            group: self.names.group(name)?,
            side_group: self.names.side_group(name)?,
            start: config.start.clone(),
            clock: config.clock.clone(),
            origin: config.origin,
        })
    }

    fn source(&self, source: &topspin_stream::SourceSpec) -> Result<Source, DeployError> {
        let named = source.kind != SourceKind::Repartition;
        if named && source.topic.len() > MAX_SOURCE_NAME_BYTES {
            return Err(DeployError::LongName { topic: source.topic.clone(), max: MAX_SOURCE_NAME_BYTES });
        }
        let partitions = self.partitions_of(&source.topic, source.kind);
        let topic = match source.kind {
            SourceKind::Repartition => self.names.repartition(&source.topic)?,
            SourceKind::Stream | SourceKind::Table | SourceKind::Ticks | SourceKind::Broadcast => {
                Topic::new(&source.topic)?
            }
        };
        match source.kind {
            SourceKind::Ticks if partitions == 1 => {}
            SourceKind::Broadcast => {}
            SourceKind::Stream | SourceKind::Table | SourceKind::Ticks | SourceKind::Repartition => {
                check(&source.topic, partitions, self.partitions)?;
            }
        }
        Ok(Source { topic, name: source.topic.clone(), kind: source.kind })
    }

    /// What a task reads of a source: of a broadcast table everything, as of a clock of one partition.
    fn inputs(&self, number: usize, source: &Source) -> Vec<Input> {
        let partitions = self.partitions_of(&source.name, source.kind);
        let everyone = |partition| Input { source: number, which: Which::Everyone(Partition(partition)) };
        match source.kind {
            SourceKind::Broadcast => (0..partitions).map(everyone).collect(),
            SourceKind::Ticks if partitions == 1 => vec![everyone(0)],
            SourceKind::Stream | SourceKind::Table | SourceKind::Ticks | SourceKind::Repartition => {
                vec![Input { source: number, which: Which::Own }]
            }
        }
    }

    fn partitions_of(&self, topic: &str, kind: SourceKind) -> u32 {
        let counts = match kind {
            SourceKind::Repartition => &self.counts.between,
            SourceKind::Stream | SourceKind::Table | SourceKind::Ticks | SourceKind::Broadcast => {
                &self.counts.sources
            }
        };
        counts.get(topic).copied().unwrap_or(0)
    }

    async fn sink(&self, topic: &str, kind: SinkKind) -> Result<Sink, DeployError> {
        let (topic, cleanup) = match kind {
            SinkKind::Repartition => (self.names.repartition(topic)?, Cleanup::KeepForever),
            SinkKind::View => (self.names.output(topic)?, Cleanup::Compact),
            SinkKind::Stream => (self.names.output(topic)?, Cleanup::KeepForever),
        };
        let spec = TopicSpec::new(topic.clone(), self.partitions).with_cleanup(cleanup);
        let partitions = match self.log.create_topic(&spec).await {
            Ok(()) => self.partitions,
            // Who made it before may have chosen how many partitions it has, but not what becomes of its records.
            Err(CreateTopicError::Different { existing }) if existing.cleanup == cleanup => {
                existing.partitions
            }
            Err(error) => return Err(error.into()),
        };
        Ok(Sink { kind, partitions: TopicSpec { partitions, ..spec }.topic_partitions().collect(), topic })
    }
}

async fn create(log: &dyn Log, spec: &TopicSpec) -> Result<(), DeployError> {
    Ok(log.create_topic(spec).await?)
}

impl Part {
    /// The group whose position says where a task goes on in an input.
    pub(crate) fn group_of(
        &self,
        input: usize,
        partition: Partition,
    ) -> Result<GroupId, topspin_log::NameError> {
        match self.inputs.get(input).map(|read| read.which) {
            Some(_) if input == self.lead => Ok(self.group.clone()),
            Some(Which::Everyone(_)) => self.names.own_group(&self.name, partition),
            // The last one is what is tried again.
            Some(Which::Own) | None => Ok(self.side_group.clone()),
        }
    }

    /// What a task reads as an input; the one after the last is what is tried again.
    pub(crate) fn read_by(&self, input: usize, partition: Partition) -> TopicPartition {
        match self.inputs.get(input) {
            Some(Input { source, which: Which::Own }) => {
                TopicPartition::new(self.sources[*source].topic.clone(), partition)
            }
            Some(Input { source, which: Which::Everyone(all) }) => {
                TopicPartition::new(self.sources[*source].topic.clone(), *all)
            }
            None => TopicPartition::new(self.retry.clone(), partition),
        }
    }

    /// The source of an input, by its number; `None` for what is tried again.
    pub(crate) fn source_of(&self, input: usize) -> Option<usize> {
        self.inputs.get(input).map(|input| input.source)
    }

    /// How many partitions a task reads, with what is tried again.
    pub(crate) fn inputs(&self) -> usize {
        self.inputs.len() + 1
    }
}
