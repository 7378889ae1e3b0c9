//! `topspin bridge`: all of a log to another.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressStyle};
use topspin_bridge::{Bridge, Copied, CopyError, Source, positions_topic};
use topspin_log::{Log as _, Topic};

use crate::node::{self, LogOf};

/// Copy a log to another exactly once, and compare the two.
///
/// Order, keys, headers and times stay as they are. Interrupted anywhere and started again, it goes on behind the last
/// record that arrived; what is there already is not copied again. Neither log may be served meanwhile.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  topspin bridge --from ./topspin-data --to /mnt/new-disk/topspin-data\n  \
    topspin bridge --from OLD --to NEW --topics events,references"
)]
pub struct Args {
    /// The data directory to copy from.
    #[arg(long, value_name = "DIR")]
    from: PathBuf,
    /// The data directory to copy to; made if there is none.
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// Only these topics.
    #[arg(long, value_name = "TOPIC", value_delimiter = ',')]
    topics: Vec<Topic>,
    /// Do not compare the two logs afterwards.
    #[arg(long)]
    no_compare: bool,
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
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let from = node::open_there(&args.from)?;
        if same_place(args) {
            bail!("a log cannot be copied onto itself: give --to another directory");
        }
        let to = node::open_copy(&args.to, &from.identity)?;
        let copied = copy(args, &from, &to).await;
        from.log.close().await;
        to.log.close().await;
        copied
    })
}

async fn copy(args: &Args, from: &LogOf, to: &LogOf) -> anyhow::Result<()> {
    let source = Source::new(&from.identity.incarnation.to_string())?;
    let topics = if args.topics.is_empty() { all_topics(from).await? } else { args.topics.clone() };
    println!("copying {} topics from {} to {}", topics.len(), args.from.display(), args.to.display());
    let mut bridge =
        Bridge::new(Arc::new(from.log.clone()), Arc::new(to.log.clone()), source, &topics).await?;
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
    println!(
        "\nServe the copy with: topspin serve --data {}\nand the old one never again: a match has one home.",
        args.to.display()
    );
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
            Err(error) => again(&error, &mut failures, &bar)
                .await
                .with_context(|| format!("{error}; what was copied stays, start again to go on"))?,
        }
    }
    bar.finish_and_clear();
    Ok(whole)
}

async fn again(error: &CopyError, failures: &mut u32, bar: &ProgressBar) -> anyhow::Result<()> {
    *failures += 1;
    if !error.is_retryable() || *failures >= TRIES {
        bar.abandon();
        bail!("given up");
    }
    bar.set_message(format!("{error}; trying again"));
    tokio::time::sleep(PAUSE).await;
    Ok(())
}

async fn all_topics(from: &LogOf) -> anyhow::Result<Vec<Topic>> {
    let specs = from.log.topics().await?;
    Ok(specs.into_iter().map(|spec| spec.topic).filter(|topic| *topic != positions_topic()).collect())
}

fn same_place(args: &Args) -> bool {
    matches!((args.from.canonicalize(), args.to.canonicalize()), (Ok(from), Ok(to)) if from == to)
}
