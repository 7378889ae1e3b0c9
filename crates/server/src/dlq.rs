//! `topspin dlq`: records that a view could not process.

use std::path::PathBuf;

use anyhow::Context as _;
use topspin_log::Record;
use topspin_runtime::{DeadLetters, Letter, LetterId, LetterPage, LetterStanding, Listed, Retried};

use crate::clock;
use crate::engine::{Engine, KafkaArgs};

/// List, show and retry records that a view could not process.
///
/// Such a record is kept with its reason and its raw bytes, and the view goes on without it.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  topspin dlq list\n  topspin dlq list --all\n  topspin dlq show g1/matches/0/matches/0/17\n  \
    topspin dlq retry g1/matches/0/matches/0/17 --kafka broker:9092"
)]
pub struct Args {
    #[command(subcommand)]
    what: What,
    /// The application.
    #[arg(long, global = true, default_value = topspin_insight::PLAYER_TOTALS, value_name = "NAME")]
    app: String,
    /// The data directory; no server may be using it.
    #[arg(long, global = true, default_value = "./topspin-data", value_name = "DIR")]
    data: PathBuf,
    #[command(flatten)]
    kafka: KafkaArgs,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// Those that wait, in the order of their ids; at most 1,000 at once.
    List {
        /// Those that were tried again, too.
        #[arg(long)]
        all: bool,
        /// Go on here, as the list before says at its end.
        #[arg(long, value_name = "ID")]
        from: Option<LetterId>,
    },
    /// One of them, with its raw bytes.
    Show {
        /// As `list` prints it.
        id: LetterId,
    },
    /// Hand a record to its view again, exactly once. Where a later record of the same match was processed already, the
    /// view stays as it is.
    Retry {
        /// As `list` prints it.
        id: LetterId,
    },
}

/// Lists, shows or retries.
///
/// # Errors
/// Where the log cannot be opened, or there is no such record.
pub fn run(args: &Args) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let engine = match &args.kafka.bootstrap {
            Some(bootstrap) => Engine::kafka(bootstrap, &args.kafka).await?,
            None => crate::node::open_there(&args.data)?.engine,
        };
        let letters = DeadLetters::new(engine.log.clone(), &args.app, clock::wall());
        let done = answer(&args.what, &letters).await;
        engine.close().await;
        done
    })
}

async fn answer(what: &What, letters: &DeadLetters) -> anyhow::Result<()> {
    match what {
        What::List { all, from } => {
            let listed = if *all { Listed::All } else { Listed::Open };
            let found = letters.list(listed, from.as_ref()).await;
            list(listed, &found.context("the dead letters cannot be read; has a view run here?")?);
        }
        What::Show { id } => show(&letters.show(id).await?),
        What::Retry { id } => match letters.retry(id).await? {
            Retried::Now => println!("{id} is on its way to its view"),
            Retried::Already => println!("{id} was tried again before: nothing was done"),
        },
    }
    Ok(())
}

fn list(listed: Listed, page: &LetterPage) {
    let (none, option) = match listed {
        Listed::Open => ("no open dead letters", ""),
        Listed::All => ("no dead letters", " --all"),
    };
    if page.letters.is_empty() {
        println!("{none}");
    }
    for letter in &page.letters {
        println!("{}  {}  {}", letter.id, standing(letter), letter.reason);
    }
    if let Some(next) = &page.next {
        println!("there are more: topspin dlq list{option} --from {next}");
    }
}

const fn standing(letter: &Letter) -> &'static str {
    match letter.standing {
        LetterStanding::Open => "open",
        LetterStanding::Retried => "retried",
    }
}

fn show(letter: &Letter) {
    let Record { key, value, headers, timestamp } = &letter.record;
    println!("id        {}", letter.id);
    println!("app       {}", letter.app);
    println!("standing  {}, tried {} time(s)", standing(letter), letter.attempts);
    println!("reason    {}", letter.reason);
    println!("time      {} ms", timestamp.as_millis());
    println!("key       {}", readable(key.as_deref()));
    for header in headers {
        println!("header    {}: {}", header.name, readable(Some(&header.value)));
    }
    println!("value     {}", readable(value.as_deref()));
}

/// Text as text, other bytes escaped.
fn readable(bytes: Option<&[u8]>) -> String {
    bytes.map_or_else(|| "none".to_owned(), |bytes| bytes.escape_ascii().to_string())
}
