//! Records that nobody needs any more are removed.

use rdkafka::TopicPartitionList;
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::topic_partition_list::Offset as KafkaOffset;
use topspin_log::{Cleanup, Offset, TopicPartition, TrimError};

use crate::cluster::Cluster;
use crate::topics::options;

impl Cluster {
    pub(crate) async fn trim(&self, partition: &TopicPartition, before: Offset) -> Result<(), TrimError> {
        if self.known(partition).await?.cleanup == Cleanup::Compact {
            return Err(TrimError::Compacted { topic: partition.topic.clone() });
        }
        let (start, end) = self.bounds(partition).await?;
        if before > end {
            return Err(TrimError::BeyondEnd { partition: partition.clone(), wanted: before });
        }
        if before <= start {
            return Ok(());
        }
        let failed = |error: &KafkaError| match self.read_error(self.health.judge(error), partition).into() {
            TrimError::NotAuthorized { reason } => {
                TrimError::NotAuthorized { reason: format!("{reason}: Delete, to remove records") }
            }
            other => other,
        };
        let (topic, number) = (self.native(partition.topic.as_str()), partition.partition.0.cast_signed());
        let offset = KafkaOffset::Offset(before.get().cast_signed());
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(&topic, number, offset).map_err(|error| failed(&error))?;
        let answer = self.admin.delete_records(&list, &options()).await.map_err(|error| failed(&error))?;
        let silent = || TrimError::Unavailable { reason: format!("nothing was said about {partition}") };
        match answer.find_partition(&topic, number).ok_or_else(silent)?.error() {
            Err(error) if error.rdkafka_error_code() == Some(Code::OffsetOutOfRange) => {
                Err(TrimError::BeyondEnd { partition: partition.clone(), wanted: before })
            }
            Err(error) => Err(failed(&error)),
            Ok(()) => Ok(()),
        }
    }
}
