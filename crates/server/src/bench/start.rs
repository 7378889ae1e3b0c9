//! How soon a server is there again on what its data directory holds.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use anyhow::bail;
use serde::Serialize;

use super::wire::Connection;

/// From the start of a server on a data directory to its readiness; each start but the first is after `kill -9`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The data directory. Nothing may be using it.
    #[arg(long, value_name = "DIR", default_value = "./topspin-data")]
    data: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// What came of it.
#[derive(Debug, Serialize)]
pub struct Starts {
    /// From the process's start to its readiness.
    ready_after_ms: Vec<u128>,
    /// Resident when ready.
    memory_when_ready_bytes: Option<u64>,
}

/// Starts that are measured.
const STARTS: usize = 3;

/// Time to readiness at most.
const PATIENCE: Duration = Duration::from_mins(5);

/// Measures.
///
/// # Errors
/// Where the server does not start.
pub fn run(args: &Args) -> anyhow::Result<()> {
    if !args.data.join("node.toml").exists() {
        bail!("{} is no data directory", args.data.display());
    }
    let starts = starts(&args.data)?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&starts)?);
    } else {
        show(&starts);
    }
    Ok(())
}

/// Starts a server on the data directory and kills it, some times.
pub fn starts(data: &Path) -> anyhow::Result<Starts> {
    let (mut ready_after_ms, mut memory_when_ready_bytes) = (Vec::new(), None);
    for _ in 0..STARTS {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let began = Instant::now();
        let mut server = Command::new(std::env::current_exe()?)
            .args(["serve", "--listen", &address.to_string(), "--data"])
            .arg(data)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let ready = wait_until_ready(&mut server, address, began);
        memory_when_ready_bytes = resident(server.id());
        server.kill()?;
        server.wait()?;
        ready_after_ms.push(ready?.as_millis());
    }
    Ok(Starts { ready_after_ms, memory_when_ready_bytes })
}

fn wait_until_ready(server: &mut Child, address: SocketAddr, began: Instant) -> anyhow::Result<Duration> {
    const EVERY: Duration = Duration::from_millis(2);
    while began.elapsed() < PATIENCE {
        if TcpStream::connect(address).is_ok() && Connection::open(address)?.ready()? {
            return Ok(began.elapsed());
        }
        if let Some(status) = server.try_wait()? {
            bail!("the server ended by itself ({status})");
        }
        thread::sleep(EVERY);
    }
    bail!("the server was not ready in {} seconds", PATIENCE.as_secs())
}

/// Bytes of memory that a process has, where the system says so (Linux).
pub fn resident(process: u32) -> Option<u64> {
    memory(process, "VmRSS:")
}

/// Bytes that a line of a process's status tells, such as `VmRSS:` (Linux).
pub fn memory(process: u32, name: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().trim_end_matches("kB").trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

/// For people.
pub fn mebibytes(bytes: Option<u64>) -> String {
    bytes.map_or_else(|| "unknown".to_owned(), |bytes| format!("{} MiB", bytes / (1024 * 1024)))
}

/// Prints.
pub fn show(starts: &Starts) {
    println!(
        "ready after {:?} ms, with {}",
        starts.ready_after_ms,
        mebibytes(starts.memory_when_ready_bytes)
    );
}
