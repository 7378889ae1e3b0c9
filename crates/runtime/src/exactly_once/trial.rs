//! The topology of the suite, and what is fed to it.
//!
//! Authors say words, each worth a number; words have names, and weights that every task knows; a clock ticks. Four views
//! and a stream come out of it:
//!
//! - `totals`: author → the sum of what the author has said, and how many words were first ones. The clock forgets which
//!   words were said.
//! - `recent`: author and five seconds → the sum of what was said in them, until the clock has left them behind.
//! - `named`: word → the sum of what was said and the name, of words that have both. It is behind a repartition by word,
//!   and joins two tables.
//! - `weighed`: author → the sum of the syllables that were said, each times the weight of its word: the weight that it has in the end, also where
//!   it was said before.
//! - `said`: a record for each word said, which tells its cause: nothing may be missing there or be twice.

use std::time::Duration;

use bytes::Bytes;
use topspin_log::limits::TOMBSTONE_RETENTION;
use topspin_log::{Header, Partition, Record, Timestamp, Topic, TopicPartition, partition_for};
use topspin_stream::limits::WINDOW_ROWS_A_STEP;
use topspin_stream::{Builder, Encoded, Input, Key as _, Reason, Stream, Time, Topology, Tumbling};

/// Partitions of words and names.
pub const PARTITIONS: u32 = 3;

/// Every task of the words reads the same ticks.
pub const CLOCK_PARTITIONS: u32 = 1;

/// Every task of the words reads the weights of all of them.
pub const WEIGHT_PARTITIONS: u32 = 2;

/// The syllables of a word, each worth what the word is.
pub const SYLLABLES: i64 = 5;

/// The value of a record whose decoder panics.
pub const PANIC: &[u8] = b"panic";

/// A word whose sum cannot be computed: poison behind the repartition.
pub const UNSPEAKABLE: u16 = 13;

/// A word that is poison only after others have written their part of it.
pub const UNBEARABLE: u16 = 14;

/// A word of many long verses: more than one step of a window takes, each step more than one transaction takes.
pub const LITANY: u16 = 16;
const VERSES: usize = WINDOW_ROWS_A_STEP * 4 / 3;
const VERSE_MS: i64 = 3;
const VERSE_BYTES: usize = 280;

/// How long a word was said before it is written down, and how far the clock is behind the records. So long that no tick
/// is later than a record which may come after it: what is remembered until when does not depend on who comes first.
pub const DELAY: Duration = Duration::from_hours(1);

/// How long a word is remembered.
pub const REMEMBERED: Duration = Duration::from_hours(1);

/// How far a leap of the clock goes: all words are forgotten, and left behind.
const LEAP: Duration = Duration::from_hours(3);

/// What is recent.
pub const RECENT: Tumbling = Tumbling { size_ms: 5_000, kept: 8 };

/// The word, what it is worth, and when it was said.
pub type Said = (u16, i64, Time);

/// When it was said, what it is worth, and the text.
pub type Verse = (Time, i64, String);

/// The topology.
pub fn topology() -> Topology {
    topology_called("trial", |worth| worth)
}

/// The topology in another version: what a word is worth is `worth` of what it was.
pub fn topology_called(name: &str, worth: impl Fn(i64) -> i64 + Send + Sync + 'static) -> Topology {
    let builder = Builder::new(name, 1);
    let words = builder.stream("words", move |input: &Input<'_>| {
        decode(input).map(|(author, (word, number, at))| Some((author, (word, worth(number), at))))
    });
    let names = builder.table(
        "names",
        |input| word_of(input.key),
        |input| {
            input.value.and_then(|value| value.try_into().ok()).map(u32::from_be_bytes).ok_or(NO_NAME.into())
        },
    );
    words.to_stream("said", |row, cause, out: &mut Encoded| {
        out.key.push(row.key);
        out.value.extend_from_slice(cause.id.as_bytes());
        out.value.extend_from_slice(&row.weight.get().to_be_bytes());
    });
    let ticks = builder.ticks("clock");
    let remembered = REMEMBERED.as_millis() as u32;
    let firsts = words.deduplicate("first", &ticks, remembered, |_, (word, ..)| *word).count("firsts");
    let totals =
        words.aggregate("total", |sum: &mut i64, (_, number, _): &Said, weight| add(sum, *number, weight));
    totals.join("telling", &firsts, |_, total, firsts| [*total, *firsts]).to_view(
        "totals",
        |author, told, out: &mut Encoded| {
            out.key.push(*author);
            out.value.extend(told.iter().copied().flatten().flat_map(|number| number.to_be_bytes()));
        },
    );
    let recent = words.flat_map_values("verses", |_, said| verses(said)).tumbling(
        "window",
        &ticks,
        RECENT,
        |_, (at, ..)| *at,
    );
    recent
        .aggregate("recently", |sum: &mut i64, (_, number, _): &Verse, weight| add(sum, *number, weight))
        .to_view("recent", |key, sum, out: &mut Encoded| {
            key.encode(&mut out.key);
            out.value.extend(sum.iter().flat_map(|sum| sum.to_be_bytes()));
        });
    weigh(&builder, &words);
    let patience = words.aggregate("patience", |said: &mut i64, (word, ..): &Said, weight| {
        if *word == UNBEARABLE { Err(Reason::from(NO_WORD)) } else { add(said, 1, weight) }
    });
    patience.to_view("patiences", |author, _, out: &mut Encoded| out.key.push(*author));
    let sums = words
        .map("by-word", |_, (word, number, _)| (*word, (*word, *number)))
        .repartition("trial.by-word")
        .aggregate("sum", |sum: &mut i64, (word, number): &(u16, i64), weight| {
            if *word == UNSPEAKABLE { Err(Reason::from(TABOO)) } else { add(sum, *number, weight) }
        });
    sums.join("naming", &names, |_, sum, name| (*sum, *name)).to_view(
        "named",
        |word, named, out: &mut Encoded| {
            word.encode(&mut out.key);
            if let Some((sum, name)) = named {
                out.value.extend_from_slice(&sum.to_be_bytes());
                out.value.extend_from_slice(&name.to_be_bytes());
            }
        },
    );
    builder.build().expect("a topology that can be")
}

/// Each syllable is a key of its own: a weight that changes takes several steps.
fn weigh(builder: &Builder, words: &Stream<u8, Said>) {
    let weights = builder.broadcast(
        "weights",
        |input| word_of(input.key).map(Some),
        |input| {
            input.value.and_then(|value| value.first()).map(|weight| i64::from(*weight)).ok_or(NO_WORD.into())
        },
    );
    let syllables = words.flat_map_values("syllables", |_, said| {
        (0..SYLLABLES).map(|number| (number, *said)).collect::<Vec<_>>()
    });
    let apart = syllables
        .refine("apart", |author, (syllable, said)| ((*author, *syllable, said.2), (said.0, said.1)));
    let weighed = apart.lookup(
        "weighing",
        &weights,
        |_, (word, _)| vec![*word],
        |_, (_, number), weight| number * weight[0].unwrap_or(1),
    );
    weighed
        .refine("together", |(author, ..), number| (*author, *number))
        .aggregate("weight", |sum: &mut i64, number, weight| add(sum, *number, weight))
        .to_view("weighed", |author, sum, out: &mut Encoded| {
            out.key.push(*author);
            out.value.extend(sum.iter().flat_map(|sum| sum.to_be_bytes()));
        });
}

const NO_WORD: &str = "not a word";
const NO_NAME: &str = "not a name";
/// Why the unspeakable word is poison.
pub const TABOO: &str = "not to be said";

fn add(sum: &mut i64, number: i64, weight: i64) -> Result<(), Reason> {
    *sum = sum.checked_add(number * weight).ok_or("a sum beyond 64 bits")?;
    Ok(())
}

/// What a record says.
///
/// # Errors
/// It says nothing.
///
/// # Panics
/// If it says [`PANIC`].
pub fn decode(input: &Input<'_>) -> Result<(u8, Said), Reason> {
    assert!(input.value != Some(PANIC), "a decoder that panics");
    let author = input.key.and_then(|key| key.first()).ok_or(NO_WORD)?;
    let value: [u8; 10] = input.value.and_then(|value| value.try_into().ok()).ok_or(NO_WORD)?;
    let (word, number) = value.split_first_chunk::<2>().ok_or(NO_WORD)?;
    let number = number.try_into().map_err(|_| NO_WORD)?;
    let at = Time(input.timestamp.0 - DELAY.as_millis() as i64);
    Ok((*author, (u16::from_be_bytes(*word), i64::from_be_bytes(number), at)))
}

/// The verses of a word: itself, if it is no litany.
pub fn verses(&(word, number, at): &Said) -> Vec<Verse> {
    if word != LITANY {
        return vec![(at, number, String::new())];
    }
    let verse = |verse: i64| (Time(at.0 + verse * VERSE_MS), number, "o".repeat(VERSE_BYTES));
    (0..).map(verse).take(VERSES).collect()
}

fn word_of(key: Option<&[u8]>) -> Result<u16, Reason> {
    u16::from_bytes(key.unwrap_or_default()).map_err(|_| NO_WORD.into())
}

/// What is fed, from a seed.
pub struct Source {
    dice: Dice,
    millis: u64,
}

/// The time of the first record that is fed: 2026-01-01.
pub const BEGIN: Timestamp = Timestamp::from_millis(1_767_225_600_000);

impl Source {
    /// The records of a seed.
    pub fn new(seed: u64) -> Self {
        Self { dice: Dice::new(seed), millis: BEGIN.as_millis() }
    }

    /// The next record, and where it goes.
    pub fn draw(&mut self) -> (TopicPartition, Record) {
        self.millis += self.dice.roll(1_000);
        match self.dice.roll(22) {
            0 => self.said(Bytes::from_static(b"poison")),
            1 => self.said(Bytes::from_static(PANIC)),
            2 => {
                let word = self.dice.roll(16) as u16;
                self.name(word, None)
            }
            3 => self.tick(),
            4..=7 => {
                let (word, name) = (self.dice.roll(16) as u16, self.dice.roll(1_000) as u32);
                self.name(word, Some(name))
            }
            8 | 9 => self.weight(),
            _ => {
                let word = self.dice.roll(16) as u16;
                self.word(word)
            }
        }
    }

    /// The weight of a word that is said often, or that it has none any more.
    fn weight(&mut self) -> (TopicPartition, Record) {
        let key = (self.dice.roll(3) as u16).to_bytes();
        let weight = Some(self.dice.roll(4) as u8).filter(|weight| *weight > 0);
        let value = weight.map(|weight| Bytes::copy_from_slice(&[weight]));
        let to = TopicPartition::new(
            Topic::new("weights").expect("a valid name"),
            partition_for(&key, WEIGHT_PARTITIONS),
        );
        (to, Record { key: Some(key.into()), value, headers: Vec::new(), timestamp: self.now() })
    }

    /// A litany, and the tick by which all of it is recent.
    pub fn litany(&mut self) -> [(TopicPartition, Record); 2] {
        let litany = self.word(LITANY);
        self.millis += VERSES as u64 * VERSE_MS.cast_unsigned();
        [litany, self.tick()]
    }

    /// A tick by which everything is forgotten and nothing recent.
    pub fn leap(&mut self) -> (TopicPartition, Record) {
        self.millis += LEAP.as_millis() as u64;
        let tick = self.tick();
        // What is said at the same instant would be said before it, by its time, and after it, as it is fed.
        self.millis += 1;
        tick
    }

    fn tick(&self) -> (TopicPartition, Record) {
        let tick = Time((self.millis - DELAY.as_millis() as u64).cast_signed());
        let record = Record {
            key: None,
            value: Some(Bytes::copy_from_slice(&tick.to_tick())),
            headers: Vec::new(),
            timestamp: self.now(),
        };
        (partition("clock", 0), record)
    }

    fn word(&mut self, word: u16) -> (TopicPartition, Record) {
        let number = 1 + self.dice.roll(9).cast_signed();
        self.said([word.to_be_bytes().as_slice(), &number.to_be_bytes()].concat().into())
    }

    fn said(&mut self, value: Bytes) -> (TopicPartition, Record) {
        let author = [self.dice.roll(8) as u8];
        let headers = vec![Header { name: "ä".to_owned(), value: Bytes::from_static(&[0, 255]) }];
        let record = Record {
            key: Some(Bytes::copy_from_slice(&author)),
            value: Some(value),
            headers,
            timestamp: self.now(),
        };
        (place("words", &author), record)
    }

    fn name(&mut self, word: u16, name: Option<u32>) -> (TopicPartition, Record) {
        let key = word.to_bytes();
        let value = name.map(|name| Bytes::copy_from_slice(&name.to_be_bytes()));
        let record =
            Record { key: Some(key.clone().into()), value, headers: Vec::new(), timestamp: self.now() };
        (place("names", &key), record)
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.millis)
    }
}

/// The clock of the suite: behind all records, and not so far that a tombstone is old.
pub fn clock() -> Timestamp {
    Timestamp::from_millis(BEGIN.as_millis() + TOMBSTONE_RETENTION.as_millis() as u64)
}

fn place(topic: &str, key: &[u8]) -> TopicPartition {
    TopicPartition::new(Topic::new(topic).expect("a valid name"), partition_for(key, PARTITIONS))
}

/// A partition of a topic.
pub fn partition(topic: &str, partition: u32) -> TopicPartition {
    TopicPartition::new(Topic::new(topic).expect("a valid name"), Partition(partition))
}

/// A small seeded generator (`SplitMix64`).
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// The throws of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `sides`.
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }
}
