//! A real schema registry: Apicurio, whose compatible API is Confluent's, from Maven Central.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::jars;
use super::security::Security;
use crate::children::{self, Running};
use crate::shell;
use crate::topspin;
use crate::workspace::Workspace;

/// The last that runs on Java 17.
const PATH: &str = "io/apicurio/apicurio-registry-app/3.0.9";
const MAVEN_CENTRAL: &str = "https://repo.maven.apache.org/maven2";
const ARCHIVE: &str = "apicurio-registry-app-3.0.9-all.tar.gz";
const SHA256: &str = "2b28181501a20cbf6efcd77f9b7153908fc01f3d3a7c32024c0bd9e1b04c8a43";
const RUNNER: &str = "apicurio-registry-app-3.0.9-runner.jar";
const API: &str = "/apis/ccompat/v7";
const READY_WITHIN: Duration = Duration::from_mins(2);

/// A registry that runs, and ends with this.
pub struct Registry {
    process: Running,
    url: String,
    secure_url: String,
    authority: PathBuf,
}

impl Registry {
    /// Starts it, downloaded into the user's cache if it is not there. It keeps nothing.
    pub fn up(workspace: &Workspace) -> Result<Self> {
        let folder = unpacked(workspace)?;
        let (address, secure) = (children::free_address()?, children::free_address()?);
        let keys = workspace.scratch("registry-keys");
        topspin::remove(&keys)?;
        let java = jars::java()?;
        let security = Security::prepare(keys.clone(), &java)?;
        let log = fs::File::create(workspace.scratch("registry.log"))?;
        let mut command = Command::new(&java);
        command.args([
            "-Xmx384m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Dquarkus.http.host=127.0.0.1",
        ]);
        command.arg(format!("-Dquarkus.http.port={}", address.port()));
        command.arg("-Dquarkus.http.insecure-requests=enabled");
        command.arg(format!("-Dquarkus.http.ssl-port={}", secure.port()));
        command.args(security.quarkus());
        command.arg("-jar").arg(folder.join(RUNNER)).stdout(log.try_clone()?).stderr(Stdio::from(log));
        let mut process = Running::start("the schema registry", &mut command)?;
        process.wait_until(address, &format!("{API}/subjects"), READY_WITHIN)?;
        Ok(Registry {
            process,
            url: format!("http://{address}{API}"),
            secure_url: format!("https://{secure}{API}"),
            authority: Security::authority(&keys),
        })
    }

    /// Where its Confluent-compatible API is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The same over TLS.
    pub fn secure_url(&self) -> &str {
        &self.secure_url
    }

    /// Whom a client has to trust for that.
    pub fn authority(&self) -> &Path {
        &self.authority
    }

    pub fn stop(self) {
        // Java answers a polite request to end with the signal's number.
        drop(self.process);
    }
}

fn unpacked(workspace: &Workspace) -> Result<PathBuf> {
    let cache = jars::cache()?.join(SHA256);
    let archive = cache.join(ARCHIVE);
    if jars::check(&archive, SHA256).is_err() {
        fs::create_dir_all(&cache)?;
        println!("downloading Apicurio Registry (104 MiB) into {}", cache.display());
        // Not with Maven, which wants the descriptions of what it is built from as well.
        let central = env::var("MAVEN_REPOSITORY").unwrap_or_else(|_| MAVEN_CENTRAL.to_owned());
        let mut curl = Command::new("curl");
        curl.args(["--fail", "--location", "--silent", "--show-error", "--retry", "3", "--output"])
            .arg(&archive);
        shell::run(curl.arg(format!("{central}/{PATH}/{ARCHIVE}"))).context(
            "Apicurio Registry could not be downloaded, so nothing was tested with it: install curl, or name a mirror \
             of Maven Central in MAVEN_REPOSITORY",
        )?;
        jars::check(&archive, SHA256)?;
    }
    let folder = workspace.scratch("registry");
    if !folder.join(RUNNER).is_file() {
        unpack(&archive, &folder)?;
    }
    Ok(folder)
}

/// The runner comes last, so that a folder that has it is whole.
fn unpack(archive: &Path, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    let tar = |what: &[&str]| {
        let mut tar = Command::new("tar");
        tar.arg("-xzf").arg(archive).arg("-C").arg(folder).args(what);
        shell::run(&mut tar)
    };
    tar(&["--exclude", RUNNER])?;
    tar(&["--wildcards", &format!("*{RUNNER}")])
}
