//! stub
use crate::args::StreamsOptions;
use crate::workspace::Workspace;
pub fn run(_: &Workspace, _: &StreamsOptions) -> anyhow::Result<()> {
    Ok(())
}
