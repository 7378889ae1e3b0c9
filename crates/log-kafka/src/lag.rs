//! How far a group is behind.

use topspin_log::{GroupId, Offset, ReadError, Topic, TopicPartition};

use crate::cluster::Cluster;

/// How far a group is behind in one partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lag {
    /// The partition.
    pub partition: TopicPartition,
    /// The group's committed position; `None` if it never committed one.
    pub position: Option<Offset>,
    /// The end of what is committed.
    pub end: Offset,
    /// Offsets from the position, or the start, to the end. Markers and holes count, so it is an upper bound of the
    /// records.
    pub behind: u64,
}

impl Cluster {
    pub(crate) async fn lag(&self, group: &GroupId, topics: &[Topic]) -> Result<Vec<Lag>, ReadError> {
        let mut lags = Vec::new();
        for topic in topics {
            let spec = self.spec(topic).await?;
            for partition in spec.topic_partitions() {
                let position = self.committed(group, &partition).await?;
                let (start, end) = self.bounds(&partition).await?;
                let behind = end.get().saturating_sub(position.unwrap_or(start).max(start).get());
                lags.push(Lag { partition, position, end, behind });
            }
        }
        Ok(lags)
    }
}
