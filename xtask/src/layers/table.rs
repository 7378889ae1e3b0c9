//! The layering table of ARCHITECTURE.md, the only place where the arrows are written down.

use anyhow::{Context as _, Result, bail};

const HEADER: &str = "| crate | its one job | may use | pure |";
const PREFIX: &str = "topspin-";

pub struct Table {
    rows: Vec<Row>,
}

pub struct Row {
    /// The crate's short name: `laws` for `topspin-laws`.
    pub name: String,
    pub may_use: MayUse,
    /// Without IO, async, clock and randomness.
    pub pure: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub enum MayUse {
    All,
    Only(Vec<String>),
}

impl Table {
    pub fn parse(markdown: &str) -> Result<Self> {
        let mut lines = markdown.lines().skip_while(|line| line.trim() != HEADER).skip(2);
        let rows =
            lines.by_ref().take_while(|line| line.starts_with('|')).map(row).collect::<Result<Vec<_>>>()?;
        if rows.is_empty() {
            bail!("ARCHITECTURE.md has no table with the header `{HEADER}`");
        }
        let table = Self { rows };
        for row in &table.rows {
            let MayUse::Only(names) = &row.may_use else { continue };
            if let Some(unknown) = names.iter().find(|name| table.row_of(name).is_none()) {
                bail!("the row of `{}` names `{unknown}`, which has no row", row.name);
            }
        }
        Ok(table)
    }

    /// The row of a crate, by its short name or its package name.
    pub fn row_of(&self, name: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.name == short(name))
    }

    /// Whether `from` reaches `to` over any number of allowed arrows.
    pub fn reaches(&self, from: &str, to: &str) -> bool {
        let mut open = vec![short(from).to_owned()];
        let mut seen = Vec::new();
        while let Some(name) = open.pop() {
            if name == short(to) {
                return true;
            }
            if seen.contains(&name) {
                continue;
            }
            match self.row_of(&name).map(|row| &row.may_use) {
                Some(MayUse::All) => return true,
                Some(MayUse::Only(names)) => open.extend(names.iter().cloned()),
                None => {}
            }
            seen.push(name);
        }
        false
    }
}

/// `topspin-log` is `log` in the table, and the binary's package `topspin` is `server`.
pub fn short(package: &str) -> &str {
    match package {
        "topspin" => "server",
        other => other.strip_prefix(PREFIX).unwrap_or(other),
    }
}

fn row(line: &str) -> Result<Row> {
    let cells: Vec<&str> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
    let [name, _job, may_use, pure] = cells.as_slice() else {
        bail!("a row of the layering table has not four cells: {line}");
    };
    let name = code_words(name).next().with_context(|| format!("no crate's name in the row: {line}"))?;
    let may_use = match *may_use {
        "all" => MayUse::All,
        other => MayUse::Only(code_words(other).map(str::to_owned).collect()),
    };
    let pure = match *pure {
        "yes" => true,
        "" => false,
        other => bail!("`pure` is `yes` or empty, not `{other}`, in the row of `{name}`"),
    };
    Ok(Row { name: name.to_owned(), may_use, pure })
}

/// The words between backticks.
fn code_words(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

#[cfg(test)]
pub mod tests {
    use super::*;

    pub const SMALL: &str = "\
Text before.

| crate | its one job | may use | pure |
|---|---|---|---|
| `laws` | Laws. | – | yes |
| `event` | Records. | `laws` | yes |
| `log` | The log. | – | |
| `log-embedded` | In a directory. | `log` | |
| `gateway` | HTTP. | `event`, `log` | |
| `server` (binary `topspin`) | Chooses. | all | |

| other | table |
";

    #[test]
    fn rows_are_read_until_the_table_ends() {
        let table = Table::parse(SMALL).unwrap();
        assert_eq!(table.rows.len(), 6);
        let gateway = table.row_of("topspin-gateway").unwrap();
        assert_eq!(gateway.may_use, MayUse::Only(vec!["event".into(), "log".into()]));
        assert_eq!(table.row_of("topspin").unwrap().may_use, MayUse::All);
        assert!(table.row_of("laws").unwrap().pure);
        assert!(table.reaches("gateway", "laws"));
        assert!(!table.reaches("log", "event"));
    }

    #[test]
    fn a_missing_table_and_an_unknown_name_are_refused() {
        assert!(Table::parse("no table").is_err());
        assert!(Table::parse(&SMALL.replace("`event`, `log`", "`event`, `lgo`")).is_err());
    }
}
