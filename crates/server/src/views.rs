//! The views of a node: the topologies that it knows, and those at work.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use topspin_log::{Log, MemberId};
use topspin_registry::Contract;
use topspin_runtime::{
    Application, ApplicationConfig, Clock, DeploymentConfig, Generation, LocalState, Names, Origin,
    StartFrom, Switch,
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

/// What stands on the topics that this generation of them writes for others. What is between their own tasks
/// (repartition, changelog, retry, dead letters) has no contract: nobody else reads it.
pub fn contracts() -> anyhow::Result<Vec<Contract>> {
    let names = Names::new(topspin_insight::PLAYER_TOTALS, GENERATION)?;
    let topic = names.output(topspin_insight::PLAYER_TOTALS)?;
    Ok(vec![Contract { topic, message: topspin_insight::PLAYER_TOTALS_MESSAGE }])
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

#[cfg(test)]
mod tests {
    use topspin_stream::{SinkKind, Subtopology};

    use super::*;

    #[test]
    fn what_views_write_for_others_has_a_contract() {
        let known: Vec<_> = contracts().expect("valid names").into_iter().map(|one| one.topic).collect();
        for topology in all() {
            let names = Names::new(topology.name(), GENERATION).expect("a valid name");
            let sinks = topology.subtopologies().iter().flat_map(Subtopology::sinks);
            for sink in sinks.filter(|sink| sink.kind != SinkKind::Repartition) {
                let topic = names.output(&sink.topic).expect("a valid name");
                assert!(known.contains(&topic), "{topic}");
            }
        }
    }
}
