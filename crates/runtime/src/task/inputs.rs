//! What a task reads: its partition of every source, or all of them, in the order of the records' times as far as they are
//! there.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use topspin_log::{BatchLimit, Committed, Offset, ReadError, Reader, Timestamp, TopicPartition};

use crate::limits::{TASK_READ_BYTES, TASK_READ_RECORDS};

/// One chunk of each source at most, and what the current batch has taken.
pub(super) struct Inputs {
    sources: Vec<Source>,
    taken: Vec<Taken>,
    /// What of the current batch was given back, and may be taken again.
    begun: Vec<(usize, Offset)>,
}

/// A record with the number of its input.
pub(super) struct Taken {
    pub(super) input: usize,
    pub(super) record: Committed,
}

/// Where an input goes on.
pub(super) struct Moved {
    pub(super) input: usize,
    pub(super) partition: TopicPartition,
    pub(super) position: Offset,
    /// Whether it has found the first record of its time. Until then its group knows how far it has looked, and the
    /// state that it has taken nothing.
    pub(super) begun: bool,
}

/// What there is to take.
pub(super) enum Next {
    /// [`Inputs::taken`] has it.
    Record,
    /// Another source may have an earlier one: read first.
    Read,
    /// Nothing, in any source.
    Nothing,
}

/// Whether the order of the records of an input among those of others matters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// It does: nothing that is later goes before them.
    ByTime,
    /// It does until the end was reached once. What comes afterwards comes when it comes, and others do not wait for it.
    ByTimeAtFirst,
    /// They come when they come.
    AsTheyCome,
}

struct Source {
    reader: Box<dyn Reader>,
    chunk: VecDeque<Committed>,
    order: Order,
    /// Whether the last read found the end.
    at_end: bool,
    /// Records before the first of this time are passed over.
    from: Option<Timestamp>,
    /// The position that the group has.
    committed: Option<Offset>,
}

impl Inputs {
    pub(super) fn new() -> Self {
        Self { sources: Vec::new(), taken: Vec::new(), begun: Vec::new() }
    }

    /// Adds an input: the order of its records among those of others, where its group stands, and from which time on it is
    /// read.
    pub(super) fn add(
        &mut self,
        reader: Box<dyn Reader>,
        order: Order,
        committed: Option<Offset>,
        from: Option<Timestamp>,
    ) {
        self.sources.push(Source { reader, chunk: VecDeque::new(), order, at_end: false, from, committed });
    }

    /// The earliest record by time; of several, that of the first source. A source of which more can be had is not
    /// passed over, so that who catches up sees the records in the order of who has read them one by one.
    pub(super) fn next(&mut self) -> Next {
        let mut earliest: Option<(Timestamp, usize)> = None;
        for (number, source) in self.sources.iter().enumerate() {
            match source.chunk.front() {
                Some(head) => {
                    let at = (head.record.timestamp, number);
                    earliest = Some(earliest.map_or(at, |earliest| earliest.min(at)));
                }
                None if source.at_end || source.order == Order::AsTheyCome => {}
                None => return Next::Read,
            }
        }
        let Some((_, number)) = earliest else { return Next::Nothing };
        let record = self.sources[number].chunk.pop_front().expect("it has a head");
        self.taken.push(Taken { input: number, record });
        Next::Record
    }

    /// The record that was taken last.
    pub(super) fn taken(&self) -> Option<&Taken> {
        self.taken.last()
    }

    /// Gives back the record that was taken last: it was processed only in part.
    pub(super) fn give_back(&mut self) {
        if let Some(Taken { input, record }) = self.taken.pop() {
            self.begun.push((input, record.offset));
            self.sources[input].chunk.push_front(record);
        }
    }

    /// Gives back everything that was taken since the last commit, and says what was processed of which source, be it in
    /// part.
    pub(super) fn rewind(&mut self) -> Vec<(usize, Offset)> {
        let mut processed = std::mem::take(&mut self.begun);
        for Taken { input, record } in std::mem::take(&mut self.taken).into_iter().rev() {
            processed.push((input, record.offset));
            self.sources[input].chunk.push_front(record);
        }
        processed.sort_unstable();
        processed.dedup();
        processed
    }

    /// Takes what is at hand of every source of which nothing is left; whether that is anything.
    pub(super) async fn ready(&mut self) -> Result<bool, ReadError> {
        let mut any = false;
        for source in self.sources.iter_mut().filter(|source| source.chunk.is_empty()) {
            let chunk = source.reader.ready_batch(limit()).await?;
            source.take(chunk);
            any |= !source.chunk.is_empty();
        }
        Ok(any)
    }

    /// Reads what there is now of every source of which nothing is left, but for those that nobody waits for any more:
    /// a reference topic is not asked for its end at every event.
    pub(super) async fn read(&mut self) -> Result<(), ReadError> {
        for source in &mut self.sources {
            let level = source.at_end && source.order == Order::ByTimeAtFirst;
            if source.chunk.is_empty() && !level {
                let chunk = source.reader.try_next_batch(limit()).await?;
                source.at_end = chunk.is_empty();
                source.take(chunk);
            }
        }
        Ok(())
    }

    /// Waits until a source has something.
    pub(super) async fn wait(&mut self) -> Result<(), ReadError> {
        {
            let mut waits: Vec<_> = self.sources.iter_mut().map(|source| Box::pin(source.wait())).collect();
            let any = poll_fn(|context| {
                let mut polled = waits.iter_mut().map(|wait| wait.as_mut().poll(context));
                polled.find(Poll::is_ready).unwrap_or(Poll::Pending)
            });
            pin!(any).await?;
        }
        for source in self.sources.iter_mut().filter(|source| source.order != Order::ByTimeAtFirst) {
            source.at_end = false;
        }
        Ok(())
    }

    /// Where each source goes on, as far as that differs from what its group has.
    pub(super) fn positions(&self) -> Vec<Moved> {
        let numbered = self.sources.iter().enumerate();
        let moved = numbered.filter(|(_, source)| source.has_moved());
        let moved = moved.map(|(number, source)| Moved {
            input: number,
            partition: source.reader.partition().clone(),
            position: source.position(),
            begun: source.from.is_none(),
        });
        moved.collect()
    }

    /// Whether a source has passed over records before its time since the last commit.
    pub(super) fn has_passed(&self) -> bool {
        self.sources.iter().any(|source| source.from.is_some() && source.has_moved())
    }

    /// These positions are committed, with everything taken before.
    pub(super) fn committed(&mut self, positions: &[Moved]) {
        for moved in positions {
            self.sources[moved.input].committed = Some(moved.position);
        }
        self.taken.clear();
        self.begun.clear();
    }
}

impl Source {
    async fn wait(&mut self) -> Result<(), ReadError> {
        let chunk = self.reader.next_batch(limit()).await?;
        self.take(chunk);
        Ok(())
    }

    fn take(&mut self, chunk: Vec<Committed>) {
        self.chunk.extend(chunk);
        while let Some(from) = self.from {
            match self.chunk.front() {
                Some(head) if head.record.timestamp < from => {
                    self.chunk.pop_front();
                }
                Some(_) => self.from = None,
                None => return,
            }
        }
    }

    /// Whether it goes on elsewhere than its group has.
    fn has_moved(&self) -> bool {
        self.committed != Some(self.position())
    }

    fn position(&self) -> Offset {
        self.chunk.front().map_or_else(|| self.reader.position(), |head| head.offset)
    }
}

fn limit() -> BatchLimit {
    BatchLimit::new(TASK_READ_RECORDS, TASK_READ_BYTES)
}
