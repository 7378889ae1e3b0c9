//! Comparisons with others on the same machine at the same time. They take minutes and are not for CI; the last results
//! are in docs/performance.md.

mod peers;
mod streams;

use anyhow::Result;

use crate::args::BenchOptions;
use crate::workspace::Workspace;

pub fn run(workspace: &Workspace, options: &BenchOptions) -> Result<()> {
    match options {
        BenchOptions::Peers(options) => peers::run(workspace, options),
        BenchOptions::Streams(options) => streams::run(workspace, options),
    }
}
