//! Three brokers and three processes, and what can be done to them.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use super::fault::{MEMBERS, SESSION};
use super::net;
use crate::args::Sasl;
use crate::children::Running;
use crate::kafka::{Cluster, Node};
use crate::topspin;
use crate::workspace::Workspace;

pub const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const PARTITIONS: &str = "4";
/// Enough to find out afterwards what happened.
const LOG_LEVELS: &str =
    "info,librdkafka=error,topspin_scoring=debug,topspin_runtime=debug,topspin_log_kafka=debug";
const PREFIX: &str = "chaos.";
/// The same for all processes and the quiet run: ids that derive from external ids are of a tenant.
const ORG: &str = "00000000-0000-4000-8000-00000000c405";
const READY_WITHIN: Duration = Duration::from_mins(4);
/// What is in flight may need a broker that is just away.
const STOP_WITHIN: Duration = Duration::from_mins(2);

/// What becomes of the data directory of a process that was killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Directory {
    Kept,
    Lost,
}

pub struct Site {
    binary: PathBuf,
    folder: PathBuf,
    cluster: Cluster,
    kafka: Vec<String>,
    processes: [Mutex<Process>; MEMBERS],
}

struct Process {
    /// How many directories it has lost.
    life: usize,
    running: Option<Running>,
}

impl Site {
    /// Starts everything; the network is there.
    pub fn start(workspace: &Workspace, folder: &Path, cluster: &str) -> Result<Self> {
        let hosts: Vec<_> = (0..MEMBERS).map(net::broker).collect();
        let cluster = Cluster::up_at(workspace, cluster, &hosts, Sasl::Off)?;
        let settings = folder.join("kafka.properties");
        let (session, heartbeat) = (SESSION.as_millis(), SESSION.as_millis() / 4);
        fs::write(
            &settings,
            format!("session.timeout.ms={session}\nheartbeat.interval.ms={heartbeat}\nlog_level=3\n"),
        )?;
        fs::write(token_file(folder), TOKEN)?;
        let brokers = cluster.bootstrap()?;
        let kafka =
            ["--kafka", &brokers, "--kafka-prefix", PREFIX, "--kafka-replication", "3", "--kafka-config"];
        let kafka = kafka.into_iter().map(str::to_owned).chain([settings.display().to_string()]).collect();
        let processes = std::array::from_fn(|_| Mutex::new(Process { life: 0, running: None }));
        let site =
            Self { binary: topspin::binary(workspace), folder: folder.to_owned(), cluster, kafka, processes };
        for number in 0..MEMBERS {
            found(&site.data(number, 0), &format!("process-{}", number + 1))?;
            site.start_process(number)?;
        }
        (0..MEMBERS).try_for_each(|number| site.wait_until_ready(number))?;
        Ok(site)
    }

    fn data(&self, number: usize, life: usize) -> PathBuf {
        self.folder.join(net::namespace(number)).join(format!("life-{life}"))
    }

    fn process(&self, number: usize) -> MutexGuard<'_, Process> {
        self.processes[number].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A broker by its number, from 0.
    pub fn broker(&self, number: usize) -> Result<Node> {
        self.cluster.nodes().into_iter().nth(number).context("a broker's folder went away")
    }

    pub fn start_process(&self, number: usize) -> Result<()> {
        let mut process = self.process(number);
        let data = self.data(number, process.life);
        let mut serve = serve(&self.binary, &data, net::clients_of(number), &token_file(&self.folder));
        serve.arg("--views").args(&self.kafka);
        process.running = Some(start(&mut net::within(number, &serve), &data)?);
        Ok(())
    }

    pub fn kill_process(&self, number: usize, directory: Directory) -> Result<()> {
        let mut process = self.process(number);
        process.life += usize::from(directory == Directory::Lost);
        process.running.take().context("no process to kill")?.kill()
    }

    pub fn stop_process(&self, number: usize) -> Result<()> {
        let running = self.process(number).running.take();
        running.context("no process to stop")?.stop_within(STOP_WITHIN)
    }

    pub fn signal_process(&self, number: usize, signal: &str) -> Result<()> {
        self.process(number).running.as_ref().context("no process to signal")?.signal(signal)
    }

    pub fn signal_broker(&self, number: usize, signal: &str) -> Result<()> {
        self.broker(number)?.signal(signal);
        Ok(())
    }

    /// Waits until a process serves. One that found no log and ended is started again, as a service manager would.
    pub fn wait_until_ready(&self, number: usize) -> Result<()> {
        let deadline = Instant::now() + READY_WITHIN;
        loop {
            let mut process = self.process(number);
            let running = process.running.as_mut().context("no process to wait for")?;
            let left = deadline.saturating_duration_since(Instant::now());
            let ready = running.wait_until(net::clients_of(number), "/readyz", left);
            let ended = running.ended()?.is_some();
            drop(process);
            if !ended || left.is_zero() {
                return ready.with_context(|| {
                    format!("{}: its log is in {}", net::namespace(number), self.folder.display())
                });
            }
            self.start_process(number)?;
        }
    }

    pub fn wait_until_broker_serves(&self, number: usize) -> Result<()> {
        self.broker(number)?.wait_until_started(Instant::now() + READY_WITHIN)
    }

    /// A subcommand of `topspin` on the same log.
    pub fn topspin(&self, subcommand: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.arg(subcommand).args(&self.kafka).args(arguments);
        command
    }

    /// Stops everything; whoever does not stop cleanly is an error.
    pub fn stop(self) -> Result<()> {
        (0..MEMBERS).try_for_each(|number| self.stop_process(number))?;
        self.cluster.stop()
    }
}

/// A server on a log of its own, without faults.
pub fn quiet(workspace: &Workspace, folder: &Path, address: SocketAddr) -> Result<Running> {
    let data = folder.join("quiet");
    found(&data, "quiet")?;
    let mut server =
        start(&mut serve(&topspin::binary(workspace), &data, address, &token_file(folder)), &data)?;
    server.wait_until_ready(address)?;
    Ok(server)
}

fn token_file(folder: &Path) -> PathBuf {
    folder.join("token")
}

fn serve(binary: &Path, data: &Path, address: SocketAddr, token: &Path) -> Command {
    let mut command = topspin::serve(binary, data, address);
    command.arg("--token-file").arg(token).args(["--partitions", PARTITIONS]);
    command
}

/// What it says goes into a file beside its data.
fn start(command: &mut Command, data: &Path) -> Result<Running> {
    fs::create_dir_all(data)?;
    let log = File::options().create(true).append(true).open(data.join("stderr"))?;
    command.env("TOPSPIN_LOG", LOG_LEVELS);
    Running::start("topspin serve", command.stdout(log.try_clone()?).stderr(log))
}

/// Makes a data directory whose tenant is known before.
fn found(data: &Path, label: &str) -> Result<()> {
    fs::create_dir_all(data)?;
    let incarnation = "00000000-0000-4000-8000-000000000001";
    let text = format!(
        "incarnation = \"{incarnation}\"\norg = \"{ORG}\"\nlabel = \"{label}\"\npartitions = {PARTITIONS}\n"
    );
    fs::write(data.join("node.toml"), text).with_context(|| data.display().to_string())
}
