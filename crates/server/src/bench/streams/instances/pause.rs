//! The longest that outputs pause: at a steady pace, when a process joins, and when one is killed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::task::JoinSet;
use topspin_log::{
    BatchLimit, Log, Partition, Reader, Start, Topic, TopicPartition, TransactionalId, partition_for,
};

use super::{Member, wait_until_level};
use crate::bench::streams::Place;
use crate::bench::streams::workload::{LONGEST, RALLIES, Workload};

/// Records of one transaction of the driver, and its pace: 2,000 a second.
const AT_ONCE: u64 = 40;
const EVERY: Duration = Duration::from_millis(20);
const STEADY: Duration = Duration::from_secs(8);
const JOINED: Duration = Duration::from_secs(15);
/// Longer than a session.
const KILLED: Duration = Duration::from_secs(30);

/// When each partition last had an output, and its longest pause since the phase began.
type Seen = Arc<Mutex<BTreeMap<Partition, (Instant, Duration)>>>;

pub async fn measure(log: &dyn Log, workload: Workload, place: &Place) -> anyhow::Result<Value> {
    let one = Member::start(workload, place, 0)?;
    let two = Member::start(workload, place, 1)?;
    wait_until_level(log, workload, &place.names()?).await?;
    let seen = Seen::default();
    let mut tasks = JoinSet::new();
    for number in 0..workload.partitions {
        let partition = TopicPartition::new(place.output(LONGEST)?, Partition(number));
        tasks.spawn(watch(log.reader(&partition, Start::End).await?, seen.clone()));
    }
    let driver = drive(log, workload);
    let phases = async {
        tokio::time::sleep(STEADY).await;
        anyhow::ensure!(
            !seen.lock().unwrap_or_else(PoisonError::into_inner).is_empty(),
            "there are no outputs"
        );
        begin(&seen);
        let steady = phase(&seen, STEADY).await;
        let three = Member::start(workload, place, 2)?;
        let joined = phase(&seen, JOINED).await;
        drop(three);
        let killed = phase(&seen, KILLED).await;
        anyhow::Ok(json!({ "steady": steady, "third_joins": joined, "third_is_killed": killed }))
    };
    let measured = tokio::select! {
        failed = driver => failed.map(|never| match never {}),
        measured = phases => measured,
    };
    drop((one, two));
    measured
}

/// Writes further records at an even pace.
async fn drive(log: &dyn Log, workload: Workload) -> anyhow::Result<std::convert::Infallible> {
    let mut producer = log.begin_producer(&TransactionalId::new("bench-drive")?).await?;
    let topic = Topic::new(RALLIES)?;
    let mut pace = tokio::time::interval(EVERY);
    let mut next = workload.records;
    loop {
        pace.tick().await;
        let mut transaction = producer.begin();
        for n in next..next + AT_ONCE {
            let record = workload.rally(n).record();
            let partition = partition_for(record.key.as_deref().unwrap_or_default(), workload.partitions);
            transaction.append(TopicPartition::new(topic.clone(), partition), record)?;
        }
        transaction.commit().await?;
        next += AT_ONCE;
    }
}

async fn watch(mut outputs: Box<dyn Reader>, seen: Seen) -> anyhow::Result<()> {
    loop {
        outputs.next_batch(BatchLimit::default()).await?;
        let now = Instant::now();
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, longest) = seen.entry(outputs.partition().partition).or_insert((now, Duration::ZERO));
        *longest = (*longest).max(now - *last);
        *last = now;
    }
}

/// Forgets the pauses so far. One that goes on began before: it counts whole for the phase that it ends in.
fn begin(seen: &Seen) {
    for (_, longest) in seen.lock().unwrap_or_else(PoisonError::into_inner).values_mut() {
        *longest = Duration::ZERO;
    }
}

/// The longest pause of any partition in a phase, ms.
async fn phase(seen: &Seen, lasts: Duration) -> u64 {
    tokio::time::sleep(lasts).await;
    let longest = {
        let seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        let longest = seen.values().map(|(last, longest)| (*longest).max(last.elapsed()));
        longest.max().unwrap_or_default()
    };
    begin(seen);
    u64::try_from(longest.as_millis()).unwrap_or(u64::MAX)
}
