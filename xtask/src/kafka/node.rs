//! One broker: its configuration, its process.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::net::Ipv4Addr;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::security::Security;
use crate::shell;

/// Any id will do, since the storage is new each time.
const CLUSTER_ID: &str = "MkU3OEVBNTcwNTJENDM2Qg";
const STARTED: &str = "Kafka Server started";
const POLL: Duration = Duration::from_millis(50);
const STOP_WITHIN: Duration = Duration::from_secs(20);

/// How Java is called.
pub struct Runtime {
    pub java: PathBuf,
    pub class_path: String,
}

impl Runtime {
    fn command(&self, heap: &str) -> Command {
        let mut command = Command::new(&self.java);
        command.args([heap, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]);
        command.arg("-Dorg.apache.logging.log4j.level=INFO").arg("-cp").arg(&self.class_path);
        command
    }
}

/// Where one broker listens.
#[derive(Debug, Clone, Copy)]
pub struct Ports {
    pub host: Ipv4Addr,
    pub plain: u16,
    pub controller: u16,
    pub sasl: u16,
    pub mutual: u16,
}

/// A broker by its folder: everything about it is there.
#[derive(Debug, Clone)]
pub struct Node {
    folder: PathBuf,
}

impl Node {
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The brokers that have a folder here, in order.
    pub fn all(cluster: &Path) -> Vec<Self> {
        let folders = (1..=9).map(|id| cluster.join(format!("node-{id}"))).filter(|folder| folder.is_dir());
        folders.map(Self::new).collect()
    }

    pub fn name(&self) -> String {
        self.folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    fn properties(&self) -> PathBuf {
        self.folder.join("server.properties")
    }

    fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// Writes the configuration and formats the storage.
    pub fn prepare(
        &self,
        runtime: &Runtime,
        id: usize,
        ports: &[Ports],
        security: Option<&Security>,
    ) -> Result<()> {
        fs::create_dir_all(&self.folder)?;
        let mut properties = properties(id, ports, &self.folder.join("data"));
        if let Some(security) = security {
            properties.push_str(&security.properties(ports[id - 1]));
        }
        fs::write(self.properties(), properties)?;
        let mut format = runtime.command("-Xmx128m");
        format.args(["kafka.tools.StorageTool", "format", "--cluster-id", CLUSTER_ID, "--config"]);
        format.arg(self.properties());
        if security.is_some() {
            format.args(Security::accounts());
        }
        shell::capture(&mut format).map(|_| ())
    }

    /// Starts the broker in a process group of its own, so that a Ctrl-C in the terminal is not for it. How stays in a
    /// file, for tests that kill it and start it again.
    pub fn start(&self, runtime: &Runtime) -> Result<()> {
        let mut broker = runtime.command("-Xmx512m");
        broker.arg("kafka.Kafka").arg(self.properties());
        fs::write(self.folder.join("start"), format!("exec {}\n", quoted(&broker)))?;
        self.start_again()
    }

    /// Starts the broker as it was started before. What it logged until then is kept beside its log.
    pub fn start_again(&self) -> Result<()> {
        if let Ok(before) = fs::read(self.log()) {
            File::options()
                .create(true)
                .append(true)
                .open(self.folder.join("log.before"))?
                .write_all(&before)?;
        }
        let log = File::create(self.log())?;
        let mut command = Command::new("sh");
        command.arg(self.folder.join("start"));
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).process_group(0);
        let child = command.spawn().context("cannot start Kafka")?;
        fs::write(self.folder.join("pid"), child.id().to_string())?;
        Ok(())
    }

    pub fn wait_until_started(&self, deadline: Instant) -> Result<()> {
        loop {
            let log = fs::read(self.log()).unwrap_or_default();
            let log = String::from_utf8_lossy(&log);
            if log.contains(STARTED) {
                return Ok(());
            }
            let ended = self.pid().is_none();
            if ended || Instant::now() > deadline {
                let tail: Vec<_> = log.lines().rev().take(20).collect();
                let tail = tail.into_iter().rev().collect::<Vec<_>>().join("\n");
                let what = if ended { "ended" } else { "did not start in time" };
                bail!("{} {what}; its log {} ends:\n{tail}", self.name(), self.log().display());
            }
            thread::sleep(POLL);
        }
    }

    /// The process, if it is alive and really this broker: a pid may have gone to another program.
    pub fn pid(&self) -> Option<u32> {
        let pid: u32 = fs::read_to_string(self.folder.join("pid")).ok()?.trim().parse().ok()?;
        let arguments =
            shell::capture(Command::new("ps").args(["-o", "args=", "-p", &pid.to_string()])).ok()?;
        arguments.contains(&self.folder.display().to_string()).then_some(pid)
    }

    pub fn ask_to_stop(&self) {
        self.signal("-TERM");
    }

    /// Waits until the process has ended; kills it when it takes too long.
    pub fn wait_until_stopped(&self) -> Result<()> {
        let deadline = Instant::now() + STOP_WITHIN;
        while self.pid().is_some() {
            if Instant::now() > deadline {
                self.signal("-KILL");
            }
            if Instant::now() > deadline + STOP_WITHIN {
                bail!("{} cannot be stopped", self.name());
            }
            thread::sleep(POLL);
        }
        Ok(())
    }

    /// Sends a signal such as `-KILL`.
    pub fn signal(&self, signal: &str) {
        // A stopped process hears nothing until it goes on.
        for signal in ["-CONT", signal] {
            if let Some(pid) = self.pid() {
                // It may just have ended, which is as good.
                let _ = Command::new("kill").args([signal, &pid.to_string()]).stderr(Stdio::null()).status();
            }
        }
    }
}

/// The command as a shell reads it.
fn quoted(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let quote = |word: &std::ffi::OsStr| format!("'{}'", word.to_string_lossy().replace('\'', r"'\''"));
    words.map(quote).collect::<Vec<_>>().join(" ")
}

/// The configuration of a broker that is its own controller, in a quorum of all.
fn properties(id: usize, ports: &[Ports], data: &Path) -> String {
    let own = ports[id - 1];
    let host = own.host;
    let voters = ports
        .iter()
        .enumerate()
        .map(|(index, ports)| format!("{}@{}:{}", index + 1, ports.host, ports.controller));
    let voters = voters.collect::<Vec<_>>().join(",");
    let replication = ports.len().min(3);
    let in_sync = if replication == 3 { 2 } else { 1 };
    let mut text = String::new();
    for (name, value) in [
        ("process.roles", "broker,controller".to_owned()),
        ("node.id", id.to_string()),
        ("controller.quorum.voters", voters),
        ("listeners", format!("PLAINTEXT://{host}:{},CONTROLLER://{host}:{}", own.plain, own.controller)),
        ("advertised.listeners", format!("PLAINTEXT://{host}:{}", own.plain)),
        ("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT".to_owned()),
        ("inter.broker.listener.name", "PLAINTEXT".to_owned()),
        ("controller.listener.names", "CONTROLLER".to_owned()),
        ("log.dirs", data.display().to_string()),
        ("auto.create.topics.enable", "false".to_owned()),
        ("offsets.topic.replication.factor", replication.to_string()),
        ("offsets.topic.num.partitions", "4".to_owned()),
        ("transaction.state.log.replication.factor", replication.to_string()),
        ("transaction.state.log.min.isr", in_sync.to_string()),
        ("transaction.state.log.num.partitions", "4".to_owned()),
        ("share.coordinator.state.topic.replication.factor", replication.to_string()),
        ("share.coordinator.state.topic.min.isr", in_sync.to_string()),
        ("group.initial.rebalance.delay.ms", "0".to_owned()),
        // It is wiped for each partition that is compacted, and tests have many small ones. The default is 128 MiB.
        ("log.cleaner.dedupe.buffer.size", (2 << 20).to_string()),
        // Tests write records with old times and look at them before they go.
        ("log.retention.check.interval.ms", "86400000".to_owned()),
        // The first check comes so long after the start, whatever the interval is.
        ("log.initial.task.delay.ms", "86400000".to_owned()),
    ] {
        writeln!(text, "{name}={value}").expect("a string takes everything");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_process_is_not_taken_for_the_broker() {
        let folder = std::env::temp_dir().join(format!("topspin-node-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("pid"), std::process::id().to_string()).unwrap();
        assert_eq!(Node::new(folder.clone()).pid(), None);
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn three_brokers_vote_and_need_two() {
        let ports = [1, 2, 3].map(|n| Ports {
            host: Ipv4Addr::LOCALHOST,
            plain: n,
            controller: 10 + n,
            sasl: 20 + n,
            mutual: 30 + n,
        });
        let text = properties(2, &ports, Path::new("/data"));
        assert!(text.contains("controller.quorum.voters=1@127.0.0.1:11,2@127.0.0.1:12,3@127.0.0.1:13\n"));
        assert!(text.contains("node.id=2\n") && text.contains("transaction.state.log.min.isr=2\n"), "{text}");
    }
}
