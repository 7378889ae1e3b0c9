//! The binary `topspin`: the only place that chooses engines, clocks and ports.

mod bench;
mod cli;
mod client;
mod ingest;
mod node;
mod screens;
mod serve;
mod sim;

use clap::Parser as _;

use crate::cli::{Cli, Task};

fn main() -> anyhow::Result<()> {
    match Cli::parse().task {
        Task::Serve(args) => serve::run(*args),
        Task::Ingest(args) => ingest::run(&args),
        Task::Sim(args) => sim::run(&args),
        Task::Bench(args) => bench::run(&args),
    }
}
