//! `cargo xtask test`: everything CI runs, as named parts with times and a budget for each area.

mod interop;
mod parts;
mod report;
mod season;

use std::time::Instant;

use anyhow::{Result, bail};

use crate::args::TestOptions;
use crate::shell;
use crate::workspace::Workspace;
use parts::PARTS;
pub use parts::build;
use report::{Outcome, Ran, Report};

/// What a part's time is charged to; the minutes are those of the design for two cores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    Build,
    ScoringAndLog,
    Engines,
    Faults,
    Screens,
    Numbers,
}

impl Area {
    pub const ALL: [Self; 6] =
        [Self::Build, Self::ScoringAndLog, Self::Engines, Self::Faults, Self::Screens, Self::Numbers];

    pub fn name(self) -> &'static str {
        match self {
            Self::Build => "cold build",
            Self::ScoringAndLog => "scoring and log",
            Self::Engines => "engines",
            Self::Faults => "faults",
            Self::Screens => "screens",
            Self::Numbers => "numbers",
        }
    }

    pub fn budget_minutes(self) -> u32 {
        match self {
            Self::Build => 25,
            Self::Engines => 12,
            Self::Numbers => 5,
            Self::ScoringAndLog | Self::Faults => 8,
            Self::Screens => 6,
        }
    }
}

/// One named step of the suite.
pub struct Part {
    pub name: &'static str,
    pub area: Area,
    pub what: &'static str,
    /// Why the part cannot run on this machine and how to change that.
    pub missing: fn(&Workspace) -> Option<String>,
    pub run: fn(&Workspace) -> Result<()>,
}

pub fn run(options: &TestOptions) -> Result<()> {
    if let Some(unknown) = options.only.iter().find(|name| !PARTS.iter().any(|part| part.name == **name)) {
        bail!("no part `{unknown}`; `cargo xtask test --list` names them");
    }
    if options.list {
        for part in PARTS {
            println!("{:11} {:15}  {}", part.name, part.area.name(), part.what);
        }
        return Ok(());
    }
    let workspace = Workspace::load()?;
    let mut report = Report::new(is_ci());
    for part in
        PARTS.iter().filter(|part| options.only.is_empty() || options.only.iter().any(|one| one == part.name))
    {
        shell::heading(&format!("== {}: {}", part.name, part.what));
        let started = Instant::now();
        let outcome = outcome(part, &workspace);
        report.add(Ran { name: part.name, area: part.area, outcome, took: started.elapsed() });
    }
    report.finish(options.time)
}

fn outcome(part: &Part, workspace: &Workspace) -> Outcome {
    if let Some(why) = (part.missing)(workspace) {
        println!("skipped: {why}");
        return Outcome::Skipped(why);
    }
    match (part.run)(workspace) {
        Ok(()) => Outcome::Passed,
        Err(error) => {
            println!("failed: {error:#}");
            Outcome::Failed(format!("{error:#}"))
        }
    }
}

fn is_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| value == "true" || value == "1")
}
