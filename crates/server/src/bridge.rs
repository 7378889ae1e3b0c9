//! `topspin bridge`: all of a log to another.

mod topics;

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressStyle};
use topspin_bridge::{Bridge, Copied, CopyError, Source};
use topspin_log::Topic;
use uuid::Uuid;

use self::topics::Choice;
use crate::engine::{Engine, KafkaArgs};
use crate::installation::{self, Installation};
use crate::node::{self, LogOf};
use crate::views;

/// Copy a log to another exactly once, and compare the two.
///
/// A log is a data directory or a Kafka cluster. Order, keys, headers and times stay as they are. Interrupted anywhere and
/// started again, it goes on behind the last record that arrived; what is there already is not copied again. Neither log
/// may be served meanwhile.
///
/// What views make is left out: it holds positions of the log that it is on. `topspin serve --views` makes it anew on the
/// copy. What they say to others can be named with --topics, to be read there.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  topspin bridge --from ./topspin-data --to /mnt/new-disk/topspin-data\n  \
    topspin bridge --from ./topspin-data --to kafka://broker-1:9092,broker-2:9092\n  \
    topspin bridge --from kafka://old:9092/league. --to kafka://new:9092/league. --to-config new.properties\n  \
    topspin bridge --from OLD --to NEW --topics match-events,reference"
)]
pub struct Args {
    /// The log to copy from: a data directory, or `kafka://HOST:PORT[,HOST:PORT][/PREFIX]`.
    #[arg(long, value_name = "LOG")]
    from: End,
    /// The log to copy to; made if there is none.
    #[arg(long, value_name = "LOG")]
    to: End,
    /// Only these topics.
    #[arg(long, value_name = "TOPIC", value_delimiter = ',')]
    topics: Vec<Topic>,
    /// Do not compare the two logs afterwards.
    #[arg(long)]
    no_compare: bool,
    /// Settings of librdkafka for the cluster to copy from, a line each.
    #[arg(long, value_name = "FILE")]
    from_config: Option<PathBuf>,
    /// Settings of librdkafka for the cluster to copy to, a line each.
    #[arg(long, value_name = "FILE")]
    to_config: Option<PathBuf>,
    /// The token file for the cluster to copy from (SASL OAUTHBEARER).
    #[arg(long, value_name = "FILE")]
    from_token_file: Option<PathBuf>,
    /// The token file for the cluster to copy to (SASL OAUTHBEARER).
    #[arg(long, value_name = "FILE")]
    to_token_file: Option<PathBuf>,
    /// Replicas of a topic that is made on the cluster to copy to [default: 3]
    #[arg(long, value_name = "N")]
    replication: Option<u16>,
    /// The registry of the schemas on the cluster to copy from, if it has one.
    #[arg(long, value_name = "URL")]
    from_registry: Option<String>,
    /// The registry of the schemas on the cluster to copy to, if it is to have one.
    #[arg(long, value_name = "URL")]
    to_registry: Option<String>,
}

/// Where a log is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum End {
    Directory(PathBuf),
    Kafka { bootstrap: String, prefix: String },
}

impl FromStr for End {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Some(cluster) = text.strip_prefix("kafka://") else { return Ok(End::Directory(text.into())) };
        let (bootstrap, prefix) = cluster.split_once('/').unwrap_or((cluster, ""));
        if bootstrap.is_empty() {
            return Err("a cluster is kafka://HOST:PORT, then perhaps more brokers and /PREFIX".to_owned());
        }
        Ok(End::Kafka { bootstrap: bootstrap.to_owned(), prefix: prefix.to_owned() })
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Directory(path) => path.display().fmt(f),
            End::Kafka { bootstrap, prefix } if prefix.is_empty() => write!(f, "kafka://{bootstrap}"),
            End::Kafka { bootstrap, prefix } => write!(f, "kafka://{bootstrap}/{prefix}"),
        }
    }
}

/// How long to wait before a step that failed is tried again.
const PAUSE: Duration = Duration::from_millis(500);
/// How many times a step is tried before the command gives up. What was copied until then stays.
const TRIES: u32 = 60;

/// Copies and compares.
///
/// # Errors
/// Where a log cannot be opened, read or written, and where the copy differs.
pub fn run(args: &Args) -> anyhow::Result<()> {
    if same_place(args) {
        bail!("a log cannot be copied onto itself: give --to another directory");
    }
    let named = topics::named(&args.topics)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let from = open_source(args).await?;
        let to = open_target(args, &from.installation).await?;
        // What the views have written is framed on both sides, or on neither.
        to.engine.register(views::contracts(from.engine.log.as_ref()).await?).await?;
        let copied = copy(args, named, &from, &to).await;
        from.engine.close().await;
        to.engine.close().await;
        copied
    })
}

async fn open_source(args: &Args) -> anyhow::Result<LogOf> {
    match &args.from {
        End::Directory(data) => node::open_there(data),
        End::Kafka { bootstrap, prefix } => {
            let (config, token_file) = (args.from_config.clone(), args.from_token_file.clone());
            let (prefix, registry) = (Some(prefix.clone()), args.from_registry.clone());
            let kafka = KafkaArgs { config, token_file, prefix, registry, ..KafkaArgs::default() };
            let engine = Engine::kafka(bootstrap, &kafka).await?;
            let found = installation::find(engine.log.as_ref()).await?;
            let installation =
                found.with_context(|| format!("there is no log of Topspin on {}", args.from))?;
            Ok(LogOf { engine, installation })
        }
    }
}

async fn open_target(args: &Args, of: &Installation) -> anyhow::Result<LogOf> {
    let to = match &args.to {
        End::Directory(data) => node::open_copy(data, of)?,
        End::Kafka { bootstrap, prefix } => {
            let (config, token_file) = (args.to_config.clone(), args.to_token_file.clone());
            let (replication, prefix) = (args.replication, Some(prefix.clone()));
            let registry = args.to_registry.clone();
            let kafka =
                KafkaArgs { config, token_file, prefix, replication, registry, ..KafkaArgs::default() };
            let engine = Engine::kafka(bootstrap, &kafka).await?;
            let new = Installation { log_id: Uuid::new_v4(), ..of.clone() };
            let installation = installation::found(engine.log.as_ref(), new, node::now()).await?;
            LogOf { engine, installation }
        }
    };
    if (to.installation.org, to.installation.partitions) != (of.org, of.partitions) {
        bail!("{} belongs to another installation: copy to where there is none", args.to);
    }
    Ok(to)
}

async fn copy(args: &Args, named: Choice, from: &LogOf, to: &LogOf) -> anyhow::Result<()> {
    let source = Source::new(&from.installation.log_id.to_string())?;
    let Choice { topics, left_out } =
        if named.topics.is_empty() { topics::all(from.engine.log.as_ref()).await? } else { named };
    println!("copying {} topics from {} to {}", topics.len(), args.from, args.to);
    if left_out > 0 {
        println!(
            "left out: {left_out} topics that views make; `topspin serve --views` makes them anew on the copy"
        );
    }
    let mut bridge = Bridge::new(from.engine.log.clone(), to.engine.log.clone(), source, &topics).await?;
    let began = Instant::now();
    let copied = finish(&mut bridge).await?;
    println!(
        "copied {} records, {}, in {:.1} s",
        HumanCount(copied.records),
        HumanBytes(copied.bytes),
        began.elapsed().as_secs_f64()
    );
    if args.no_compare {
        return Ok(());
    }
    let began = Instant::now();
    let comparison = bridge.compare().await?.context("the copy differs from its source")?;
    println!(
        "compared {} records in {} partitions in {:.1} s: no difference",
        HumanCount(comparison.records),
        comparison.partitions,
        began.elapsed().as_secs_f64()
    );
    let serve = match &args.to {
        End::Directory(data) => format!("topspin serve --data {}", data.display()),
        End::Kafka { bootstrap, prefix } if prefix.is_empty() => format!("topspin serve --kafka {bootstrap}"),
        End::Kafka { bootstrap, prefix } => {
            format!("topspin serve --kafka {bootstrap} --kafka-prefix {prefix}")
        }
    };
    println!("\nServe the copy with: {serve}\nand the old one never again: a match has one home.");
    Ok(())
}

/// Steps until nothing is left, with a bar.
async fn finish(bridge: &mut Bridge) -> anyhow::Result<Copied> {
    let bar = ProgressBar::no_length();
    if let Ok(style) =
        ProgressStyle::with_template("{bar:40} {percent:>3} %  {msg}  {elapsed} of about {duration}")
    {
        bar.set_style(style);
    }
    let (mut whole, mut failures) = (Copied::default(), 0);
    loop {
        match bridge.step().await {
            Ok(copied) if copied.records == 0 => break,
            Ok(copied) => {
                failures = 0;
                whole.records += copied.records;
                whole.bytes += copied.bytes;
                let span = bridge.span().await?;
                bar.set_length(span.total);
                bar.set_position(span.done);
                bar.set_message(format!("{} records", HumanCount(whole.records)));
            }
            Err(error) => again(error, &mut failures, &bar).await?,
        }
    }
    bar.finish_and_clear();
    Ok(whole)
}

async fn again(error: CopyError, failures: &mut u32, bar: &ProgressBar) -> anyhow::Result<()> {
    *failures += 1;
    if !error.is_retryable() {
        bar.abandon();
        return Err(anyhow::Error::from(error).context("what was copied stays, and no more can be"));
    }
    if *failures >= TRIES {
        bar.abandon();
        bail!("{error}; what was copied stays, start again to go on");
    }
    bar.set_message(format!("{error}; trying again"));
    tokio::time::sleep(PAUSE).await;
    Ok(())
}

fn same_place(args: &Args) -> bool {
    match (&args.from, &args.to) {
        (End::Directory(from), End::Directory(to)) => {
            matches!((from.canonicalize(), to.canonicalize()), (Ok(from), Ok(to)) if from == to)
        }
        (from, to) => from == to,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_a_directory_or_a_cluster() {
        for (text, bootstrap, prefix) in [
            ("kafka://one:9092", "one:9092", ""),
            ("kafka://one:9092,two:9092/league.", "one:9092,two:9092", "league."),
        ] {
            let end: End = text.parse().expect("a cluster");
            assert_eq!(end, End::Kafka { bootstrap: bootstrap.to_owned(), prefix: prefix.to_owned() });
            assert_eq!(end.to_string(), text);
        }
        assert_eq!("./kafka".parse(), Ok(End::Directory("./kafka".into())));
        assert!("kafka:///league.".parse::<End>().is_err());
    }
}
