//! Which crate of the workspace uses which.

use super::table::{MayUse, Row, Table, short};
use crate::workspace::{Dependency, Kind, Package};

/// Tests may choose an engine, as the server does, to run on more than the contract.
const ENGINES: [&str; 2] = ["log", "log-embedded"];

/// Every dependency between crates of the workspace that the table does not allow, as a sentence each.
pub fn faults(table: &Table, packages: &[Package]) -> Vec<String> {
    let mut faults = Vec::new();
    for package in packages {
        let Some(row) = table.row_of(&package.name) else {
            faults.push(format!("`{}` has no row in the layering table", package.name));
            continue;
        };
        let inside = |dependency: &&Dependency| packages.iter().any(|other| other.name == dependency.name);
        let forbidden = package.dependencies.iter().filter(inside).filter(|one| !allowed(table, row, one));
        faults.extend(forbidden.map(|one| sentence(row, one)));
    }
    faults
}

fn allowed(table: &Table, row: &Row, dependency: &Dependency) -> bool {
    let name = short(&dependency.name);
    let MayUse::Only(names) = &row.may_use else { return true };
    match dependency.kind {
        Kind::Normal | Kind::Build => names.iter().any(|allowed| allowed == name),
        // A test may go the whole way down, and may choose an engine where its crate is not pure.
        Kind::Dev => table.reaches(&row.name, name) || (!row.pure && ENGINES.contains(&name)),
    }
}

fn sentence(row: &Row, dependency: &Dependency) -> String {
    let manner = match dependency.kind {
        Kind::Normal => "uses",
        Kind::Build => "builds with",
        Kind::Dev => "tests with",
    };
    format!("`{}` {manner} `{}`, which its row does not name", row.name, short(&dependency.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::table::tests::SMALL;

    fn package(name: &str, dependencies: &[(&str, Kind)]) -> Package {
        let dependency = |&(name, kind): &(&str, Kind)| Dependency { name: name.into(), kind };
        Package {
            name: name.into(),
            folder: "nowhere".into(),
            dependencies: dependencies.iter().map(dependency).collect(),
        }
    }

    fn found(packages: &[Package]) -> Vec<String> {
        faults(&Table::parse(SMALL).unwrap(), packages)
    }

    #[test]
    fn allowed_arrows_pass() {
        let event = package("topspin-event", &[("topspin-laws", Kind::Normal), ("serde", Kind::Normal)]);
        let gateway =
            package("topspin-gateway", &[("topspin-event", Kind::Normal), ("topspin-laws", Kind::Dev)]);
        let server = package("topspin-server", &[("topspin-gateway", Kind::Normal)]);
        assert_eq!(found(&[package("topspin-laws", &[]), event, gateway, server]), Vec::<String>::new());
    }

    #[test]
    fn a_planted_upward_arrow_is_caught() {
        let laws = package("topspin-laws", &[("topspin-event", Kind::Normal)]);
        let event = package("topspin-event", &[]);
        assert_eq!(found(&[laws, event]), ["`laws` uses `event`, which its row does not name"]);
    }

    #[test]
    fn a_planted_skipped_layer_is_caught() {
        let gateway = package("topspin-gateway", &[("topspin-laws", Kind::Normal)]);
        let laws = package("topspin-laws", &[]);
        assert_eq!(found(&[gateway, laws]), ["`gateway` uses `laws`, which its row does not name"]);
    }

    #[test]
    fn tests_of_a_pure_crate_may_not_choose_an_engine_and_others_may() {
        let engine = package("topspin-log-embedded", &[]);
        let event = package("topspin-event", &[("topspin-log-embedded", Kind::Dev)]);
        let gateway = package("topspin-gateway", &[("topspin-log-embedded", Kind::Dev)]);
        let faults = found(&[engine, event, gateway]);
        assert_eq!(faults, ["`event` tests with `log-embedded`, which its row does not name"]);
    }

    #[test]
    fn a_crate_without_a_row_is_caught() {
        assert_eq!(
            found(&[package("topspin-extra", &[])]),
            ["`topspin-extra` has no row in the layering table"]
        );
    }
}
