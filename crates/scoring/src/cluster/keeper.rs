//! The task of one lane in a process: it follows until the process is to own it, and owns until it is not.

use std::sync::Arc;

use futures_util::future::try_join_all;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use topspin_log::{ReadError, TransactionalId};
use topspin_runtime::{Condition, Partition, PartitionConfig, StartError};

use super::follower::{FollowError, Follower};
use super::pump::{Pump, PumpError};
use super::station::{Role, Station};
use super::{Ground, group};
use crate::limits::{GIVE_UP_WITHIN, LANE_RETRY, PROBE_EVERY};
use crate::scorer::Scorer;
use crate::topics::Lane;

/// Keeps one lane.
pub(crate) struct Keeper {
    pub(crate) ground: Arc<Ground>,
    pub(crate) station: Arc<Station>,
}

/// Why a lane is not kept any more as it should be.
#[derive(Debug, Clone, thiserror::Error)]
enum KeepError {
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Follow(#[from] FollowError),
    #[error(transparent)]
    Pump(#[from] PumpError),
    #[error("another process has taken it over")]
    Fenced,
    #[error("{reason}")]
    Failed { reason: String },
}

impl Keeper {
    pub(crate) async fn run(self) {
        let mut wanted = self.station.wanted.subscribe();
        loop {
            let role = *wanted.borrow_and_update();
            let kept = match role {
                Role::Follow => self.follow(&mut wanted).await,
                Role::Own => self.own(&mut wanted).await,
            };
            if let Err(error) = kept {
                let lane = self.station.lane.number().0;
                tracing::warn!(lane, ?role, %error, "a lane cannot be kept now, and is tried again");
                sleep(LANE_RETRY).await;
            }
        }
    }

    async fn follow(&self, wanted: &mut watch::Receiver<Role>) -> Result<(), KeepError> {
        let following = async {
            let follower = Follower::open(&self.ground, &self.station).await?;
            Err(follower.run().await)
        };
        tokio::select! {
            failed = following => failed.map_err(KeepError::from),
            _ = wanted.wait_for(|role| *role == Role::Own) => Ok(()),
        }
    }

    async fn own(&self, wanted: &mut watch::Receiver<Role>) -> Result<(), KeepError> {
        self.station.held.send_replace(Role::Own);
        let owned = tokio::select! {
            started = self.take() => started,
            _ = wanted.wait_for(|role| *role == Role::Follow) => {
                self.station.held.send_replace(Role::Follow);
                return Ok(());
            }
        };
        let ended = match owned {
            Ok((partition, task)) => {
                let ended = self.decide(partition.clone(), wanted).await;
                self.station.set_owner(None);
                self.put_down(&partition, task).await;
                ended
            }
            Err(error) => Err(error),
        };
        self.station.held.send_replace(Role::Follow);
        ended
    }

    /// Lets a partition finish what is in flight. One that does not come to an end is left behind: nobody here waits for
    /// it, and whoever takes the lane next fences it.
    async fn put_down(&self, partition: &Partition<Scorer>, mut task: JoinHandle<()>) {
        partition.close();
        match timeout(GIVE_UP_WITHIN, &mut task).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::error!(%error, "a partition did not end well"),
            Err(_) => {
                let lane = self.station.lane.number().0;
                tracing::warn!(lane, "what is in flight does not end, and is left behind");
                task.abort();
            }
        }
    }

    /// Fences whoever owned the lane before, and brings the store to the end of what they decided.
    async fn take(&self) -> Result<(Partition<Scorer>, JoinHandle<()>), KeepError> {
        let Ground { log, store, config, audience, .. } = self.ground.as_ref();
        let (lane, progress) = (&self.station.lane, &self.station.progress);
        let owner = PartitionConfig { transactional_id: transactional_id(lane), owned: lane.derived_from() };
        let scorer = {
            let (config, lane, audience) = (config.clone(), lane.clone(), audience.clone());
            let progress = Arc::clone(progress);
            move |store: &topspin_runtime::Store| {
                let scorer = Scorer::new(config.clone(), lane.clone(), audience.clone(), store)?;
                Ok(scorer.sharing(Arc::clone(&progress)))
            }
        };
        let began = Instant::now();
        tracing::debug!(lane = lane.number().0, "a lane is taken over");
        let (partition, task) = Partition::start(log.clone(), store.clone(), owner, scorer).await?;
        // Whoever waits for what others have decided finds it in the store now.
        if let Some(position) = log.committed_position(&group::id(), &lane.requests()).await? {
            progress.decided_before(position);
        }
        // Live streams were told of what was followed, which may be less than what was caught up with.
        audience.missed(lane.number());
        progress.fresh(began);
        progress.level();
        tracing::debug!(lane = lane.number().0, took = ?began.elapsed(), "a lane is owned");
        Ok((partition, task))
    }

    async fn decide(
        &self,
        partition: Partition<Scorer>,
        wanted: &mut watch::Receiver<Role>,
    ) -> Result<(), KeepError> {
        self.station.set_owner(Some(partition.clone()));
        let mut condition = partition.watch();
        let pump = Pump { ground: &self.ground, station: &self.station, partition };
        tokio::select! {
            _ = wanted.wait_for(|role| *role == Role::Follow) => Ok(()),
            condition = condition.wait_for(|condition| *condition != Condition::Running) => Err(match condition.as_deref() {
                Ok(Condition::Failed { reason }) => KeepError::Failed { reason: reason.clone() },
                Ok(Condition::Fenced | Condition::Running) | Err(_) => KeepError::Fenced,
            }),
            failed = pump.run() => Err(failed.into()),
        }
    }
}

/// Compares the lane with the end of the log, again and again: all its topics, since each has a broker of its own that
/// this process may be cut off from.
pub(crate) async fn probe(ground: Arc<Ground>, station: Arc<Station>) {
    let topics = station.lane.derived_from();
    loop {
        let asked = Instant::now();
        let ends = topics
            .iter()
            .map(async |topic| ground.log.end_offset(topic).await.map(|end| (topic.topic.clone(), end)));
        match try_join_all(ends).await {
            Ok(ends) => {
                let mut held = station.held.subscribe();
                let level = tokio::select! {
                    () = station.progress.reads_to(&ends) => true,
                    // Nobody else writes what this process owns, once it has caught up.
                    _ = held.wait_for(|role| *role == Role::Own) => station.owner().is_some(),
                };
                if level {
                    station.progress.fresh(asked);
                }
            }
            Err(error) => tracing::debug!(%error, "the end of a lane cannot be seen"),
        }
        sleep(PROBE_EVERY).await;
    }
}

fn transactional_id(lane: &Lane) -> TransactionalId {
    let name = format!("scoring-{}", lane.number().0);
    TransactionalId::new(name).expect("a word and a number are a valid name")
}
