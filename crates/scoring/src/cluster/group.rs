//! Shares the lanes with the other processes of the cluster.

use std::sync::Arc;

use tokio::time::{sleep, timeout};
use topspin_log::{GroupEvent, GroupId, MemberId, Membership, TopicPartition};

use super::Ground;
use super::station::{Role, Station};
use crate::limits::{GIVE_UP_WITHIN, LANE_RETRY};
use crate::topics;

/// The group of all processes that decide.
pub(crate) fn id() -> GroupId {
    GroupId::new("scoring").expect("a word is a name")
}

/// A member of the group, for ever.
pub(crate) struct Seat {
    pub(crate) ground: Arc<Ground>,
    pub(crate) stations: Vec<Arc<Station>>,
    pub(crate) member: MemberId,
}

impl Seat {
    pub(crate) async fn run(self) {
        loop {
            match self.ground.log.join(&id(), &[topics::requests()], &self.member).await {
                Ok(membership) => self.sit(membership).await,
                Err(error) => tracing::warn!(%error, "this process cannot share in the deciding now"),
            }
            self.ground.member.send_replace(None);
            want(self.stations.iter(), Role::Follow);
            sleep(LANE_RETRY).await;
        }
    }

    /// Does what the group says, until the membership is over.
    async fn sit(&self, mut membership: Box<dyn Membership>) {
        loop {
            self.ground.member.send_replace(Some(membership.metadata()));
            match membership.next_event().await {
                Ok(GroupEvent::Assigned(assigned)) => {
                    let partitions: Vec<_> = assigned.into_iter().map(|one| one.partition).collect();
                    tracing::info!(lanes = numbers(&partitions), "this process decides more lanes");
                    self.ground.member.send_replace(Some(membership.metadata()));
                    want(self.of(&partitions), Role::Own);
                }
                Ok(GroupEvent::Revoked(partitions)) => {
                    tracing::info!(lanes = numbers(&partitions), "this process gives lanes up");
                    want(self.of(&partitions), Role::Follow);
                    self.wait_until_given_up(&partitions).await;
                }
                Ok(GroupEvent::Lost(partitions)) => {
                    tracing::warn!(lanes = numbers(&partitions), "this process has lost its lanes");
                    want(self.of(&partitions), Role::Follow);
                }
                Err(error) => {
                    tracing::warn!(%error, "this process is out of the group, and joins again");
                    return;
                }
            }
            self.ground.rebalances.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
    }

    fn of(&self, partitions: &[TopicPartition]) -> impl Iterator<Item = &Arc<Station>> {
        partitions.iter().filter_map(|partition| self.stations.get(partition.partition.0 as usize))
    }

    async fn wait_until_given_up(&self, partitions: &[TopicPartition]) {
        let all = async {
            for station in self.of(partitions) {
                // The sender lives as long as the station.
                let _ = station.held.subscribe().wait_for(|role| *role == Role::Follow).await;
            }
        };
        if timeout(GIVE_UP_WITHIN, all).await.is_err() {
            tracing::warn!("lanes are given up with something in flight: whoever takes them fences it");
        }
    }
}

fn want<'a>(stations: impl Iterator<Item = &'a Arc<Station>>, role: Role) {
    for station in stations {
        station.wanted.send_replace(role);
    }
}

fn numbers(partitions: &[TopicPartition]) -> String {
    let numbers: Vec<_> = partitions.iter().map(|partition| partition.partition.0.to_string()).collect();
    numbers.join(",")
}
