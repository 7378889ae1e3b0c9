//! The house style, counted: places to look at. Only a file of more than 800 lines that does not say why fails.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::workspace::Workspace;
use crate::{shell, source};

const FILE_WARN_LINES: usize = 500;
const FILE_MAX_LINES: usize = 800;
const FILE_MEDIAN_LINES: usize = 170;
const FUNCTION_MAX_LINES: usize = 70;
/// A file above the maximum gives its reason behind these words, in a comment among its first lines.
const REASON: &str = "Long because";
/// Nobody wrote a generated file.
const GENERATED: &str = "@generated";
const REASON_WITHIN_LINES: usize = 12;

struct File {
    name: String,
    lines: usize,
    has_reason: bool,
    functions: Vec<source::Function>,
}

pub fn check(workspace: &Workspace) -> Result<()> {
    let mut files =
        list(workspace)?.iter().map(|name| read(&workspace.root, name)).collect::<Result<Vec<_>>>()?;
    files.sort_by_key(|file| file.lines);
    report_sizes(&files);
    for file in &files {
        for function in file.functions.iter().filter(|function| function.lines > FUNCTION_MAX_LINES) {
            let source::Function { name, line, lines } = function;
            println!("  {lines} lines  fn {name}  {}:{line}", file.name);
        }
    }
    let unexplained: Vec<&str> =
        files.iter().filter(|file| is_unexplained(file)).map(|file| file.name.as_str()).collect();
    if !unexplained.is_empty() {
        let names = unexplained.join(", ");
        bail!("over {FILE_MAX_LINES} lines without a comment `{REASON} …` at the top: {names}");
    }
    Ok(())
}

fn is_unexplained(file: &File) -> bool {
    file.lines > FILE_MAX_LINES && !file.has_reason
}

fn report_sizes(files: &[File]) {
    let counted: Vec<&File> = files.iter().filter(|file| !is_test(&file.name)).collect();
    let at =
        |percent: usize| counted.get((counted.len() * percent / 100).min(counted.len().saturating_sub(1)));
    let lines = |percent: usize| at(percent).map_or(0, |file| file.lines);
    println!(
        "style: {} source files beside tests; lines: median {}, 90th percentile {}",
        counted.len(),
        lines(50),
        lines(90)
    );
    if lines(50) > FILE_MEDIAN_LINES {
        println!("  the median should be at most {FILE_MEDIAN_LINES}");
    }
    for file in counted.iter().rev().take_while(|file| file.lines > FILE_WARN_LINES) {
        println!("  {} lines  {}", file.lines, file.name);
    }
}

fn list(workspace: &Workspace) -> Result<Vec<String>> {
    let mut git = Command::new("git");
    git.current_dir(&workspace.root).args(["ls-files", "--cached", "--others", "--exclude-standard", "--"]);
    let names = shell::capture(git.args(["*.rs", "*.ts", "*.svelte", "*.mjs"]))?;
    // A file that was deleted and not yet staged is still listed.
    Ok(names.lines().filter(|name| workspace.root.join(name).is_file()).map(str::to_owned).collect())
}

fn read(root: &Path, name: &str) -> Result<File> {
    let text = std::fs::read_to_string(root.join(name)).with_context(|| name.to_owned())?;
    let rust = Path::new(name).extension().is_some_and(|extension| extension == "rs");
    let functions =
        if rust { source::functions(&text).with_context(|| name.to_owned())? } else { Vec::new() };
    let explains = |line: &str| line.contains(REASON) || line.contains(GENERATED);
    let has_reason = text.lines().take(REASON_WITHIN_LINES).any(explains);
    Ok(File { name: name.to_owned(), lines: text.lines().count(), has_reason, functions })
}

fn is_test(name: &str) -> bool {
    let folder = name.split('/').any(|part| matches!(part, "tests" | "benches" | "e2e" | "fixtures"));
    folder || name.ends_with("tests.rs") || name.ends_with(".test.ts")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(lines: usize, has_reason: bool) -> File {
        File { name: "src/a.rs".into(), lines, has_reason, functions: vec![] }
    }

    #[test]
    fn only_a_long_file_without_a_reason_fails() {
        assert!(is_unexplained(&file(801, false)));
        assert!(!is_unexplained(&file(801, true)));
        assert!(!is_unexplained(&file(800, false)));
    }

    #[test]
    fn test_files_are_told_apart() {
        for name in [
            "crates/log/tests/suite.rs",
            "web/e2e/a.mjs",
            "crates/laws/src/serve/tests.rs",
            "web/src/a.test.ts",
        ] {
            assert!(is_test(name), "{name}");
        }
        assert!(!is_test("crates/laws/src/contests.ts"));
    }
}
