//! `topspin totals`: what the view of the players says.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Context as _;
use topspin_event::wire;
use topspin_log::{BatchLimit, Log, Partition, Start, Topic, TopicPartition};
use topspin_runtime::Names;

use crate::engine::{Engine, KafkaArgs};
use crate::views;

/// Print what each player has won and lost, as the active generation of the view says now: a line of JSON for each.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  topspin totals\n  topspin totals --kafka broker:9092")]
pub struct Args {
    /// The data directory; no server may be using it.
    #[arg(long, default_value = "./topspin-data", value_name = "DIR")]
    data: PathBuf,
    #[command(flatten)]
    kafka: KafkaArgs,
}

/// The last value of each key; nothing for a key that is gone.
type Latest = BTreeMap<Vec<u8>, Vec<u8>>;

/// Prints them.
///
/// # Errors
/// Where the log cannot be read, or the view has never run.
pub fn run(args: &Args) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let engine = match &args.kafka.bootstrap {
            Some(bootstrap) => Engine::kafka(bootstrap, &args.kafka).await?,
            None => crate::node::open_there(&args.data)?.engine,
        };
        let latest = latest(&engine).await;
        engine.close().await;
        for value in latest?.values() {
            println!("{}", serde_json::to_string(&wire::decode_player_totals(value)?)?);
        }
        Ok(())
    })
}

async fn latest(engine: &Engine) -> anyhow::Result<Latest> {
    let (log, topology) = (engine.log.as_ref(), topspin_insight::player_totals());
    let active = views::active(log, topology.name()).await?;
    let generation = active.map_or(views::FIRST, |active| active.generation);
    anyhow::ensure!(
        active.is_none_or(|active| views::is_of(&topology, &active)),
        "{generation} of {} was made by another version of this program: ask that one",
        topology.name()
    );
    let names = Names::new(topspin_insight::PLAYER_TOTALS, generation)?;
    let topic = names.output(topspin_insight::PLAYER_TOTALS)?;
    let spec = log.topics().await?.into_iter().find(|spec| spec.topic == topic);
    let spec =
        spec.with_context(|| format!("there is no topic {topic}: has `topspin serve --views` run?"))?;
    let mut latest = Latest::new();
    for number in 0..spec.partitions {
        read(log, &topic, Partition(number), &mut latest).await?;
    }
    Ok(latest)
}

async fn read(log: &dyn Log, topic: &Topic, partition: Partition, latest: &mut Latest) -> anyhow::Result<()> {
    let place = TopicPartition::new(topic.clone(), partition);
    let mut reader = log.reader(&place, Start::Beginning).await?;
    loop {
        let batch = reader.try_next_batch(BatchLimit::default()).await?;
        if batch.is_empty() {
            return Ok(());
        }
        for record in batch.into_iter().map(|committed| committed.record) {
            let key = record.key.unwrap_or_default().to_vec();
            match record.value {
                Some(value) => latest.insert(key, value.to_vec()),
                None => latest.remove(&key),
            };
        }
    }
}
