//! Drives one-partition topologies with changes and ticks, and adds up what they say.

use std::collections::BTreeMap;

use proptest::prelude::{Strategy, prop};
use topspin_stream::memory::Memory;
use topspin_stream::{
    Builder, CauseId, Emit, Input, Instance, Key, Output, ProcessError, Progress, Row, SinkKind, Stream,
    Subtopology, Ticks, Time, Topology, Value, decode_value, encode_value,
};

/// Rows that are there, with how often.
pub type Bag<K, V> = BTreeMap<(K, V), i64>;

/// What the tests' rows say: a number to order by, and one to tell apart.
pub type Said = (i64, u8);

/// One input.
#[derive(Debug, Clone)]
pub enum Step {
    /// So many rows come or go under keys, as one change.
    Change(Vec<(u8, Said, i64)>),
    /// The clock goes on by so many milliseconds.
    Pass(i64),
}

/// Histories in which rows come and go, several at once, more or less often, and time passes.
pub fn histories(
    orders: std::ops::Range<i64>,
    pass: std::ops::Range<i64>,
) -> impl Strategy<Value = Vec<Step>> {
    let row = (0_u8..3, (orders, 0_u8..3), -2_i64..4);
    let few = prop::collection::vec(row.clone(), 1..4);
    let change =
        proptest::prop_oneof![9 => few, 1 => prop::collection::vec(row, 20..60)].prop_map(Step::Change);
    let step = proptest::prop_oneof![4 => change, 1 => pass.prop_map(Step::Pass)];
    prop::collection::vec(step, 1..40)
}

/// Adds up, and keeps only what is there.
pub fn add<T: Ord>(bag: &mut BTreeMap<T, i64>, row: T, weight: i64) {
    let sum = bag.get(&row).copied().unwrap_or(0) + weight;
    if sum == 0 {
        bag.remove(&row)
    } else {
        bag.insert(row, sum)
    };
}

/// Adds up the rows of a sink that [`observe`] made.
#[derive(Default)]
pub struct Collected {
    pub records: Vec<(usize, Vec<u8>, Option<Vec<u8>>)>,
}

impl Emit for Collected {
    fn emit(&mut self, output: Output<'_>) {
        self.records.push((output.sink, output.key.to_vec(), output.value.map(<[u8]>::to_vec)));
    }
}

/// Changes from a topic: a stream whose rows come and go as the records say.
pub fn changes(builder: &Builder, topic: &str) -> Stream<u8, Said> {
    let decode = |input: &Input<'_>| {
        let rows: Vec<(u8, Said, i64)> =
            decode_value(input.value.unwrap_or_default()).map_err(|_| "no change")?;
        Ok(Some(((), rows)))
    };
    let machine = builder.stream(topic, decode).machine(
        &format!("{topic}.rows"),
        |(): &mut (), (), rows: &Vec<(u8, Said, i64)>, facts| {
            for (key, said, weight) in rows {
                for _ in 0..weight.abs() {
                    if *weight > 0 { facts.comes((*key, *said)) } else { facts.goes((*key, *said)) }
                }
            }
            Ok(())
        },
    );
    machine.refine(&format!("{topic}.keyed"), |(), (key, said)| (*key, *said))
}

/// Writes rows so that [`Rig`] can add them up.
pub fn observe<K: Key, V: Value>(stream: &Stream<K, V>, topic: &str) {
    stream.to_stream(topic, |row: &Row<K, V>, _, record| {
        row.key.encode(&mut record.key);
        encode_value(&(row.weight, &row.value), &mut record.value);
    });
}

/// One subtopology on one partition, with what it has said so far.
pub struct Rig {
    pub part: Subtopology,
    pub instance: Instance,
    pub state: Memory,
    pub said: BTreeMap<(Vec<u8>, Vec<u8>), i64>,
    /// What a reader of its views has: the latest record of each key, and how many there were.
    pub views: BTreeMap<Vec<u8>, Vec<u8>>,
    pub view_records: usize,
    pub now: Option<i64>,
    pub causes: u64,
}

impl Rig {
    /// `build` gets the changes and the clock; what it returns is observed.
    pub fn new<K: Key, V: Value>(build: impl FnOnce(&Stream<u8, Said>, &Ticks) -> Stream<K, V>) -> Self {
        let builder = Builder::new("test", 1);
        let rows = changes(&builder, "changes");
        let ticks = builder.ticks("ticks");
        observe(&build(&rows, &ticks), "out");
        Self::of(&builder.build().expect("a topology"))
    }

    pub fn of(topology: &Topology) -> Self {
        let part = topology.subtopologies()[0].clone();
        let state = Memory::new(part.stores().len());
        Self {
            instance: part.instantiate(),
            state,
            part,
            said: BTreeMap::new(),
            views: BTreeMap::new(),
            view_records: 0,
            now: None,
            causes: 0,
        }
    }

    pub fn source(&self, topic: &str) -> Option<usize> {
        self.part.sources().iter().position(|source| source.topic == topic)
    }

    /// Processes one record; takes back what it wrote if it is poison.
    pub fn record(&mut self, topic: &str, value: &[u8], at: i64) -> Result<Progress, ProcessError> {
        self.keyed(topic, None, Some(value), at)
    }

    /// As [`Rig::record`], for one that has a key, or is a tombstone.
    pub fn keyed(
        &mut self,
        topic: &str,
        key: Option<&[u8]>,
        value: Option<&[u8]>,
        at: i64,
    ) -> Result<Progress, ProcessError> {
        let Some(source) = self.source(topic) else { return Ok(Progress::Done) };
        self.causes += 1;
        let cause = CauseId::new(&self.causes.to_be_bytes()).expect("short");
        let input =
            Input { source, key, value, headers: &[], timestamp: Time(at), sequence: self.causes, cause };
        let mut out = Collected::default();
        self.state.mark();
        let done = self.instance.process(input, &mut self.state, &mut out);
        if done.is_err() {
            assert!(out.records.is_empty(), "poison says nothing");
            self.state.rollback();
        }
        for (sink, key, value) in out.records {
            if self.part.sinks()[sink].kind == SinkKind::View {
                self.view_records += 1;
                match value {
                    Some(value) => self.views.insert(key, value),
                    None => Some(self.views.remove(&key).expect("a tombstone for what is there")),
                };
                continue;
            }
            let value = value.expect("no tombstones here");
            let (weight, rest): (i64, _) = split(&value);
            add(&mut self.said, (key, rest.to_vec()), weight);
        }
        done
    }

    pub fn change(&mut self, rows: &[(u8, Said, i64)]) -> Result<Progress, ProcessError> {
        self.change_at(rows, 0)
    }

    pub fn change_at(&mut self, rows: &[(u8, Said, i64)], at: i64) -> Result<Progress, ProcessError> {
        let mut value = Vec::new();
        encode_value(&rows, &mut value);
        self.record("changes", &value, at)
    }

    /// Ticks until the windows have come to it.
    pub fn tick(&mut self, now: i64) {
        self.now = Some(now);
        while self.record("ticks", &Time(now).to_tick(), now).expect("a tick") == Progress::Again {}
    }

    /// What the observed stream holds now.
    pub fn bag<K: Key, V: Value>(&self) -> Bag<K, V> {
        let row = |((key, value), weight): (&(Vec<u8>, Vec<u8>), &i64)| {
            ((K::from_bytes(key).expect("a key"), decode_value(value).expect("a value")), *weight)
        };
        self.said.iter().map(row).collect()
    }

    /// All that is stored.
    pub fn stores(&self) -> Vec<BTreeMap<Vec<u8>, Vec<u8>>> {
        (0..self.part.stores().len()).map(|store| self.state.entries(store).clone()).collect()
    }

    pub fn store(&self, name: &str) -> usize {
        self.part.stores().iter().position(|store| store.name == name).expect("a store")
    }
}

pub fn split(value: &[u8]) -> (i64, &[u8]) {
    // A zigzag varint ends at the first byte below 128.
    let end = value.iter().position(|byte| *byte < 128).expect("a weight") + 1;
    (decode_value(&value[..end]).expect("a weight"), &value[end..])
}

/// Runs a history and compares with the naive twin after every step. Rows go only if they are there.
pub fn compare<K: Key + std::fmt::Debug, V: Value + std::fmt::Debug>(
    rig: &mut Rig,
    history: &[Step],
    naive: impl Fn(&Bag<u8, Said>, Option<i64>) -> Bag<K, V>,
) {
    let mut there = Bag::new();
    for step in history {
        match step {
            Step::Change(rows) => {
                let rows = possible(&there, rows);
                rig.change(&rows).map(|_| ()).expect("a possible change");
                for (key, said, weight) in rows {
                    add(&mut there, (key, said), weight);
                }
            }
            Step::Pass(pass) => rig.tick(rig.now.unwrap_or(0) + pass),
        }
        assert_eq!(rig.bag::<K, V>(), naive(&there, rig.now), "after {step:?}");
    }
}

/// What can happen of a change: rows go only if they are there.
pub fn possible(there: &Bag<u8, Said>, rows: &[(u8, Said, i64)]) -> Vec<(u8, Said, i64)> {
    let mut left = there.clone();
    let possible = rows.iter().map(|(key, said, weight)| {
        let weight = (*weight).max(-left.get(&(*key, *said)).copied().unwrap_or(0));
        add(&mut left, (*key, *said), weight);
        (*key, *said, weight)
    });
    possible.collect()
}

/// All rows of a key, ordered.
pub fn of_key(rows: &Bag<u8, Said>, key: u8) -> Vec<(Said, i64)> {
    rows.iter().filter(|((k, _), _)| *k == key).map(|((_, said), weight)| (*said, *weight)).collect()
}

/// The keys that have rows.
pub fn keys(rows: &Bag<u8, Said>) -> std::collections::BTreeSet<u8> {
    rows.keys().map(|(key, _)| *key).collect()
}
