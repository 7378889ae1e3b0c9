//! `topspin topology state`: what the state of the views takes, and which scopes of records it is for.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use anyhow::Context as _;
use topspin_insight::{ScopeKind, kept_for, same_shape};
use topspin_log::{BatchLimit, Log, Partition, Start, TopicPartition};
use topspin_runtime::Names;
use topspin_stream::{StoreSpec, Subtopology};

use crate::engine::{Engine, KafkaArgs};
use crate::views;

/// Print how much state the records of each kind of scopes take, and every store: what `--record-scopes` could save.
///
/// Counted from the changelogs of the active generation, which are read whole: keys and values as they are there.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  topspin topology state\n  topspin topology state --kafka broker:9092")]
pub struct Args {
    /// The data directory; no server may be using it.
    #[arg(long, default_value = "./topspin-data", value_name = "DIR")]
    data: PathBuf,
    #[command(flatten)]
    kafka: KafkaArgs,
}

/// Rows, and bytes of keys and values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Taken {
    rows: u64,
    bytes: u64,
}

impl Taken {
    fn add(&mut self, bytes: usize) {
        self.rows += 1;
        self.bytes += bytes as u64;
    }
}

/// What is taken, by scope and by store.
#[derive(Default)]
struct State {
    all: Taken,
    scopes: BTreeMap<ScopeKind, Taken>,
    stores: BTreeMap<String, Taken>,
}

/// Prints it.
///
/// # Errors
/// Where the log cannot be read, or the views have never run or were made by another version.
pub fn run(args: &Args) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let engine = match &args.kafka.bootstrap {
            Some(bootstrap) => Engine::kafka(bootstrap, &args.kafka).await?,
            None => crate::node::open_there(&args.data)?.engine,
        };
        let state = read(engine.log.as_ref()).await;
        engine.close().await;
        print(&state?);
        Ok(())
    })
}

async fn read(log: &dyn Log) -> anyhow::Result<State> {
    let topology = topspin_insight::insight(&views::usual());
    let active = views::active(log, topology.name()).await?;
    let generation = active.as_ref().map_or(views::FIRST, |active| active.generation);
    anyhow::ensure!(
        active.is_none_or(|active| same_shape(views::version_of(&active), topology.version())),
        "{generation} of {} was made by another version of this program: ask that one",
        topology.name()
    );
    let names = Names::new(topology.name(), generation)?;
    let mut state = State::default();
    for part in topology.subtopologies() {
        let changelog = names.changelog(part.name())?;
        let spec = log.topic(&changelog).await.context("has `topspin serve --views` run?")?;
        for number in (0..spec.partitions).map(Partition) {
            let place = TopicPartition::new(changelog.clone(), number);
            for (key, bytes) in latest(log, &place).await? {
                state.count(part, &key, bytes);
            }
        }
    }
    Ok(state)
}

/// The keys that are there in the end, each with the bytes of key and value.
async fn latest(log: &dyn Log, place: &TopicPartition) -> anyhow::Result<HashMap<Vec<u8>, usize>> {
    let end = log.end_offset(place).await?;
    let mut reader = log.reader(place, Start::Beginning).await?;
    let mut rows = HashMap::new();
    while reader.position() < end {
        for committed in reader.try_next_batch(BatchLimit::default()).await? {
            let (key, value) = (committed.record.key.unwrap_or_default(), committed.record.value);
            match value {
                Some(value) => rows.insert(key.to_vec(), key.len() + value.len()),
                None => rows.remove(key.as_ref()),
            };
        }
    }
    Ok(rows)
}

impl State {
    /// Counts a row of a changelog; its key begins with the number of the store. What follows the last store are positions.
    fn count(&mut self, part: &Subtopology, key: &[u8], bytes: usize) {
        let Some((number, key)) = key.split_first_chunk::<2>() else { return };
        let Some(StoreSpec { name }) = part.stores().get(usize::from(u16::from_be_bytes(*number))) else {
            return;
        };
        self.all.add(bytes);
        self.stores.entry(name.clone()).or_default().add(bytes);
        if let Some(kind) = kept_for(name, key) {
            self.scopes.entry(kind).or_default().add(bytes);
        }
    }
}

fn print(state: &State) {
    let line = |name: &str, taken: &Taken| {
        let percent = 100 * taken.bytes / state.all.bytes.max(1);
        println!("{name:<28}{:>12}{:>16}{percent:>5} %", taken.rows, taken.bytes);
    };
    println!("{:<28}{:>12}{:>16}", "records by scope", "rows", "bytes");
    for kind in ScopeKind::ALL {
        match state.scopes.get(&kind) {
            Some(taken) => line(kind.as_str(), taken),
            None => println!("{:<28}{:>12}", kind.as_str(), "none"),
        }
    }
    println!("\n{:<28}{:>12}{:>16}", "all stores", "rows", "bytes");
    let mut stores: Vec<_> = state.stores.iter().collect();
    stores.sort_by_key(|(name, taken)| (std::cmp::Reverse(taken.bytes), *name));
    for (name, taken) in stores {
        line(name, taken);
    }
    line("together", &state.all);
}
