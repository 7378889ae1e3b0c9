//! The binary `topspin`: the only place that chooses engines, clocks and ports.

mod bench;
mod bridge;
mod cli;
mod client;
mod clock;
mod dlq;
mod engine;
mod feed;
mod ingest;
mod installation;
mod node;
mod screens;
mod serve;
mod sim;
mod topology;
mod totals;
mod views;

use std::process::ExitCode;

use clap::Parser as _;
#[cfg(not(target_env = "msvc"))]
use tikv_jemallocator::Jemalloc;

use crate::cli::{Cli, Task};

/// Records come and go in all sizes: a topology costs half the CPU that it does with glibc's allocator.
#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    match run(Cli::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line for people, whatever RUST_BACKTRACE says.
            eprintln!("topspin: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> anyhow::Result<()> {
    match task {
        Task::Serve(args) => serve::run(*args),
        Task::Ingest(args) => ingest::run(&args),
        Task::Sim(args) => sim::run(&args),
        Task::Feed(args) => feed::run(&args),
        Task::Bridge(args) => bridge::run(&args),
        Task::Topology(args) => topology::run(&args),
        Task::Totals(args) => totals::run(&args),
        Task::Dlq(args) => dlq::run(&args),
        Task::Bench(args) => bench::run(&args),
    }
}
