//! `topspin topology`: pictures of the topologies, and what their state takes.

mod state;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, bail};

use crate::views;

/// Show the topologies: every topic, store and operator.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  topspin topology\n  topspin topology player-totals --svg player-totals.svg\n  \
    topspin topology state --data DIR",
    args_conflicts_with_subcommands = true
)]
pub struct Args {
    #[command(subcommand)]
    what: Option<What>,
    /// Only this one.
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// Write a picture to this file.
    #[arg(long, value_name = "FILE", requires = "name")]
    svg: Option<PathBuf>,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    State(Box<state::Args>),
}

/// Shows them.
///
/// # Errors
/// Where there is no such topology, the file cannot be written, or the log cannot be read.
pub fn run(args: &Args) -> anyhow::Result<()> {
    if let Some(What::State(args)) = &args.what {
        return state::run(args);
    }
    let mut topologies = views::all(&views::usual());
    if let Some(name) = &args.name {
        let known: Vec<_> = topologies.iter().map(|topology| topology.name().to_owned()).collect();
        topologies.retain(|topology| topology.name() == name);
        if topologies.is_empty() {
            bail!("there is no topology {name}; there are: {}", known.join(", "));
        }
    }
    if let (Some(path), Some(topology)) = (&args.svg, topologies.first()) {
        fs::write(path, topology.to_svg()).with_context(|| format!("cannot write {}", path.display()))?;
        println!("wrote {}", path.display());
        return Ok(());
    }
    let pictures: Vec<_> = topologies.iter().map(topspin_stream::Topology::to_text).collect();
    print!("{}", pictures.join("\n"));
    Ok(())
}
