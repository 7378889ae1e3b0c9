//! The views of a node: the topologies that it knows, and those at work.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use topspin_log::{Log, MemberId};
use topspin_runtime::{
    Application, ApplicationConfig, Clock, DeploymentConfig, Generation, LocalState, Origin, StartFrom,
    Switch,
};
use topspin_stream::Topology;
use uuid::Uuid;

use crate::node;

/// What every process runs the same way; a later shape is a later one.
pub const GENERATION: Generation = Generation(1);
/// The folder of the state in a data directory; it can be deleted.
pub const FOLDER: &str = "views";
/// How near to the end a new generation is when readers go over to it, in offsets.
const MAX_LAG: u64 = 100;

/// All topologies.
pub fn all() -> Vec<Topology> {
    vec![topspin_insight::player_totals()]
}

/// Starts all of them. Several processes on one log share the partitions; `label` tells them apart.
pub async fn start(log: &Arc<dyn Log>, data: &Path, label: &str) -> anyhow::Result<Vec<Application>> {
    let local = local(data)?;
    let switch = Switch::WhenCaughtUp { max_lag: MAX_LAG };
    let mut applications = Vec::new();
    for topology in all() {
        applications.push(start_one(&topology, log, local.clone(), label, (GENERATION, switch)).await?);
    }
    Ok(applications)
}

/// Where a process keeps the state of its views.
pub fn local(data: &Path) -> anyhow::Result<LocalState> {
    let local = LocalState::open(&data.join(FOLDER));
    local.with_context(|| format!("cannot open the views in {}", data.display()))
}

/// Starts one.
pub async fn start_one(
    topology: &Topology,
    log: &Arc<dyn Log>,
    local: LocalState,
    label: &str,
    (generation, switch): (Generation, Switch),
) -> anyhow::Result<Application> {
    let deployment = DeploymentConfig {
        generation,
        start: StartFrom::Beginning,
        clock: clock(),
        origin: Origin(Uuid::new_v4().into_bytes()),
    };
    let member = MemberId::new(label)?;
    let config = ApplicationConfig { log: log.clone(), local, member, deployment, switch };
    Ok(Application::start(topology, config).await?)
}

/// The wall clock, as records have it.
pub fn clock() -> Clock {
    Arc::new(|| node::record_time(node::now()))
}
