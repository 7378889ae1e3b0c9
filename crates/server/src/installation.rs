//! What every process on one cluster shares: it stands on the log itself, written once by the first of them.

use anyhow::{Context as _, bail};
use serde::{Deserialize, Serialize};
use topspin_event::Timestamp;
use topspin_log::{
    BatchLimit, Cleanup, Log, Partition, Producer, Record, Start, Topic, TopicPartition, TopicSpec,
    TransactionalId,
};
use uuid::Uuid;

use crate::node;

const NAME: &str = "installation";

/// An installation: one log with everything that is derived from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Installation {
    /// Names the log: cursors of another mean nothing on it.
    pub log_id: Uuid,
    /// The tenant of new records.
    pub org: Uuid,
    /// Partitions of every topic of matches.
    pub partitions: u32,
}

/// The topic that says so. It is not copied to another log, which is another installation.
pub fn topic() -> Topic {
    Topic::new(NAME).expect("a word is a name")
}

/// The installation of a log that has one.
pub async fn find(log: &dyn Log) -> anyhow::Result<Option<Installation>> {
    if !log.topics().await?.iter().any(|spec| spec.topic == topic()) {
        return Ok(None);
    }
    let mut reader = log.reader(&place(), Start::Beginning).await?;
    let batch = reader.try_next_batch(BatchLimit::records(1)).await?;
    let Some(value) = batch.first().and_then(|first| first.record.value.as_ref()) else { return Ok(None) };
    let found = serde_json::from_slice(value).with_context(|| format!("the topic {NAME} makes no sense"))?;
    Ok(Some(found))
}

/// The installation of a log; `new` becomes it if there is none. Of several processes that start at once, one has its
/// way: each fences the one before, and only the last can commit.
pub async fn found(log: &dyn Log, new: Installation, at: Timestamp) -> anyhow::Result<Installation> {
    log.create_topic(&TopicSpec::new(topic(), 1).with_cleanup(Cleanup::Compact)).await?;
    for _ in 0..TRIES {
        let id = TransactionalId::new(NAME).expect("a word is a name");
        let mut producer = log.begin_producer(&id).await?;
        if let Some(found) = find(log).await? {
            return Ok(found);
        }
        if write(&mut producer, &new, at).await.is_ok() {
            return Ok(new);
        }
    }
    bail!("cannot write the topic {NAME}: other processes start at the same time; start this one again")
}

/// Each other process that starts at the same time can be in the way once.
const TRIES: usize = 16;

async fn write(producer: &mut Producer, new: &Installation, at: Timestamp) -> anyhow::Result<()> {
    let mut transaction = producer.begin();
    transaction.append(place(), Record::new(NAME, serde_json::to_vec(new)?, node::record_time(at)))?;
    transaction.commit().await?;
    Ok(())
}

fn place() -> TopicPartition {
    TopicPartition::new(topic(), Partition(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use topspin_log::memory::MemoryLog;

    fn one(partitions: u32) -> Installation {
        Installation { log_id: Uuid::new_v4(), org: Uuid::new_v4(), partitions }
    }

    #[tokio::test]
    async fn the_first_process_says_what_the_installation_is() {
        let log = MemoryLog::new();
        assert_eq!(find(&log).await.expect("readable"), None);
        let first = one(8);
        let at = Timestamp::EPOCH;
        assert_eq!(found(&log, first.clone(), at).await.expect("made"), first);
        assert_eq!(found(&log, one(12), at).await.expect("there"), first);
        assert_eq!(find(&log).await.expect("readable"), Some(first));
    }

    #[tokio::test]
    async fn those_that_start_at_once_agree() {
        let log = MemoryLog::new();
        let starts = (1..=8).map(|partitions| {
            let log = log.clone();
            tokio::spawn(async move { found(&log, one(partitions), Timestamp::EPOCH).await })
        });
        let mut all = Vec::new();
        for start in starts.collect::<Vec<_>>() {
            all.push(start.await.expect("ended").expect("made"));
        }
        assert!(all.iter().all(|found| *found == all[0]), "{all:?}");
    }
}
