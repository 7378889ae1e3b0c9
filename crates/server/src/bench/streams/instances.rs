//! What a record costs as processes share the work, and how long outputs pause when one joins or dies.

mod pause;

use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use anyhow::bail;
use serde_json::{Value, json};
use topspin_log::{Log, Partition, Topic, TopicPartition};
use topspin_runtime::Names;
use topspin_stream::SourceKind;

use super::measure::fill;
use super::workload::{Workload, topology};
use super::{Place, Step};
use crate::bench::process::{cpu_seconds, peak_mebibytes};
use crate::engine::Engine;

/// What ends a partition behind its last record: the markers of transactions, in offsets.
const MARKERS: u64 = 2;
const LOOK: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_mins(15);

pub fn measure(workload: Workload, place: &Place, counts: &[u32]) -> anyhow::Result<Value> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let engine = Engine::open(&place.data, &place.kafka).await?;
        let log = engine.log.as_ref();
        eprintln!("fill …");
        fill(log, workload, 0).await?;
        let mut rounds = Vec::new();
        for (index, count) in (0..).zip(counts) {
            let place = Place { generation: place.generation + index, ..place.clone() };
            eprintln!("{count} …");
            rounds.push(round(log, workload, &place, *count).await?);
        }
        eprintln!("pauses …");
        // Of the last one, which the others have made way for.
        let last = u32::try_from(counts.len().saturating_sub(1))?;
        let place = Place { generation: place.generation + last, ..place.clone() };
        let pauses = pause::measure(log, workload, &place).await?;
        engine.close().await;
        Ok(json!({ "partitions": workload.partitions, "rounds": rounds, "longest_pause_ms": pauses }))
    })
}

/// All records by so many processes, from nothing.
async fn round(log: &dyn Log, workload: Workload, place: &Place, count: u32) -> anyhow::Result<Value> {
    let began = Instant::now();
    let members = (0..count).map(|number| Member::start(workload, place, number));
    let members = members.collect::<anyhow::Result<Vec<_>>>()?;
    wait_until_level(log, workload, &place.names()?).await?;
    let seconds = began.elapsed().as_secs_f64();
    let cpu = members.iter().map(Member::cpu_seconds).sum::<anyhow::Result<f64>>()?;
    let memory = members.iter().map(Member::peak_mebibytes).collect::<anyhow::Result<Vec<_>>>()?;
    Ok(json!({
        "instances": count,
        "seconds": seconds,
        "records_per_s": workload.records as f64 / seconds,
        "cpu_us_per_record": cpu * 1e6 / workload.records as f64,
        "peak_rss_mb": memory,
    }))
}

/// A process that shares the work until this is dropped, which kills it.
struct Member(Child);

impl Member {
    fn start(workload: Workload, place: &Place, number: u32) -> anyhow::Result<Self> {
        let member = format!("member-{number}");
        let data = place.data.join(format!("g{}-{member}", place.generation));
        std::fs::create_dir_all(&data)?;
        let place = Place { data, member, ..place.clone() };
        let mut command = place.command(Step::Serve, workload)?;
        Ok(Member(command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?))
    }

    fn cpu_seconds(&self) -> anyhow::Result<f64> {
        cpu_seconds(self.0.id())
    }

    fn peak_mebibytes(&self) -> anyhow::Result<u64> {
        peak_mebibytes(self.0.id())
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits until everything is processed that was on the log when this was called.
async fn wait_until_level(log: &dyn Log, workload: Workload, names: &Names) -> anyhow::Result<()> {
    let began = Instant::now();
    while behind(log, workload, names).await? > MARKERS {
        if began.elapsed() > PATIENCE {
            bail!("not done after {} minutes", PATIENCE.as_secs() / 60);
        }
        tokio::time::sleep(LOOK).await;
    }
    Ok(())
}

/// How far the task that is behind most is, in offsets.
async fn behind(log: &dyn Log, workload: Workload, names: &Names) -> anyhow::Result<u64> {
    let mut most = 0;
    for subtopology in topology()?.subtopologies() {
        let group = names.group(subtopology.name())?;
        for source in subtopology.sources() {
            let topic = match source.kind {
                SourceKind::Repartition => names.repartition(&source.topic)?,
                SourceKind::Stream | SourceKind::Table | SourceKind::Ticks | SourceKind::Broadcast => {
                    Topic::new(source.topic.as_str())?
                }
            };
            for number in 0..workload.partitions {
                let partition = TopicPartition::new(topic.clone(), Partition(number));
                // A process makes the topics when it starts.
                let Ok(end) = log.end_offset(&partition).await else { return Ok(u64::MAX) };
                // A coordinator that has just been made may not answer yet.
                let Ok(position) = log.committed_position(&group, &partition).await else {
                    return Ok(u64::MAX);
                };
                most = most.max(end.get().saturating_sub(position.map_or(0, topspin_log::Offset::get)));
            }
        }
    }
    Ok(most)
}
