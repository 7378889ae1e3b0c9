//! `topspin bench months`: for each player how many rallies, and the longest of the last 24 months, beside stream processors of
//! others that do the same (bench/months/README.md).

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context as _;
use bytes::Bytes;
use jiff::tz::TimeZone;
use serde_json::{Value, json};
use topspin_log::{Log, Record, Timestamp, Topic, TopicPartition, TopicSpec, TransactionalId, partition_for};
use topspin_runtime::{StartFrom, Switch};
use topspin_stream::{Builder, Encoded, Horizon, Input, Moment, Reason, Time, Topology};

use super::insight::settle;
use super::process::{bytes_in, cpu_seconds, peak_mebibytes};
use super::topic::{each_record, tick};
use crate::engine::{Engine, KafkaArgs};
use crate::views;

/// For each of 1,000 players how many rallies, and the longest of the last 24 months, exactly once on the embedded log.
///
/// The rallies are of three years, with a tick of the clock for each day. --rows writes them for other programs.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  topspin bench months --rows rallies.csv")]
pub struct Args {
    /// How many rallies
    #[arg(long, default_value_t = 2_000_000)]
    records: u64,
    /// Writes the rallies to this file, and processes nothing
    #[arg(long, value_name = "FILE")]
    rows: Option<PathBuf>,
}

const RALLIES: &str = "rallies";
const CLOCK: &str = "clock";
const COUNTS: &str = "counts";
const LONGEST: &str = "longest";
const PARTITIONS: u32 = 4;
const PLAYERS: u64 = 1_000;
const MONTHS: u32 = 24;
/// 1 January 2024, and the days from then on.
const START_MS: i64 = 1_704_067_200_000;
const DAYS: u64 = 1_096;
const DAY_MS: i64 = 86_400_000;
const BATCH: u64 = 10_000;

/// Measures.
///
/// # Errors
/// Where a task fails or nothing goes on.
pub fn run(args: &Args) -> anyhow::Result<()> {
    if let Some(path) = &args.rows {
        return write_rows(path, args.records);
    }
    let data = PathBuf::from(format!(".topspin-bench-{}", std::process::id()));
    fs::create_dir_all(&data)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let measured = runtime.block_on(measure(args.records, &data));
    fs::remove_dir_all(&data).with_context(|| format!("cannot remove {}", data.display()))?;
    println!("{}", serde_json::to_string_pretty(&measured?)?);
    Ok(())
}

/// Player, strokes and time of rally number `n`.
fn rally(n: u64, records: u64) -> (u64, i64, i64) {
    let mut mixed = n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^= mixed >> 31;
    let at = START_MS + (n * (DAYS * 86_400_000 / records.max(1))).cast_signed();
    (mixed % PLAYERS, (1 + (mixed >> 40) % 1_000).cast_signed(), at)
}

fn write_rows(path: &Path, records: u64) -> anyhow::Result<()> {
    let mut file = BufWriter::new(fs::File::create(path)?);
    writeln!(file, "player,strokes,at")?;
    for n in 0..records {
        let (player, strokes, at) = rally(n, records);
        writeln!(file, "{player},{strokes},{at}")?;
    }
    Ok(file.flush()?)
}

fn topology() -> anyhow::Result<Topology> {
    let builder = Builder::new("months", 1);
    let ticks = builder.ticks(CLOCK);
    let rallies = builder.stream(RALLIES, decode);
    rallies.count("count").to_view(COUNTS, |player, count, record| write(*player, count.copied(), record));
    let horizon = Horizon { months: MONTHS, zones: vec![TimeZone::UTC] };
    let recent =
        rallies.last_months("recent", &ticks, horizon, |_, rally| Moment { at: Time(rally.1), zone: 0 });
    let longest = recent.max("max", |_, rally| rally.0).map_values("strokes", |_, rally| rally.0);
    longest.to_view(LONGEST, |player, strokes, record| write(*player, strokes.copied(), record));
    Ok(builder.build()?)
}

/// A player's number, then strokes and time.
type Rally = (u64, (i64, i64));

fn decode(input: &Input<'_>) -> Result<Option<Rally>, Reason> {
    let number = |bytes: Option<&[u8]>| bytes.and_then(|bytes| bytes.try_into().ok()).map(i64::from_be_bytes);
    let (value, key) = (input.value.unwrap_or_default(), number(input.key));
    let strokes = number(value.get(..8)).ok_or("no rally")?;
    let at = number(value.get(8..)).ok_or("no rally")?;
    Ok(Some((key.ok_or("no player")?.cast_unsigned(), (strokes, at))))
}

fn write(player: u64, value: Option<i64>, record: &mut Encoded) {
    record.key.extend_from_slice(&player.to_be_bytes());
    record.value.extend(value.into_iter().flat_map(i64::to_be_bytes));
}

async fn measure(records: u64, data: &Path) -> anyhow::Result<Value> {
    let engine = Engine::open(data, &KafkaArgs::default()).await?;
    engine.log.create_topic(&TopicSpec::new(Topic::new(RALLIES)?, PARTITIONS)).await?;
    engine.log.create_topic(&TopicSpec::new(Topic::new(CLOCK)?, 1)).await?;
    fill(engine.log.as_ref(), records).await?;
    let (began, cpu) = (Instant::now(), cpu_seconds(std::process::id())?);
    let switch = Switch::WhenCaughtUp { max_lag: 0 };
    let version = views::Version { generation: views::FIRST, from: StartFrom::Beginning, switch };
    let app = views::start_one(&topology()?, &engine.log, views::local(data)?, "bench", version).await?;
    settle(&app, began).await?;
    let (seconds, cpu) = (began.elapsed().as_secs_f64(), cpu_seconds(std::process::id())? - cpu);
    let names = app.deployment().names().clone();
    app.stop().await;
    let counts = last_values(engine.log.as_ref(), &names.output(COUNTS)?).await?;
    let longest = last_values(engine.log.as_ref(), &names.output(LONGEST)?).await?;
    engine.close().await;
    Ok(json!({
        "records": records,
        "seconds": seconds,
        "cpu_s": cpu,
        "records_per_core_s": records as f64 / cpu,
        "peak_rss_mb": peak_mebibytes(std::process::id())?,
        "state_mb": bytes_in(&data.join(views::FOLDER))? / (1024 * 1024),
        "sum_of_counts": weighed(&counts),
        "sum_of_longest": weighed(&longest),
    }))
}

/// What every program has to come to: the values, each times the player's number and one.
fn weighed(values: &BTreeMap<u64, i64>) -> i64 {
    values.iter().map(|(player, value)| (player + 1).cast_signed() * value).sum()
}

async fn fill(log: &dyn Log, records: u64) -> anyhow::Result<()> {
    let mut producer = log.begin_producer(&TransactionalId::new("bench-fill")?).await?;
    let (mut next, mut day) = (0, START_MS);
    while next < records {
        let mut transaction = producer.begin();
        for n in next..records.min(next + BATCH) {
            let (player, strokes, at) = rally(n, records);
            while day <= at {
                let (place, record) = tick(CLOCK, day)?;
                transaction.append(place, record)?;
                day += DAY_MS;
            }
            let key = player.to_be_bytes();
            let value = [strokes.to_be_bytes(), at.to_be_bytes()].concat();
            let record =
                Record::new(Bytes::copy_from_slice(&key), value, Timestamp::from_millis(at.cast_unsigned()));
            let place = TopicPartition::new(Topic::new(RALLIES)?, partition_for(&key, PARTITIONS));
            transaction.append(place, record)?;
        }
        transaction.commit().await?;
        next += BATCH;
    }
    // The last day ends: what was played on it is in the window.
    let mut transaction = producer.begin();
    let (place, record) = tick(CLOCK, day)?;
    transaction.append(place, record)?;
    transaction.commit().await?;
    Ok(())
}

async fn last_values(log: &dyn Log, view: &Topic) -> anyhow::Result<BTreeMap<u64, i64>> {
    let mut values = BTreeMap::new();
    each_record(log, view, |committed| {
        let key = u64::from_be_bytes(committed.record.key.context("a key")?.as_ref().try_into()?);
        match committed.record.value {
            Some(value) => values.insert(key, i64::from_be_bytes(value.as_ref().try_into()?)),
            None => values.remove(&key),
        };
        Ok(())
    })
    .await?;
    Ok(values)
}
