//! What a batch owes to other processes, and how the records of a batch say which requests they answer.

use bytes::Bytes;
use topspin_event::{Failure, Outcome, Reply as Told, Request, Timestamp, wire};
use topspin_log::{Offset, Record, TopicPartition, TraceContext};
use topspin_runtime::{Positions, Store};

use super::THROUGH_HEADER;
use crate::records::log_time;
use crate::topics::Lane;

/// Requests of other processes, in the order of the log, with the position behind them.
pub(crate) struct Incoming {
    pub(crate) requests: Vec<Arrived>,
    pub(crate) positions: Positions,
}

/// A request of another process.
pub(crate) struct Arrived {
    /// Its id, as its sender wrote it.
    pub(crate) key: Bytes,
    pub(crate) offset: Offset,
    /// On whose behalf.
    pub(crate) trace: Option<TraceContext>,
    /// What is asked, or why it cannot be carried out.
    pub(crate) request: Result<Request, Failure>,
}

/// What the batch at hand owes.
pub(crate) struct Owed {
    store: Store,
    replies: Vec<(Bytes, Outcome)>,
    through: Option<Offset>,
    positions: Option<Positions>,
}

impl Owed {
    pub(crate) fn new(store: &Store) -> Self {
        Owed { store: store.clone(), replies: Vec::new(), through: None, positions: None }
    }

    /// A request has been carried out, or never will be.
    pub(crate) fn reply(&mut self, key: Bytes, offset: Offset, outcome: Outcome) {
        self.replies.push((key, outcome));
        self.through = Some(offset);
    }

    /// From where requests are read once the batch is committed.
    pub(crate) fn go_on(&mut self, positions: Positions) {
        self.positions = Some(positions);
    }

    /// The batch is void.
    pub(crate) fn forget(&mut self) {
        self.replies.clear();
        self.through = None;
        self.positions = None;
    }

    /// Adds the replies to a batch, and marks the last record of each of its topics.
    pub(crate) fn settle(
        &mut self,
        lane: &Lane,
        now: Timestamp,
        records: &mut Vec<(TopicPartition, Record)>,
    ) -> Option<Positions> {
        if let Some(through) = self.through.take() {
            let topics = mark(lane, through, records);
            let after = self.applied(lane);
            let now = log_time(now);
            for (key, outcome) in self.replies.drain(..) {
                let (topics, after) = (topics.clone(), after.clone());
                let told = Told { through: through.get(), topics, after, outcome };
                records.push((lane.replies(), Record::new(key, wire::encode_reply(&told), now)));
            }
        }
        self.positions.take()
    }

    /// How far the store is, without the batch. Where that cannot be read, the reader waits for less.
    fn applied(&self, lane: &Lane) -> Vec<(String, u64)> {
        let place = |partition: TopicPartition| {
            let applied = self.store.applied(&partition).ok().flatten()?;
            Some((partition.topic.to_string(), applied.get()))
        };
        lane.derived_from().into_iter().filter_map(place).collect()
    }
}

/// Marks the last record of each topic that readers follow, and says which topics these are.
fn mark(lane: &Lane, through: Offset, records: &mut [(TopicPartition, Record)]) -> Vec<String> {
    let followed = lane.derived_from();
    let mut marked = Vec::new();
    for (partition, record) in records.iter_mut().rev() {
        let topic = partition.topic.to_string();
        if followed.contains(partition) && !marked.contains(&topic) {
            let value = Bytes::copy_from_slice(&through.get().to_be_bytes());
            *record = std::mem::take(record).with_header(THROUGH_HEADER, value);
            marked.push(topic);
        }
    }
    marked
}
