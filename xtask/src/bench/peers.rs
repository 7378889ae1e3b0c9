//! Durable appends: the embedded log beside NATS `JetStream` and Redis streams, all on one disk, all syncing before they
//! answer. The measuring is `crates/log-embedded/benches/peers`; here the servers are started and stopped.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::Result;

use crate::args::PeersOptions;
use crate::children::{self, Running};
use crate::workspace::Workspace;
use crate::{install, shell, topspin};

const BENCH: [&str; 5] = ["bench", "--package", "topspin-log-embedded", "--bench", "peers"];

pub fn run(workspace: &Workspace, options: &PeersOptions) -> Result<()> {
    let nats = install::nats_server(workspace)?;
    let redis = install::redis_server()?;
    let mut bench = shell::cargo();
    bench.current_dir(&workspace.root).args([
        "bench",
        "--package",
        "topspin-log-embedded",
        "--bench",
        "peers",
    ]);
    // Nothing compiles while something is measured.
    let mut build = shell::cargo();
    build.current_dir(&workspace.root).args(bench.get_args()).arg("--no-run");
    shell::run(&mut build)?;

    let folder = workspace.scratch("peers");
    topspin::remove(&folder)?;
    fs::create_dir_all(&folder)?;
    let (nats_address, redis_address) = (children::free_address()?, children::free_address()?);
    let mut nats = Running::start("NATS", &mut nats_command(&nats, &folder, nats_address)?)?;
    let mut redis = Running::start("Redis", &mut redis_command(&redis, &folder, redis_address)?)?;
    nats.wait_until_listening(nats_address)?;
    redis.wait_until_listening(redis_address)?;

    let mut bench = before_neighbours(Path::new(shell::cargo().get_program()));
    bench.current_dir(&workspace.root).args(BENCH);
    bench.arg("--").arg(format!("nats={nats_address}")).arg(format!("redis={redis_address}"));
    bench.arg(format!("dir={}", folder.display()));
    bench.arg(format!("turn_ms={}", options.turn_ms)).arg(format!("rounds={}", options.rounds));
    shell::run(&mut bench)?;
    nats.stop()?;
    redis.stop()?;
    topspin::remove(&folder)
}

/// `sync_interval: always` is what makes it sync every message before it answers.
fn nats_command(nats: &Path, folder: &Path, address: SocketAddr) -> Result<Command> {
    let configuration = folder.join("nats.conf");
    let store = folder.join("nats");
    fs::write(
        &configuration,
        format!(
            "listen: \"{address}\"\njetstream {{\n  store_dir: {:?}\n  sync_interval: always\n}}\n",
            store.display().to_string()
        ),
    )?;
    let mut command = before_neighbours(nats);
    command.arg("--config").arg(configuration);
    quietly(command, &folder.join("nats.log"))
}

/// `appendfsync always` is what makes it sync before it answers; it writes no snapshots meanwhile.
fn redis_command(redis: &Path, folder: &Path, address: SocketAddr) -> Result<Command> {
    let data = folder.join("redis");
    fs::create_dir_all(&data)?;
    let mut command = before_neighbours(redis);
    command.args(["--bind", &address.ip().to_string(), "--port", &address.port().to_string(), "--dir"]);
    command.arg(data).args(["--appendonly", "yes", "--appendfsync", "always", "--save", ""]);
    command.args(["--auto-aof-rewrite-percentage", "0"]);
    quietly(command, &folder.join("redis.log"))
}

/// All contenders alike go before what else runs, where this user may: beside compilers a thread that wakes from a sync
/// waits 4 ms for the end of another's time slice, twenty times as long as the sync took, and only the scheduler would be
/// measured. Niceness is no help where the kernel groups processes by session.
fn before_neighbours(program: &Path) -> Command {
    const REAL_TIME: [&str; 2] = ["--rr", "1"];
    let may = shell::capture(Command::new("chrt").args(REAL_TIME).arg("true")).is_ok();
    if !may {
        println!(
            "{} runs at ordinary priority: on a busy machine this measures the scheduler",
            program.display()
        );
        return Command::new(program);
    }
    let mut command = Command::new("chrt");
    command.args(REAL_TIME).arg(program);
    command
}

fn quietly(mut command: Command, log: &Path) -> Result<Command> {
    let log = File::create(log)?;
    command.stdout(log.try_clone()?).stderr(Stdio::from(log));
    Ok(command)
}
