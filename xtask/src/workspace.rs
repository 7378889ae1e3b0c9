//! The checkout as Cargo sees it.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::shell;

/// The crates of the workspace and where things stand.
pub struct Workspace {
    pub root: PathBuf,
    /// Where Cargo builds; xtask keeps its own tools and temporary data in a folder of it.
    pub target: PathBuf,
    pub packages: Vec<Package>,
}

#[derive(Debug, Clone)]
pub struct Package {
    pub name: String,
    pub folder: PathBuf,
    pub dependencies: Vec<Dependency>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dependency {
    pub name: String,
    pub kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Normal,
    Build,
    Dev,
}

impl Workspace {
    pub fn load() -> Result<Self> {
        let mut command = shell::cargo();
        command.args(["metadata", "--no-deps", "--format-version", "1"]);
        // Asked when it runs: two checkouts that share a target folder may share the compiled xtask too.
        if let Some(folder) = std::env::var_os("CARGO_MANIFEST_DIR") {
            command.current_dir(folder);
        }
        let metadata: Value = serde_json::from_str(&shell::capture(&mut command)?)?;
        read(&metadata).context("cargo metadata lacks an expected member")
    }

    /// A folder under the target folder for xtask's own files.
    pub fn scratch(&self, name: &str) -> PathBuf {
        self.target.join("xtask").join(name)
    }

    /// The real data that is never in the repository: `$TOPSPIN_DATA`, or `shared/data` beside the checkout.
    pub fn real_data(&self) -> Option<PathBuf> {
        let beside = self.root.parent().map(|parent| parent.join("shared/data"));
        std::env::var_os("TOPSPIN_DATA").map(PathBuf::from).or(beside).filter(|folder| folder.is_dir())
    }
}

fn read(metadata: &Value) -> Option<Workspace> {
    let path = |name: &str| metadata.get(name)?.as_str().map(PathBuf::from);
    let packages = metadata.get("packages")?.as_array()?.iter().map(package).collect::<Option<_>>()?;
    Some(Workspace { root: path("workspace_root")?, target: path("target_directory")?, packages })
}

fn package(value: &Value) -> Option<Package> {
    let manifest = Path::new(value.get("manifest_path")?.as_str()?);
    let dependencies =
        value.get("dependencies")?.as_array()?.iter().map(dependency).collect::<Option<_>>()?;
    let name = value.get("name")?.as_str()?.to_owned();
    Some(Package { name, folder: manifest.parent()?.to_owned(), dependencies })
}

fn dependency(value: &Value) -> Option<Dependency> {
    let kind = match value.get("kind")?.as_str() {
        None => Kind::Normal,
        Some("build") => Kind::Build,
        Some("dev") => Kind::Dev,
        Some(_) => return None,
    };
    Some(Dependency { name: value.get("name")?.as_str()?.to_owned(), kind })
}
