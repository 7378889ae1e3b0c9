//! The steps.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use topspin_log::{BatchLimit, Log, Start, Topic, TopicPartition, TopicSpec, TransactionalId, partition_for};
use topspin_runtime::{Application, Switch, TaskCondition};

use super::Step;
use super::workload::{LONGEST, Longest, PARTITIONS, PER_MATCH, RALLIES, Rally, topology};
use crate::bench::start::memory;
use crate::engine::{Engine, KafkaArgs};
use crate::views;

/// Records of one transaction of the filling.
const FILL_BATCH: u64 = 10_000;
/// How often the progress is looked at.
const LOOK: Duration = Duration::from_millis(10);
/// The longest that a step may take.
const PATIENCE: Duration = Duration::from_mins(30);

pub fn step(step: Step, records: u64, data: &Path, kafka: &KafkaArgs) -> anyhow::Result<Value> {
    let began = Instant::now();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        if step == Step::Vector {
            return Ok(vector(records));
        }
        let engine = Engine::open(data, kafka).await?;
        let told = match step {
            Step::Fill => fill(engine.log.as_ref(), records).await,
            Step::Run => process(&engine, data, records, began).await,
            Step::Restore => restore(&engine, data).await,
            Step::Verify => verify(engine.log.as_ref(), records).await,
            Step::Vector => unreachable!("measured without a log"),
        };
        engine.close().await;
        told
    })
}

async fn fill(log: &dyn Log, records: u64) -> anyhow::Result<Value> {
    let topic = Topic::new(RALLIES)?;
    log.create_topic(&TopicSpec::new(topic.clone(), PARTITIONS)).await?;
    let mut producer = log.begin_producer(&TransactionalId::new("bench-fill")?).await?;
    let mut next = 0;
    while next < records {
        let mut transaction = producer.begin();
        for n in next..records.min(next + FILL_BATCH) {
            let record = Rally::numbered(n).record();
            let partition = partition_for(record.key.as_deref().unwrap_or_default(), PARTITIONS);
            transaction.append(TopicPartition::new(topic.clone(), partition), record)?;
        }
        transaction.commit().await?;
        next += FILL_BATCH;
    }
    Ok(json!({ "records": records }))
}

async fn start(engine: &Engine, data: &Path) -> anyhow::Result<Application> {
    let switch = Switch::WhenCaughtUp { max_lag: 0 };
    views::start_one(&topology()?, &engine.log, views::local(data)?, "bench", switch).await
}

async fn process(engine: &Engine, data: &Path, records: u64, began: Instant) -> anyhow::Result<Value> {
    let application = start(engine, data).await?;
    // Every record of the topic is processed once, and once more behind the repartition.
    while processed(&application)? < 2 * records {
        patient(began)?;
        tokio::time::sleep(LOOK).await;
    }
    let seconds = began.elapsed().as_secs_f64();
    let cpu = cpu_seconds()?;
    let tasks = application.status().tasks;
    let commits: u64 = tasks.values().map(|task| task.commits).sum();
    application.stop().await;
    Ok(json!({
        "seconds": seconds,
        "records_per_s": records as f64 / seconds,
        "cpu_s": cpu,
        "records_per_core_s": records as f64 / cpu,
        "peak_rss_mb": peak_mebibytes()?,
        "commits": commits,
    }))
}

fn processed(application: &Application) -> anyhow::Result<u64> {
    let mut sum = 0;
    for (name, task) in application.status().tasks {
        if let TaskCondition::Ended(end) = task.condition {
            bail!("{}/{}: {end:?}", name.subtopology, name.partition);
        }
        if task.dead_letters > 0 {
            bail!("{}/{}: {} dead letters", name.subtopology, name.partition, task.dead_letters);
        }
        sum += task.records;
    }
    Ok(sum)
}

async fn restore(engine: &Engine, data: &Path) -> anyhow::Result<Value> {
    fs::remove_dir_all(data.join(views::FOLDER)).context("the local state")?;
    let (before, began) = (cpu_seconds()?, Instant::now());
    let application = start(engine, data).await?;
    let tasks = 2 * PARTITIONS as usize;
    let running = |status: topspin_runtime::ApplicationStatus| {
        status.tasks.values().filter(|task| task.condition == TaskCondition::Running).count()
    };
    while running(application.status()) < tasks {
        patient(began)?;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let told = json!({
        "restore_s": began.elapsed().as_secs_f64(),
        "restore_cpu_s": cpu_seconds()? - before,
        "restore_peak_rss_mb": peak_mebibytes()?,
    });
    application.stop().await;
    Ok(told)
}

/// The fold that both views must come to.
fn folded(rallies: impl Iterator<Item = Rally>) -> (BTreeMap<u32, i64>, BTreeMap<(u32, i64), Longest>) {
    let (mut counts, mut longest) = (BTreeMap::new(), BTreeMap::<_, Longest>::new());
    for rally in rallies {
        *counts.entry(rally.match_number).or_default() += 1;
        longest.entry((rally.player, rally.window_ms())).or_default().add(rally.strokes, rally.at_ms);
    }
    (counts, longest)
}

fn vector(records: u64) -> Value {
    let rallies: Vec<_> = (0..records).map(Rally::numbered).collect();
    let began = Instant::now();
    let (counts, longest) = folded(rallies.into_iter());
    let seconds = began.elapsed().as_secs_f64();
    json!({ "vector_records_per_core_s": records as f64 / seconds, "keys": counts.len() + longest.len() })
}

async fn verify(log: &dyn Log, records: u64) -> anyhow::Result<Value> {
    let (counts, longest) = folded((0..records).map(Rally::numbered));
    let expected: BTreeMap<Vec<u8>, Vec<u8>> = counts
        .iter()
        .map(|(key, count)| (key.to_be_bytes().to_vec(), count.to_be_bytes().to_vec()))
        .collect();
    same(PER_MATCH, &last_values(log, PER_MATCH).await?, &expected)?;
    let expected = longest.iter().map(|((player, window), longest)| {
        let key = [&player.to_be_bytes()[..], &window.to_be_bytes()].concat();
        (key, [&longest.strokes.to_be_bytes()[..], &longest.latest_ms.to_be_bytes()].concat())
    });
    same(LONGEST, &last_values(log, LONGEST).await?, &expected.collect())?;
    Ok(json!({ "correct": true }))
}

fn same(
    view: &str,
    found: &BTreeMap<Vec<u8>, Vec<u8>>,
    expected: &BTreeMap<Vec<u8>, Vec<u8>>,
) -> anyhow::Result<()> {
    if found.len() != expected.len() {
        bail!("{view} has {} keys, not {}", found.len(), expected.len());
    }
    match expected.iter().find(|(key, value)| found.get(*key) != Some(value)) {
        Some((key, value)) => bail!("{view}: {key:?} is {:?}, not {value:?}", found.get(key)),
        None => Ok(()),
    }
}

async fn last_values(log: &dyn Log, view: &str) -> anyhow::Result<BTreeMap<Vec<u8>, Vec<u8>>> {
    let mut values = BTreeMap::new();
    for partition in
        log.topic(&Topic::new(format!("{view}.{}", views::GENERATION))?).await?.topic_partitions()
    {
        let mut reader = log.reader(&partition, Start::Beginning).await?;
        loop {
            let batch = reader.try_next_batch(BatchLimit::default()).await?;
            if batch.is_empty() {
                break;
            }
            for committed in batch {
                let key = committed.record.key.unwrap_or_default().to_vec();
                values.insert(key, committed.record.value.unwrap_or_default().to_vec());
            }
        }
    }
    Ok(values)
}

fn patient(began: Instant) -> anyhow::Result<()> {
    if began.elapsed() > PATIENCE {
        bail!("not done after {} minutes", PATIENCE.as_secs() / 60);
    }
    Ok(())
}

/// User and system time of all threads of this process.
fn cpu_seconds() -> anyhow::Result<f64> {
    // The fields behind the name, which is in parentheses and may hold spaces: proc_pid_stat(5), 14 and 15 in all.
    let stat = fs::read_to_string("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(')').context("/proc/self/stat")?;
    let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
    let ticks = ticks.sum::<Result<u64, _>>().context("/proc/self/stat")?;
    // USER_HZ is 100 on every Linux.
    Ok(ticks as f64 / 100.0)
}

fn peak_mebibytes() -> anyhow::Result<u64> {
    let peak = memory(std::process::id(), "VmHWM:").context("/proc/self/status")?;
    Ok(peak / (1024 * 1024))
}
