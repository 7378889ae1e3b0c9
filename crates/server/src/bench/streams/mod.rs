//! A topology with exactly-once state: records a second on one core, beside the same fold over a vector.

mod measure;
mod workload;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::engine::KafkaArgs;

/// A topology with two views and a repartition over millions of records, exactly once: in the log in a directory, or on Kafka.
///
/// The records and the topology are those that `cargo xtask bench streams` gives to Kafka Streams. Each step is a process
/// of its own, so that its CPU and its memory are its own.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  topspin bench streams --records 1000000\n  \
    topspin bench streams --kafka 127.0.0.1:9092 --kafka-replication 1")]
pub struct Args {
    /// How many records.
    #[arg(long, default_value_t = 5_000_000)]
    records: u64,
    /// Where to work, which has to be empty and is left as it is; else a folder here, which is removed.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Only this step, on what the steps before have left in --data.
    #[arg(long, value_enum, requires = "data")]
    step: Option<Step>,
    #[command(flatten)]
    kafka: KafkaArgs,
}

/// One process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Step {
    /// Writes the records.
    Fill,
    /// Processes them from an empty state.
    Run,
    /// Restores the state from its changelogs, after the local one is deleted.
    Restore,
    /// Compares the views with a plain fold.
    Verify,
    /// The same fold over a vector in memory.
    Vector,
}

impl Step {
    const ALL: [Step; 5] = [Step::Fill, Step::Run, Step::Restore, Step::Verify, Step::Vector];

    const fn name(self) -> &'static str {
        match self {
            Step::Fill => "fill",
            Step::Run => "run",
            Step::Restore => "restore",
            Step::Verify => "verify",
            Step::Vector => "vector",
        }
    }
}

/// Measures.
///
/// # Errors
/// Where a step fails, or the views are not what a plain fold gives.
pub fn run(args: &Args) -> anyhow::Result<()> {
    if let (Some(step), Some(data)) = (args.step, &args.data) {
        let told = measure::step(step, args.records, data, &args.kafka)?;
        println!("{told}");
        return Ok(());
    }
    let own = PathBuf::from(format!(".topspin-bench-{}", std::process::id()));
    let measured = all_steps(args, args.data.as_deref().unwrap_or(&own));
    if args.data.is_none() {
        fs::remove_dir_all(&own).with_context(|| format!("cannot remove {}", own.display()))?;
    }
    println!("{}", serde_json::to_string_pretty(&measured?)?);
    Ok(())
}

fn all_steps(args: &Args, data: &Path) -> anyhow::Result<Value> {
    fs::create_dir_all(data)?;
    let mut whole = serde_json::Map::new();
    for step in Step::ALL {
        eprintln!("{} …", step.name());
        if let Value::Object(told) = process(step, args, data)? {
            whole.extend(told);
        }
    }
    Ok(Value::Object(whole))
}

/// Runs a step as a process, with the arguments of this one.
fn process(step: Step, args: &Args, data: &Path) -> anyhow::Result<Value> {
    let mut command = Command::new(std::env::current_exe()?);
    command.args(std::env::args_os().skip(1)).args(["--step", step.name()]);
    if args.data.is_none() {
        command.arg("--data").arg(data);
    }
    let done = command.output()?;
    if !done.status.success() {
        bail!("{}: {}", step.name(), String::from_utf8_lossy(&done.stderr));
    }
    serde_json::from_slice(&done.stdout).with_context(|| format!("what {} printed", step.name()))
}
