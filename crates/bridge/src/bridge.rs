//! The copying.

use std::sync::Arc;

use futures_util::future::select_all;
use topspin_log::{CommitError, Log, Producer, Topic, TopicPartition, TopicSpec};

use crate::lane::{Lane, limit};
use crate::limits::{BATCH_BYTES, BATCH_RECORDS};
use crate::positions::{self, Source};
use crate::{CompareError, Comparison, CopyError, Difference, compare};

/// Copies topics of one log to another. Dropping it at any moment loses nothing and doubles nothing.
pub struct Bridge {
    from: Arc<dyn Log>,
    to: Arc<dyn Log>,
    source: Source,
    topics: Vec<TopicSpec>,
    /// `None` before the first step, and after a commit whose outcome nobody knows.
    standing: Option<Standing>,
}

/// Where the copying stands.
struct Standing {
    producer: Producer,
    lanes: Vec<Lane>,
    /// The lane that goes first into the next transaction, so that none waits for ever.
    first: usize,
}

/// What one step copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Copied {
    /// Records; 0 if nothing is left to copy.
    pub records: u64,
    /// Bytes, as limits count them.
    pub bytes: u64,
}

/// How far the copying is, in offsets of the source. They are not dense: it is no number of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// Copied, from the first that there is.
    pub done: u64,
    /// There are now.
    pub total: u64,
}

impl Bridge {
    /// A bridge for `topics` of the log `from`, which is called `source`: another life of it has another name. Nothing
    /// happens before the first step.
    ///
    /// # Errors
    /// [`CopyError::Read`] if the topics cannot be read, [`CopyError::Own`] if one of them is the bridge's own.
    pub async fn new(
        from: Arc<dyn Log>,
        to: Arc<dyn Log>,
        source: Source,
        topics: &[Topic],
    ) -> Result<Self, CopyError> {
        let mut specs = Vec::new();
        for topic in topics {
            if *topic == positions::positions_topic() {
                return Err(CopyError::Own(topic.clone()));
            }
            specs.push(from.topic(topic).await.map_err(CopyError::Read)?);
        }
        Ok(Bridge { from, to, source, topics: specs, standing: None })
    }

    /// Copies what is there, at most one transaction of it. Answers after the target's commit.
    ///
    /// # Errors
    /// [`CopyError`]. After a retryable one, the next step goes on; dropping the future is like a crash.
    pub async fn step(&mut self) -> Result<Copied, CopyError> {
        // Taken out: if the future is dropped while the commit is on its way, the next step begins with the positions.
        let mut standing = match self.standing.take() {
            Some(standing) => standing,
            None => self.align().await?,
        };
        let copied = standing.copy(&self.source).await;
        match copied {
            // Nothing of it is known to be there.
            Err(CopyError::Commit(CommitError::Indeterminate { .. })) => {}
            Ok(_) | Err(_) => self.standing = Some(standing),
        }
        copied
    }

    /// Waits until there is something to copy. Dropping the future loses nothing.
    ///
    /// # Errors
    /// [`CopyError`], as a step.
    pub async fn wait(&mut self) -> Result<(), CopyError> {
        if self.standing.is_none() {
            self.standing = Some(self.align().await?);
        }
        let Some(standing) = &mut self.standing else { return Ok(()) };
        if standing.lanes.iter().any(|lane| !lane.waiting.is_empty()) {
            return Ok(());
        }
        let reads = standing.lanes.iter_mut().map(|lane| lane.reader.next_batch(limit()));
        let (batch, index, _) = select_all(reads).await;
        standing.lanes[index].waiting.extend(batch.map_err(CopyError::of_source)?);
        Ok(())
    }

    /// How far it is.
    ///
    /// # Errors
    /// [`CopyError::Read`] if the source cannot be read.
    pub async fn span(&self) -> Result<Span, CopyError> {
        let mut span = Span::default();
        for lane in self.standing.iter().flat_map(|standing| &standing.lanes) {
            let first = self.from.start_offset(&lane.partition).await.map_err(CopyError::Read)?.get();
            let end = self.from.end_offset(&lane.partition).await.map_err(CopyError::Read)?.get();
            span.done += lane.copied().get().saturating_sub(first);
            span.total += end.max(lane.copied().get()).saturating_sub(first);
        }
        Ok(span)
    }

    /// Compares what was copied with the source, record by record, up to where it was copied; of compacted topics the
    /// latest record of each key, for which it holds a digest of each key in memory. Where the source has removed records
    /// from its start since, it is compared from where it begins now. The source may go on meanwhile.
    /// It begins as a new bridge does, so that all that was committed can be read.
    ///
    /// # Errors
    /// [`CompareError`] if one of them cannot be read.
    pub async fn compare(&mut self) -> Result<Result<Comparison, Difference>, CompareError> {
        let standing = self.align().await?;
        let mut whole = Comparison::default();
        for lane in &self.standing.insert(standing).lanes {
            let spec = self.topics.iter().find(|spec| spec.topic == lane.partition.topic);
            let Some(spec) = spec else { continue };
            let logs = compare::Logs { from: self.from.as_ref(), to: self.to.as_ref() };
            match logs.compare(&lane.partition, spec.cleanup, lane.copied()).await? {
                Ok(part) => whole = whole.and(part),
                Err(difference) => return Ok(Err(difference)),
            }
        }
        Ok(Ok(whole))
    }

    /// Makes the topics, fences whoever copied this source before, and goes on where that had come to.
    async fn align(&self) -> Result<Standing, CopyError> {
        for spec in self.topics.iter().chain([&positions::spec()]) {
            let made = self.to.create_topic(spec).await;
            made.map_err(|reason| CopyError::Create { topic: spec.topic.clone(), reason })?;
        }
        let producer = self.to.begin_producer(&self.source.transactional_id()).await?;
        let partitions: Vec<_> = self.topics.iter().flat_map(TopicSpec::topic_partitions).collect();
        let positions = positions::read(self.to.as_ref(), &self.source, &partitions).await?;
        let mut lanes = Vec::with_capacity(partitions.len());
        for spec in &self.topics {
            for partition in spec.topic_partitions() {
                let position = positions.get(&partition).copied();
                if position.is_none() {
                    self.check_empty(&partition).await?;
                }
                lanes.push(Lane::open(self.from.as_ref(), partition, spec.cleanup, position).await?);
            }
        }
        Ok(Standing { producer, lanes, first: 0 })
    }

    async fn check_empty(&self, partition: &TopicPartition) -> Result<(), CopyError> {
        let reader = self.to.reader(partition, topspin_log::Start::Beginning).await;
        let found =
            reader.map_err(CopyError::Target)?.try_next_batch(limit()).await.map_err(CopyError::Target)?;
        if found.is_empty() { Ok(()) } else { Err(CopyError::Occupied { partition: partition.clone() }) }
    }
}

impl Standing {
    async fn copy(&mut self, source: &Source) -> Result<Copied, CopyError> {
        let count = self.lanes.len();
        let mut transaction = self.producer.begin();
        let (mut copied, mut taken) = (Copied::default(), Vec::new());
        for index in (0..count).map(|step| (self.first + step) % count) {
            let lane = &mut self.lanes[index];
            lane.fill().await?;
            let room = BATCH_RECORDS.saturating_sub(copied.records as usize);
            let fitting = lane.fitting(room, BATCH_BYTES.saturating_sub(copied.bytes as usize));
            let Some(last) = fitting.checked_sub(1).and_then(|last| lane.waiting.get(last)) else { continue };
            let position = positions::record(source, &lane.partition, last.resume_at, last.record.timestamp);
            for committed in lane.waiting.iter().take(fitting) {
                copied.records += 1;
                copied.bytes += committed.record.size() as u64;
                let appended = transaction.append(lane.partition.clone(), committed.record.clone());
                appended.map_err(|reason| CopyError::Append {
                    partition: lane.partition.clone(),
                    offset: committed.offset,
                    reason,
                })?;
            }
            transaction.append(positions::only_partition(), position).map_err(|reason| {
                CopyError::Append { partition: lane.partition.clone(), offset: lane.copied(), reason }
            })?;
            taken.push((index, fitting));
        }
        if !taken.is_empty() {
            transaction.commit().await?;
        }
        for (index, fitting) in taken {
            self.lanes[index].passed(fitting);
        }
        self.first = (self.first + 1) % count.max(1);
        Ok(copied)
    }
}
