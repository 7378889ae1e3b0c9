//! Pure crates: no IO, async, clock or randomness; time and ids are arguments.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::source;
use crate::workspace::{Kind, Package};

/// Crates that do IO, run tasks, read clocks or draw random numbers.
const CRATES: &[&str] = &[
    "async-std",
    "async-trait",
    "axum",
    "fastrand",
    "fjall",
    "futures",
    "futures-util",
    "getrandom",
    "hyper",
    "mio",
    "rand",
    "rand_core",
    "reqwest",
    "rustix",
    "smol",
    "socket2",
    "tempfile",
    "time",
    "tokio",
    "topspin-log",
    "tracing",
    "ureq",
];

/// Paths of the standard library and of allowed crates that are the same thing by another way. `HashMap` is
/// here because the order of its iteration is random: `BTreeMap` and `IndexMap` have an order.
const PATHS: &[&str] = &[
    "std::collections::HashMap",
    "std::collections::HashSet",
    "std::env",
    "std::fs",
    "std::hash::RandomState",
    "std::io",
    "std::net",
    "std::os",
    "std::process",
    "std::sync::mpsc",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "Uuid::new_v4",
    "Uuid::now_v6",
    "Uuid::now_v7",
    "chrono::Local",
    "chrono::Utc::now",
    "Utc::now",
    "jiff::Timestamp::now",
    "Timestamp::now",
    "Zoned::now",
];

/// What a pure crate does that it may not, as a sentence each.
pub fn faults(package: &Package) -> Result<Vec<String>> {
    let mut faults: Vec<String> = package
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind == Kind::Normal && CRATES.contains(&dependency.name.as_str()))
        .map(|dependency| format!("`{}` is pure and depends on `{}`", package.name, dependency.name))
        .collect();
    for file in rust_files(&package.folder.join("src"))? {
        let text = std::fs::read_to_string(&file).with_context(|| file.display().to_string())?;
        let short = file.strip_prefix(&package.folder).unwrap_or(&file).display();
        let found = in_source(&text).with_context(|| file.display().to_string())?;
        faults
            .extend(found.into_iter().map(|(line, what)| format!("{}/{short}:{line}: {what}", package.name)));
    }
    Ok(faults)
}

/// Forbidden words of one file, with their lines.
fn in_source(text: &str) -> Result<Vec<(usize, String)>> {
    let forbidden = source::paths(text)?.into_iter().filter_map(|path| {
        let what = match path.segments.as_slice() {
            [word] if word == "async" || word == "await" => Some(format!("`{word}` in a pure crate")),
            segments => in_path(segments).map(|rule| format!("`{rule}` in a pure crate")),
        };
        what.map(|what| (path.line, what))
    });
    Ok(forbidden.collect())
}

fn in_path(segments: &[String]) -> Option<&'static str> {
    let starts = |rule: &&&str| {
        rule.split("::").enumerate().all(|(at, word)| segments.get(at).is_some_and(|s| s == word))
    };
    PATHS.iter().find(starts).copied()
}

fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        let entries = std::fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Dependency;

    fn words(text: &str) -> Vec<String> {
        in_source(text).unwrap().into_iter().map(|(line, what)| format!("{line}: {what}")).collect()
    }

    #[test]
    fn a_planted_clock_is_caught() {
        assert_eq!(
            words("fn f() {\n std::time::SystemTime::now(); }"),
            ["2: `std::time::SystemTime` in a pure crate"]
        );
        let tree = "use std::{fmt, time::{Duration, Instant}};";
        assert_eq!(words(tree), ["1: `std::time::Instant` in a pure crate"]);
    }

    #[test]
    fn planted_io_async_and_randomness_are_caught() {
        assert_eq!(words("use std::fs::File;"), ["1: `std::fs` in a pure crate"]);
        assert_eq!(words("async fn f() {}"), ["1: `async` in a pure crate"]);
        assert_eq!(words("fn f() -> Uuid { Uuid::now_v7() }"), ["1: `Uuid::now_v7` in a pure crate"]);
        assert_eq!(
            words("use std::collections::HashMap;"),
            ["1: `std::collections::HashMap` in a pure crate"]
        );
    }

    #[test]
    fn durations_and_ordered_maps_pass() {
        let text = "use std::{collections::BTreeMap, time::Duration};\nfn f() { core::mem::take(x); }";
        assert_eq!(words(text), Vec::<String>::new());
    }

    #[test]
    fn a_planted_dependency_is_caught() {
        let folder =
            PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where the crate is"));
        let dependency = |name: &str, kind| Dependency { name: name.into(), kind };
        let dependencies = vec![dependency("tokio", Kind::Normal), dependency("tempfile", Kind::Dev)];
        let package = Package { name: "planted".into(), folder, dependencies };
        let faults = faults(&package).unwrap();
        assert!(faults.contains(&"`planted` is pure and depends on `tokio`".to_owned()), "{faults:?}");
        assert!(!faults.iter().any(|fault| fault.contains("tempfile")), "{faults:?}");
        // xtask itself reads files: its own sources are the planted violation.
        assert!(
            faults.iter().any(|fault| fault.contains("src/layers.rs") && fault.contains("std::fs")),
            "{faults:?}"
        );
    }
}
