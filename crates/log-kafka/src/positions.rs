//! The positions that groups have committed.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use rdkafka::consumer::Consumer as _;
use rdkafka::error::KafkaResult;
use rdkafka::topic_partition_list::{Offset as KafkaOffset, TopicPartitionList};
use topspin_log::{GroupId, Offset, ReadError, TopicPartition};

use crate::client::{self, Consumer, Detached, Listener, Sight};
use crate::cluster::Cluster;
use crate::fault::Fault;
use crate::limits::{CALL_TIMEOUT, MAX_GROUP_CLIENTS};

/// The clients that ask for groups' positions, the last used one last. They join nothing.
#[derive(Default)]
pub(crate) struct Positions(Mutex<VecDeque<(GroupId, GroupClient)>>);

type GroupClient = Arc<Detached<Consumer>>;

impl Cluster {
    /// A client that asks in the group's name.
    pub(crate) fn group_client(&self, group: &GroupId) -> Result<GroupClient, Fault> {
        let mut clients = self.positions.0.lock().unwrap_or_else(PoisonError::into_inner);
        let held = clients.iter().position(|(name, _)| name == group).and_then(|index| clients.remove(index));
        let entry = if let Some(entry) = held {
            entry
        } else {
            let mut config = client::consumer(&self.settings, Sight::Committed);
            config.set("group.id", self.native(group.as_str()));
            let listener = Listener(self.health.clone());
            let made: Consumer = config.create_with_context(listener).map_err(|error| Fault::of(&error))?;
            let made = Arc::new(Detached::new(made));
            self.enrol(&made)?;
            (group.clone(), made)
        };
        let client = entry.1.clone();
        if clients.len() == MAX_GROUP_CLIENTS {
            clients.pop_front();
        }
        clients.push_back(entry);
        Ok(client)
    }

    /// The positions as they are, whatever open transactions are about to do with them.
    pub(crate) fn committed_now(
        &self,
        group: &GroupId,
        list: TopicPartitionList,
    ) -> KafkaResult<TopicPartitionList> {
        let mut config = client::consumer(&self.settings, Sight::Everything);
        config.set("group.id", self.native(group.as_str()));
        let client: Consumer = config.create_with_context(Listener(self.health.clone()))?;
        let client = Arc::new(Detached::new(client));
        if let Err(error) = self.health.enrol(&client) {
            tracing::debug!(%error, "positions are asked for without a token");
        }
        client.committed_offsets(list, CALL_TIMEOUT)
    }

    /// Waits for transactions that are about to move the position: a stable one is asked for.
    pub(crate) async fn committed(
        &self,
        group: &GroupId,
        partition: &TopicPartition,
    ) -> Result<Option<Offset>, ReadError> {
        self.known(partition).await?;
        let failed = |fault| self.read_error(fault, partition);
        let client = self.group_client(group).map_err(failed)?;
        let (topic, number) = (self.native(partition.topic.as_str()), partition.partition.0.cast_signed());
        let answer = self.call(move || {
            client.poll(std::time::Duration::ZERO);
            let mut asked = TopicPartitionList::new();
            asked.add_partition(&topic, number);
            let answer = client.committed_offsets(asked, CALL_TIMEOUT)?;
            let entry = answer.find_partition(&topic, number);
            entry.map(|entry| entry.error().map(|()| entry.offset())).transpose()
        });
        Ok(answer.await.map_err(failed)?.and_then(position))
    }
}

/// The contract's position; Kafka's "none" is a negative number.
pub(crate) fn position(offset: KafkaOffset) -> Option<Offset> {
    match offset {
        KafkaOffset::Offset(offset) => u64::try_from(offset).ok().map(Offset::new),
        KafkaOffset::Beginning
        | KafkaOffset::End
        | KafkaOffset::Stored
        | KafkaOffset::Invalid
        | KafkaOffset::OffsetTail(_) => None,
    }
}
