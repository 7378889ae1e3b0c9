//! One topology on two engines: Kafka Streams, and Topspin on the same brokers with the same records, and in a directory.
//! bench/kafka-streams/README.md defines the workload.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value, json};

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
    // Nothing compiles while something is measured.
    shell::run(shell::cargo().current_dir(&workspace.root).args([
        "build",
        "--release",
        "--package",
        "topspin-server",
    ]))?;
    let cluster = Cluster::up(workspace, "kafka-bench", options.brokers, Sasl::Off)?;
    let java = Program::new(java, class_path, &folder.join("state"), &cluster, options)?;
    let contender = Contender::new(workspace, &folder.join("topspin"), &cluster, options)?;
    let before = load()?;
    let (kafka_streams, on_kafka) = on_brokers(&java, &contender, &cluster, options)?;
    cluster.stop()?;
    topspin::remove(&java.state)?;
    topspin::remove(&contender.data)?;
    println!("the log in a directory …");
    let embedded = contender.embedded(u64::from(options.records.get()))?;
    let ratios = ratios(&kafka_streams, &on_kafka, &embedded);
    let all = json!({
        "brokers": options.brokers, "load_before": before, "load_after": load()?,
        "kafka_streams": kafka_streams, "topspin_on_kafka": on_kafka, "topspin_embedded": embedded, "ratios": ratios,
    });
    println!("{}", serde_json::to_string_pretty(&all)?);
    Ok(())
}

/// Each step is a process of its own, so that memory and CPU time are of that step. Both read the same records; the
/// paced ones come last, after what is measured over a fixed number.
fn on_brokers(
    java: &Program,
    contender: &Contender,
    cluster: &Cluster,
    options: &StreamsOptions,
) -> Result<(Figures, Figures)> {
    let records = u64::from(options.records.get());
    let (mut theirs, mut ours) = (Figures::new(), Figures::new());
    topspin::remove(&java.state)?;
    topspin::remove(&contender.data)?;
    java.step("fill", records)?;
    theirs.extend(java.step("run", records)?);
    let before = cpu_seconds(&cluster.processes())?;
    ours.extend(contender.step("run", records)?);
    ours.insert("broker_cpu_s".into(), (cpu_seconds(&cluster.processes())? - before).into());
    topspin::remove(&java.state)?;
    theirs.extend(java.step("restore", records)?);
    ours.extend(contender.step("restore", records)?);

    let serving = Running::start("Kafka Streams", &mut java.command("serve", records))?;
    theirs.extend(java.step("drive", records)?);
    // Java answers a polite request to end with the signal's number.
    drop(serving);
    let records = records + sent(&theirs)?;
    theirs.extend(java.step("verify", records)?);

    let serving = Running::start("Topspin", &mut contender.command("serve", records))?;
    let mut drive = java.command("drive", records);
    ours.extend(figures("drive", drive.arg(format!("output={}", Contender::OUTPUT)))?);
    drop(serving);
    ours.extend(contender.step("verify", records + sent(&ours)?)?);
    if [&theirs, &ours].iter().any(|figures| figures.get("correct") != Some(&Value::Bool(true))) {
        bail!("outputs differ from a plain fold over the records: {theirs:?}, {ours:?}");
    }
    Ok((theirs, ours))
}

fn sent(figures: &Figures) -> Result<u64> {
    figures.get("e2e_sent").and_then(Value::as_u64).context("how many were sent is missing")
}

/// Topspin over Kafka Streams; for memory, times and latencies less is better.
fn ratios(theirs: &Figures, on_kafka: &Figures, embedded: &Figures) -> Value {
    let ratio = |ours: &Figures, name: &str| {
        let of = |figures: &Figures| figures.get(name).and_then(Value::as_f64);
        of(ours).zip(of(theirs)).map(|(ours, theirs)| ours / theirs)
    };
    let all = |ours: &Figures| {
        let names =
            ["records_per_core_s", "records_per_s", "peak_rss_mb", "restore_s", "e2e_p50_ms", "e2e_p99_ms"];
        names
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), json!(ratio(ours, name)?))))
            .collect::<Figures>()
    };
    json!({ "topspin_on_kafka": all(on_kafka), "topspin_embedded": all(embedded) })
}

/// Topspin's release build.
struct Contender {
    binary: PathBuf,
    data: PathBuf,
    kafka: Vec<String>,
}

impl Contender {
    /// Where it writes the longest rallies.
    const OUTPUT: &str = "longest-rally.g1";

    fn new(workspace: &Workspace, data: &Path, cluster: &Cluster, options: &StreamsOptions) -> Result<Self> {
        let binary = topspin::release(workspace);
        let replication = options.brokers.to_string();
        let kafka = ["--kafka".into(), cluster.bootstrap()?, "--kafka-replication".into(), replication];
        Ok(Self { binary, data: data.to_owned(), kafka: kafka.into() })
    }

    fn command(&self, step: &str, records: u64) -> Command {
        let mut command = self.bench(records);
        command.args(["--step", step, "--data"]).arg(&self.data).args(&self.kafka);
        command
    }

    fn step(&self, step: &str, records: u64) -> Result<Figures> {
        fs::create_dir_all(&self.data)?;
        figures(step, &mut self.command(step, records))
    }

    /// All steps, with the log in a directory.
    fn embedded(&self, records: u64) -> Result<Figures> {
        fs::create_dir_all(&self.data)?;
        let measured = figures("embedded", self.bench(records).arg("--data").arg(&self.data))?;
        topspin::remove(&self.data)?;
        Ok(measured)
    }

    fn bench(&self, records: u64) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(["bench", "streams", "--records", &records.to_string()]);
        command
    }
}

/// What a command prints: JSON.
fn figures(step: &str, command: &mut Command) -> Result<Figures> {
    println!("{step} …");
    let printed = shell::capture(command)?;
    println!("{}", printed.trim());
    serde_json::from_str(printed.trim()).with_context(|| format!("`{step}` printed no figures"))
}

/// User and system time of processes, seconds.
fn cpu_seconds(processes: &[u32]) -> Result<f64> {
    let mut ticks = 0;
    for process in processes {
        // The fields behind the name, which is in parentheses and may hold spaces: proc_pid_stat(5), 14 and 15 in all.
        let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
        let (_, fields) = stat.rsplit_once(')').context("a process's status")?;
        for field in fields.split_whitespace().skip(11).take(2) {
            ticks += field.parse::<u64>()?;
        }
    }
    // USER_HZ is 100 on every Linux.
    Ok(ticks as f64 / 100.0)
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

    fn step(&self, step: &str, records: u64) -> Result<Figures> {
        figures(step, &mut self.command(step, records))
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
