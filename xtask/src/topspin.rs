//! The binary `topspin` as the tasks use it.

use std::env;
use std::fs;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::workspace::Workspace;

/// The binary that the last build made.
pub fn binary(workspace: &Workspace) -> PathBuf {
    workspace.target.join("debug").join(format!("topspin{}", env::consts::EXE_SUFFIX))
}

/// The binary that the last release build made.
pub fn release(workspace: &Workspace) -> PathBuf {
    workspace.target.join("release").join(format!("topspin{}", env::consts::EXE_SUFFIX))
}

pub fn serve(binary: &Path, data: &Path, address: SocketAddr) -> Command {
    let mut command = Command::new(binary);
    command.arg("serve").arg("--data").arg(data).args(["--listen", &address.to_string()]);
    command
}

/// Where the server keeps the token for writes.
pub fn token_file(data: &Path) -> PathBuf {
    data.join("token")
}

/// The token for writes, which the server made at its first start.
pub fn token(data: &Path) -> Result<String> {
    let file = token_file(data);
    let token = fs::read_to_string(&file).with_context(|| format!("no token in {}", file.display()))?;
    Ok(token.trim().to_owned())
}

/// Removes a data directory of an earlier run.
pub fn remove(data: &Path) -> Result<()> {
    match fs::remove_dir_all(data) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", data.display()))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}
