//! From a fresh clone to a browser that shows a live tournament.

use std::env;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Result, bail};
use signal_hook::consts::{SIGINT, SIGTERM};

use crate::args::DemoOptions;
use crate::children::{self, Running};
use crate::workspace::Workspace;
use crate::{install, shell, topspin, web};

const TABLES: &str = "8";
const WATCH: Duration = Duration::from_millis(200);

pub fn run(options: &DemoOptions) -> Result<()> {
    let workspace = Workspace::load()?;
    step(1, "building the screens");
    build_screens(&workspace)?;
    step(2, "building topspin (some minutes the first time)");
    shell::run(shell::cargo().current_dir(&workspace.root).args(["build", "--package", "topspin-server"]))?;
    let binary = topspin::binary(&workspace);

    // From here on Ctrl-C stops the children first.
    let stopped = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        signal_hook::flag::register(signal, Arc::clone(&stopped))?;
    }
    step(3, "starting the server");
    let address = address(options.port)?;
    // Named by the port, which nobody else has: two demos at a time each keep theirs.
    let data = workspace.scratch(&format!("demo-{}", address.port()));
    topspin::remove(&data)?;
    let mut command = topspin::serve(&binary, &data, address);
    command.arg("--views");
    // Ctrl-C is for this process: it tells the server once, and lets the views commit what they have begun.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut server = Running::start("topspin serve", &mut command)?;
    server.wait_until_ready(address)?;
    step(4, "starting the tournament");
    let mut sim = Running::start("topspin sim", &mut tournament(&binary, &data, address, options))?;
    announce(address, &topspin::token(&data)?);
    if options.open {
        open_browser(&format!("http://{address}/"));
    }
    watch(&stopped, &mut server, &mut sim)?;
    println!("\nstopping");
    drop(sim);
    server.stop()
}

fn step(number: u8, what: &str) {
    shell::heading(&format!("[{number}/4] {what}"));
}

fn build_screens(workspace: &Workspace) -> Result<()> {
    match install::node() {
        Ok(()) => web::build(workspace),
        Err(error) => {
            println!("{error:#}. Going on without the umpire's panel and the boards; the other pages work.");
            Ok(())
        }
    }
}

fn tournament(binary: &Path, data: &Path, address: SocketAddr, options: &DemoOptions) -> Command {
    let mut command = Command::new(binary);
    command
        .args(["sim", "--url", &format!("http://{address}")])
        .arg("--token-file")
        .arg(topspin::token_file(data));
    command.args(["--tables", TABLES, "--speed", &options.speed.to_string()]);
    command.args(["--seed", &options.seed.to_string()]);
    command
}

/// The port that was asked for, or a free one if it is taken.
fn address(port: u16) -> Result<SocketAddr> {
    let wanted = SocketAddr::from(([127, 0, 0, 1], port));
    match TcpListener::bind(wanted) {
        Ok(listener) => Ok(listener.local_addr()?),
        Err(error) => {
            let free = children::free_address()?;
            println!("port {port} cannot be used ({error}); using {}", free.port());
            Ok(free)
        }
    }
}

fn announce(address: SocketAddr, token: &str) {
    println!("\n  Live matches     http://{address}/");
    println!("  All tables       http://{address}/board");
    println!("  Umpire's panel   http://{address}/umpire#token={token}");
    println!("  API              http://{address}/docs");
    println!("\n  Whoever has the panel's link can score. Ctrl-C stops everything.\n");
}

fn open_browser(url: &str) {
    let has_display = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| env::var_os(name).is_some());
    let mut command = match env::consts::OS {
        "macos" => Command::new("open"),
        "windows" => Command::new("explorer"),
        _ if has_display => Command::new("xdg-open"),
        _ => return,
    };
    if command.arg(url).stdout(Stdio::null()).stderr(Stdio::null()).spawn().is_err() {
        println!("  (no browser could be opened: open {url} yourself)");
    }
}

/// Returns when the user asks to stop; the server ending by itself is an error.
fn watch(stopped: &AtomicBool, server: &mut Running, sim: &mut Running) -> Result<()> {
    let mut playing = true;
    while !stopped.load(Ordering::Relaxed) {
        if let Some(status) = server.ended()?.filter(|_| !stopped.load(Ordering::Relaxed)) {
            bail!("the server ended by itself ({status})");
        }
        if let Some(status) = sim.ended()?.filter(|_| playing && !stopped.load(Ordering::Relaxed)) {
            playing = false;
            println!("the tournament ended ({status}); the server goes on until Ctrl-C");
        }
        thread::sleep(WATCH);
    }
    Ok(())
}
