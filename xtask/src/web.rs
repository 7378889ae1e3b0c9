//! The screens: built, checked and tested with npm.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use anyhow::{Result, bail};

use crate::workspace::Workspace;
use crate::{install, shell};

/// Builds the screens into `web/dist`, where the binary's build picks them up.
pub fn build(workspace: &Workspace) -> Result<()> {
    let folder = ready(workspace)?;
    shell::run(npm(&folder).args(["run", "build"]))
}

/// Type check and unit tests of the screens.
pub fn test(workspace: &Workspace) -> Result<()> {
    let folder = ready(workspace)?;
    shell::run(npm(&folder).args(["run", "check"]))?;
    shell::run(npm(&folder).args(["run", "test"]))
}

/// The folder of the screens, with the packages of its lock file installed.
pub fn ready(workspace: &Workspace) -> Result<PathBuf> {
    install::node()?;
    let folder = workspace.root.join("web");
    if !folder.join("package-lock.json").is_file() {
        bail!("no screens here: {} has no package-lock.json", folder.display());
    }
    if !is_installed(&folder) {
        shell::run(npm(&folder).args(["ci", "--no-audit", "--no-fund"]))?;
    }
    Ok(folder)
}

/// npm writes its own record of the lock file when an installation is complete.
fn is_installed(folder: &Path) -> bool {
    let changed = |file: &str| -> Option<SystemTime> { folder.join(file).metadata().ok()?.modified().ok() };
    match (changed("node_modules/.package-lock.json"), changed("package-lock.json")) {
        (Some(installed), Some(locked)) => installed >= locked,
        _ => false,
    }
}

/// npm in the folder of the screens.
pub fn npm(folder: &Path) -> Command {
    let mut command = Command::new("npm");
    command.current_dir(folder);
    command
}
