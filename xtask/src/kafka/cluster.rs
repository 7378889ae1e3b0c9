//! Brokers that form a cluster, and what is said about them.

use std::fmt::Write as _;
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use super::jars;
use super::node::{Node, Ports, Runtime};
use super::security::Security;
use crate::args::Sasl;
use crate::workspace::Workspace;
use crate::{children, topspin};

const START_WITHIN: Duration = Duration::from_mins(2);

/// A cluster that is stopped when this goes out of scope, unless it is kept.
pub struct Cluster {
    folder: PathBuf,
    kept: bool,
}

impl Cluster {
    /// Starts a new cluster on the loopback address, in a folder of its own, and waits until all brokers serve.
    pub fn up(workspace: &Workspace, name: &str, brokers: usize, sasl: Sasl) -> Result<Self> {
        Self::up_at(workspace, name, &vec![Ipv4Addr::LOCALHOST; brokers], sasl)
    }

    /// The same with one broker at each of these addresses.
    pub fn up_at(workspace: &Workspace, name: &str, hosts: &[Ipv4Addr], sasl: Sasl) -> Result<Self> {
        let brokers = hosts.len();
        let folder = workspace.scratch(name);
        if Node::all(&folder).iter().any(|node| node.pid().is_some()) {
            bail!("a cluster runs in {} already: `cargo xtask kafka status`, `down`", folder.display());
        }
        topspin::remove(&folder)?;
        fs::create_dir_all(&folder)?;
        let runtime = Runtime { java: jars::java()?, class_path: jars::class_path(workspace)? };
        let security = match sasl {
            Sasl::Off => None,
            Sasl::On => Some(Security::prepare(folder.join("keys"), &runtime.java)?),
        };
        let ports = ports(hosts)?;
        println!("starting Apache Kafka with {brokers} broker(s) in {}", folder.display());
        // From here on a failure stops what has been started.
        let cluster = Self { folder, kept: false };
        let nodes: Vec<_> =
            (1..=brokers).map(|id| Node::new(cluster.folder.join(format!("node-{id}")))).collect();
        for (index, node) in nodes.iter().enumerate() {
            node.prepare(&runtime, index + 1, &ports, security.as_ref())?;
        }
        for node in &nodes {
            node.start(&runtime)?;
        }
        let deadline = Instant::now() + START_WITHIN;
        nodes.iter().try_for_each(|node| node.wait_until_started(deadline))?;
        let list = |port: fn(&Ports) -> u16| {
            let addresses = ports.iter().map(|ports| format!("{}:{}", ports.host, port(ports)));
            addresses.collect::<Vec<_>>().join(",")
        };
        fs::write(cluster.folder.join("bootstrap"), list(|ports| ports.plain))?;
        if security.is_some() {
            fs::write(cluster.folder.join("bootstrap-sasl"), list(|ports| ports.sasl))?;
            fs::write(cluster.folder.join("bootstrap-mutual"), list(|ports| ports.mutual))?;
        }
        Ok(cluster)
    }

    /// Lets the cluster run on when this goes out of scope.
    pub fn keep(mut self) {
        self.kept = true;
    }

    pub fn describe(&self) -> Result<String> {
        describe(&self.folder)
    }

    /// `host:port` of its brokers, separated by commas.
    pub fn bootstrap(&self) -> Result<String> {
        bootstrap(&self.folder, "bootstrap")
    }

    /// The processes of its brokers.
    pub fn processes(&self) -> Vec<u32> {
        self.nodes().iter().filter_map(Node::pid).collect()
    }

    /// Its brokers, in order.
    pub fn nodes(&self) -> Vec<Node> {
        Node::all(&self.folder)
    }

    /// Where to reach it, as environment variables for tests.
    pub fn environment(&self) -> Result<Vec<(&'static str, String)>> {
        let keys = self.folder.join("keys");
        let mut variables = vec![
            ("TOPSPIN_KAFKA", self.bootstrap()?),
            ("TOPSPIN_KAFKA_BROKERS", Node::all(&self.folder).len().to_string()),
            ("TOPSPIN_KAFKA_FOLDER", self.folder.display().to_string()),
        ];
        if keys.is_dir() {
            variables.push(("TOPSPIN_KAFKA_SASL", bootstrap(&self.folder, "bootstrap-sasl")?));
            variables.push(("TOPSPIN_KAFKA_MUTUAL", bootstrap(&self.folder, "bootstrap-mutual")?));
            variables.push(("TOPSPIN_KAFKA_AUTHORITY", Security::authority(&keys).display().to_string()));
            variables
                .push(("TOPSPIN_KAFKA_CLIENT_STORE", Security::client_store(&keys).display().to_string()));
        }
        Ok(variables)
    }

    pub fn stop(mut self) -> Result<()> {
        self.kept = true;
        down(&self.folder)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if !self.kept
            && let Err(error) = stop(&self.folder)
        {
            eprintln!("xtask: cannot stop Kafka: {error:#}");
        }
    }
}

/// Stops the brokers of a folder, and no other process, and removes the folder.
pub fn down(folder: &Path) -> Result<()> {
    let stopped = stop(folder)?;
    topspin::remove(folder)?;
    println!("{stopped} broker(s) stopped");
    Ok(())
}

/// The logs stay, for whoever wants to know what went wrong.
fn stop(folder: &Path) -> Result<usize> {
    let nodes: Vec<_> = Node::all(folder).into_iter().filter(|node| node.pid().is_some()).collect();
    nodes.iter().for_each(Node::ask_to_stop);
    nodes.iter().try_for_each(Node::wait_until_stopped)?;
    Ok(nodes.len())
}

pub fn status(folder: &Path) -> Result<()> {
    let nodes = Node::all(folder);
    if nodes.is_empty() {
        println!("no cluster; `cargo xtask kafka up` starts one");
        return Ok(());
    }
    for node in &nodes {
        match node.pid() {
            Some(pid) => println!("{} runs (process {pid})", node.name()),
            None => println!("{} does not run", node.name()),
        }
    }
    print!("{}", describe(folder)?);
    Ok(())
}

fn describe(folder: &Path) -> Result<String> {
    let mut text = format!("bootstrap  {}\n", bootstrap(folder, "bootstrap")?);
    let keys = folder.join("keys");
    if keys.is_dir() {
        writeln!(
            text,
            "SASL_SSL   {}  SCRAM-SHA-256, topspin / topspin-secret; OAUTHBEARER, unsigned tokens of `topspin`",
            bootstrap(folder, "bootstrap-sasl")?
        )?;
        writeln!(text, "mutual TLS {}", bootstrap(folder, "bootstrap-mutual")?)?;
        writeln!(text, "ssl.ca.location          {}", Security::authority(&keys).display())?;
        writeln!(text, "ssl.keystore.location    {}  (loopback)", Security::client_store(&keys).display())?;
    }
    Ok(text)
}

fn bootstrap(folder: &Path, file: &str) -> Result<String> {
    fs::read_to_string(folder.join(file))
        .with_context(|| format!("the cluster in {} never served", folder.display()))
}

/// Free ports, all different: each is held until all are found.
fn ports(hosts: &[Ipv4Addr]) -> Result<Vec<Ports>> {
    let held = children::free_listeners(4 * hosts.len())?;
    let numbers: Vec<u16> =
        held.iter().map(|listener| Ok(listener.local_addr()?.port())).collect::<Result<_>>()?;
    let (chunks, _) = numbers.as_chunks::<4>();
    Ok(chunks
        .iter()
        .zip(hosts)
        .map(|([plain, controller, sasl, mutual], host)| Ports {
            host: *host,
            plain: *plain,
            controller: *controller,
            sasl: *sasl,
            mutual: *mutual,
        })
        .collect())
}
