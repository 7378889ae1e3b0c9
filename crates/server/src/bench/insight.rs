//! `topspin bench insight`: what the views cost, point by point, and how soon they know.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use topspin_event::{MatchId, Recorded, Seq, wire};
use topspin_insight::{CLOCK, MATCH_STATISTICS, insight};
use topspin_log::{
    BatchLimit, Log, Producer, Reader, Record, Start, Timestamp, Topic, TopicPartition, TopicSpec,
    TransactionalId, partition_for,
};
use topspin_runtime::{Application, Names, StartFrom, Switch, TaskCondition};
use uuid::Uuid;

use super::process::{bytes_in, cpu_seconds, peak_mebibytes};
use super::simulated::Season;
use super::topic::tick;
use crate::engine::Engine;
use crate::installation::Installation;
use crate::node;
use crate::views;

/// All views of simulated singles on the embedded log, exactly once: points a second of CPU, how the cost of a point grows with
/// the history, the state, and how long after an event its statistic is there.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  topspin bench insight --points 1000000\n  \
    topspin bench insight --points 300000 --data ./kept && topspin topology state --data ./kept")]
pub struct Args {
    /// How many points; at least 300,000, as the first and the last 100,000 are compared.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(300_000..))]
    points: u64,
    /// Where to work, which has to be empty and is left as it is; else a folder here, which is removed
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

const EVENTS: &str = "match-events";
const REFERENCE: &str = "reference";
const PARTITIONS: u32 = 8;
/// Points of a stretch whose cost is told.
const STRETCH: u64 = 100_000;
/// Rallies of a match of five games, about.
const PER_MATCH: u64 = 74;
const BATCH: usize = 5_000;
const LOOK: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_mins(90);
/// What ends a partition behind its last record: the markers of transactions, in offsets.
const MARKERS: u64 = 2;
/// Events whose way is timed, one after the other.
const TIMED: usize = 2_000;
const PACE: Duration = Duration::from_millis(5);
const MIB: f64 = 1024.0 * 1024.0;

/// Measures.
///
/// # Errors
/// Where a task fails or nothing goes on.
pub fn run(args: &Args) -> anyhow::Result<()> {
    let own = PathBuf::from(format!(".topspin-bench-{}", std::process::id()));
    let data = args.data.clone().unwrap_or_else(|| own.clone());
    fs::create_dir_all(&data)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let measured = runtime.block_on(measure(args.points, &data));
    if args.data.is_none() {
        fs::remove_dir_all(&own).with_context(|| format!("cannot remove {}", own.display()))?;
    }
    println!("{}", serde_json::to_string_pretty(&measured?)?);
    Ok(())
}

async fn measure(points: u64, data: &std::path::Path) -> anyhow::Result<Value> {
    let installation = Installation { log_id: Uuid::nil(), org: Uuid::nil(), partitions: PARTITIONS };
    let engine = node::open_copy(data, &installation)?.engine;
    for topic in [EVENTS, REFERENCE] {
        engine.log.create_topic(&TopicSpec::new(Topic::new(topic)?, PARTITIONS)).await?;
    }
    engine.log.create_topic(&TopicSpec::new(Topic::new(CLOCK)?, 1)).await?;
    let mut world = World::new(engine.log.as_ref(), points).await?;
    let topology = insight(&views::usual());
    let version = views::Version {
        generation: views::FIRST,
        from: StartFrom::Beginning,
        switch: Switch::WhenCaughtUp { max_lag: 0 },
    };
    let app = views::start_one(&topology, &engine.log, views::local(data)?, "bench", version).await?;
    let mut stretches = Vec::new();
    let (began, mut done) = (Instant::now(), 0);
    let cpu = cpu_seconds(std::process::id())?;
    while done < points {
        // The cost of filling is that of writing: it is measured by itself, and taken off.
        let before = cpu_seconds(std::process::id())?;
        let written = world.write(STRETCH).await?;
        let filled = cpu_seconds(std::process::id())?;
        settle(&app, began).await?;
        let cost = cpu_seconds(std::process::id())? - filled;
        done += written;
        eprintln!(
            "{done} points: {:.0} µs a point, {:.0} to write it",
            cost * 1e6 / written as f64,
            (filled - before) * 1e6 / written as f64
        );
        stretches.push(cost * 1e6 / written as f64);
    }
    let (seconds, cpu) = (began.elapsed().as_secs_f64(), cpu_seconds(std::process::id())? - cpu);
    let state = bytes_in(&data.join(views::FOLDER))? as f64 / MIB;
    let records = app.status().tasks.values().map(|task| task.records).sum::<u64>();
    let delays = world.delays(&engine, &app).await?;
    app.stop().await;
    engine.close().await;
    let each: f64 = stretches.iter().sum::<f64>() / stretches.len() as f64;
    // The first has the start of the program in it.
    let (early, late) = (stretches[1], stretches[stretches.len() - 1]);
    Ok(json!({
        "points": done,
        "seconds_with_writing": seconds,
        "cpu_s_with_writing": cpu,
        "cpu_us_per_point": each,
        "points_per_core_s": 1e6 / each,
        "cpu_us_per_point_by_stretch": stretches,
        "second_to_last_stretch": late / early,
        "records_of_tasks_per_point": records as f64 / done as f64,
        "state_mb_per_million_points": state * 1e6 / done as f64,
        "peak_rss_mb": peak_mebibytes(std::process::id())?,
        "event_to_statistic_ms": delays,
    }))
}

/// Waits until everything is processed that is on the log.
pub async fn settle(app: &Application, began: Instant) -> anyhow::Result<()> {
    loop {
        for (name, task) in app.status().tasks {
            if let TaskCondition::Ended(end) = task.condition {
                bail!("{}/{}: {end:?}", name.subtopology, name.partition);
            }
            if task.dead_letters > 0 {
                bail!("{}/{}: {} dead letters", name.subtopology, name.partition, task.dead_letters);
            }
        }
        let lags = app.monitor().lag_here().await?;
        // Before the tasks are there, nothing lags.
        if !lags.is_empty() && lags.iter().all(|lag| lag.offsets <= MARKERS) {
            return Ok(());
        }
        if began.elapsed() > PATIENCE {
            bail!("not done after {} minutes", PATIENCE.as_secs() / 60);
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// What is played, and where it is written.
struct World {
    season: Season,
    producer: Producer,
    day: i64,
}

impl World {
    async fn new(log: &dyn Log, points: u64) -> anyhow::Result<Self> {
        let matches = usize::try_from(points / PER_MATCH)?;
        let producer = log.begin_producer(&TransactionalId::new("bench-fill")?).await?;
        Ok(World { season: Season::new(1, matches), producer, day: 0 })
    }

    /// Whole matches until they have so many points, with a tick of the clock for each day; how many points they have.
    async fn write(&mut self, points: u64) -> anyhow::Result<u64> {
        let mut written = 0;
        let mut waiting: Vec<(TopicPartition, Record)> = Vec::new();
        while written < points {
            let events = self.season.next_match();
            let day = events[0].recorded_at.as_millis() / 86_400_000;
            if day > self.day {
                self.day = day;
                waiting.push(tick(CLOCK, day * 86_400_000)?);
            }
            written += events.iter().filter(|event| is_point(event)).count() as u64;
            for event in &events {
                waiting.push(record(event)?);
            }
            if waiting.len() >= BATCH {
                self.commit(std::mem::take(&mut waiting)).await?;
            }
        }
        self.commit(waiting).await?;
        Ok(written)
    }

    async fn commit(&mut self, records: Vec<(TopicPartition, Record)>) -> anyhow::Result<()> {
        let mut transaction = self.producer.begin();
        for (place, record) in records {
            transaction.append(place, record)?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Plays on, event by event, and times when the statistic of each is there to be read; milliseconds.
    async fn delays(&mut self, engine: &Engine, app: &Application) -> anyhow::Result<Value> {
        let names: &Names = app.deployment().names();
        let topic = names.output(MATCH_STATISTICS)?;
        let mut readers = Vec::new();
        for place in engine.log.topic(&topic).await?.topic_partitions() {
            readers.push(engine.log.reader(&place, Start::End).await?);
        }
        let mut sent: BTreeMap<(MatchId, Seq), Instant> = BTreeMap::new();
        let mut delays = Vec::with_capacity(TIMED);
        let mut events = Vec::new();
        while sent.len() + delays.len() < TIMED {
            if events.is_empty() {
                events = self.season.next_match();
                events.reverse();
            }
            let Some(event) = events.pop() else { continue };
            let pressed = Instant::now();
            self.commit(vec![record(&event)?]).await?;
            sent.insert((event.match_id, event.seq), pressed);
            read(&mut readers, &mut sent, &mut delays, pressed + PACE).await?;
        }
        let patience = Instant::now() + Duration::from_secs(30);
        while !sent.is_empty() && Instant::now() < patience {
            read(&mut readers, &mut sent, &mut delays, Instant::now() + PACE).await?;
        }
        delays.sort_by(f64::total_cmp);
        let at = |thousandths: usize| delays[(delays.len() - 1) * thousandths / 1_000];
        Ok(json!({ "events": delays.len(), "p50": at(500), "p99": at(990), "most": at(1_000) }))
    }
}

/// Reads what comes until some moment. A view says only the latest of what one transaction changed: it tells of all before.
async fn read(
    readers: &mut [Box<dyn Reader>],
    sent: &mut BTreeMap<(MatchId, Seq), Instant>,
    delays: &mut Vec<f64>,
    until: Instant,
) -> anyhow::Result<()> {
    loop {
        for reader in readers.iter_mut() {
            for committed in reader.try_next_batch(BatchLimit::default()).await? {
                let told = wire::decode_match_statistics(&committed.record.value.unwrap_or_default())?;
                let heard = |(id, seq): &(MatchId, Seq)| *id == told.match_id && *seq <= told.seq;
                let keys: Vec<_> = sent.keys().filter(|key| heard(key)).copied().collect();
                let came = keys.iter().filter_map(|key| sent.remove(key));
                delays.extend(came.map(|pressed| pressed.elapsed().as_secs_f64() * 1e3));
            }
        }
        if Instant::now() >= until {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_micros(200)).await;
    }
}

fn is_point(event: &Recorded) -> bool {
    matches!(&event.event, topspin_event::MatchEvent::Law(law) if law.outcome().is_some())
}

fn record(event: &Recorded) -> anyhow::Result<(TopicPartition, Record)> {
    let key = event.match_id.to_string();
    let place = TopicPartition::new(Topic::new(EVENTS)?, partition_for(key.as_bytes(), PARTITIONS));
    let at = Timestamp::from_millis(event.recorded_at.as_millis().cast_unsigned());
    Ok((place, Record::new(key, wire::encode_recorded(event).context("an event of this version")?, at)))
}
