//! A cursor over one partition: from memory at the tail, from files before it.
//!
//! A reader holds what one read brought, at most twice [`READ_BYTES`] or one section, and one block of an index.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::watch;
use topspin_log::{BatchLimit, Committed, Offset, ReadError, Reader, Start, TopicPartition};

use crate::catalog::PartitionId;
use crate::commit::Section;
use crate::limits::{READ_BYTES, READ_GAP_BYTES};
use crate::segment::{corrupt, unreadable};
use crate::store::{Run, Store};
use crate::tail::{Found, Tail};

pub(crate) struct PartitionReader {
    store: Arc<Store>,
    partition: TopicPartition,
    id: PartitionId,
    tail: Arc<Tail>,
    end: watch::Receiver<u64>,
    position: u64,
    /// Sections at and after the position.
    pending: VecDeque<Section>,
    /// The next byte of the first pending section.
    at: usize,
    /// Sections of the current segment that were not read yet.
    run: Option<Run>,
}

impl PartitionReader {
    pub(crate) fn open(
        store: Arc<Store>,
        partition: &TopicPartition,
        start: Start,
    ) -> Result<Self, ReadError> {
        let (id, tail) = {
            let catalog = store.catalog();
            let id = catalog.id(partition)?;
            let tail = catalog.tail(id).ok_or_else(|| ReadError::UnknownPartition(partition.clone()))?;
            (id, tail.clone())
        };
        let (first, end) = tail.bounds();
        let position = match start {
            Start::Beginning => first,
            Start::End => end,
            Start::At(offset) => offset.get(),
        };
        if position < first {
            return Err(trimmed(partition, position, first));
        }
        if position > end {
            let (wanted, end) = (Offset::new(position), Offset::new(end));
            return Err(ReadError::BeyondEnd { partition: partition.clone(), wanted, end });
        }
        let end = tail.watch();
        let partition = partition.clone();
        Ok(Self { store, partition, id, tail, end, position, pending: VecDeque::new(), at: 0, run: None })
    }

    /// Makes the next sections pending; `false` if there are none. Changes nothing but what is pending.
    async fn fill(&mut self) -> Result<bool, ReadError> {
        loop {
            let end = match self.tail.find(self.position) {
                Found::Trimmed(start) => {
                    self.run = None;
                    return Err(trimmed(&self.partition, self.position, start));
                }
                Found::AtEnd => return Ok(false),
                Found::Recent(sections) => {
                    self.run = None;
                    self.pending.extend(sections);
                    return Ok(true);
                }
                Found::OnDisk { end } => end,
            };
            let fetch = Fetch { store: self.store.clone(), id: self.id, offset: self.position };
            let run = self.run.take();
            let fetched = tokio::task::spawn_blocking(move || fetch.next(run)).await;
            match fetched.map_err(|_| ReadError::Closed)?? {
                // Compaction has removed everything up to the end.
                None => self.position = end,
                Some((sections, run)) => {
                    self.run = Some(run);
                    self.pending
                        .extend(sections.into_iter().filter(|section| section.head.next() > self.position));
                    if !self.pending.is_empty() {
                        return Ok(true);
                    }
                }
            }
        }
    }

    fn drain(&mut self, limit: BatchLimit) -> Result<Vec<Committed>, ReadError> {
        let mut records = Vec::new();
        let mut bytes = 0;
        while let Some(section) = self.pending.front() {
            if self.at >= section.records.len() {
                self.position = self.position.max(section.head.next());
                self.pending.pop_front();
                self.at = 0;
                continue;
            }
            let Some((offset, record, next)) = section.decode_at(self.at) else {
                let reason = "a record that cannot be decoded";
                return Err(corrupt(Path::new(&self.partition.to_string()), section.head.base, reason));
            };
            if offset >= self.position {
                bytes += record.size();
                if !records.is_empty() && (bytes > limit.max_bytes() || records.len() == limit.max_records())
                {
                    return Ok(records);
                }
                self.position = offset + 1;
                let resume_at = Offset::new(self.position);
                records.push(Committed { offset: Offset::new(offset), resume_at, record });
            }
            self.at = next;
        }
        Ok(records)
    }
}

fn trimmed(partition: &TopicPartition, wanted: u64, earliest: u64) -> ReadError {
    let (wanted, earliest) = (Offset::new(wanted), Offset::new(earliest));
    ReadError::Trimmed { partition: partition.clone(), wanted, earliest }
}

#[async_trait]
impl Reader for PartitionReader {
    fn partition(&self) -> &TopicPartition {
        &self.partition
    }

    fn position(&self) -> Offset {
        Offset::new(self.position)
    }

    async fn next_batch(&mut self, limit: BatchLimit) -> Result<Vec<Committed>, ReadError> {
        loop {
            self.end.mark_unchanged();
            let records = self.try_next_batch(limit).await?;
            if !records.is_empty() {
                return Ok(records);
            }
            self.end.changed().await.map_err(|_| ReadError::Closed)?;
        }
    }

    async fn try_next_batch(&mut self, limit: BatchLimit) -> Result<Vec<Committed>, ReadError> {
        loop {
            let records = self.drain(limit)?;
            if !records.is_empty() || !self.fill().await? {
                return Ok(records);
            }
        }
    }
}

/// Reads sections from files; blocks.
struct Fetch {
    store: Arc<Store>,
    id: PartitionId,
    offset: u64,
}

impl Fetch {
    /// The next sections, and what is left of the run; `None` if no file has any. Reads until there is as much as a
    /// reader may hold or the run ends, because handing work to a blocking thread costs more than a read.
    fn next(&self, run: Option<Run>) -> Result<Option<(Vec<Section>, Run)>, ReadError> {
        let run = match run.filter(|run| !run.entries.is_empty()) {
            Some(run) => Some(run),
            None => self.store.run_at(self.id, self.offset)?,
        };
        let Some(mut run) = run else { return Ok(None) };
        let mut sections = Vec::new();
        let mut held = 0;
        while held < READ_BYTES && !run.entries.is_empty() {
            held += self.read_adjacent(&mut run, &mut sections)?;
        }
        Ok(Some((sections, run)))
    }

    /// Reads what lies together at the start of a run; answers its bytes.
    fn read_adjacent(&self, run: &mut Run, sections: &mut Vec<Section>) -> Result<usize, ReadError> {
        let count = adjacent(run);
        let (Some(first), Some(last)) = (run.entries.first(), run.entries.get(count - 1)) else {
            return Ok(0);
        };
        let start = u64::from(first.position);
        let length = (u64::from(last.position) + u64::from(last.bytes)).saturating_sub(start);
        let mut bytes = vec![0; length as usize];
        run.file.read_exact_at(&mut bytes, start).map_err(|error| unreadable(&run.path, &error))?;
        let bytes = Bytes::from(bytes);
        for entry in run.entries.drain(..count) {
            let at = (u64::from(entry.position) - start) as usize;
            let section = Section::read(&bytes, at..at + entry.bytes as usize);
            let expected =
                |section: &Section| section.head.partition == self.id && section.head.base == entry.base;
            let damaged = || corrupt(&run.path, u64::from(entry.position), "a damaged section");
            sections.push(section.filter(expected).ok_or_else(damaged)?);
        }
        Ok(bytes.len())
    }
}

/// How many entries of a run are read at once.
fn adjacent(run: &Run) -> usize {
    let start = run.entries.first().map_or(0, |entry| u64::from(entry.position));
    let mut end = start;
    let near = run.entries.iter().take_while(|entry| {
        let position = u64::from(entry.position);
        let next = position + u64::from(entry.bytes);
        let take = end == start || (position <= end + READ_GAP_BYTES && next - start <= READ_BYTES as u64);
        end = next;
        take
    });
    near.count().max(1)
}
