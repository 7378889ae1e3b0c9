//! Kafka Streams over the workload that bench/kafka-streams/README.md defines, on brokers of its own.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value};

use crate::args::{Sasl, StreamsOptions};
use crate::children::Running;
use crate::kafka::{self, Cluster};
use crate::workspace::Workspace;
use crate::{shell, topspin};

const SOURCES: &str = "bench/kafka-streams";
const MAIN: &str = "topspin.bench.Main";
const HEAP: &str = "-Xmx512m";
const LOG_LEVEL: &str = "-Dorg.slf4j.simpleLogger.defaultLogLevel=error";

type Figures = Map<String, Value>;

pub fn run(workspace: &Workspace, options: &StreamsOptions) -> Result<()> {
    let folder = workspace.scratch("streams");
    let (java, class_path) = (kafka::java()?, build(workspace, &folder)?);
    let cluster = Cluster::up(workspace, "kafka-bench", options.brokers, Sasl::Off)?;
    let program = Program::new(java, class_path, &folder.join("state"), &cluster, options)?;
    let figures = measure(&program, options)?;
    cluster.stop()?;
    topspin::remove(&program.state)?;
    println!("{}", Value::Object(figures));
    Ok(())
}

/// Each step is a process of its own, so that memory and CPU time are of that step.
fn measure(program: &Program, options: &StreamsOptions) -> Result<Figures> {
    let records = u64::from(options.records.get());
    let mut figures = Figures::new();
    figures.insert("engine".into(), "kafka-streams".into());
    figures.insert("brokers".into(), options.brokers.into());
    topspin::remove(&program.state)?;
    figures.insert("load_before".into(), load()?.into());
    for step in ["fill", "run"] {
        figures.extend(program.step(step, records)?);
    }
    topspin::remove(&program.state)?;
    figures.extend(program.step("restore", records)?);
    let serving = Running::start("Kafka Streams", &mut program.command("serve", records))?;
    figures.extend(program.step("drive", records)?);
    // Java answers a polite request to end with the signal's number.
    drop(serving);
    let sent = figures.get("e2e_sent").and_then(Value::as_u64).context("how many were sent is missing")?;
    figures.extend(program.step("verify", records + sent)?);
    figures.insert("load_after".into(), load()?.into());
    if figures.get("correct") != Some(&Value::Bool(true)) {
        bail!("the outputs differ from a plain fold over the records: {}", Value::Object(figures));
    }
    Ok(figures)
}

/// The Java program with what all its commands are told.
struct Program {
    java: PathBuf,
    class_path: String,
    state: PathBuf,
    settings: Vec<String>,
}

impl Program {
    fn new(
        java: PathBuf,
        class_path: String,
        state: &Path,
        cluster: &Cluster,
        options: &StreamsOptions,
    ) -> Result<Self> {
        let brokers: Vec<_> = cluster.processes().iter().map(u32::to_string).collect();
        let settings = vec![
            format!("bootstrap={}", cluster.bootstrap()?),
            format!("state={}", state.display()),
            format!("threads={}", options.threads),
            format!("brokers={}", brokers.join(",")),
        ];
        Ok(Self { java, class_path, state: state.to_owned(), settings })
    }

    fn command(&self, step: &str, records: u64) -> Command {
        let mut command = Command::new(&self.java);
        command.args([HEAP, LOG_LEVEL, "-cp", &self.class_path, MAIN, step]);
        command.arg(format!("records={records}")).args(&self.settings);
        command
    }

    /// What one command prints: a line of JSON.
    fn step(&self, step: &str, records: u64) -> Result<Figures> {
        println!("{step} …");
        let printed = shell::capture(&mut self.command(step, records))?;
        print!("{printed}");
        serde_json::from_str(printed.trim()).with_context(|| format!("`{step}` printed no figures"))
    }
}

/// Compiles the program into the folder and returns its class path.
fn build(workspace: &Workspace, folder: &Path) -> Result<String> {
    fs::create_dir_all(folder)?;
    let mut maven = Command::new(kafka::maven()?);
    maven.current_dir(workspace.root.join(SOURCES)).args(["--batch-mode", "--quiet", "process-classes"]);
    shell::run(maven.arg(format!("-Dtopspin.target={}", folder.display())))?;
    let entries = [folder.join("classes"), folder.join("lib").join("*")];
    let joined = env::join_paths(entries).context("the target folder's name cannot be in a class path")?;
    joined.into_string().ok().context("the target folder's name is not UTF-8")
}

fn load() -> Result<String> {
    Ok(fs::read_to_string("/proc/loadavg")?.trim().to_owned())
}
