//! Several partitions: what is found in two stages is what one place would find.

use std::cmp::Reverse;
use std::collections::VecDeque;
use std::num::NonZeroU32;

use proptest::prelude::*;
use topspin_stream::memory::Memory;
use topspin_stream::{
    Builder, CauseId, Input, Instance, SinkKind, SourceKind, Subtopology, Time, Topology, Tumbling,
    encode_value,
};

use crate::rig::{Bag, Collected, Said, add, changes, observe, split};

const PARTITIONS: usize = 3;

/// All subtopologies on all partitions, with queues for the repartition topics.
struct Cluster {
    tasks: Vec<(Subtopology, usize, Instance, Memory)>,
    said: Bag<Vec<u8>, Vec<u8>>,
    sent: usize,
}

struct Waiting {
    topic: String,
    partition: usize,
    key: Vec<u8>,
    value: Vec<u8>,
}

impl Cluster {
    fn new(topology: &Topology) -> Self {
        let on = |part: &Subtopology, partition| {
            (part.clone(), partition, part.instantiate(), Memory::new(part.stores().len()))
        };
        let parts = topology.subtopologies().iter();
        let tasks =
            parts.flat_map(|part| (0..PARTITIONS).map(move |partition| on(part, partition))).collect();
        Self { tasks, said: Bag::new(), sent: 0 }
    }

    fn change(&mut self, partition: usize, rows: &[(u8, Said, i64)]) {
        let mut value = Vec::new();
        encode_value(&rows, &mut value);
        self.settle(VecDeque::from([Waiting {
            topic: "changes".to_owned(),
            partition,
            key: Vec::new(),
            value,
        }]));
    }

    fn tick(&mut self, now: i64) {
        let value = Time(now).to_tick().to_vec();
        let on = |partition| Waiting {
            topic: "ticks".to_owned(),
            partition,
            key: Vec::new(),
            value: value.clone(),
        };
        self.settle((0..PARTITIONS).map(on).collect());
    }

    fn settle(&mut self, mut waiting: VecDeque<Waiting>) {
        while let Some(record) = waiting.pop_front() {
            self.process(&record, &mut waiting);
        }
    }

    fn process(&mut self, record: &Waiting, waiting: &mut VecDeque<Waiting>) {
        for (part, partition, instance, state) in &mut self.tasks {
            let source = part.sources().iter().position(|source| source.topic == record.topic);
            let Some(source) = source.filter(|_| *partition == record.partition) else { continue };
            let input = Input {
                source,
                key: Some(&record.key),
                value: Some(&record.value),
                headers: &[],
                timestamp: Time(0),
                sequence: 0,
                cause: CauseId::new(b"cause").expect("short"),
            };
            let mut out = Collected::default();
            let _ = instance.process(input, state, &mut out).expect("a possible change");
            for (sink, key, value) in out.records {
                let value = value.expect("no tombstones");
                let sink = &part.sinks()[sink];
                if sink.kind == SinkKind::Repartition {
                    let partition = key.iter().map(|byte| usize::from(*byte)).sum::<usize>() % PARTITIONS;
                    self.sent += 1;
                    waiting.push_back(Waiting { topic: sink.topic.clone(), partition, key, value });
                } else {
                    let (weight, rest) = split(&value);
                    add(&mut self.said, (key, rest.to_vec()), weight);
                }
            }
        }
    }
}

fn boards(count: NonZeroU32) -> Topology {
    let builder = Builder::new("boards", 1);
    let scopes = changes(&builder, "changes").map("scopes", |key, said| (*key, *said));
    let top = scopes.top_everywhere("top", "boards.top", count, |_, said| Reverse(*said));
    observe(&top, "out");
    builder.build().expect("a topology")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_top_everywhere_is_the_top_of_all_rows(
        history in prop::collection::vec((0..PARTITIONS, 0_u8..3, (0_i64..12, 0_u8..2), -2_i64..3), 1..120),
        count in 1_u32..5,
    ) {
        let mut cluster = Cluster::new(&boards(NonZeroU32::new(count).expect("not zero")));
        let mut there: Bag<(usize, u8), Said> = Bag::new();
        for (partition, scope, said, weight) in history {
            let row = ((partition, scope), said);
            let weight = weight.max(-there.get(&row).copied().unwrap_or(0));
            cluster.change(partition, &[(scope, said, weight)]);
            add(&mut there, row, weight);
            let mut expected = Bag::new();
            for scope in 0..3_u8 {
                let of = there.iter().filter(|(((_, s), _), _)| *s == scope);
                let mut all: Vec<Said> = of.flat_map(|((_, said), n)| vec![*said; *n as usize]).collect();
                all.sort_by(|a, b| b.cmp(a));
                for said in all.into_iter().take(count as usize) {
                    let mut value = Vec::new();
                    encode_value(&said, &mut value);
                    add(&mut expected, (vec![scope], value), 1);
                }
            }
            prop_assert_eq!(&cluster.said, &expected);
        }
    }
}

/// The longest of each scope and of everything, within a window: what comes late, is corrected or expires somewhere is
/// seen where the scope lives.
fn recent_boards() -> Topology {
    let builder = Builder::new("recent", 1);
    let ticks = builder.ticks("ticks");
    let window = Tumbling { size_ms: 1, kept: 30 };
    let recent = changes(&builder, "changes").tumbling("recent", &ticks, window, |_, said| Time(said.0));
    let scopes = recent.flat_map("scopes", |(scope, _), said| [(*scope, *said), (9, *said)]);
    let top = scopes.top_everywhere("top", "recent.top", NonZeroU32::MIN, |_, said| (Reverse(said.1), *said));
    observe(&top, "out");
    builder.build().expect("a topology")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn boards_of_a_window_over_partitions(
        history in prop::collection::vec(
            (0..PARTITIONS, 0_u8..3, (0_i64..100, 0_u8..9), -2_i64..3, 0_i64..8), 1..120),
    ) {
        let mut cluster = Cluster::new(&recent_boards());
        let mut there: Bag<(usize, u8), Said> = Bag::new();
        let mut now = 0;
        for (partition, scope, said, weight, pass) in history {
            let row = ((partition, scope), said);
            let weight = weight.max(-there.get(&row).copied().unwrap_or(0));
            cluster.change(partition, &[(scope, said, weight)]);
            add(&mut there, row, weight);
            now += pass;
            cluster.tick(now);
            let mut expected = Bag::new();
            for board in [0, 1, 2, 9_u8] {
                let of = there.keys().filter(|((_, scope), _)| board == 9 || *scope == board);
                let in_it = of.map(|(_, said)| *said).filter(|said| said.0 <= now && said.0 > now - 30);
                if let Some(first) = in_it.min_by_key(|said| (Reverse(said.1), *said)) {
                    let mut value = Vec::new();
                    encode_value(&first, &mut value);
                    expected.insert((vec![board], value), 1);
                }
            }
            prop_assert_eq!(&cluster.said, &expected);
        }
    }
}

/// A row below a partition's own boundary stays there.
#[test]
fn only_what_changes_the_first_places_is_sent() {
    let mut cluster = Cluster::new(&boards(NonZeroU32::new(2).expect("two")));
    for number in (0..1_000).rev() {
        cluster.change(0, &[(0, (number, 0), 1)]);
    }
    assert_eq!(cluster.sent, 2);
    cluster.change(0, &[(0, (999, 0), -1)]);
    assert_eq!(cluster.sent, 3, "what goes and what takes its place are one record");
}

#[test]
fn a_topology_is_cut_at_its_repartition_topics() {
    let topology = boards(NonZeroU32::MIN);
    let parts = topology.subtopologies();
    let names: Vec<&str> = parts.iter().map(Subtopology::name).collect();
    assert_eq!(names, ["changes", "boards.top"]);
    assert_eq!(parts[0].sinks()[0].topic, "boards.top");
    assert_eq!(parts[1].sources()[0].kind, SourceKind::Repartition);
}

/// The clock ties nothing together: each part that uses it has its own copy.
#[test]
fn a_clock_belongs_to_every_part_that_reads_it() {
    let builder = Builder::new("clocks", 1);
    let ticks = builder.ticks("ticks");
    let rows = changes(&builder, "changes").deduplicate("first", &ticks, 5, |_, said| *said);
    observe(&rows.repartition("moved").deduplicate("second", &ticks, 5, |_, said| *said), "out");
    let topology = builder.build().expect("a topology");
    let kinds: Vec<Vec<SourceKind>> = topology
        .subtopologies()
        .iter()
        .map(|part| part.sources().iter().map(|source| source.kind).collect())
        .collect();
    assert_eq!(
        kinds,
        [vec![SourceKind::Ticks, SourceKind::Stream], vec![SourceKind::Ticks, SourceKind::Repartition]]
    );
    assert_eq!(topology.subtopologies()[1].name(), "moved");
}
