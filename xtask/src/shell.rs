//! Running other programs: each is shown before it runs, and a failure names it.

use std::env;
use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use anyhow::{Context as _, Result, bail};

/// Shows and runs a command; an exit status other than zero is an error.
pub fn run(command: &mut Command) -> Result<()> {
    let line = show(command);
    styled("2", &format!("$ {line}"));
    std::io::stdout().flush()?;
    let status = command.stdin(Stdio::null()).status().with_context(|| format!("cannot run `{line}`"))?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

/// Prints the name of what begins now.
pub fn heading(text: &str) {
    println!();
    styled("1", text);
}

/// Runs a command silently and returns what it printed; a failure's error holds what it complained of.
pub fn capture(command: &mut Command) -> Result<String> {
    Ok(String::from_utf8(output(command)?.stdout)?)
}

/// As [`capture`], for what the command printed to its error output.
pub fn capture_stderr(command: &mut Command) -> Result<String> {
    Ok(String::from_utf8_lossy(&output(command)?.stderr).into_owned())
}

fn output(command: &mut Command) -> Result<Output> {
    let line = show(command);
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot run `{line}`"))?;
    if !output.status.success() {
        bail!("`{line}` failed ({}): {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(output)
}

/// Where a program stands on the PATH.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let name = format!("{program}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&path).map(|folder| folder.join(&name)).find(|file| file.is_file())
}

/// The cargo that runs this task, so that a toolchain chosen with `cargo +…` holds for all of it.
pub fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

fn show(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Prints a line, with a terminal's style number where a terminal shows it.
fn styled(number: &str, text: &str) {
    if std::io::stdout().is_terminal() {
        println!("\x1b[{number}m{text}\x1b[0m");
    } else {
        println!("{text}");
    }
}
