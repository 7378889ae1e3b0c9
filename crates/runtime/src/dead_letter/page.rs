//! A part of the dead letters, in the order of their ids, of which no more is held than is answered.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::{Letter, LetterId, Standing};
use crate::limits::{MAX_LISTED_BYTES, MAX_LISTED_LETTERS};

/// Which letters a listing is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    /// Those that wait for somebody.
    Open,
    /// Those tried again, too.
    All,
}

/// A part of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// In the order of their ids.
    pub letters: Vec<Letter>,
    /// Where the next part begins; `None` if there is none.
    pub next: Option<LetterId>,
}

/// Collects a page from the letters in the order in which they were written, each as often as it changed.
pub(super) struct Collecting<'a> {
    listed: Listed,
    from: Option<&'a LetterId>,
    found: BTreeMap<LetterId, Letter>,
    bytes: usize,
    /// The first that had no room: from here on letters may be missing.
    next: Option<LetterId>,
}

impl<'a> Collecting<'a> {
    pub(super) fn new(listed: Listed, from: Option<&'a LetterId>) -> Self {
        Self { listed, from, found: BTreeMap::new(), bytes: 0, next: None }
    }

    /// Takes a letter, or what has become of it.
    pub(super) fn take(&mut self, letter: Letter) {
        let is_before = self.from.is_some_and(|from| letter.id < *from);
        if is_before || self.next.as_ref().is_some_and(|next| letter.id >= *next) {
            return;
        }
        if let Some(earlier) = self.found.remove(&letter.id) {
            self.bytes -= size(&earlier);
        }
        if self.listed == Listed::Open && letter.standing == Standing::Retried {
            return;
        }
        self.bytes += size(&letter);
        self.found.insert(letter.id.clone(), letter);
        while self.is_too_large() {
            let (id, last) = self.found.pop_last().expect("too large a page has letters");
            self.bytes -= size(&last);
            self.next = Some(id);
        }
    }

    fn is_too_large(&self) -> bool {
        self.found.len() > MAX_LISTED_LETTERS || (self.bytes > MAX_LISTED_BYTES && self.found.len() > 1)
    }

    pub(super) fn page(self) -> Page {
        Page { letters: self.found.into_values().collect(), next: self.next }
    }
}

fn size(letter: &Letter) -> usize {
    let record = &letter.record;
    let headers = record.headers.iter().map(|header| header.name.len() + header.value.len());
    let bytes = record.key.iter().chain(&record.value).map(Bytes::len);
    headers.chain(bytes).sum()
}

#[cfg(test)]
mod tests {
    use topspin_log::{Offset, Partition, Record, Timestamp, Topic, TopicPartition};

    use super::*;
    use crate::Generation;

    fn letter(offset: u64, standing: Standing, bytes: usize) -> Letter {
        let now = Timestamp::from_millis(1);
        let words = TopicPartition::new(Topic::new("words").expect("a name"), Partition(0));
        let (generation, task) = (Generation(1), Partition(0));
        let id = LetterId {
            generation,
            subtopology: "words".to_owned(),
            task,
            source: words,
            offset: Offset::new(offset),
        };
        let record = Record::new("", vec![0; bytes], now);
        Letter { id, app: "trial".to_owned(), reason: String::new(), attempts: 1, standing, at: now, record }
    }

    /// Pages of what was written, until there are no more: the offsets on each.
    fn pages(listed: Listed, written: &[Letter]) -> Vec<Vec<u64>> {
        let (mut pages, mut from) = (Vec::new(), None);
        loop {
            let mut collecting = Collecting::new(listed, from.as_ref());
            written.iter().cloned().for_each(|letter| collecting.take(letter));
            let page = collecting.page();
            pages.push(page.letters.iter().map(|letter| letter.id.offset.get()).collect());
            let Some(next) = page.next else { return pages };
            from = Some(next);
        }
    }

    #[test]
    fn letters_tried_again_take_no_room_from_open_ones() {
        let count = MAX_LISTED_LETTERS as u64;
        let open = |offset| letter(offset, Standing::Open, 1);
        let retried = |offset| letter(offset, Standing::Retried, 1);
        let mut written: Vec<_> = (0..2 * count).rev().map(open).collect();
        written.extend((0..2 * count).filter(|offset| offset % 2 == 0).map(retried));
        // Failed again.
        written.push(open(4));
        let expected: Vec<u64> = (0..2 * count).filter(|offset| offset % 2 == 1 || *offset == 4).collect();
        assert_eq!(pages(Listed::Open, &written).concat(), expected);
        let all = pages(Listed::All, &written);
        assert_eq!(all.concat(), (0..2 * count).collect::<Vec<_>>());
        assert!(all.iter().all(|page| page.len() == MAX_LISTED_LETTERS));
    }

    #[test]
    fn a_page_has_only_so_many_bytes_and_never_less_than_a_letter() {
        let sizes = [MAX_LISTED_BYTES / 2, MAX_LISTED_BYTES / 2, 1, 2 * MAX_LISTED_BYTES, 1];
        let written: Vec<_> = (0..).zip(sizes).map(|(at, size)| letter(at, Standing::Open, size)).collect();
        let expected = vec![vec![0, 1], vec![2], vec![3], vec![4]];
        assert_eq!(pages(Listed::Open, &written), expected);
        assert_eq!(pages(Listed::Open, &written.into_iter().rev().collect::<Vec<_>>()), expected);
    }
}
