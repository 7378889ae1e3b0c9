//! Topics between subtopologies keep what their tasks have yet to process, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use topspin_log::{Log, Offset, Topic, TopicPartition, TrimError};
use topspin_stream::SourceKind;

use super::Board;
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
        let (mut swept, mut before) = (BTreeMap::new(), Ok(()));
        loop {
            tokio::time::sleep(SWEEP_INTERVAL).await;
            let done = self.once(&mut swept).await;
            if let Err(error) = done.as_ref()
                && done != before
            {
                tracing::warn!(%error, "what is processed stays between subtopologies");
            }
            before = done;
        }
    }

    /// What the tasks themselves have committed, not what a group says: others can move that.
    async fn once(&self, swept: &mut BTreeMap<TopicPartition, Offset>) -> Result<(), TrimError> {
        let parts = self.deployment.parts().iter();
        let sources = parts.flat_map(|part| &part.sources);
        let between = sources.filter(|source| source.kind == SourceKind::Repartition);
        let between: BTreeSet<&Topic> = between.map(|source| &source.topic).collect();
        let mut done = Ok(());
        for (partition, position) in self.board.positions() {
            if between.contains(&partition.topic) && swept.get(&partition) < Some(&position) {
                match self.log.trim(&partition, position).await {
                    Ok(()) => drop(swept.insert(partition, position)),
                    // The others are not to wait for this one.
                    Err(error) => done = Err(error),
                }
            }
        }
        done
    }
}
