//! A topology at work: the tasks that this process has of it, as its groups share them out.
//!
//! Each subtopology has a group, whose members share the partitions of the source that leads; who has a partition runs
//! the task of that number. A task stops before its partition is given up, and whoever gets it goes on where it stopped.
//!
//! Another [`Generation`] of the application runs beside this one, with groups, state and outputs of its own. Readers
//! follow the one that is active: when the later one has caught up, it makes itself active, and the earlier one stops.

mod active;
mod crew;
mod lag;
mod sweep;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;
use tokio::task::JoinHandle;
use topspin_log::{Log, MemberId, Offset, Partition, TopicPartition};
use topspin_stream::Topology;

use self::active::Active;
pub use self::active::{ActiveError, ActiveGeneration, active_generation, make_active};
use self::crew::Crew;
pub use self::lag::Lag;
use self::sweep::Sweep;
use crate::limits::WATCH_INTERVAL;
use crate::{DeployError, Deployment, DeploymentConfig, Generation, LocalState, TaskStatus};

/// What an application is made of.
pub struct ApplicationConfig {
    /// The log.
    pub log: Arc<dyn Log>,
    /// Where this process keeps state.
    pub local: LocalState,
    /// Who this process is in the groups: the same after a restart, and no other process at the same time.
    pub member: MemberId,
    /// How the topology is laid out.
    pub deployment: DeploymentConfig,
    /// When this generation becomes the active one.
    pub switch: Switch,
}

/// When a generation becomes the active one. If there is none, it does at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Switch {
    /// When no task, in whatever process, is behind by more offsets than this. Offsets have gaps: markers and what was
    /// compacted away count.
    WhenCaughtUp {
        /// The most, inclusive.
        max_lag: u64,
    },
    /// When somebody calls [`make_active`].
    ByHand,
}

/// How an application is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApplicationCondition {
    /// It works, or tries to.
    Running,
    /// A later generation is active; this one has stopped.
    Superseded {
        /// The later one.
        by: Generation,
    },
    /// It was stopped.
    Stopped,
}

/// The task of one partition of one subtopology.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TaskName {
    /// The subtopology.
    pub subtopology: String,
    /// The partition.
    pub partition: Partition,
}

/// An application as it is now, in this process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationStatus {
    /// How it is.
    pub condition: ApplicationCondition,
    /// The tasks that this process has or had, as they are.
    pub tasks: BTreeMap<TaskName, TaskStatus>,
    /// Subtopologies that are no member of their group now, and why.
    pub without_group: BTreeMap<String, String>,
}

/// A running application. Dropping it ends its tasks as a crash would: nothing is lost.
pub struct Application {
    monitor: Monitor,
    stop: Arc<watch::Sender<bool>>,
    work: JoinHandle<()>,
}

/// What tasks and groups say of themselves.
#[derive(Default)]
pub(crate) struct Board {
    tasks: Mutex<BTreeMap<TaskName, watch::Receiver<TaskStatus>>>,
    without_group: Mutex<BTreeMap<String, String>>,
}

impl Application {
    /// Creates what is missing on the log, and starts.
    ///
    /// # Errors
    /// [`DeployError`] if the topology cannot be laid out.
    pub async fn start(topology: &Topology, config: ApplicationConfig) -> Result<Self, DeployError> {
        let ApplicationConfig { log, local, member, deployment, switch } = config;
        let clock = deployment.clock.clone();
        let deployment = Arc::new(Deployment::create(log.as_ref(), topology, &deployment).await?);
        let board = Arc::new(Board::default());
        let (stop, stopped) = watch::channel(false);
        let stop = Arc::new(stop);
        let (told, condition) = watch::channel(ApplicationCondition::Running);
        let crews = (0..deployment.parts().len()).map(|subtopology| Crew {
            log: log.clone(),
            local: local.clone(),
            member: member.clone(),
            deployment: deployment.clone(),
            subtopology,
            board: board.clone(),
            stop: stopped.clone(),
        });
        let crews: Vec<_> = crews.collect();
        let watch =
            Watch { log: log.clone(), deployment: deployment.clone(), switch, clock, stop: stop.clone() };
        let sweep = Sweep { log: log.clone(), deployment: deployment.clone(), board: board.clone() };
        let work = tokio::spawn(work(crews, watch, sweep, told));
        Ok(Self { monitor: Monitor { log, deployment, board, condition }, stop, work })
    }

    /// Somebody who looks at it, also when it has ended.
    pub fn monitor(&self) -> Monitor {
        self.monitor.clone()
    }

    /// The topology on the log.
    pub fn deployment(&self) -> &Deployment {
        self.monitor.deployment()
    }

    /// How it is now.
    pub fn status(&self) -> ApplicationStatus {
        self.monitor.status()
    }

    /// How far every task, in whatever process, is behind.
    ///
    /// # Errors
    /// [`topspin_log::ReadError`] if the log cannot be asked.
    pub async fn lag(&self) -> Result<Vec<Lag>, topspin_log::ReadError> {
        self.monitor.lag().await
    }

    /// Waits until it has stopped by itself, since a later generation is active.
    pub async fn ended(&mut self) -> ApplicationCondition {
        let condition = &mut self.monitor.condition;
        let ended = condition.wait_for(|condition| *condition != ApplicationCondition::Running).await;
        ended.map_or(ApplicationCondition::Stopped, |condition| condition.clone())
    }

    /// Lets every task commit what it has begun, and leaves the groups.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        // It ends only before that if it was stopped already.
        let _ = (&mut self.work).await;
    }
}

impl Drop for Application {
    fn drop(&mut self) {
        self.work.abort();
    }
}

/// Looks at an application.
#[derive(Clone)]
pub struct Monitor {
    log: Arc<dyn Log>,
    deployment: Arc<Deployment>,
    board: Arc<Board>,
    condition: watch::Receiver<ApplicationCondition>,
}

impl Monitor {
    /// The topology on the log.
    pub fn deployment(&self) -> &Deployment {
        &self.deployment
    }

    /// How it is now.
    pub fn status(&self) -> ApplicationStatus {
        let tasks = self.board.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        let without_group = self.board.without_group.lock().unwrap_or_else(PoisonError::into_inner);
        ApplicationStatus {
            condition: self.condition.borrow().clone(),
            tasks: tasks.iter().map(|(name, status)| (name.clone(), status.borrow().clone())).collect(),
            without_group: without_group.clone(),
        }
    }

    /// How far every task, in whatever process, is behind.
    ///
    /// # Errors
    /// [`topspin_log::ReadError`] if the log cannot be asked.
    pub async fn lag(&self) -> Result<Vec<Lag>, topspin_log::ReadError> {
        lag::of_all(self.log.as_ref(), &self.deployment).await
    }

    /// How far each task that works in this process is behind.
    ///
    /// # Errors
    /// [`topspin_log::ReadError`] if the log cannot be asked.
    pub async fn lag_here(&self) -> Result<Vec<Lag>, topspin_log::ReadError> {
        let tasks = self.status().tasks;
        let here = |task: &TaskName| {
            let status = tasks.get(task).filter(|status| status.condition.is_at_work())?;
            Some(status.positions.clone())
        };
        lag::of(self.log.as_ref(), &self.deployment, here).await
    }
}

impl Board {
    pub(crate) fn add(&self, name: TaskName, status: watch::Receiver<TaskStatus>) {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner).insert(name, status);
    }

    /// Where the sources of all tasks go on.
    fn positions(&self) -> Vec<(TopicPartition, Offset)> {
        let tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.values().flat_map(|status| status.borrow().positions.clone()).collect()
    }

    /// Notes whether a subtopology is a member of its group.
    pub(crate) fn group(&self, subtopology: &str, problem: Option<String>) {
        let mut without = self.without_group.lock().unwrap_or_else(PoisonError::into_inner);
        match problem {
            Some(problem) => without.insert(subtopology.to_owned(), problem),
            None => without.remove(subtopology),
        };
    }
}

/// Runs the crews until they are told to stop, and says what came of it.
async fn work(crews: Vec<Crew>, watch: Watch, sweep: Sweep, told: watch::Sender<ApplicationCondition>) {
    let mut running = tokio::task::JoinSet::new();
    for crew in crews {
        running.spawn(crew.run());
    }
    let stopped = {
        let all = async { while running.join_next().await.is_some() {} };
        tokio::pin!(all);
        tokio::select! {
            biased;
            () = &mut all => ApplicationCondition::Stopped,
            () = sweep.run() => unreachable!("it sweeps for ever"),
            by = watch.until_superseded() => {
                tracing::info!(%by, "a later generation is active");
                watch.stop.send_replace(true);
                all.await;
                ApplicationCondition::Superseded { by }
            }
        }
    };
    told.send_replace(stopped);
}

/// Looks which generation is active, and makes this one so when it is time.
struct Watch {
    log: Arc<dyn Log>,
    deployment: Arc<Deployment>,
    switch: Switch,
    clock: crate::Clock,
    stop: Arc<watch::Sender<bool>>,
}

impl Watch {
    async fn until_superseded(&self) -> Generation {
        let mut active = Active::default();
        loop {
            match self.look(&mut active).await {
                Ok(Some(later)) => return later,
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "the active generation is not known"),
            }
            tokio::time::sleep(WATCH_INTERVAL).await;
        }
    }

    /// A later generation, if one is active.
    async fn look(&self, active: &mut Active) -> Result<Option<Generation>, ActiveError> {
        let names = self.deployment.names();
        let own = names.generation();
        match active.look(self.log.as_ref(), names.app()).await?.map(|active| active.generation) {
            Some(active) if active > own => return Ok(Some(active)),
            Some(active) if active == own => return Ok(None),
            Some(_) if !self.is_time().await? => return Ok(None),
            Some(_) | None => {}
        }
        let wanted = ActiveGeneration { generation: own, version: Some(self.deployment.version()) };
        make_active(self.log.as_ref(), names.app(), wanted, (self.clock)()).await?;
        Ok(None)
    }

    async fn is_time(&self) -> Result<bool, ActiveError> {
        match self.switch {
            Switch::ByHand => Ok(false),
            Switch::WhenCaughtUp { max_lag } => {
                let lags = lag::of_all(self.log.as_ref(), &self.deployment).await?;
                Ok(lags.iter().all(|lag| lag.offsets <= max_lag))
            }
        }
    }
}
