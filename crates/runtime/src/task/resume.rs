//! The beginning of a life: the producer, the state, the positions.

use topspin_log::limits::TOMBSTONE_RETENTION;
use topspin_log::{
    BatchLimit, BeginProducerError, Committed, NameError, Offset, Producer, ReadError, Record, Start,
    Timestamp, TopicPartition,
};
use topspin_stream::SourceKind;

use super::inputs::{Inputs, Order};
use super::state::ORIGIN_KEY;
use super::{Ending, Task, TaskCondition};
use crate::deployment::StartFrom;
use crate::limits::{RECOVERY_BATCH_RECORDS, RECOVERY_POLL};
use crate::local::{Origin, Standing};
use crate::store::Position;

/// What is wrong with a copy of the changelog.
enum Copy {
    Good(Start),
    /// Of another log, another life of it, or so old that it may hold what was removed.
    Worthless,
}

impl Task {
    /// Shuts out whoever had the producer, and brings the state to the end of the changelog.
    pub(super) async fn resume(&mut self) -> Result<Producer, Ending> {
        self.state.mend()?;
        let id = self.part.names.task(&self.part.name, self.partition)?;
        let mut producer = self.log.begin_producer(&id).await?;
        let changelog = self.changelog();
        let end = self.log.end_offset(&changelog).await?;
        let Some((first, origin)) = self.origin_of(&changelog, end).await? else {
            self.found(&mut producer, &changelog).await?;
            return Ok(producer);
        };
        let start = match self.judge_copy(&changelog, origin, end).await? {
            Copy::Good(start) => start,
            Copy::Worthless => {
                self.state.begin(origin, first.offset, &first.record)?;
                Start::At(first.offset)
            }
        };
        self.restore(&changelog, start, end).await?;
        Ok(producer)
    }

    /// A reader for each input, where its group stands.
    pub(super) async fn open_inputs(&mut self) -> Result<Inputs, Ending> {
        let mut inputs = Inputs::new();
        let several = self.part.inputs.len() > 1;
        for input in 0..self.part.inputs() {
            let partition = self.part.read_by(input, self.partition);
            let group = self.part.group_of(input, self.partition)?;
            let committed = self.log.committed_position(&group, &partition).await?;
            // A group that nobody was in for long has no position any more. The state has; an early one did not.
            let stands = self.state.position(&partition)?;
            if let (Some(stands), Some(committed)) = (stands, committed)
                && committed > stands
            {
                if self.end_after_state().await?.is_none() {
                    // A successor has committed since.
                    return Err(Ending::Fenced);
                }
                return Err(Ending::Failed(format!(
                    "{group} is at {committed} of {partition} and the state at {stands}: if its position was moved, move it \
                     back; if an earlier version ran here, run a new generation"
                )));
            }
            let (start, from) = match (stands, committed) {
                (Some(stands), _) => (Start::At(stands), None),
                (None, Some(looked)) => {
                    let (first, from) = self.first_start(input, &partition);
                    // What it has looked through may be gone by now.
                    let trimmed = from.is_some() && looked < self.log.start_offset(&partition).await?;
                    (if trimmed { first } else { Start::At(looked) }, from)
                }
                (None, None) => self.first_start(input, &partition),
            };
            // What only the group knows, the state is to hear with the first commit.
            let known = if from.is_some() { committed } else { committed.filter(|_| stands == committed) };
            let order = if several { self.order(input) } else { Order::AsTheyCome };
            inputs.add(self.log.reader(&partition, start).await?, order, known, from);
        }
        Ok(inputs)
    }

    /// A single input is in its own order, however much of it is there. A dead letter that is tried again comes when it
    /// comes; what is looked up is the same in the end, whenever it comes, but who catches up is to have it first.
    fn order(&self, input: usize) -> Order {
        match self.kind_of(input) {
            Some(SourceKind::Broadcast) => Order::ByTimeAtFirst,
            Some(SourceKind::Stream | SourceKind::Table | SourceKind::Repartition | SourceKind::Ticks) => {
                Order::ByTime
            }
            None => Order::AsTheyCome,
        }
    }

    fn kind_of(&self, input: usize) -> Option<SourceKind> {
        self.part.source_of(input).map(|source| self.part.sources[source].kind)
    }

    fn first_start(&self, input: usize, partition: &TopicPartition) -> (Start, Option<Timestamp>) {
        if self.kind_of(input) != Some(SourceKind::Stream) {
            return (Start::Beginning, None);
        }
        match &self.part.start {
            StartFrom::Beginning => (Start::Beginning, None),
            StartFrom::Time(time) => (Start::Beginning, Some(*time)),
            StartFrom::Offsets(offsets) => {
                (offsets.get(partition).map_or(Start::Beginning, |offset| Start::At(*offset)), None)
            }
        }
    }

    /// The first record of the changelog, which names it; `None` if it has none yet.
    async fn origin_of(
        &mut self,
        changelog: &TopicPartition,
        end: Offset,
    ) -> Result<Option<(Committed, Origin)>, Ending> {
        let mut reader = self.log.reader(changelog, Start::Beginning).await?;
        while reader.position() < end {
            let first = reader.try_next_batch(BatchLimit::records(1)).await?;
            if let Some(first) = first.into_iter().next() {
                let named = first.record.key.as_deref() == Some(ORIGIN_KEY);
                let name = first.record.value.as_deref().and_then(|value| value.try_into().ok());
                let foreign = || Ending::Failed(format!("{changelog} is not the changelog of a task"));
                return Ok(Some((first, Origin(name.filter(|_| named).ok_or_else(foreign)?))));
            }
        }
        Ok(None)
    }

    /// Writes the first record of the changelog.
    async fn found(&mut self, producer: &mut Producer, changelog: &TopicPartition) -> Result<(), Ending> {
        let origin = self.part.origin;
        let record = Record::new(ORIGIN_KEY, origin.0.to_vec(), (self.part.clock)());
        let mut transaction = producer.begin();
        let within = |error: topspin_log::AppendError| Ending::Failed(error.to_string());
        transaction.append(changelog.clone(), record.clone()).map_err(within)?;
        let committed = transaction.commit().await;
        let receipt = committed.map_err(|error| {
            if error.is_retryable() { Ending::Again(error.to_string()) } else { super::commit::judge(&error) }
        })?;
        let offset = receipt.offsets().first().expect("a receipt has an offset for each record");
        Ok(self.state.begin(origin, *offset, &record)?)
    }

    /// Whether what is held can be gone on from, and where.
    async fn judge_copy(
        &mut self,
        changelog: &TopicPartition,
        origin: Origin,
        end: Offset,
    ) -> Result<Copy, Ending> {
        let Some(standing) = self.state.standing().copied().filter(|standing| standing.origin == origin)
        else {
            return Ok(Copy::Worthless);
        };
        let position = standing.position;
        if position.offset >= end || self.is_stale(&standing, end) {
            return Ok(Copy::Worthless);
        }
        let start = Start::At(position.offset);
        let mut reader = self.log.reader(changelog, start).await?;
        let there = reader.try_next_batch(BatchLimit::records(1)).await?.into_iter().next();
        // It is not there any more if a later one has superseded it.
        let another = there.is_some_and(|there| {
            there.offset == position.offset && Position::of(there.offset, &there.record) != position
        });
        Ok(if another { Copy::Worthless } else { Copy::Good(start) })
    }

    /// Whether a tombstone after the copy may be gone from the changelog already, unseen.
    fn is_stale(&self, standing: &Standing, end: Offset) -> bool {
        let age = (self.part.clock)().as_millis().saturating_sub(standing.at.as_millis());
        standing.sealed != Some(end) && u128::from(age) >= TOMBSTONE_RETENTION.as_millis() / 2
    }

    /// The end of the changelog, if it ends where the state does.
    pub(super) async fn end_after_state(&mut self) -> Result<Option<Offset>, ReadError> {
        let Some(standing) = self.state.standing().copied() else { return Ok(None) };
        let last = standing.position.offset;
        let mut reader = self.log.reader(&self.changelog(), Start::At(last)).await?;
        loop {
            let batch = reader.try_next_batch(BatchLimit::records(2)).await?;
            if batch.iter().any(|committed| committed.offset > last) {
                return Ok(None);
            }
            if batch.is_empty() {
                return Ok(Some(reader.position()));
            }
        }
    }

    /// Folds the changelog from `start` to `end`. What is folded twice is the same.
    async fn restore(&mut self, changelog: &TopicPartition, start: Start, end: Offset) -> Result<(), Ending> {
        let mut reader = self.log.reader(changelog, start).await?;
        let first = reader.position().get();
        while reader.position() < end {
            let batch = reader.try_next_batch(BatchLimit::records(RECOVERY_BATCH_RECORDS)).await?;
            if batch.is_empty() && reader.position() < end {
                tokio::time::sleep(RECOVERY_POLL).await;
            }
            for committed in &batch {
                self.state.apply(committed.offset, &committed.record);
            }
            self.state.flush_if_large()?;
            let done = reader.position().get().min(end.get()) - first;
            self.tell(TaskCondition::Restoring { done, total: end.get() - first });
            if *self.stop.borrow() {
                return Err(Ending::Stopped);
            }
        }
        Ok(())
    }
}

impl From<NameError> for Ending {
    fn from(error: NameError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<BeginProducerError> for Ending {
    fn from(error: BeginProducerError) -> Self {
        if error.is_retryable() { Self::Again(error.to_string()) } else { Self::Failed(error.to_string()) }
    }
}
