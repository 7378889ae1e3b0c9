//! The contract's side of a producer: what can be checked is checked before anything is sent.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use async_trait::async_trait;
use rdkafka::consumer::{Consumer as _, ConsumerGroupMetadata};
use tokio::sync::{mpsc, oneshot};
use topspin_log::{
    Batch, Cleanup, CommitError, Committer, GroupId, PositionCommit, ReadError, Receipt, TopicPartition,
};

use crate::cluster::Cluster;
use crate::fault::Fault;
use crate::limits::CALL_TIMEOUT;
use crate::message;
use crate::producer::Order;
use crate::watchdog::Watchdog;

/// Hands transactions to the producer's thread, one at a time.
pub(crate) struct Committing {
    cluster: Arc<Cluster>,
    orders: mpsc::Sender<Order>,
    watchdog: Watchdog,
    /// The thread does not come back.
    is_stuck: bool,
}

impl Committing {
    pub(crate) fn new(cluster: Arc<Cluster>, orders: mpsc::Sender<Order>, watchdog: Watchdog) -> Self {
        Self { cluster, orders, watchdog, is_stuck: false }
    }

    async fn check(&self, batch: &Batch) -> Result<(), CommitError> {
        let mut cleanups = HashMap::new();
        for append in batch.appends() {
            message::check(&append.record)?;
            let cleanup = match cleanups.entry(&append.partition) {
                Entry::Occupied(entry) => *entry.get(),
                Entry::Vacant(entry) => {
                    let spec = self.cluster.known(&append.partition).await.map_err(refused)?;
                    *entry.insert(spec.cleanup)
                }
            };
            if cleanup == Cleanup::Compact && append.record.key.is_none() {
                return Err(CommitError::KeyRequired { topic: append.partition.topic.clone() });
            }
        }
        for (partition, _) in batch.positions().iter().flat_map(|commit| &commit.positions) {
            self.cluster.known(partition).await.map_err(refused)?;
        }
        Ok(())
    }

    /// Who commits the positions, as the cluster knows them.
    async fn member(&self, commit: &PositionCommit) -> Result<ConsumerGroupMetadata, CommitError> {
        let group = commit.group.group();
        let stale = || CommitError::StaleGeneration(group.clone());
        let Some((_, generation)) = commit.group.membership() else { return self.alone(group).await };
        let partitions: BTreeSet<TopicPartition> =
            commit.positions.iter().map(|(partition, _)| partition.clone()).collect();
        self.cluster.members.metadata(generation, &partitions).ok_or_else(stale)
    }

    /// A lone consumer. Kafka would let its transaction pass beside members, so they are counted here; one that joins
    /// between this and the commit is not seen.
    async fn alone(&self, group: &GroupId) -> Result<ConsumerGroupMetadata, CommitError> {
        let unavailable = |fault| match fault {
            Fault::NotAuthorized(reason) | Fault::Unauthenticated(reason) => {
                CommitError::NotAuthorized { reason }
            }
            other @ (Fault::UnknownTopic
            | Fault::UnknownPartition
            | Fault::Fenced
            | Fault::StaleMember
            | Fault::Refused(_)
            | Fault::Purged
            | Fault::Unavailable(_)) => CommitError::Unavailable { reason: other.reason() },
        };
        let client = self.cluster.group_client(group).map_err(unavailable)?;
        let name = self.cluster.native(group.as_str());
        let answer = self.cluster.call(move || {
            let groups = client.client().fetch_group_list(Some(&name), CALL_TIMEOUT)?;
            let members = groups.groups().iter().map(|group| group.members().len()).sum::<usize>();
            Ok((members, client.group_metadata()))
        });
        match answer.await.map_err(unavailable)? {
            (0, Some(metadata)) => Ok(metadata),
            (0, None) => Err(CommitError::Unavailable { reason: "the client has no group".to_owned() }),
            (_, _) => Err(CommitError::StaleGeneration(group.clone())),
        }
    }
}

#[async_trait]
impl Committer for Committing {
    async fn commit(&mut self, batch: Batch) -> Result<Receipt, CommitError> {
        if self.is_stuck {
            return Err(stuck());
        }
        self.check(&batch).await?;
        let mut members = Vec::new();
        for commit in batch.positions() {
            members.push(self.member(commit).await?);
        }
        let (answer, answered) = oneshot::channel();
        let gone = || CommitError::Indeterminate { reason: "the producer's thread has ended".to_owned() };
        let orders = &self.orders;
        let served = async {
            orders.send(Order { batch, members, answer }).await.map_err(|_| gone())?;
            answered.await.map_err(|_| gone())?
        };
        tokio::select! {
            biased;
            served = served => served,
            () = self.watchdog.overdue() => {
                self.is_stuck = true;
                Err(stuck())
            }
        }
    }
}

/// The thread may yet come back and commit, unless a new producer shuts it out.
fn stuck() -> CommitError {
    let reason = "the client does not come back from a call; begin a new producer and read".to_owned();
    CommitError::Indeterminate { reason }
}

fn refused(error: ReadError) -> CommitError {
    match error {
        ReadError::UnknownTopic { topic } => CommitError::UnknownTopic { topic },
        ReadError::UnknownPartition(partition) => CommitError::UnknownPartition(partition),
        ReadError::NotAuthorized { reason } => CommitError::NotAuthorized { reason },
        other @ (ReadError::Trimmed { .. }
        | ReadError::BeyondEnd { .. }
        | ReadError::Corrupt { .. }
        | ReadError::Storage { .. }
        | ReadError::Unavailable { .. }
        | ReadError::Closed) => CommitError::Unavailable { reason: other.to_string() },
    }
}
