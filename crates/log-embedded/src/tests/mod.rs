//! Faults of the disk, seeded. One seed is one run.

mod cleaning;
mod crash;
mod damage;
mod faults;
mod group_commit;
mod sim_disk;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use topspin_log::conformance::fixtures::{create_keeping, first, producer, record, t, values};
use topspin_log::{Cleanup, CommitError, Log, Producer, Receipt, Start, TopicSpec};

use crate::segment::segment_path;
use crate::{EmbeddedLog, OpenError, Options};
use sim_disk::SimDisk;

const OPTIONS: Options = Options { segment_bytes: 4096, clean_interval: None };

fn open(disk: &Arc<SimDisk>) -> Result<EmbeddedLog, OpenError> {
    EmbeddedLog::open_on(Arc::new(disk.clone()), &OPTIONS, true)
}

async fn try_commit(producer: &mut Producer, texts: &[(u32, String)]) -> Result<Receipt, CommitError> {
    let mut transaction = producer.begin();
    for (partition, text) in texts {
        transaction.append(t(*partition), record(text.clone())).expect("within limits");
    }
    transaction.commit().await
}

fn segment(id: u64) -> PathBuf {
    segment_path(Path::new("segments"), id)
}

/// Everything in a partition of the topic `t`; empty if there is no such topic.
async fn contents(log: &EmbeddedLog, partition: u32) -> Vec<String> {
    let Ok(mut reader) = log.reader(&t(partition), Start::Beginning).await else { return Vec::new() };
    values(&topspin_log::conformance::fixtures::rest(reader.as_mut()).await)
}

/// A small seeded generator (`SplitMix64`).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }
}

#[tokio::test]
async fn a_log_on_the_simulated_disk_works() {
    let disk = SimDisk::new();
    let log = open(&disk).expect("opened");
    create_keeping(&log, 1).await;
    let mut writer = producer(&log, "p").await;
    try_commit(&mut writer, &[(0, "x".into())]).await.expect("committed");
    drop(writer);
    log.close().await;
    let again = EmbeddedLog::open_on(Arc::new(disk), &OPTIONS, false).expect("opened");
    assert_eq!(values(&first(&again, &t(0), 1).await), ["x"]);
    assert!(again.create_topic(&TopicSpec::new(t(0).topic, 1).with_cleanup(Cleanup::Compact)).await.is_err());
}
