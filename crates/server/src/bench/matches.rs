//! The singles that something is measured on: those of a log, or simulated ones.

use std::collections::BTreeMap;
use std::path::PathBuf;

use topspin_event::{MatchId, wire};
use topspin_insight::Chronicle;
use topspin_laws::{Discipline, Status};
use topspin_log::{Log, Topic};

use super::simulated::{DAY, Season};
use super::topic::each_record;

const DAY_MS: i64 = 86_400_000;

/// Which matches.
#[derive(Debug, clap::Args)]
pub struct Matches {
    /// The data directory; no server may be using it.
    #[arg(long, default_value = "./topspin-data", value_name = "DIR")]
    data: PathBuf,
    /// So many simulated matches instead
    #[arg(long, value_name = "MATCHES", conflicts_with = "data")]
    simulate: Option<usize>,
    /// The seed of the simulation
    #[arg(long, default_value_t = 1, requires = "simulate")]
    seed: u64,
    /// How much days of simulated players differ: a standard deviation, in log-odds of a rally
    #[arg(long, default_value_t = DAY, requires = "simulate")]
    day: f64,
}

impl Matches {
    /// The singles that were played to the end, in the order of their first rallies.
    ///
    /// # Errors
    /// Where the log cannot be read.
    pub fn singles(&self) -> anyhow::Result<Vec<Chronicle>> {
        let mut singles: Vec<Chronicle> = match self.simulate {
            Some(matches) => {
                let mut season = Season::new(self.seed, matches).with_days(self.day);
                (0..matches).map(|_| Chronicle::of(&season.next_match())).collect()
            }
            None => self.of_log()?,
        };
        singles.retain(is_decided_singles);
        singles.sort_by_key(|told| told.rallies().first().map(|rally| (rally.at, rally.seq)));
        Ok(singles)
    }

    fn of_log(&self) -> anyhow::Result<Vec<Chronicle>> {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(async {
            let engine = crate::node::open_there(&self.data)?.engine;
            let read = read(engine.log.as_ref()).await;
            engine.close().await;
            Ok(read?.into_values().collect())
        })
    }
}

/// Singles in their order, day by day.
pub fn by_day(singles: &[Chronicle]) -> impl Iterator<Item = &[Chronicle]> {
    let day = |told: &Chronicle| Some(told.rallies().first()?.at?.div_euclid(DAY_MS));
    singles.chunk_by(move |one, other| day(one) == day(other))
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
