//! `topspin bench forecast`: how good forecasts were, on the matches of a log.

use std::collections::BTreeMap;
use std::path::PathBuf;

use topspin_event::{MatchId, wire};
use topspin_insight::Chronicle;
use topspin_insight::forecast::{Learning, Model, Prior, Rates, course};
use topspin_laws::{Discipline, Side, Status};
use topspin_log::{BatchLimit, Log, Start, Topic};

/// How good forecasts were: log-loss, Brier score and calibration of the winner of the match before each rally of every
/// singles of a log that was played to the end, beside a coin and beside the score alone.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  topspin ingest ttbl season/ --data ./season && topspin bench forecast --data ./season"
)]
pub struct Args {
    /// The data directory; no server may be using it.
    #[arg(long, default_value = "./topspin-data", value_name = "DIR")]
    data: PathBuf,
    /// The standard deviation of the prior, in log-odds of a rally; several to compare
    #[arg(long, value_delimiter = ',', default_values_t = [0.15, 0.25, 0.35, 0.45])]
    sd: Vec<f64>,
    /// What serving is worth, in log-odds of a rally
    #[arg(long, default_value_t = 0.1)]
    serve: f64,
    /// Samples of the bootstrap over matches
    #[arg(long, default_value_t = 2_000)]
    samples: u32,
}

/// What one forecaster said of one match: the probability before each rally, and what came true.
struct Said {
    probabilities: Vec<f64>,
    won: bool,
}

/// Measures.
///
/// # Errors
/// Where the log cannot be read.
pub fn run(args: &Args) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let chronicles = runtime.block_on(async {
        let engine = crate::node::open_there(&args.data)?.engine;
        let read = read(engine.log.as_ref()).await;
        engine.close().await;
        read
    })?;
    let singles: Vec<&Chronicle> = chronicles.values().filter(|told| is_decided_singles(told)).collect();
    let rallies: usize = singles.iter().map(|told| told.rallies().len()).sum();
    println!("{} singles, {rallies} rallies\n", singles.len());
    println!(
        "{:<24} {:>9} {:>8} {:>8}   difference of log-loss to the score alone (95 %)",
        "", "log-loss", "Brier", "ECE"
    );
    let rates = Rates::even(args.serve)?;
    let coin: Vec<Said> = singles.iter().map(|told| said(told, |count| vec![0.5; count])).collect();
    let score = forecasts(&singles, &Prior::certain(rates.clone()), Learning::Never);
    show("a coin", &coin, &score, args.samples);
    show("the score alone", &score, &score, args.samples);
    for sd in &args.sd {
        let prior = Prior::new(0.0, *sd, rates.clone())?;
        let learned = forecasts(&singles, &prior, Learning::FromRallies);
        let fixed = forecasts(&singles, &prior, Learning::Never);
        show(&format!("sd {sd}, not learning"), &fixed, &score, args.samples);
        show(&format!("sd {sd}, learning"), &learned, &score, args.samples);
    }
    Ok(())
}

async fn read(log: &dyn Log) -> anyhow::Result<BTreeMap<MatchId, Chronicle>> {
    let mut told: BTreeMap<MatchId, Chronicle> = BTreeMap::new();
    for partition in log.topic(&Topic::new("match-events")?).await?.topic_partitions() {
        let mut reader = log.reader(&partition, Start::Beginning).await?;
        loop {
            let batch = reader.try_next_batch(BatchLimit::default()).await?;
            if batch.is_empty() {
                break;
            }
            for committed in batch {
                let recorded = wire::decode_recorded(&committed.record.value.unwrap_or_default())?;
                told.entry(recorded.match_id).or_default().fold(&recorded);
            }
        }
    }
    Ok(told)
}

fn is_decided_singles(told: &Chronicle) -> bool {
    let singles = told.format().is_some_and(|format| format.discipline == Discipline::Singles);
    let decided = told.state().is_some_and(|state| state.moment().status == Status::Finished);
    singles && decided && !told.rallies().is_empty()
}

fn said(told: &Chronicle, probabilities: impl FnOnce(usize) -> Vec<f64>) -> Said {
    let winner = told.state().and_then(|state| state.moment().winner);
    Said { probabilities: probabilities(told.rallies().len()), won: winner == Some(Side::Home) }
}

fn forecasts(singles: &[&Chronicle], prior: &Prior, learning: Learning) -> Vec<Said> {
    let mut models: Vec<(topspin_laws::Format, Model)> = Vec::new();
    let mut all = Vec::new();
    for told in singles {
        let Some(format) = told.format() else { continue };
        if !models.iter().any(|(known, _)| known == format) {
            models.push((format.clone(), Model::new(format, prior)));
        }
        let model = models.iter().find(|(known, _)| known == format).map(|(_, model)| model);
        let steps = model.map(|model| course(told, model, learning).steps).unwrap_or_default();
        all.push(said(told, |_| steps.iter().map(|step| step.wins).collect()));
    }
    all
}

fn loss(probability: f64, won: bool) -> f64 {
    let of_truth = if won { probability } else { 1.0 - probability };
    -of_truth.max(1e-9).ln()
}

/// The mean over all rallies of all matches.
fn mean(all: &[Said], of: impl Fn(f64, bool) -> f64) -> f64 {
    let terms = all.iter().flat_map(|said| said.probabilities.iter().map(|p| of(*p, said.won)));
    let (sum, count) = terms.fold((0.0, 0.0), |(sum, count), term| (sum + term, count + 1.0));
    sum / count
}

/// The expected calibration error: in twenty bins, how far what came true is from what was said.
fn calibration(all: &[Said]) -> f64 {
    let mut bins = [(0.0, 0.0, 0.0); 20];
    for said in all {
        for p in &said.probabilities {
            let place = (1..20).filter(|edge| *p >= f64::from(*edge) / 20.0).count();
            let bin = &mut bins[place];
            *bin = (bin.0 + p, bin.1 + f64::from(u8::from(said.won)), bin.2 + 1.0);
        }
    }
    let count: f64 = bins.iter().map(|bin| bin.2).sum();
    bins.iter().map(|(said, came, _)| (said - came).abs()).sum::<f64>() / count
}

fn show(name: &str, all: &[Said], beside: &[Said], samples: u32) {
    let brier = mean(all, |p, won| (p - f64::from(u8::from(won))).powi(2));
    let (low, high) = difference(all, beside, samples);
    let told = if low <= 0.0 && 0.0 <= high { "no difference told" } else { "" };
    println!(
        "{name:<24} {:>9.4} {brier:>8.4} {:>8.4}   {low:+.4} to {high:+.4} {told}",
        mean(all, loss),
        calibration(all)
    );
}

/// The middle 95 % of the difference of log-losses when matches are drawn anew, with their rallies.
fn difference(all: &[Said], beside: &[Said], samples: u32) -> (f64, f64) {
    let sum = |said: &Said| said.probabilities.iter().map(|p| loss(*p, said.won)).sum::<f64>();
    let pairs: Vec<(f64, f64)> = all
        .iter()
        .zip(beside)
        .map(|(one, other)| (sum(one) - sum(other), one.probabilities.len() as f64))
        .collect();
    let mut draws = Draws(7);
    let mut means: Vec<f64> = (0..samples.max(1))
        .map(|_| {
            let drawn = (0..pairs.len()).map(|_| pairs[draws.below(pairs.len())]);
            let (sum, count) =
                drawn.fold((0.0, 0.0), |(sum, count), (part, more)| (sum + part, count + more));
            sum / count
        })
        .collect();
    means.sort_by(f64::total_cmp);
    let at = |thousandths: usize| means[(means.len() - 1) * thousandths / 1000];
    (at(25), at(975))
}

/// splitmix64: the same samples on every machine.
struct Draws(u64);

impl Draws {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound.max(1) as u64) as usize
    }
}
