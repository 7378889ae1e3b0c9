//! The command line.

use clap::{Parser, Subcommand};

use crate::{bench, bridge, dlq, feed, ingest, serve, sim, topology, totals};

/// Scores rally sports: an umpire's taps become a durable stream of events, and every screen a view of it.
#[derive(Debug, Parser)]
#[command(name = "topspin", version, max_term_width = 100, after_help = EXAMPLES)]
pub struct Cli {
    #[command(subcommand)]
    pub task: Task,
}

const EXAMPLES: &str = "\
Examples:
  topspin serve                              a server on this machine, data in ./topspin-data
  topspin serve --listen 0.0.0.0:8080        for the tablets of the hall; writing needs the token
  topspin sim --tables 8 --speed 20          a simulated tournament against that server
  topspin feed                               tail its matches, as a partner receives them
  topspin ingest ttbl season/ --data DIR     the Bundesliga's tablet streams, without a server
  topspin ingest aicup strokes.csv           stroke by stroke: spin, placement, class of stroke
  topspin bridge --from OLD --to NEW         all of a log to another, exactly once, and compared
  topspin topology                           what the views are made of, as a picture
  topspin bench press                        how long from a press to a screen";

#[derive(Debug, Subcommand)]
pub enum Task {
    Serve(Box<serve::Args>),
    Ingest(ingest::Args),
    Sim(sim::Args),
    Feed(feed::Args),
    Bridge(bridge::Args),
    Topology(topology::Args),
    Totals(Box<totals::Args>),
    Dlq(Box<dlq::Args>),
    Bench(bench::Args),
}
