//! Runs a topology on several partitions in memory, as a log with tasks would.

use std::collections::{BTreeMap, VecDeque};

use topspin_stream::memory::Memory;
use topspin_stream::{
    CauseId, Emit, Input, Instance, Output, Progress, SinkKind, SourceKind, Subtopology, Time, Topology,
};

const PARTITIONS: usize = 3;

/// All subtopologies on all partitions.
pub struct Cluster {
    tasks: Vec<Task>,
    /// The latest record of each key, by topic.
    pub views: BTreeMap<String, BTreeMap<Vec<u8>, Vec<u8>>>,
    /// The records of streams, by topic.
    pub streams: BTreeMap<String, Vec<Vec<u8>>>,
    causes: u64,
}

struct Task {
    part: Subtopology,
    partition: usize,
    instance: Instance,
    state: Memory,
}

struct Record {
    topic: String,
    partition: usize,
    key: Vec<u8>,
    value: Option<Vec<u8>>,
    /// Of what is repartitioned, the time of the cause is in it.
    at: i64,
}

#[derive(Default)]
struct Said(Vec<(usize, Vec<u8>, Option<Vec<u8>>)>);

impl Emit for Said {
    fn emit(&mut self, output: Output<'_>) {
        self.0.push((output.sink, output.key.to_vec(), output.value.map(<[u8]>::to_vec)));
    }
}

impl Cluster {
    pub fn new(topology: &Topology) -> Self {
        let task = |part: &Subtopology, partition| Task {
            part: part.clone(),
            partition,
            instance: part.instantiate(),
            state: Memory::new(part.stores().len()),
        };
        let parts = topology.subtopologies().iter();
        let tasks =
            parts.flat_map(|part| (0..PARTITIONS).map(move |partition| task(part, partition))).collect();
        Cluster { tasks, views: BTreeMap::new(), streams: BTreeMap::new(), causes: 0 }
    }

    /// One record of a topic that is partitioned by key, or that every task reads whole.
    pub fn record(&mut self, topic: &str, key: &[u8], value: Option<&[u8]>, at: i64) {
        let record = Record {
            topic: topic.to_owned(),
            partition: partition(key),
            key: key.to_vec(),
            value: value.map(<[u8]>::to_vec),
            at,
        };
        self.settle(VecDeque::from([record]));
    }

    /// A tick, which every task reads.
    pub fn tick(&mut self, now: i64) {
        let on = |partition| Record {
            topic: topspin_insight::CLOCK.to_owned(),
            partition,
            key: Vec::new(),
            value: Some(Time(now).to_tick().to_vec()),
            at: now,
        };
        self.settle((0..PARTITIONS).map(on).collect());
    }

    /// What is in memory only is gone.
    pub fn restart(&mut self) {
        for task in &mut self.tasks {
            task.instance = task.part.instantiate();
        }
    }

    fn settle(&mut self, mut waiting: VecDeque<Record>) {
        while let Some(record) = waiting.pop_front() {
            for index in 0..self.tasks.len() {
                self.process(index, &record, &mut waiting);
            }
        }
    }

    fn process(&mut self, index: usize, record: &Record, waiting: &mut VecDeque<Record>) {
        let task = &mut self.tasks[index];
        let source = task.part.sources().iter().position(|source| source.topic == record.topic);
        let mine = |source: &usize| {
            task.part.sources()[*source].kind == SourceKind::Broadcast || task.partition == record.partition
        };
        let Some(source) = source.filter(mine) else { return };
        self.causes += 1;
        let is_tick = task.part.sources()[source].kind == SourceKind::Ticks;
        loop {
            let input = Input {
                source,
                key: Some(&record.key).filter(|_| !is_tick).map(Vec::as_slice),
                value: record.value.as_deref(),
                headers: &[],
                timestamp: Time(record.at),
                sequence: self.causes,
                cause: CauseId::new(&self.causes.to_be_bytes()).expect("short"),
            };
            let mut said = Said::default();
            let progress = task.instance.process(input, &mut task.state, &mut said).expect("no poison");
            for (sink, key, value) in said.0 {
                let sink = &task.part.sinks()[sink];
                match sink.kind {
                    SinkKind::Repartition => {
                        let partition = partition(&key);
                        let (topic, at) = (sink.topic.clone(), record.at);
                        waiting.push_back(Record { topic, partition, key, value, at });
                    }
                    SinkKind::Stream => {
                        self.streams.entry(sink.topic.clone()).or_default().extend(value);
                    }
                    SinkKind::View => {
                        let view = self.views.entry(sink.topic.clone()).or_default();
                        match value {
                            Some(value) => view.insert(key, value),
                            None => view.remove(&key),
                        };
                    }
                }
            }
            if progress == Progress::Done {
                return;
            }
        }
    }
}

fn partition(key: &[u8]) -> usize {
    key.iter().map(|byte| usize::from(*byte)).sum::<usize>() % PARTITIONS
}
