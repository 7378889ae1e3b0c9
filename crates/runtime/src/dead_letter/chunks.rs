//! Letters as records: a letter can be larger than a record may be, so it is cut into chunks with keys of their own.
//!
//! The key of chunk n, from 0, is `<id>#<n>`; the header `chunks` of each says how many there are. All chunks of a
//! letter are in one transaction, one behind the other. A later version of the letter has the same keys.

use std::collections::BTreeMap;

use bytes::Bytes;
use topspin_log::Record;

use super::Letter;
use crate::limits::LETTER_CHUNK_BYTES;

const COUNT_HEADER: &str = "chunks";

/// The letter as it is appended.
pub(crate) fn records(letter: &Letter) -> Vec<Record> {
    let json = Bytes::from(letter.encode());
    let count = json.len().div_ceil(LETTER_CHUNK_BYTES);
    let chunk = |number: usize| {
        let end = json.len().min((number + 1) * LETTER_CHUNK_BYTES);
        let value = json.slice(number * LETTER_CHUNK_BYTES..end);
        Record::new(format!("{}#{number}", letter.id), value, letter.at)
            .with_header(COUNT_HEADER, count.to_string())
            .with_header("reason", letter.reason.clone())
    };
    (0..count).map(chunk).collect()
}

/// Puts chunks together again.
#[derive(Default)]
pub(super) struct Assembly {
    chunks: BTreeMap<String, Vec<Bytes>>,
}

impl Assembly {
    /// Takes the next record of the topic; a letter if that makes it whole. What is no chunk of a letter is passed over.
    pub(super) fn take(&mut self, record: &Record) -> Option<Letter> {
        let (id, number) = std::str::from_utf8(record.key.as_ref()?).ok()?.rsplit_once('#')?;
        let number: usize = number.parse().ok()?;
        let count = record.headers.iter().find(|header| header.name == COUNT_HEADER)?;
        let count: usize = std::str::from_utf8(&count.value).ok()?.parse().ok()?;
        let value = record.value.clone()?;
        let chunks = self.chunks.entry(id.to_owned()).or_default();
        chunks.truncate(number);
        if chunks.len() == number {
            chunks.push(value);
        }
        if chunks.len() < count {
            return None;
        }
        let whole = self.chunks.remove(id)?.concat();
        Letter::decode(&whole)
    }
}
