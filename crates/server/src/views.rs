//! The views of a node: the topologies that it knows, and those at work.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::task::JoinSet;
use topspin_log::{Log, MemberId, ReadError};
use topspin_registry::Contract;
use topspin_runtime::{
    ActiveError, Application, ApplicationCondition, ApplicationConfig, ApplicationStatus, Clock,
    DeploymentConfig, Generation, LocalState, Monitor, Names, Origin, StartFrom, Switch, TaskCondition,
    active_generation,
};
use topspin_stream::Topology;
use uuid::Uuid;

use crate::node;

/// What runs where nobody has run another.
pub const FIRST: Generation = Generation(1);
/// The folder of the state in a data directory; it can be deleted.
pub const FOLDER: &str = "views";
/// How near to the end a new generation is when readers go over to it, in offsets.
const MAX_LAG: u64 = 100;
/// How often a server says how far it has restored its views.
const REPORT_EVERY: Duration = Duration::from_secs(2);

/// All topologies.
pub fn all() -> Vec<Topology> {
    vec![topspin_insight::player_totals()]
}

/// What stands on the topics that views write for others, those of the generation that is active and of the next. What is
/// between their own tasks (repartition, changelog, retry, dead letters) has no contract: nobody else reads it.
pub async fn contracts(log: &dyn Log) -> anyhow::Result<Vec<Contract>> {
    let active = active(log, topspin_insight::PLAYER_TOTALS).await?.map_or(0, |active| active.0);
    let generations = (1..=active + 1).map(Generation);
    let contract = |generation| {
        let names = Names::new(topspin_insight::PLAYER_TOTALS, generation)?;
        let topic = names.output(topspin_insight::PLAYER_TOTALS)?;
        Ok(Contract { topic, message: topspin_insight::PLAYER_TOTALS_MESSAGE })
    };
    generations.map(contract).collect()
}

/// The generation of a view that its readers follow; `None` if it has never run.
pub async fn active(log: &dyn Log, app: &str) -> anyhow::Result<Option<Generation>> {
    match active_generation(log, app).await {
        Err(ActiveError::Read(ReadError::UnknownTopic { .. })) => Ok(None),
        known => Ok(known?),
    }
}

/// What the operator asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// A generation to be run beside the active one until it has caught up.
    pub generation: Option<Generation>,
    /// Where it begins.
    pub from: StartFrom,
}

/// The views at work in this process.
#[derive(Default)]
pub struct Views {
    applications: Vec<Application>,
    reports: JoinSet<()>,
}

impl Views {
    /// Starts all of them. Several processes on one log share the partitions; `label` tells them apart.
    pub async fn start(log: &Arc<dyn Log>, data: &Path, label: &str, asked: &Asked) -> anyhow::Result<Self> {
        let local = local(data)?;
        let mut views = Views::default();
        for topology in all() {
            let active = active(log.as_ref(), topology.name()).await?;
            for generation in generations(topology.name(), active, asked.generation)? {
                let from =
                    if asked.generation == Some(generation) { &asked.from } else { &StartFrom::Beginning };
                let switch = Switch::WhenCaughtUp { max_lag: MAX_LAG };
                let version = Version { generation, from: from.clone(), switch };
                let application = start_one(&topology, log, local.clone(), label, version).await?;
                views.reports.spawn(report(application.monitor()));
                views.applications.push(application);
            }
        }
        Ok(views)
    }

    /// Those who look at each.
    pub fn monitors(&self) -> Vec<Monitor> {
        self.applications.iter().map(Application::monitor).collect()
    }

    /// Lets them commit what they have begun.
    pub async fn stop(self) {
        for application in self.applications {
            application.stop().await;
        }
    }
}

/// What a process runs of a view: the active generation, and beside it the one that is asked for.
fn generations(
    view: &str,
    active: Option<Generation>,
    asked: Option<Generation>,
) -> anyhow::Result<Vec<Generation>> {
    let Some(asked) = asked else { return Ok(vec![active.unwrap_or(FIRST)]) };
    let next = Generation(active.map_or(0, |active| active.0) + 1);
    anyhow::ensure!(
        asked <= next,
        "{asked} of {view} cannot be run yet: the next one is {next}, so --views-generation {}",
        next.0
    );
    if let Some(active) = active.filter(|active| *active > asked) {
        tracing::warn!(view, %asked, %active, "a later generation is active: the one asked for does not run");
        return Ok(vec![active]);
    }
    Ok(active.into_iter().filter(|active| *active < asked).chain([asked]).collect())
}

/// Where a process keeps the state of its views.
pub fn local(data: &Path) -> anyhow::Result<LocalState> {
    let local = LocalState::open(&data.join(FOLDER));
    local.with_context(|| format!("cannot open the views in {}", data.display()))
}

/// Which of its generations an application is, and how it begins and takes over.
pub struct Version {
    pub generation: Generation,
    pub from: StartFrom,
    pub switch: Switch,
}

/// Starts one.
pub async fn start_one(
    topology: &Topology,
    log: &Arc<dyn Log>,
    local: LocalState,
    label: &str,
    Version { generation, from, switch }: Version,
) -> anyhow::Result<Application> {
    let origin = Origin(Uuid::new_v4().into_bytes());
    let deployment = DeploymentConfig { generation, start: from, clock: clock(), origin };
    let member = MemberId::new(label)?;
    let config = ApplicationConfig { log: log.clone(), local, member, deployment, switch };
    Ok(Application::start(topology, config).await?)
}

/// Says how restoring goes on, as long as something is restored, and when another generation has taken over.
async fn report(monitor: Monitor) {
    let names = monitor.deployment().names();
    let (view, generation) = (names.app(), names.generation());
    let mut before = None;
    loop {
        let status = monitor.status();
        let now = restoring(&status);
        match (&now, &before) {
            (Some(progress), _) if now != before => tracing::info!(view, %generation, "restoring {progress}"),
            (None, Some(_)) => tracing::info!(view, %generation, "restored"),
            (Some(_) | None, _) => {}
        }
        before = now;
        if let ApplicationCondition::Superseded { by } = status.condition {
            tracing::info!(view, %generation, %by, "readers follow a later generation: this one has stopped");
            return;
        }
        tokio::time::sleep(REPORT_EVERY).await;
    }
}

/// How far the state is restored from its changelogs; `None` if nothing is to be restored now.
fn restoring(status: &ApplicationStatus) -> Option<String> {
    let conditions = status.tasks.values().map(|task| &task.condition);
    let (mut tasks, mut passed, mut all) = (0, 0, 0);
    for condition in conditions {
        if let TaskCondition::Restoring { done, total } = condition {
            (tasks, passed, all) = (tasks + 1, passed + done, all + total);
        }
    }
    let percent = 100 * passed / all.max(1);
    (tasks > 0)
        .then(|| format!("{tasks} of {} tasks: {passed} of {all} offsets ({percent} %)", status.tasks.len()))
}

/// The wall clock, as records have it.
pub fn clock() -> Clock {
    Arc::new(|| node::record_time(node::now()))
}

#[cfg(test)]
mod tests {
    use topspin_log::Partition;
    use topspin_log::memory::MemoryLog;
    use topspin_runtime::{TaskName, TaskStatus};
    use topspin_stream::{SinkKind, Subtopology};

    use super::*;

    #[tokio::test]
    async fn what_views_write_for_others_has_a_contract() {
        let log = MemoryLog::new();
        let known = contracts(&log).await.expect("valid names");
        for topology in all() {
            let names = Names::new(topology.name(), FIRST).expect("a valid name");
            let sinks = topology.subtopologies().iter().flat_map(Subtopology::sinks);
            for sink in sinks.filter(|sink| sink.kind != SinkKind::Repartition) {
                let topic = names.output(&sink.topic).expect("a valid name");
                assert!(known.iter().any(|contract| contract.topic == topic), "{topic}");
            }
        }
    }

    #[test]
    fn a_new_generation_runs_beside_the_active_one_and_none_is_left_out() {
        let run = |active: Option<u32>, asked: Option<u32>| {
            let run = generations("v", active.map(Generation), asked.map(Generation));
            run.map(|run| run.into_iter().map(|generation| generation.0).collect::<Vec<_>>())
        };
        for (active, asked, expected) in [
            (None, None, vec![1]),
            (None, Some(1), vec![1]),
            (Some(1), None, vec![1]),
            (Some(1), Some(1), vec![1]),
            (Some(1), Some(2), vec![1, 2]),
            (Some(2), Some(2), vec![2]),
            (Some(3), Some(2), vec![3]),
        ] {
            assert_eq!(run(active, asked).expect("they can be run"), expected, "{active:?} {asked:?}");
        }
        for (active, asked) in [(None, Some(2)), (Some(1), Some(3))] {
            let error = run(active, asked).expect_err("one is left out").to_string();
            assert!(error.contains("--views-generation"), "{error}");
        }
    }

    #[test]
    fn progress_is_of_those_that_restore() {
        let task = |number, condition| {
            let name = TaskName { subtopology: "s".to_owned(), partition: Partition(number) };
            (name, TaskStatus { condition, ..TaskStatus::default() })
        };
        let mut status = ApplicationStatus {
            condition: ApplicationCondition::Running,
            tasks: [
                task(0, TaskCondition::Restoring { done: 30, total: 100 }),
                task(1, TaskCondition::Running),
                task(2, TaskCondition::Restoring { done: 0, total: 20 }),
            ]
            .into(),
            without_group: [].into(),
        };
        assert_eq!(restoring(&status).as_deref(), Some("2 of 3 tasks: 30 of 120 offsets (25 %)"));
        status.tasks.retain(|name, _| name.partition == Partition(1));
        assert_eq!(restoring(&status), None);
    }
}
