//! The views of a node: the topologies that it knows, and those at work.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use topspin_log::{Log, MemberId, Timestamp};
use topspin_runtime::{
    Application, ApplicationConfig, Clock, DeploymentConfig, Generation, LocalState, Origin, StartFrom,
    Switch,
};
use topspin_stream::Topology;
use uuid::Uuid;

use crate::node;

/// What every process runs the same way; a later shape is a later one.
const GENERATION: Generation = Generation(1);
/// How near to the end a new generation is when readers go over to it, in offsets.
const MAX_LAG: u64 = 100;

/// All topologies.
pub fn all() -> Vec<Topology> {
    vec![topspin_insight::player_totals()]
}

/// Starts all of them. Several processes on one log share the partitions; `label` tells them apart.
pub async fn start(log: &Arc<dyn Log>, data: &Path, label: &str) -> anyhow::Result<Vec<Application>> {
    let local = LocalState::open(&data.join("views"));
    let local = local.with_context(|| format!("cannot open the views in {}", data.display()))?;
    let mut applications = Vec::new();
    for topology in all() {
        let config = ApplicationConfig {
            log: log.clone(),
            local: local.clone(),
            member: MemberId::new(label)?,
            deployment: DeploymentConfig {
                generation: GENERATION,
                start: StartFrom::Beginning,
                clock: clock(),
                origin: Origin(Uuid::new_v4().into_bytes()),
            },
            switch: Switch::WhenCaughtUp { max_lag: MAX_LAG },
        };
        applications.push(Application::start(&topology, config).await?);
    }
    Ok(applications)
}

/// The wall clock, as records have it.
pub fn clock() -> Clock {
    Arc::new(|| Timestamp::from_millis(u64::try_from(node::now().as_millis()).unwrap_or(0)))
}
