//! `topspin ingest`: foreign streams, through the same scorer.

use anyhow::bail;

/// Read foreign streams into the log, through the same scorer as every tablet.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    source: Source,
}

/// Where the stream is from.
#[derive(Debug, clap::Subcommand)]
enum Source {
    /// The umpire tablets of the German Bundesliga.
    Ttbl {
        /// Files, or folders of them.
        #[arg(required = true)]
        paths: Vec<std::path::PathBuf>,
    },
}

/// Reads a stream.
///
/// # Errors
/// Where it cannot be read or sent.
pub fn run(args: &Args) -> anyhow::Result<()> {
    match &args.source {
        Source::Ttbl { paths } => bail!("{} paths: this version cannot read them yet", paths.len()),
    }
}
