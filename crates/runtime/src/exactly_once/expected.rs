//! What must come out of the inputs, computed naively.

use std::collections::BTreeMap;

use bytes::Bytes;
use topspin_log::{Committed, Log, Record};
use topspin_stream::{CauseId, Header, Input, Key as _, Time};

use super::observed::{Outputs, records};
use super::trial::{
    CLOCK_PARTITIONS, PANIC, PARTITIONS, RECENT, REMEMBERED, SYLLABLES, Said, TABOO, UNBEARABLE, UNSPEAKABLE,
    WEIGHT_PARTITIONS, decode, partition, verses,
};

/// What must come out of everything that the inputs hold.
pub async fn expected(log: &dyn Log) -> Outputs {
    expected_of(log, |_| true, |worth| worth).await
}

/// What must come out of those words that `counts`, if a word is worth `worth` of what it was.
pub async fn expected_of(
    log: &dyn Log,
    counts: impl Fn(&Committed) -> bool,
    worth: impl Fn(i64) -> i64,
) -> Outputs {
    let mut outputs = Outputs::default();
    let (mut totals, mut sums) = (BTreeMap::<u8, i64>::new(), BTreeMap::<u16, i64>::new());
    let (mut names, weights, mut weighed) = (BTreeMap::new(), weights(log).await, BTreeMap::<u8, i64>::new());
    let ticks = Ticks::read(log).await;
    let (mut firsts, mut recent) = (Firsts::default(), BTreeMap::<(u8, Time), i64>::new());
    for number in 0..PARTITIONS {
        for committed in records(log, &partition("names", number)).await {
            names.insert(committed.record.key.clone(), committed.record.value.clone());
        }
        for committed in records(log, &partition("words", number)).await {
            let record = &committed.record;
            if !counts(&committed) {
                continue;
            }
            let Some((author, (word, number_said, at))) = read(record) else {
                *outputs.letters.entry("words".to_owned()).or_default() += 1;
                continue;
            };
            let number_said = worth(number_said);
            let cause = cause(number, committed.offset.get());
            let value = [cause.as_slice(), &1_i64.to_be_bytes()].concat();
            outputs.said.push((Bytes::copy_from_slice(&[author]), value.into()));
            *totals.entry(author).or_default() += number_said;
            *weighed.entry(author).or_default() +=
                SYLLABLES * number_said * weights.get(&word).copied().unwrap_or(1);
            firsts.say(author, word, at_of(record), ticks.before(record));
            for (at, number_said, _) in verses(&(word, number_said, at)) {
                if let Some(start) = ticks.recent(at) {
                    *recent.entry((author, start)).or_default() += number_said;
                }
            }
            if word == UNSPEAKABLE {
                *outputs.letters.entry(TABOO.to_owned()).or_default() += 1;
            } else {
                *sums.entry(word).or_default() += number_said;
            }
        }
    }
    outputs.said.sort();
    let told = |(author, total): (u8, i64)| {
        let firsts = firsts.counts[&author];
        (bytes(&[author]), [total.to_be_bytes(), firsts.to_be_bytes()].concat().into())
    };
    outputs.totals = totals.into_iter().map(told).collect();
    outputs.weighed =
        weighed.into_iter().map(|(author, sum)| (bytes(&[author]), bytes(&sum.to_be_bytes()))).collect();
    outputs.recent =
        recent.into_iter().map(|(key, sum)| (key.to_bytes().into(), bytes(&sum.to_be_bytes()))).collect();
    for (word, sum) in sums {
        let key = Bytes::from(word.to_bytes());
        if let Some(Some(name)) = names.get(&Some(key.clone())) {
            let value = [sum.to_be_bytes().as_slice(), name].concat();
            outputs.named.insert(key, value.into());
        }
    }
    outputs
}

/// The weights that words have in the end.
async fn weights(log: &dyn Log) -> BTreeMap<u16, i64> {
    let mut weights = BTreeMap::new();
    for number in 0..WEIGHT_PARTITIONS {
        for Committed { record, .. } in records(log, &partition("weights", number)).await {
            let word = u16::from_bytes(&record.key.expect("a word")).expect("a word");
            match record.value {
                Some(weight) => weights.insert(word, i64::from(weight[0])),
                None => weights.remove(&word),
            };
        }
    }
    weights
}

/// When each tick was written, and what it tells.
struct Ticks(Vec<(Time, Time)>);

impl Ticks {
    async fn read(log: &dyn Log) -> Self {
        let mut ticks = Vec::new();
        for number in 0..CLOCK_PARTITIONS {
            for Committed { record, .. } in records(log, &partition("clock", number)).await {
                let tick = Time::from_tick(record.value.as_deref().unwrap_or_default()).expect("a tick");
                ticks.push((at_of(&record), tick));
            }
        }
        Self(ticks)
    }

    /// What the clock told before a record.
    fn before(&self, record: &Record) -> Time {
        let before = self.0.iter().filter(|(at, _)| *at < at_of(record));
        before.map(|(_, tick)| *tick).max().unwrap_or(Time::MIN)
    }

    /// The start of the window that an instant is in, if it is there in the end.
    fn recent(&self, at: Time) -> Option<Time> {
        let now = self.0.iter().map(|(_, tick)| *tick).max()?;
        let size = i64::from(RECENT.size_ms);
        let start = |at: Time| at.0.div_euclid(size) * size;
        let kept = start(now) - start(at) < size * i64::from(RECENT.kept);
        (at <= now && kept).then(|| Time(start(at)))
    }
}

/// How many words of each author were not remembered.
#[derive(Default)]
struct Firsts {
    remembered: BTreeMap<(u8, u16), Time>,
    counts: BTreeMap<u8, i64>,
}

impl Firsts {
    fn say(&mut self, author: u8, word: u16, at: Time, clock: Time) {
        let until = self.remembered.entry((author, word)).or_insert(Time::MIN);
        if *until <= clock {
            *until = Time(at.max(clock).0 + REMEMBERED.as_millis() as i64);
            *self.counts.entry(author).or_default() += 1;
        }
    }
}

fn at_of(record: &Record) -> Time {
    Time(record.timestamp.as_millis().cast_signed())
}

fn read(record: &Record) -> Option<(u8, Said)> {
    if record.value.as_deref() == Some(PANIC) {
        return None;
    }
    let headers: [Header<'_>; 0] = [];
    let input = Input {
        source: 0,
        key: record.key.as_deref(),
        value: record.value.as_deref(),
        headers: &headers,
        timestamp: at_of(record),
        sequence: 0,
        cause: CauseId::new(&[]).expect("nothing is short enough"),
    };
    decode(&input).ok().filter(|(_, (word, ..))| *word != UNBEARABLE)
}

/// As tasks name an input record: topic, partition and offset.
fn cause(partition: u32, offset: u64) -> Vec<u8> {
    [b"words".as_slice(), &partition.to_be_bytes(), &offset.to_be_bytes()].concat()
}

fn bytes(bytes: &[u8]) -> Bytes {
    Bytes::copy_from_slice(bytes)
}
