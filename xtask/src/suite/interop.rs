//! Tools that know nothing of Topspin read what it leaves on Kafka: kcat and Confluent's Python client.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};

use crate::args::Sasl;
use crate::children::{self, Running};
use crate::kafka::{self, Cluster, Registry};
use crate::workspace::Workspace;
use crate::{install, shell, topspin};

const SCRIPT: &str = "interop/kafka_tools.py";
const REQUIREMENTS: &str = "interop/requirements.txt";
const PACKAGES: [&str; 2] = ["kcat", "python3-venv"];

/// Whether kcat and Python are there; the error says what to install.
pub fn ready() -> Result<()> {
    let there = || {
        let mut venv = Command::new("python3");
        venv.args(["-c", "import ensurepip, venv"]);
        shell::find("kcat").is_some() && shell::find("python3").is_some() && shell::capture(&mut venv).is_ok()
    };
    if !there() && install::can_apt_install()? {
        install::apt_install(&PACKAGES)?;
    }
    if there() {
        return Ok(());
    }
    bail!(
        "no other tool has read the topics: install kcat and Python 3.9 or newer with venv (Debian: `sudo apt-get install \
         {}`)",
        PACKAGES.join(" ")
    )
}

/// A server on a cluster of its own, with a registry; the script scores a match there and reads it back with the tools.
pub fn run(workspace: &Workspace, registry: &Registry, store: &Path) -> Result<()> {
    let python = python(workspace)?;
    let cluster = Cluster::up(workspace, "kafka-interop", 1, Sasl::Off)?;
    let brokers = cluster.bootstrap()?;
    let address = children::free_address()?;
    let mut serve = topspin::serve(&topspin::binary(workspace), store, address);
    serve.args(["--views", "--partitions", "4", "--kafka", &brokers, "--kafka-replication", "1"]);
    serve.args(["--registry", registry.url()]);
    let mut server = Running::start("topspin serve", &mut serve)?;
    server.wait_until_ready(address)?;
    let mut script = Command::new(python);
    script.current_dir(&workspace.root).arg(SCRIPT).args(["--url", &format!("http://{address}")]);
    script.arg("--token-file").arg(topspin::token_file(store)).args([
        "--brokers",
        &brokers,
        "--proto",
        "proto",
    ]);
    shell::run(script.args(["--registry", registry.url()]))?;
    server.stop()?;
    topspin::remove(store)?;
    cluster.stop()
}

/// Python with what the script needs, in the user's cache; another folder for other requirements.
fn python(workspace: &Workspace) -> Result<PathBuf> {
    let requirements = workspace.root.join(REQUIREMENTS);
    let digest = Sha256::digest(fs::read(&requirements).context(REQUIREMENTS)?);
    let name = digest[..8].iter().fold("python-".to_owned(), |mut name, byte| {
        write!(name, "{byte:02x}").expect("a string takes everything");
        name
    });
    let folder = kafka::cache()?.join(name);
    let (python, complete) = (folder.join("bin/python"), folder.join("complete"));
    if complete.is_file() && python.is_file() {
        return Ok(python);
    }
    println!("installing Confluent's Python client into {}", folder.display());
    shell::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--only-binary", ":all:", "--requirement"])
        .arg(&requirements);
    shell::run(&mut pip)
        .context("Confluent's Python client could not be installed, so it has read nothing")?;
    fs::write(&complete, "")?;
    Ok(python)
}
