//! A network of our own: one bridge, a namespace for each process, and two subnets, so that a process can lose the
//! brokers and still be asked by its clients.
//!
//! Everything happens in namespaces that end with the run (network, mounts, processes): nothing of it is left on the
//! machine, whatever happens. A link is cut by telling one side a wrong hardware address of the other, for good: what is
//! sent is lost without a word, as on a dead line. This needs nothing but `ip`.

use std::iter;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::{install, shell};

/// Who runs in the namespaces already is told so.
pub const WITHIN: &str = "TOPSPIN_CHAOS_WITHIN";
const BRIDGE: &str = "hall";
const WIRE: &str = "wire";
/// A hardware address that nobody has.
const NOBODY: &str = "02:00:00:00:00:01";
const PORT: u16 = 8080;
/// The shell is the first process of its namespace, waits for ours, and takes everything with it when it ends.
const SCRIPT: &str = r#"mkdir -p /run/netns && mount -t tmpfs none /run/netns && "$0" "$@"; exit $?"#;
const NAMESPACES: [&str; 6] = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];

/// Whether namespaces can be had here; the error says what is missing.
pub fn ready() -> Result<()> {
    if shell::find("ip").is_none() && install::can_apt_install()? {
        install::apt_install(&["iproute2"])?;
    }
    if shell::find("ip").is_none() || shell::find("unshare").is_none() {
        bail!(
            "links cannot be cut: install ip and unshare (Debian: `sudo apt-get install iproute2 util-linux`)"
        );
    }
    let made =
        shell::capture(unshare()?.args(["sh", "-c", SCRIPT, "ip", "link", "add", BRIDGE, "type", "bridge"]));
    made.map(|_| ()).context("links cannot be cut: this machine gives us no network namespaces")
}

/// Runs a command of xtask, which is `program`, in namespaces of its own.
pub fn enter(program: &Path, arguments: &[String]) -> Result<()> {
    let mut command = unshare()?;
    command.args(["sh", "-c", SCRIPT]).arg(program).args(arguments);
    let status = command.env(WITHIN, "1").status().context("cannot run unshare")?;
    if !status.success() {
        bail!("the run failed ({status})");
    }
    Ok(())
}

fn unshare() -> Result<Command> {
    let mut command = Command::new("unshare");
    if shell::capture(Command::new("id").arg("-u"))?.trim() != "0" {
        command.arg("--map-root-user");
    }
    command.args(NAMESPACES);
    Ok(command)
}

/// The address of a broker, on the side of the log.
pub fn broker(number: usize) -> Ipv4Addr {
    host(0, 1 + number)
}

/// Where a process is asked by its clients.
pub fn clients_of(process: usize) -> SocketAddr {
    (host(1, 11 + process), PORT).into()
}

fn host(subnet: u8, number: usize) -> Ipv4Addr {
    Ipv4Addr::new(10, 213, subnet, u8::try_from(number).expect("a handful of members"))
}

/// Makes the bridge with the brokers' addresses, and a namespace for each process.
pub fn build(brokers: usize, processes: usize) -> Result<()> {
    ip("link set lo up")?;
    ip(&format!("link add {BRIDGE} type bridge"))?;
    for address in (0..brokers).map(broker).chain(iter::once(host(1, 1))) {
        ip(&format!("addr add {address}/24 dev {BRIDGE}"))?;
    }
    ip(&format!("link set {BRIDGE} up"))?;
    (0..processes).try_for_each(connect)
}

fn connect(process: usize) -> Result<()> {
    let name = namespace(process);
    ip(&format!("netns add {name}"))?;
    ip(&format!("link add {name} type veth peer name {WIRE} netns {name}"))?;
    ip(&format!("link set {name} master {BRIDGE} up"))?;
    for subnet in [0, 1] {
        ip(&format!("-n {name} addr add {}/24 dev {WIRE}", host(subnet, 11 + process)))?;
    }
    ip(&format!("-n {name} link set lo up"))?;
    ip(&format!("-n {name} link set {WIRE} up"))
}

pub fn namespace(process: usize) -> String {
    format!("process-{}", process + 1)
}

/// The command, run where a process is.
pub fn within(process: usize, command: &Command) -> Command {
    let mut wrapped = Command::new("ip");
    wrapped.args(["netns", "exec", &namespace(process)]).arg(command.get_program()).args(command.get_args());
    wrapped
}

/// Which packets between a process and the brokers are lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// All of them, both ways.
    All,
    /// What the brokers send.
    Answers,
    /// What the process sends to one broker.
    ToBroker(usize),
}

pub fn cut(process: usize, lost: Lost) -> Result<()> {
    places(process, lost).iter().try_for_each(|place| {
        ip(&format!("{}neigh replace {} lladdr {NOBODY} dev {} nud permanent", place.0, place.1, place.2))
    })
}

pub fn heal(process: usize, lost: Lost) -> Result<()> {
    places(process, lost)
        .iter()
        .try_for_each(|place| ip(&format!("{}neigh del {} dev {}", place.0, place.1, place.2)))
}

/// Where who is to be told a wrong address of whom: the namespace, the address, the device.
fn places(process: usize, lost: Lost) -> Vec<(String, Ipv4Addr, &'static str)> {
    let there = format!("-n {} ", namespace(process));
    let to = |number| (there.clone(), broker(number), WIRE);
    let from = (String::new(), host(0, 11 + process), BRIDGE);
    match lost {
        Lost::All => (0..super::fault::MEMBERS).map(to).chain(iter::once(from)).collect(),
        Lost::Answers => vec![from],
        Lost::ToBroker(number) => vec![to(number)],
    }
}

fn ip(arguments: &str) -> Result<()> {
    shell::capture(Command::new("ip").args(arguments.split(' '))).map(|_| ())
}
