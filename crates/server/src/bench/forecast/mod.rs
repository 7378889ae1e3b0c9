//! `topspin bench forecast`: how good forecasts were, on the matches of a log or on simulated ones.

mod forecasters;
mod scores;
mod walk;

use std::collections::BTreeMap;
use std::path::PathBuf;

use topspin_event::{MatchId, wire};
use topspin_insight::Chronicle;
use topspin_laws::{Discipline, Status};
use topspin_log::{Log, Topic};

use self::scores::{show, show_states};
use super::simulated::Season;
use super::topic::each_record;

/// How good forecasts were: log-loss, Brier score and calibration of the winner of the match, said before each rally of every
/// singles that was played to the end.
///
/// Walk-forward: what a forecaster knows of a match are the matches of earlier days. From them come the ratings, the
/// worth of service, and the choice among ways to make a prior of ratings.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  topspin ingest ttbl season/ --data ./season && topspin bench forecast --data ./season\n  \
    topspin bench forecast --simulate 30000"
)]
pub struct Args {
    /// The data directory; no server may be using it.
    #[arg(long, default_value = "./topspin-data", value_name = "DIR")]
    data: PathBuf,
    /// So many simulated matches instead
    #[arg(long, value_name = "MATCHES", conflicts_with = "data")]
    simulate: Option<usize>,
    /// The seed of the simulation
    #[arg(long, default_value_t = 1, requires = "simulate")]
    seed: u64,
    /// Samples of the bootstrap over matches
    #[arg(long, default_value_t = 2_000)]
    samples: u32,
}

/// Measures.
///
/// # Errors
/// Where the log cannot be read.
pub fn run(args: &Args) -> anyhow::Result<()> {
    let chronicles = match args.simulate {
        Some(matches) => {
            let mut season = Season::new(args.seed, matches);
            (0..matches).map(|_| Chronicle::of(&season.next_match())).collect()
        }
        None => of_log(args)?,
    };
    let mut singles: Vec<&Chronicle> = chronicles.iter().filter(|told| is_decided_singles(told)).collect();
    singles.sort_by_key(|told| told.rallies().first().map(|rally| (rally.at, rally.seq)));
    let rallies: usize = singles.iter().map(|told| told.rallies().len()).sum();
    println!("{} singles, {rallies} rallies", singles.len());
    let walked = walk::walk(&singles)?;
    println!("the last choice: {:?}, serving is worth {:.3}\n", walked.chosen, walked.serve);
    show(&walked.all, args.samples);
    show_states(&singles, &walked.all);
    Ok(())
}

fn of_log(args: &Args) -> anyhow::Result<Vec<Chronicle>> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let engine = crate::node::open_there(&args.data)?.engine;
        let read = read(engine.log.as_ref()).await;
        engine.close().await;
        Ok(read?.into_values().collect())
    })
}

async fn read(log: &dyn Log) -> anyhow::Result<BTreeMap<MatchId, Chronicle>> {
    let mut told: BTreeMap<MatchId, Chronicle> = BTreeMap::new();
    each_record(log, &Topic::new("match-events")?, |committed| {
        let recorded = wire::decode_recorded(&committed.record.value.unwrap_or_default())?;
        told.entry(recorded.match_id).or_default().fold(&recorded);
        Ok(())
    })
    .await?;
    Ok(told)
}

fn is_decided_singles(told: &Chronicle) -> bool {
    let singles = told.format().is_some_and(|format| format.discipline == Discipline::Singles);
    let moment = told.state().map(topspin_laws::State::moment);
    singles
        && !told.rallies().is_empty()
        && moment.is_some_and(|moment| moment.status == Status::Finished && moment.winner.is_some())
}
