//! `topspin bench`: figures beside their yardsticks, measured in the same run.

mod fan_out;
mod figures;
mod forecast;
mod insight;
mod load;
mod matches;
mod months;
mod press;
mod process;
mod simulated;
mod start;
mod streams;
mod topic;
mod unusual;
mod verdict;
mod wire;
mod yardstick;

/// Measure this machine with Topspin on it.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    Forecast(forecast::Args),
    Insight(insight::Args),
    Load(load::Args),
    Months(months::Args),
    Press(press::Args),
    Start(start::Args),
    Streams(streams::Args),
    Unusual(unusual::Args),
    Verdict(verdict::Args),
}

/// Measures.
///
/// # Errors
/// Where what is measured fails.
pub fn run(args: &Args) -> anyhow::Result<()> {
    match &args.what {
        What::Forecast(args) => forecast::run(args),
        What::Insight(args) => insight::run(args),
        What::Load(args) => load::run(args),
        What::Months(args) => months::run(args),
        What::Press(args) => press::run(args),
        What::Start(args) => start::run(args),
        What::Streams(args) => streams::run(args),
        What::Unusual(args) => unusual::run(args),
        What::Verdict(args) => verdict::run(args),
    }
}
