//! How far tasks are behind.

use std::collections::BTreeMap;

use topspin_log::{Log, Offset, Partition, ReadError, TopicPartition};

use super::TaskName;
use crate::Deployment;

/// How far a task is behind in one of its sources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lag {
    /// The task.
    pub task: TaskName,
    /// What it reads.
    pub source: TopicPartition,
    /// From its committed position to the end. Some of them may hold no record.
    pub offsets: u64,
}

/// The lag of every task in every source, as anybody can see who sees the log.
pub(super) async fn of_all(log: &dyn Log, deployment: &Deployment) -> Result<Vec<Lag>, ReadError> {
    of(log, deployment, |_| Some(BTreeMap::new())).await
}

/// The lag of some tasks in every source; `positions` says of each what it has said itself. Groups know the rest.
pub(super) async fn of(
    log: &dyn Log,
    deployment: &Deployment,
    positions: impl Fn(&TaskName) -> Option<BTreeMap<TopicPartition, Offset>>,
) -> Result<Vec<Lag>, ReadError> {
    let mut lags = Vec::new();
    for part in deployment.parts() {
        for partition in (0..part.partitions).map(Partition) {
            let task = TaskName { subtopology: part.name.clone(), partition };
            let Some(said) = positions(&task) else { continue };
            for input in 0..part.inputs() {
                let read = part.read_by(input, partition);
                // Its tasks could not have been laid out.
                let Ok(group) = part.group_of(input, partition) else { continue };
                let end = log.end_offset(&read).await?;
                let position = match said.get(&read) {
                    Some(position) => Some(*position),
                    None => log.committed_position(&group, &read).await?,
                };
                let position = match position {
                    Some(position) => position,
                    None => log.start_offset(&read).await?,
                };
                let offsets = end.get().saturating_sub(position.get());
                lags.push(Lag { task: task.clone(), source: read, offsets });
            }
        }
    }
    Ok(lags)
}
