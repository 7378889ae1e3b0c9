//! One partition read in order. The client fetches ahead within its bounds; nothing here blocks.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use rdkafka::consumer::Consumer as _;
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::topic_partition_list::{Offset as KafkaOffset, TopicPartitionList};
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};
use topspin_log::{BatchLimit, Committed, Offset, ReadError, Reader, Start, TopicPartition};

use crate::client::{self, Consumer, Detached, Listener};
use crate::cluster::Cluster;
use crate::fault::Fault;
use crate::limits::{CALL_TIMEOUT, END_DOUBT, NOTHINGS};
use crate::message;

pub(crate) struct PartitionReader {
    cluster: Arc<Cluster>,
    partition: TopicPartition,
    native: String,
    consumer: Arc<Detached<Consumer>>,
    /// The client has something.
    wake: Arc<Notify>,
    position: Offset,
    /// A record that did not fit into the last batch.
    kept: Option<Committed>,
    /// The cluster does not have our position any more.
    out_of_range: bool,
}

/// What the client had.
#[derive(Default)]
struct Taken {
    records: Vec<Committed>,
    /// The fetcher has been at the end of the partition, at some time.
    end_seen: bool,
}

impl PartitionReader {
    pub(crate) async fn open(
        cluster: &Arc<Cluster>,
        partition: &TopicPartition,
        start: Start,
    ) -> Result<Self, ReadError> {
        let (earliest, end) = cluster.bounds(partition).await?;
        let position = match start {
            Start::Beginning => earliest,
            Start::End => end,
            Start::At(wanted) => wanted,
        };
        within(cluster, partition, position, (earliest, end)).await?;
        let config = client::reader(&cluster.settings);
        let refused =
            |error: &KafkaError| ReadError::Unavailable { reason: client::refusal(error).to_string() };
        let made: Result<Consumer, _> = config.create_with_context(Listener(cluster.health.clone()));
        let mut consumer = made.map_err(|error| refused(&error))?;
        let wake = Arc::new(Notify::new());
        let woken = wake.clone();
        consumer.set_nonempty_callback(move || woken.notify_one());
        let consumer = Arc::new(Detached::new(consumer));
        cluster.enrol(&consumer).map_err(|fault| cluster.read_error(fault, partition))?;
        let reader = Self {
            native: cluster.native(partition.topic.as_str()),
            cluster: cluster.clone(),
            partition: partition.clone(),
            consumer,
            wake,
            position,
            kept: None,
            out_of_range: false,
        };
        reader.assign()?;
        Ok(reader)
    }

    /// Fetches from our position on; what was fetched before is void.
    fn assign(&self) -> Result<(), ReadError> {
        let mut assignment = TopicPartitionList::new();
        let offset = KafkaOffset::Offset(self.position.get().cast_signed());
        let number = self.partition.partition.0.cast_signed();
        let added = assignment.add_partition_offset(&self.native, number, offset);
        let assigned = added.and_then(|()| self.consumer.assign(&assignment));
        assigned.map_err(|error| ReadError::Unavailable { reason: error.to_string() })
    }

    /// What the client has, within the limits.
    fn take(&mut self, limit: BatchLimit) -> Result<Taken, ReadError> {
        let mut taken = Taken::default();
        let mut bytes = 0;
        let mut nothing = 0;
        while nothing < NOTHINGS {
            if taken.records.len() == limit.max_records() {
                return Ok(taken);
            }
            let next = match self.kept.take() {
                Some(record) => Some(record),
                None => match self.poll(&mut taken) {
                    Ok(next) => next,
                    // What was taken before an error is returned first; the error comes again or is out of date.
                    Err(_) if !taken.records.is_empty() => return Ok(taken),
                    Err(error) => return Err(error),
                },
            };
            let Some(record) = next else {
                nothing += 1;
                continue;
            };
            nothing = 0;
            bytes += record.record.size();
            if bytes > limit.max_bytes() && !taken.records.is_empty() {
                self.kept = Some(record);
                return Ok(taken);
            }
            self.position = record.resume_at;
            taken.records.push(record);
        }
        self.position = self.position.max(self.passed());
        Ok(taken)
    }

    /// The next record; `None` if there is none or the client said something else.
    fn poll(&mut self, taken: &mut Taken) -> Result<Option<Committed>, ReadError> {
        let error = match self.consumer.poll(Duration::ZERO) {
            None => return Ok(None),
            Some(Ok(message)) => {
                let record = message::incoming(&message).map_err(|reason| ReadError::Corrupt {
                    file: self.partition.to_string(),
                    position: rdkafka::Message::offset(&message).max(0).cast_unsigned(),
                    reason,
                })?;
                return Ok((record.offset >= self.position).then_some(record));
            }
            Some(Err(error)) => error,
        };
        match (&error, error.rdkafka_error_code()) {
            (KafkaError::PartitionEOF(_), _) => taken.end_seen = true,
            (_, Some(Code::AutoOffsetReset | Code::OffsetOutOfRange)) => self.out_of_range = true,
            (_, Some(Code::AllBrokersDown)) => return Err(self.failed(Fault::of(&error))),
            (_, _) => match self.cluster.health.judge(&error) {
                fault @ (Fault::NotAuthorized(_)
                | Fault::Unauthenticated(_)
                | Fault::UnknownTopic
                | Fault::UnknownPartition) => {
                    return Err(self.cluster.read_error(fault, &self.partition));
                }
                // The client mends it and goes on.
                Fault::Fenced
                | Fault::StaleMember
                | Fault::Refused(_)
                | Fault::Purged
                | Fault::Unavailable(_) => {}
            },
        }
        Ok(None)
    }

    fn failed(&self, fault: Fault) -> ReadError {
        self.cluster.read_error(self.cluster.health.explain(fault), &self.partition)
    }

    /// How far the client has come, past markers and what was aborted.
    fn passed(&self) -> Offset {
        let number = self.partition.partition.0.cast_signed();
        let positions = self.consumer.position().ok();
        let at =
            positions.and_then(|list| list.find_partition(&self.native, number).map(|entry| entry.offset()));
        at.and_then(crate::positions::position).unwrap_or(Offset::ZERO)
    }

    /// Says why our position is not there, or goes on if it is there again.
    async fn find_again(&mut self) -> Result<(), ReadError> {
        if !self.out_of_range {
            return Ok(());
        }
        let bounds = self.cluster.bounds(&self.partition).await?;
        within(&self.cluster, &self.partition, self.position, bounds).await?;
        self.out_of_range = false;
        self.assign()
    }

    async fn woken(&self, within: Duration) -> bool {
        timeout(within, self.wake.notified()).await.is_ok()
    }
}

#[async_trait]
impl Reader for PartitionReader {
    fn partition(&self) -> &TopicPartition {
        &self.partition
    }

    fn position(&self) -> Offset {
        self.position
    }

    async fn next_batch(&mut self, limit: BatchLimit) -> Result<Vec<Committed>, ReadError> {
        loop {
            let taken = self.take(limit)?;
            if !taken.records.is_empty() {
                return Ok(taken.records);
            }
            self.find_again().await?;
            // The client's word is a hint; looking again costs nothing.
            self.woken(END_DOUBT).await;
        }
    }

    async fn ready_batch(&mut self, limit: BatchLimit) -> Result<Vec<Committed>, ReadError> {
        let taken = self.take(limit)?;
        if taken.records.is_empty() {
            self.find_again().await?;
        }
        Ok(taken.records)
    }

    async fn try_next_batch(&mut self, limit: BatchLimit) -> Result<Vec<Committed>, ReadError> {
        let taken = self.take(limit)?;
        if !taken.records.is_empty() {
            return Ok(taken.records);
        }
        let (earliest, end) = self.cluster.bounds(&self.partition).await?;
        if self.position < earliest {
            within(&self.cluster, &self.partition, self.position, (earliest, end)).await?;
        }
        let deadline = Instant::now() + 2 * CALL_TIMEOUT;
        let (mut end_seen, mut asked_again) = (taken.end_seen, false);
        while self.position < end {
            let taken = self.take(limit)?;
            if !taken.records.is_empty() {
                return Ok(taken.records);
            }
            self.find_again().await?;
            end_seen |= taken.end_seen;
            if self.position >= end {
                break;
            }
            if end_seen && asked_again {
                // Nothing is left from here to an end that the fetcher saw after we knew it: a hole.
                self.position = end;
                break;
            }
            if Instant::now() > deadline {
                let reason = format!("{} did not answer with what it has", self.partition);
                return Err(self.failed(Fault::Unavailable(reason)));
            }
            // That end may have been an earlier one, or that of a new leader who does not know yet how far the last one
            // had come: fetch anew from one who does, so that the next end is neither.
            if !self.woken(END_DOUBT).await
                && end_seen
                && self.cluster.bounds(&self.partition).await?.1 >= end
            {
                self.assign()?;
                (end_seen, asked_again) = (false, true);
            }
        }
        Ok(Vec::new())
    }
}

/// Checks that a position is in a partition. An open transaction is: its records may become visible.
async fn within(
    cluster: &Cluster,
    partition: &TopicPartition,
    wanted: Offset,
    (earliest, end): (Offset, Offset),
) -> Result<(), ReadError> {
    if wanted < earliest {
        return Err(ReadError::Trimmed { partition: partition.clone(), wanted, earliest });
    }
    if wanted > end {
        let end = cluster.high_watermark(partition).await?;
        if wanted > end {
            return Err(ReadError::BeyondEnd { partition: partition.clone(), wanted, end });
        }
    }
    Ok(())
}
