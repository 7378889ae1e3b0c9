//! The steps.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use topspin_log::{Log, Topic, TopicPartition, TopicSpec, TransactionalId, partition_for};
use topspin_runtime::{Application, StartFrom, Switch, TaskCondition};

use super::workload::{LONGEST, Longest, PER_MATCH, RALLIES, Rally, Workload, topology};
use super::{Place, Step};
use crate::bench::process::{bytes_in, cpu_seconds, peak_mebibytes};
use crate::bench::topic::each_record;
use crate::engine::Engine;
use crate::views;

/// Records of one transaction of the filling.
const FILL_BATCH: u64 = 10_000;
const MIB: u64 = 1024 * 1024;
/// How often the progress is looked at.
const LOOK: Duration = Duration::from_millis(10);
/// The longest that a step may take.
const PATIENCE: Duration = Duration::from_mins(30);

/// Takes one step and tells what came of it.
pub fn step(step: Step, workload: Workload, place: &Place) -> anyhow::Result<Value> {
    let began = Instant::now();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        if step == Step::Vector {
            return Ok(vector(workload));
        }
        let engine = Engine::open(&place.data, &place.kafka).await?;
        let told = match step {
            Step::Fill => fill(engine.log.as_ref(), workload, 0).await,
            Step::Run => process(&engine, place, workload.records, began).await,
            Step::Restore => restore(&engine, place, workload).await,
            Step::Serve => serve(&engine, place).await,
            Step::Verify => verify(engine.log.as_ref(), place, workload).await,
            Step::Vector => unreachable!("measured without a log"),
        };
        engine.close().await;
        told
    })
}

/// Writes records from number `from` on.
pub async fn fill(log: &dyn Log, workload: Workload, from: u64) -> anyhow::Result<Value> {
    let topic = Topic::new(RALLIES)?;
    log.create_topic(&TopicSpec::new(topic.clone(), workload.partitions)).await?;
    let mut producer = log.begin_producer(&TransactionalId::new("bench-fill")?).await?;
    let mut next = from;
    while next < workload.records {
        let mut transaction = producer.begin();
        for n in next..workload.records.min(next + FILL_BATCH) {
            let record = workload.rally(n).record();
            let partition = partition_for(record.key.as_deref().unwrap_or_default(), workload.partitions);
            transaction.append(TopicPartition::new(topic.clone(), partition), record)?;
        }
        transaction.commit().await?;
        next += FILL_BATCH;
    }
    Ok(json!({ "records": workload.records - from }))
}

async fn start(engine: &Engine, place: &Place) -> anyhow::Result<Application> {
    let switch = Switch::WhenCaughtUp { max_lag: 0 };
    let local = views::local(&place.data)?;
    let version = views::Version { generation: place.generation(), from: StartFrom::Beginning, switch };
    views::start_one(&topology()?, &engine.log, local, &place.member, version).await
}

async fn process(engine: &Engine, place: &Place, records: u64, began: Instant) -> anyhow::Result<Value> {
    let application = start(engine, place).await?;
    // Every record of the topic is processed once, and once more behind the repartition.
    while processed(&application)? < 2 * records {
        patient(began)?;
        tokio::time::sleep(LOOK).await;
    }
    let seconds = began.elapsed().as_secs_f64();
    let cpu = cpu_seconds(std::process::id())?;
    let tasks = application.status().tasks;
    let commits: u64 = tasks.values().map(|task| task.commits).sum();
    application.stop().await;
    Ok(json!({
        "seconds": seconds,
        "records_per_s": records as f64 / seconds,
        "cpu_s": cpu,
        "records_per_core_s": records as f64 / cpu,
        "peak_rss_mb": peak_mebibytes(std::process::id())?,
        "state_mb": bytes_in(&place.data.join(views::FOLDER))? / MIB,
        "commits": commits,
    }))
}

/// Processes until somebody ends the process.
async fn serve(engine: &Engine, place: &Place) -> anyhow::Result<Value> {
    let application = start(engine, place).await?;
    tokio::signal::ctrl_c().await?;
    application.stop().await;
    Ok(json!({}))
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

async fn restore(engine: &Engine, place: &Place, workload: Workload) -> anyhow::Result<Value> {
    fs::remove_dir_all(place.data.join(views::FOLDER)).context("the local state")?;
    let own = std::process::id();
    let (before, began) = (cpu_seconds(own)?, Instant::now());
    let application = start(engine, place).await?;
    let tasks = 2 * workload.partitions as usize;
    let running = |status: topspin_runtime::ApplicationStatus| {
        status.tasks.values().filter(|task| task.condition == TaskCondition::Running).count()
    };
    while running(application.status()) < tasks {
        patient(began)?;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let told = json!({
        "restore_s": began.elapsed().as_secs_f64(),
        "restore_cpu_s": cpu_seconds(own)? - before,
        "restore_peak_rss_mb": peak_mebibytes(own)?,
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

fn vector(workload: Workload) -> Value {
    let rallies: Vec<_> = workload.rallies().collect();
    let began = Instant::now();
    let (counts, longest) = folded(rallies.into_iter());
    let seconds = began.elapsed().as_secs_f64();
    json!({ "vector_records_per_core_s": workload.records as f64 / seconds, "keys": counts.len() + longest.len() })
}

async fn verify(log: &dyn Log, place: &Place, workload: Workload) -> anyhow::Result<Value> {
    let (counts, longest) = folded(workload.rallies());
    let expected: BTreeMap<Vec<u8>, Vec<u8>> = counts
        .iter()
        .map(|(key, count)| (key.to_be_bytes().to_vec(), count.to_be_bytes().to_vec()))
        .collect();
    same(PER_MATCH, &last_values(log, &place.output(PER_MATCH)?).await?, &expected)?;
    let expected = longest.iter().map(|((player, window), longest)| {
        let key = [&player.to_be_bytes()[..], &window.to_be_bytes()].concat();
        (key, [&longest.strokes.to_be_bytes()[..], &longest.latest_ms.to_be_bytes()].concat())
    });
    same(LONGEST, &last_values(log, &place.output(LONGEST)?).await?, &expected.collect())?;
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

async fn last_values(log: &dyn Log, view: &Topic) -> anyhow::Result<BTreeMap<Vec<u8>, Vec<u8>>> {
    let mut values = BTreeMap::new();
    each_record(log, view, |committed| {
        let key = committed.record.key.unwrap_or_default().to_vec();
        values.insert(key, committed.record.value.unwrap_or_default().to_vec());
        Ok(())
    })
    .await?;
    Ok(values)
}

fn patient(began: Instant) -> anyhow::Result<()> {
    if began.elapsed() > PATIENCE {
        bail!("not done after {} minutes", PATIENCE.as_secs() / 60);
    }
    Ok(())
}
