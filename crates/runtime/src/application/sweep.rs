//! Topics between subtopologies keep what their tasks have yet to process, and nothing else.

use std::sync::Arc;

use topspin_log::{Log, Partition, TrimError};
use topspin_stream::SourceKind;

use super::{Board, TaskName};
use crate::Deployment;
use crate::limits::SWEEP_INTERVAL;

/// Removes behind the tasks of this process what they have committed.
pub(super) struct Sweep {
    pub(super) log: Arc<dyn Log>,
    pub(super) deployment: Arc<Deployment>,
    pub(super) board: Arc<Board>,
}

impl Sweep {
    /// Until it is dropped.
    pub(super) async fn run(&self) {
        let mut last = Ok(());
        loop {
            tokio::time::sleep(SWEEP_INTERVAL).await;
            let swept = self.once().await;
            if let Err(error) = swept.as_ref()
                && swept != last
            {
                tracing::warn!(%error, "what is processed stays between subtopologies");
            }
            last = swept;
        }
    }

    async fn once(&self) -> Result<(), TrimError> {
        for part in self.deployment.parts() {
            let sources = part.sources.iter().enumerate();
            let between = sources.filter(|(_, source)| source.kind == SourceKind::Repartition);
            for (source, _) in between {
                for partition in (0..part.partitions).map(Partition) {
                    let task = TaskName { subtopology: part.name.clone(), partition };
                    // Its tasks could not have been laid out.
                    let Ok(group) = part.group_of(source, partition) else { continue };
                    let read = part.read_by(source, partition);
                    if self.board.has(&task)
                        && let Some(position) = self.log.committed_position(&group, &read).await?
                    {
                        self.log.trim(&read, position).await?;
                    }
                }
            }
        }
        Ok(())
    }
}
