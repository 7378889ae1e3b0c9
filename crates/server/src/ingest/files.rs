//! The files of an import.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

/// Every file named, and every one with the extension of the folders named and of those within them, in the order of
/// their names.
pub fn found(paths: &[PathBuf], extension: &str) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            collect(path, extension, &mut files)?;
        } else if path.exists() {
            files.push(path.clone());
        } else {
            bail!("there is no {}", path.display());
        }
    }
    files.sort();
    files.dedup();
    if files.is_empty() {
        bail!("there are no .{extension} files there");
    }
    Ok(files)
}

fn collect(folder: &Path, extension: &str, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot read {}", folder.display()))?;
        // Links to folders are not followed: they can lead in a circle.
        let kind = entry.file_type().with_context(|| format!("cannot read {}", entry.path().display()))?;
        let path = entry.path();
        if kind.is_dir() {
            collect(&path, extension, files)?;
        } else if path.extension().is_some_and(|found| found.eq_ignore_ascii_case(extension)) {
            files.push(path);
        }
    }
    Ok(())
}
