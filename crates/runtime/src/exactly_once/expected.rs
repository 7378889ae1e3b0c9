//! What must come out of the inputs, computed naively.

use std::collections::BTreeMap;

use bytes::Bytes;
use topspin_log::{Committed, Log, Record};
use topspin_stream::{CauseId, Header, Input, Key as _, Time};

use super::observed::{Outputs, records};
use super::trial::{PANIC, PARTITIONS, TABOO, UNBEARABLE, UNSPEAKABLE, decode, partition};

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
    let mut names = BTreeMap::new();
    for number in 0..PARTITIONS {
        for committed in records(log, &partition("names", number)).await {
            names.insert(committed.record.key.clone(), committed.record.value.clone());
        }
        for committed in records(log, &partition("words", number)).await {
            let record = &committed.record;
            if !counts(&committed) {
                continue;
            }
            let Some((author, (word, number_said))) = read(record) else {
                *outputs.letters.entry("words".to_owned()).or_default() += 1;
                continue;
            };
            let number_said = worth(number_said);
            let cause = cause(number, committed.offset.get());
            let value = [cause.as_slice(), &1_i64.to_be_bytes()].concat();
            outputs.said.push((Bytes::copy_from_slice(&[author]), value.into()));
            *totals.entry(author).or_default() += number_said;
            if word == UNSPEAKABLE {
                *outputs.letters.entry(TABOO.to_owned()).or_default() += 1;
            } else {
                *sums.entry(word).or_default() += number_said;
            }
        }
    }
    outputs.said.sort();
    let total = |(author, total): (u8, i64)| (bytes(&[author]), bytes(&total.to_be_bytes()));
    outputs.totals = totals.into_iter().map(total).collect();
    for (word, sum) in sums {
        let key = Bytes::from(word.to_bytes());
        if let Some(Some(name)) = names.get(&Some(key.clone())) {
            let value = [sum.to_be_bytes().as_slice(), name].concat();
            outputs.named.insert(key, value.into());
        }
    }
    outputs
}

fn read(record: &Record) -> Option<(u8, (u16, i64))> {
    if record.value.as_deref() == Some(PANIC) {
        return None;
    }
    let headers: [Header<'_>; 0] = [];
    let input = Input {
        source: 0,
        key: record.key.as_deref(),
        value: record.value.as_deref(),
        headers: &headers,
        timestamp: Time::default(),
        sequence: 0,
        cause: CauseId::new(&[]).expect("nothing is short enough"),
    };
    decode(&input).ok().filter(|(_, (word, _))| *word != UNBEARABLE)
}

/// As tasks name an input record: topic, partition and offset.
fn cause(partition: u32, offset: u64) -> Vec<u8> {
    [b"words".as_slice(), &partition.to_be_bytes(), &offset.to_be_bytes()].concat()
}

fn bytes(bytes: &[u8]) -> Bytes {
    Bytes::copy_from_slice(bytes)
}
