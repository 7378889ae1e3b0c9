//! Fails on a dependency arrow that ARCHITECTURE.md's table does not allow, and on IO, async, clocks or
//! randomness in a crate that the table calls pure.

mod arrows;
mod purity;
mod table;

use anyhow::{Context as _, Result, bail};

use crate::workspace::Workspace;

pub fn check(workspace: &Workspace) -> Result<()> {
    let file = workspace.root.join("ARCHITECTURE.md");
    let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let table = table::Table::parse(&text)?;
    let mut faults = arrows::faults(&table, &workspace.packages);
    for package in &workspace.packages {
        if table.row_of(&package.name).is_some_and(|row| row.pure) {
            faults.extend(purity::faults(package)?);
        }
    }
    if faults.is_empty() {
        println!("layers: {} crates keep to the table in ARCHITECTURE.md", workspace.packages.len());
        return Ok(());
    }
    for fault in &faults {
        println!("  {fault}");
    }
    bail!("{} fault(s) in the layering; the table in ARCHITECTURE.md says what is allowed", faults.len());
}
