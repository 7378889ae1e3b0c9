//! A topology with exactly-once state: records a second on one core, beside the same fold over a vector.

mod instances;
mod measure;
mod workload;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, bail};
use serde_json::Value;
use topspin_log::Topic;
use topspin_runtime::{Generation, Names};

use self::workload::{Workload, topology};
use crate::engine::KafkaArgs;
use crate::views;

/// A topology with two views and a repartition over millions of records, exactly once: in the log in a directory, or on Kafka.
///
/// The records and the topology are those that `cargo xtask bench streams` gives to Kafka Streams. Each step is a process
/// of its own, so that its CPU and its memory are its own. With --instances the topology is processed by so many processes, one
/// number after another, and then moves between two and three of them.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  topspin bench streams --records 1000000\n  \
    topspin bench streams --kafka 127.0.0.1:9092 --kafka-replication 1\n  \
    topspin bench streams --kafka 127.0.0.1:9092 --kafka-replication 1 --partitions 12 --instances 1,2,4")]
pub struct Args {
    #[command(flatten)]
    workload: Workload,
    /// Where to work, which has to be empty and is left as it is; else a folder here, which is removed.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Only this step, on what the steps before have left in --data.
    #[arg(long, value_enum, requires = "data")]
    step: Option<Step>,
    /// How many processes share the work.
    #[arg(long, value_delimiter = ',', value_name = "N,…", requires = "kafka", conflicts_with = "step")]
    instances: Vec<u32>,
    /// The version of the application that a step is of.
    #[arg(long, default_value_t = views::FIRST.0, hide = true)]
    generation: u32,
    /// Who the process of a step is.
    #[arg(long, default_value = "bench", hide = true)]
    member: String,
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
    /// Processes what comes until it is stopped.
    Serve,
    /// Compares the views with a plain fold.
    Verify,
    /// The same fold over a vector in memory.
    Vector,
}

impl Step {
    /// Those that end by themselves, in their order.
    const ALL: [Step; 5] = [Step::Fill, Step::Run, Step::Restore, Step::Verify, Step::Vector];

    const fn name(self) -> &'static str {
        match self {
            Step::Fill => "fill",
            Step::Run => "run",
            Step::Restore => "restore",
            Step::Serve => "serve",
            Step::Verify => "verify",
            Step::Vector => "vector",
        }
    }
}

/// Where a process works, and as whom.
#[derive(Debug, Clone)]
struct Place {
    data: PathBuf,
    kafka: KafkaArgs,
    generation: u32,
    member: String,
}

impl Place {
    fn generation(&self) -> Generation {
        Generation(self.generation)
    }

    fn names(&self) -> anyhow::Result<Names> {
        Ok(Names::new(topology()?.name(), self.generation())?)
    }

    fn output(&self, view: &str) -> anyhow::Result<Topic> {
        Ok(self.names()?.output(view)?)
    }

    /// A process that takes a step here.
    fn command(&self, step: Step, workload: Workload) -> anyhow::Result<Command> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["bench", "streams", "--step", step.name(), "--member", &self.member, "--data"]);
        command.arg(&self.data).args(["--generation", &self.generation.to_string()]);
        command.args([
            "--records",
            &workload.records.to_string(),
            "--matches",
            &workload.matches.to_string(),
        ]);
        command.args(["--partitions", &workload.partitions.to_string()]).args(self.kafka.flags());
        Ok(command)
    }
}

/// Measures.
///
/// # Errors
/// Where a step fails, or the views are not what a plain fold gives.
pub fn run(args: &Args) -> anyhow::Result<()> {
    let own = PathBuf::from(format!(".topspin-bench-{}", std::process::id()));
    let place = Place {
        data: args.data.clone().unwrap_or_else(|| own.clone()),
        kafka: args.kafka.clone(),
        generation: args.generation,
        member: args.member.clone(),
    };
    if let Some(step) = args.step {
        println!("{}", measure::step(step, args.workload, &place)?);
        return Ok(());
    }
    fs::create_dir_all(&place.data)?;
    let measured = if args.instances.is_empty() {
        all_steps(args.workload, &place)
    } else {
        instances::measure(args.workload, &place, &args.instances)
    };
    if args.data.is_none() {
        fs::remove_dir_all(&own).with_context(|| format!("cannot remove {}", own.display()))?;
    }
    println!("{}", serde_json::to_string_pretty(&measured?)?);
    Ok(())
}

fn all_steps(workload: Workload, place: &Place) -> anyhow::Result<Value> {
    let mut whole = serde_json::Map::new();
    for step in Step::ALL {
        eprintln!("{} …", step.name());
        if let Value::Object(told) = process(&mut place.command(step, workload)?)? {
            whole.extend(told);
        }
    }
    Ok(Value::Object(whole))
}

/// Runs a step as a process, and returns what it tells.
fn process(command: &mut Command) -> anyhow::Result<Value> {
    let done = command.output()?;
    if !done.status.success() {
        bail!("{command:?}: {}", String::from_utf8_lossy(&done.stderr));
    }
    serde_json::from_slice(&done.stdout).with_context(|| format!("what {command:?} printed"))
}
