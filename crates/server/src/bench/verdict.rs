//! From a command to its verdict with the log on Kafka, beside a bare transaction.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde::Serialize;
use topspin_log::{
    Log, Partition, Producer, Record, Timestamp, Topic, TopicPartition, TopicSpec, TransactionalId,
};

use super::figures::Figures;
use super::load::{House, match_id};
use super::yardstick::WRITE_BYTES;
use crate::engine::KafkaArgs;
use crate::node::Node;

/// Time from a command to its verdict with the log on Kafka, beside a bare transaction in the same run.
///
/// Two nodes share the cluster. A command is decided by the node that is asked, or forwarded to the other and decided
/// there. Between the commands one record, as large as what a command writes, is committed in a transaction of its own.
/// What is written stays on the cluster: give it a --kafka-prefix.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  topspin bench verdict --kafka 127.0.0.1:9092 --kafka-replication 1")]
pub struct Args {
    /// Commands to measure, of each kind.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(10..=5_000))]
    commands: u32,
    /// Where the data directories are made; they are removed at the end.
    #[arg(long, value_name = "DIR", default_value = ".")]
    dir: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    kafka: KafkaArgs,
}

/// What came of it.
#[derive(Debug, Serialize)]
struct Report {
    transaction_bytes: usize,
    transaction: Figures,
    /// By the node that was asked.
    decided_here: Figures,
    /// By the other.
    decided_elsewhere: Figures,
    here_p50_ratio: f64,
    here_p99_ratio: f64,
    elsewhere_p50_ratio: f64,
    elsewhere_p99_ratio: f64,
}

const MATCHES: u32 = 64;
const LANES: u32 = 8;
/// How long two nodes may take to share the lanes.
const PATIENCE: Duration = Duration::from_mins(1);

/// Measures.
///
/// # Errors
/// Where the cluster cannot be used, or a command is not decided.
pub fn run(args: &Args) -> anyhow::Result<()> {
    if args.kafka.bootstrap.is_none() {
        bail!("name a cluster with --kafka; `topspin bench press` measures the log in a directory");
    }
    let data = args.dir.join(format!(".topspin-bench-{}", std::process::id()));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let measured = runtime.block_on(measure(args, &data));
    std::fs::remove_dir_all(&data).with_context(|| format!("cannot remove {}", data.display()))?;
    let report = measured?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        show(&report);
    }
    Ok(())
}

async fn measure(args: &Args, data: &Path) -> anyhow::Result<Report> {
    let asked = Node::open(&data.join("asked"), Some(LANES), &args.kafka).await?;
    let other = Node::open(&data.join("other"), Some(LANES), &args.kafka).await?;
    wait_until_shared(&[&asked, &other]).await?;
    let house = House::new(asked.home.clone(), MATCHES);
    for number in 0..MATCHES as usize {
        house.open(number).await?;
    }
    let (here, elsewhere): (Vec<_>, Vec<_>) =
        (0..MATCHES as usize).partition(|number| asked.home.lane_of(match_id(*number)).owned);
    let mut transactions = Transactions::open(asked.engine().log.as_ref()).await?;
    let (mut bare, mut near, mut far) = (Vec::new(), Vec::new(), Vec::new());
    for turn in 0..args.commands as usize {
        bare.push(transactions.commit().await?);
        near.push(house.point(here[turn % here.len()]).await?);
        far.push(house.point(elsewhere[turn % elsewhere.len()]).await?);
    }
    drop(house);
    asked.close().await;
    other.close().await;
    Ok(report(bare, near, far))
}

async fn wait_until_shared(nodes: &[&Node]) -> anyhow::Result<()> {
    let began = Instant::now();
    let owned = |node: &&Node| node.home.lanes().iter().filter(|lane| lane.owned).count();
    while !nodes.iter().all(|node| owned(node) == LANES as usize / nodes.len()) {
        if began.elapsed() > PATIENCE {
            bail!("the nodes did not share the lanes within {} s", PATIENCE.as_secs());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

/// Transactions of one record.
struct Transactions {
    producer: Producer,
    partition: TopicPartition,
}

impl Transactions {
    async fn open(log: &dyn Log) -> anyhow::Result<Self> {
        let topic = Topic::new("bench-transactions")?;
        log.create_topic(&TopicSpec::new(topic.clone(), 1)).await?;
        let producer = log.begin_producer(&TransactionalId::new("bench-transactions")?).await?;
        Ok(Transactions { producer, partition: TopicPartition::new(topic, Partition(0)) })
    }

    async fn commit(&mut self) -> anyhow::Result<Duration> {
        let record = Record::new("key", vec![7; WRITE_BYTES], Timestamp::default());
        let began = Instant::now();
        let mut transaction = self.producer.begin();
        transaction.append(self.partition.clone(), record)?;
        transaction.commit().await?;
        Ok(began.elapsed())
    }
}

fn report(bare: Vec<Duration>, near: Vec<Duration>, far: Vec<Duration>) -> Report {
    let [transaction, decided_here, decided_elsewhere] = [bare, near, far].map(Figures::of);
    let p50 = |figures: Figures| figures.p50_us as f64 / transaction.p50_us as f64;
    let p99 = |figures: Figures| figures.p99_us as f64 / transaction.p99_us as f64;
    Report {
        transaction_bytes: WRITE_BYTES,
        transaction,
        decided_here,
        decided_elsewhere,
        here_p50_ratio: p50(decided_here),
        here_p99_ratio: p99(decided_here),
        elsewhere_p50_ratio: p50(decided_elsewhere),
        elsewhere_p99_ratio: p99(decided_elsewhere),
    }
}

fn show(report: &Report) {
    let ms = |us: u64| us as f64 / 1_000.0;
    let line = |name: &str, figures: Figures| {
        println!("{name:24} p50 {:7.2} ms   p99 {:7.2} ms", ms(figures.p50_us), ms(figures.p99_us));
    };
    line("bare transaction", report.transaction);
    line("decided here", report.decided_here);
    line("decided elsewhere", report.decided_elsewhere);
    println!(
        "ratios: here {:.2} (p50) and {:.2} (p99), elsewhere {:.2} and {:.2}",
        report.here_p50_ratio, report.here_p99_ratio, report.elsewhere_p50_ratio, report.elsewhere_p99_ratio
    );
}
