//! The fuzz targets of `fuzz/`, on the stable toolchain: coverage without sanitizers, which the workspace's
//! ban on `unsafe` makes enough.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::args::FuzzOptions;
use crate::workspace::Workspace;
use crate::{install, shell};

/// No input may take longer, and a run may not hold more: a decoder that does either has a fault.
const INPUT_SECONDS: u32 = 5;
const MEMORY_MIB: u32 = 1024;

pub fn run(workspace: &Workspace, options: &FuzzOptions) -> Result<()> {
    build(workspace)?;
    let all = targets(workspace)?;
    if let Some(unknown) = options.only.iter().find(|name| !all.contains(name)) {
        bail!("no fuzz target `{unknown}`; there are: {}", all.join(", "));
    }
    for target in all.iter().filter(|name| options.only.is_empty() || options.only.contains(name)) {
        run_target(workspace, target, options.seconds.get())?;
    }
    Ok(())
}

/// Compiles all targets, so that a timed run measures fuzzing only.
pub fn build(workspace: &Workspace) -> Result<()> {
    shell::run(
        cargo_fuzz(workspace, "build")?
            .args(["--sanitizer", "none", "--target-dir"])
            .arg(target_dir(workspace)),
    )
}

/// What a run found stays in the target folder and is where the next run begins.
fn run_target(workspace: &Workspace, target: &str, seconds: u32) -> Result<()> {
    let corpus = workspace.scratch("fuzz-corpus").join(target);
    std::fs::create_dir_all(&corpus)?;
    let mut command = cargo_fuzz(workspace, "run")?;
    command.args(["--sanitizer", "none", "--target-dir"]).arg(target_dir(workspace)).arg(target).arg(&corpus);
    let seeds = workspace.root.join("fuzz/seeds").join(target);
    if seeds.is_dir() {
        command.arg(seeds);
    }
    command.args(["--", "-print_final_stats=1", "-verbosity=0", "-dict=fuzz/words.dict"]);
    command.args([format!("-max_total_time={seconds}"), format!("-timeout={INPUT_SECONDS}")]);
    command.arg(format!("-rss_limit_mb={MEMORY_MIB}"));
    println!("{target}: fuzzing for {seconds} s");
    // libFuzzer's own report is long: only its figures are shown, and all of it where it fails.
    let said = shell::capture_stderr(&mut command)?;
    said.lines().filter(|line| line.starts_with("stat::")).for_each(|line| println!("  {line}"));
    Ok(())
}

fn targets(workspace: &Workspace) -> Result<Vec<String>> {
    let listed = shell::capture(&mut cargo_fuzz(workspace, "list")?)?;
    let names: Vec<String> =
        listed.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    if names.is_empty() {
        bail!("fuzz/Cargo.toml lists no target");
    }
    Ok(names)
}

fn cargo_fuzz(workspace: &Workspace, subcommand: &str) -> Result<Command> {
    let mut command = Command::new(install::tool(workspace, &install::FUZZ)?);
    command.current_dir(&workspace.root).env("RUST_BACKTRACE", "0").arg(subcommand);
    Ok(command)
}

fn target_dir(workspace: &Workspace) -> PathBuf {
    workspace.scratch("fuzz-target")
}
