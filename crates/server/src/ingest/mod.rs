//! `topspin ingest`: foreign streams, through the same scorer as every tablet.

mod direct;
mod drive;
mod files;
mod http;
mod pace;
mod report;
mod target;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use anyhow::bail;
use topspin_ingest::{aicup, ttbl};

use self::direct::Direct;
use self::drive::drive;
use self::http::Http;
use self::pace::Speed;
use self::target::Target;
use crate::client::Client;
use crate::engine::KafkaArgs;

/// Read foreign streams into the log, through the same scorer as every tablet.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    source: Source,
}

/// Where the stream is from.
#[derive(Debug, clap::Subcommand)]
enum Source {
    Ttbl(Ttbl),
    Aicup(Aicup),
}

/// The umpire tablets of the German Bundesliga, one JSON file a tie.
///
/// What a file holds beside the laws is reported as anomalies, with the raw records; see them with `GET /v1/anomalies`.
/// Reading the same files again changes nothing, and an interrupted import goes on where it stopped.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  topspin ingest ttbl season/ --data ./topspin-data\n  \
    TOPSPIN_TOKEN=… topspin ingest ttbl tie.json --url http://127.0.0.1:8080 --speed 20")]
struct Ttbl {
    #[command(flatten)]
    options: Options,
}

/// The stroke tables of the AI CUP: one CSV file of many matches, one row a stroke.
///
/// Each rally is a point with its strokes: hand, strength, spin, placement, class of stroke. The files have no times, and
/// none are made up. A rally that the laws cannot have is left out, and an anomaly says why; where rallies are missing
/// the score is set. Reading the same files again changes nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  topspin ingest aicup strokes.csv --data ./topspin-data\n  \
    TOPSPIN_TOKEN=… topspin ingest aicup strokes.csv --url http://127.0.0.1:8080 --json")]
struct Aicup {
    #[command(flatten)]
    options: Options,
}

/// What every import can be told.
#[derive(Debug, clap::Args)]
struct Options {
    /// Files, or folders of them.
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// The data directory to write to, without a server.
    #[arg(long, value_name = "DIR", default_value = "./topspin-data", conflicts_with = "url")]
    data: PathBuf,
    /// The server to send to.
    #[arg(long)]
    url: Option<String>,
    /// The server's token; else that of the data directory on this machine.
    #[arg(long, env = "TOPSPIN_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// How fast: `max`, or so many times faster than life, with the original pauses, if the files have times.
    #[arg(long, default_value = "max", value_name = "1|N|max")]
    speed: Speed,
    /// Print the summary as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    kafka: KafkaArgs,
}

/// Reads a stream.
///
/// # Errors
/// Where a file cannot be read, the target cannot be written or has decided otherwise; not for what is wrong in a stream.
pub fn run(args: &Args) -> anyhow::Result<()> {
    match &args.source {
        Source::Ttbl(args) => {
            let formats = ttbl::Formats::default();
            let plans = |path: &str, bytes: &[u8]| vec![ttbl::plan(path, bytes, &formats)];
            let source = drive::Source { name: ttbl::SOURCE, of: "ties", plans: &plans };
            import(&args.options, "json", &source)
        }
        Source::Aicup(args) => {
            let source = drive::Source { name: aicup::SOURCE, of: "matches", plans: &aicup::plans };
            import(&args.options, "csv", &source)
        }
    }
}

/// Sends what the files named hold, and those of an extension in the folders named.
fn import(options: &Options, extension: &str, source: &drive::Source<'_>) -> anyhow::Result<()> {
    let files = files::found(&options.paths, extension)?;
    let with = |target: &dyn Target| drive(&files, target, options.speed, source);
    let done = if let Some(url) = &options.url {
        let token_file = crate::node::token_file(&options.data);
        with(&Http::new(Client::new(url, options.token.clone(), &token_file)?))?
    } else {
        let target = Direct::open(&options.data, &options.kafka)?;
        let done = with(&target);
        target.close();
        done?
    };
    if options.json {
        report::print_json(&done)?;
    } else {
        report::print(&done);
    }
    let failures = done.failures();
    if !failures.is_empty() {
        bail!("{}", failures.join("\n"));
    }
    Ok(())
}
