//! Topics of a measurement.

use topspin_log::{BatchLimit, Committed, Log, Partition, Record, Start, Timestamp, Topic, TopicPartition};
use topspin_stream::Time;

/// Shows all records that a topic has, of one partition after the other.
pub async fn each_record(
    log: &dyn Log,
    topic: &Topic,
    mut each: impl FnMut(Committed) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    for partition in log.topic(topic).await?.topic_partitions() {
        let mut reader = log.reader(&partition, Start::Beginning).await?;
        loop {
            let batch = reader.try_next_batch(BatchLimit::default()).await?;
            if batch.is_empty() {
                break;
            }
            batch.into_iter().try_for_each(&mut each)?;
        }
    }
    Ok(())
}

/// A tick on a clock of one partition.
pub fn tick(clock: &str, at: i64) -> anyhow::Result<(TopicPartition, Record)> {
    let place = TopicPartition::new(Topic::new(clock)?, Partition(0));
    Ok((place, Record::new("clock", Time(at).to_tick().to_vec(), Timestamp::from_millis(at.cast_unsigned()))))
}
