//! How far tasks are behind, as anybody can see who sees the log.

use topspin_log::{Log, Partition, ReadError, TopicPartition};

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

/// The lag of every task in every source.
pub(super) async fn of(log: &dyn Log, deployment: &Deployment) -> Result<Vec<Lag>, ReadError> {
    let mut lags = Vec::new();
    for part in deployment.parts() {
        for partition in (0..part.partitions).map(Partition) {
            for source in 0..part.inputs() {
                let read = part.read_by(source, partition);
                // Its tasks could not have been laid out.
                let Ok(group) = part.group_of(source, partition) else { continue };
                let end = log.end_offset(&read).await?;
                let position = match log.committed_position(&group, &read).await? {
                    Some(position) => position,
                    None => log.start_offset(&read).await?,
                };
                let offsets = end.get().saturating_sub(position.get());
                let task = TaskName { subtopology: part.name.clone(), partition };
                lags.push(Lag { task, source: read, offsets });
            }
        }
    }
    Ok(lags)
}
