//! `topspin bench forecast`: how good forecasts were, on the matches of a log or on simulated ones.

mod forecasters;
mod scores;
mod walk;

use self::scores::{show, show_states};
use super::matches::Matches;

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
    #[command(flatten)]
    matches: Matches,
    /// Samples of the bootstrap over matches
    #[arg(long, default_value_t = 2_000)]
    samples: u32,
}

/// Measures.
///
/// # Errors
/// Where the log cannot be read.
pub fn run(args: &Args) -> anyhow::Result<()> {
    let singles = args.matches.singles()?;
    let rallies: usize = singles.iter().map(|told| told.rallies().len()).sum();
    println!("{} singles, {rallies} rallies", singles.len());
    let walked = walk::walk(&singles)?;
    println!("the last choice: {:?}, serving is worth {:.3}\n", walked.chosen, walked.serve);
    show(&walked.all, args.samples);
    show_states(&singles, &walked.all);
    Ok(())
}
