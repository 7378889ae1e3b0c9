//! The parts, in the order in which they run.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result};

use super::{Area, Part, interop, season};
use crate::args::{ChaosOptions, FuzzOptions, Sasl};
use crate::children::{self, Running};
use crate::kafka::{self, Cluster, Registry};
use crate::workspace::Workspace;
use crate::{chaos, fuzz, install, layers, shell, style, topspin, web};

const KAFKA_TESTS: [&str; 2] = ["--test", "kafka"];
const REGISTRY_TESTS: [&str; 2] = ["--test", "apicurio"];
/// About 140 changes each.
const HISTORIES: &str = "1500";

pub const PARTS: &[Part] = &[
    Part { name: "fmt", area: Area::Build, what: "the sources are formatted", missing: nothing, run: fmt },
    Part {
        name: "layers",
        area: Area::Build,
        what: "no forbidden arrow or impurity",
        missing: nothing,
        run: layers::check,
    },
    Part {
        name: "style",
        area: Area::Build,
        what: "the house style, counted",
        missing: nothing,
        run: style::check,
    },
    Part {
        name: "deny",
        area: Area::Build,
        what: "licences, bans and sources of dependencies",
        missing: nothing,
        run: deny,
    },
    Part {
        name: "clippy",
        area: Area::Build,
        what: "lints, warnings denied",
        missing: no_libraries,
        run: clippy,
    },
    Part {
        name: "web",
        area: Area::Screens,
        what: "screens: types, unit tests, build",
        missing: no_node,
        run: screens,
    },
    Part {
        name: "build",
        area: Area::Build,
        what: "all crates, tests and the binary with its screens",
        missing: no_libraries,
        run: build,
    },
    Part { name: "docs", area: Area::Build, what: "API docs without warnings", missing: nothing, run: docs },
    Part {
        name: "fuzz-build",
        area: Area::Build,
        what: "the fuzz targets compile",
        missing: no_fuzz,
        run: fuzz::build,
    },
    Part {
        name: "tests",
        area: Area::ScoringAndLog,
        what: "unit, integration, kill -9 and doc tests",
        missing: nothing,
        run: tests,
    },
    Part {
        name: "numbers",
        area: Area::Numbers,
        what: "statistics, records and profiles beside a naive count after each of hundreds of thousands of changes",
        missing: nothing,
        run: numbers,
    },
    Part {
        name: "kafka",
        area: Area::Engines,
        what: "the log on a real Apache Kafka, with 1 and 3 brokers",
        missing: no_kafka,
        run: kafka,
    },
    Part {
        name: "registry",
        area: Area::Engines,
        what: "the schemas in a real registry, and what kcat and Confluent's client read",
        missing: no_registry,
        run: registry,
    },
    Part {
        name: "data",
        area: Area::ScoringAndLog,
        what: "the real season through the binary, twice",
        missing: no_data,
        run: data,
    },
    Part {
        name: "data-kafka",
        area: Area::Engines,
        what: "the real season with the log on Kafka, twice, and copied back",
        missing: no_data_or_kafka,
        run: data_on_kafka,
    },
    Part {
        name: "kafka-faults",
        area: Area::Faults,
        what: "three brokers that are killed and stopped, one by one and all",
        missing: no_kafka,
        run: kafka_faults,
    },
    Part {
        name: "chaos",
        area: Area::Faults,
        what: "20 faults on three brokers and three processes: the outputs are those of a quiet run",
        missing: no_chaos,
        run: chaos_run,
    },
    Part {
        name: "fuzz",
        area: Area::ScoringAndLog,
        what: "a short run of each fuzz target",
        missing: no_fuzz,
        run: fuzz_run,
    },
    Part {
        name: "e2e",
        area: Area::Screens,
        what: "matches scored in a browser, one with a server that is killed",
        missing: no_browser,
        run: e2e,
    },
];

fn nothing(_: &Workspace) -> Option<String> {
    None
}

fn no_node(_: &Workspace) -> Option<String> {
    install::node().err().map(|error| format!("{error:#}"))
}

fn no_browser(workspace: &Workspace) -> Option<String> {
    no_node(workspace).or_else(|| install::browser().err().map(|error| format!("{error:#}")))
}

fn no_libraries(_: &Workspace) -> Option<String> {
    install::libraries().err().map(|error| format!("{error:#}"))
}

fn no_kafka(workspace: &Workspace) -> Option<String> {
    let ready = install::libraries().and_then(|()| kafka::ready(workspace));
    ready.err().map(|error| format!("the log on Kafka was not tested: {error:#}"))
}

fn no_registry(workspace: &Workspace) -> Option<String> {
    no_kafka(workspace).or_else(|| interop::ready().err().map(|error| format!("{error:#}")))
}

fn no_chaos(workspace: &Workspace) -> Option<String> {
    let ready = install::libraries().and_then(|()| chaos::ready(workspace));
    ready.err().map(|error| format!("no faults were tried on the real thing: {error:#}"))
}

fn no_fuzz(_: &Workspace) -> Option<String> {
    let compiler = ["c++", "g++", "clang++"].iter().any(|name| shell::find(name).is_some());
    (!compiler).then(|| "libFuzzer needs a C++ compiler: install g++ or clang".to_owned())
}

fn no_data(workspace: &Workspace) -> Option<String> {
    let why = "no real data: put it into ../shared/data or set TOPSPIN_DATA to its folder";
    workspace.real_data().is_none().then(|| why.to_owned())
}

fn no_data_or_kafka(workspace: &Workspace) -> Option<String> {
    no_data(workspace).or_else(|| no_kafka(workspace))
}

fn fmt(workspace: &Workspace) -> Result<()> {
    shell::run(cargo(workspace).args(["fmt", "--all", "--check"]))?;
    shell::run(cargo(workspace).args(["fmt", "--check", "--manifest-path", "fuzz/Cargo.toml"]))
}

/// The advisories are left out: their database is fetched from the network at every run, which a build must
/// not need. `cargo deny check advisories` is for a machine that has the network.
fn deny(workspace: &Workspace) -> Result<()> {
    let mut command = Command::new(install::tool(workspace, &install::DENY)?);
    command.current_dir(&workspace.root).args(["--workspace", "check", "--hide-inclusion-graph"]);
    shell::run(command.args(["bans", "licenses", "sources"]))
}

/// The tests on Kafka are of no ordinary `cargo test`, so each command names them once more.
fn clippy(workspace: &Workspace) -> Result<()> {
    for targets in [["--all-targets"].as_slice(), &KAFKA_TESTS, &REGISTRY_TESTS] {
        let mut command = cargo(workspace);
        command.args(["clippy", "--workspace"]).args(targets);
        shell::run(command.args(["--", "-D", "warnings"]))?;
    }
    Ok(())
}

fn screens(workspace: &Workspace) -> Result<()> {
    web::test(workspace)?;
    web::build(workspace)
}

/// One build for tests and binary: a second one with other targets would compile dependencies again with
/// other features.
pub fn build(workspace: &Workspace) -> Result<()> {
    shell::run(cargo(workspace).args(["build", "--workspace", "--bins", "--tests"]))?;
    shell::run(cargo(workspace).args(["build", "--workspace"]).args(KAFKA_TESTS).args(REGISTRY_TESTS))
}

fn docs(workspace: &Workspace) -> Result<()> {
    let mut command = cargo(workspace);
    shell::run(command.args(["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))
}

/// Where the real data is, the tests that need it must find it.
fn tests(workspace: &Workspace) -> Result<()> {
    let mut command = cargo(workspace);
    command.args(["test", "--workspace"]);
    if let Some(data) = workspace.real_data() {
        command.env("TOPSPIN_REQUIRE_DATA", "1").env("TOPSPIN_DATA", data);
    }
    shell::run(&mut command)
}

/// An ordinary test run compares some histories, this one many.
fn numbers(workspace: &Workspace) -> Result<()> {
    let mut command = cargo(workspace);
    command.args(["test", "--workspace", "--test", "insight", "--", "--nocapture"]);
    shell::run(command.env("TOPSPIN_SEEDS", HISTORIES))
}

/// All tests with one broker, and all with three but those of SASL. Tests of topologies open many clients, so fewer of
/// them run at once; they come first, as whatever brokers do takes longer with each partition that is left to them.
fn kafka(workspace: &Workspace) -> Result<()> {
    let beside = ["--test-threads", "8", "--skip", "faults::", "--skip", "exactly_once::"];
    let topologies = ["--test-threads", "3", "exactly_once::"];
    let single = Cluster::up(workspace, "kafka-test-1", 1, Sasl::On)?;
    kafka_tests(workspace, &single, &topologies)?;
    kafka_tests(workspace, &single, &beside)?;
    single.stop()?;
    let triple = Cluster::up(workspace, "kafka-test-3", 3, Sasl::Off)?;
    kafka_tests(workspace, &triple, &topologies)?;
    let processes = ["bridge::", "scoring::", "views::"];
    let skipped = processes.into_iter().chain(["security::"]).flat_map(|name| ["--skip", name]);
    kafka_tests(workspace, &triple, &beside.into_iter().chain(skipped).collect::<Vec<_>>())?;
    // Each of these starts servers: beside three brokers, more at once only wait for each other.
    kafka_tests(
        workspace,
        &triple,
        &["--test-threads", "2"].into_iter().chain(processes).collect::<Vec<_>>(),
    )?;
    triple.stop()
}

/// The tests that kill and stop brokers, with nothing else beside them.
fn kafka_faults(workspace: &Workspace) -> Result<()> {
    let cluster = Cluster::up(workspace, "kafka-faults", 3, Sasl::Off)?;
    kafka_tests(workspace, &cluster, &["--test-threads", "1", "faults::"])?;
    cluster.stop()
}

fn kafka_tests(workspace: &Workspace, cluster: &Cluster, arguments: &[&str]) -> Result<()> {
    let mut command = cargo(workspace);
    command.args(["test", "--workspace"]).args(KAFKA_TESTS).envs(cluster.environment()?);
    shell::run(command.arg("--").args(arguments))
}

/// The schemas in a real registry, and what the tools of others make of the topics.
fn registry(workspace: &Workspace) -> Result<()> {
    let registry = Registry::up(workspace)?;
    let mut command = cargo(workspace);
    command.args(["test", "--workspace"]).args(REGISTRY_TESTS).env("TOPSPIN_REGISTRY", registry.url());
    command.env("TOPSPIN_REGISTRY_SECURE", registry.secure_url()).env("SSL_CERT_FILE", registry.authority());
    shell::run(&mut command)?;
    build(workspace)?;
    interop::run(workspace, &registry, &fresh(workspace, "interop")?)?;
    registry.stop();
    Ok(())
}

/// The real season into the log in a directory.
fn data(workspace: &Workspace) -> Result<()> {
    season_twice(workspace, "ingest", &[])
}

/// The real season into the log on a cluster, and that log copied into a directory and compared.
fn data_on_kafka(workspace: &Workspace) -> Result<()> {
    let cluster = Cluster::up(workspace, "kafka-season", 1, Sasl::Off)?;
    let brokers = cluster.bootstrap()?;
    season_twice(workspace, "ingest-kafka", &["--kafka", &brokers, "--kafka-replication", "1"])?;
    let copy = fresh(workspace, "ingest-copy")?;
    let mut bridge = Command::new(topspin::binary(workspace));
    bridge.args(["bridge", "--from", &format!("kafka://{brokers}"), "--to"]).arg(&copy);
    shell::run(&mut bridge)?;
    topspin::remove(&copy)?;
    cluster.stop()
}

/// Ingests the real season twice: both must come to what the laws make of it.
fn season_twice(workspace: &Workspace, name: &str, log: &[&str]) -> Result<()> {
    build(workspace)?;
    let season = workspace.real_data().context("the real data went away")?.join("ttbl-2023-24");
    let store = fresh(workspace, name)?;
    for run in ["first", "second"] {
        let mut ingest = Command::new(topspin::binary(workspace));
        ingest.args(["ingest", "ttbl", "--json"]).arg(&season).arg("--data").arg(&store).args(log);
        let agreement = season::agreement(&shell::capture(&mut ingest)?).context(run)?;
        println!("{run} run: {agreement}");
    }
    topspin::remove(&store)
}

fn chaos_run(_: &Workspace) -> Result<()> {
    chaos::run(&ChaosOptions::default())
}

fn fuzz_run(workspace: &Workspace) -> Result<()> {
    fuzz::run(workspace, &FuzzOptions::default())
}

/// Runs the browser tests against the binary on a free port with an empty data directory.
fn e2e(workspace: &Workspace) -> Result<()> {
    let folder = web::ready(workspace)?;
    web::build(workspace)?;
    build(workspace)?;
    let browser = install::browser()?;
    let store = fresh(workspace, "e2e")?;
    let address = children::free_address()?;
    let mut server =
        Running::start("topspin serve", &mut topspin::serve(&topspin::binary(workspace), &store, address))?;
    server.wait_until_ready(address)?;
    let token = topspin::token(&store)?;
    let mut scripts = web::npm(&folder);
    scripts.args(["run", "e2e"]).env("CHROMIUM", &browser).env("TOPSPIN_BINARY", topspin::binary(workspace));
    shell::run(scripts.env("TOPSPIN_URL", format!("http://{address}")).env("TOPSPIN_TOKEN", token))?;
    server.stop()?;
    topspin::remove(&store)
}

fn fresh(workspace: &Workspace, name: &str) -> Result<PathBuf> {
    let store = workspace.scratch(name);
    topspin::remove(&store)?;
    Ok(store)
}

fn cargo(workspace: &Workspace) -> Command {
    let mut command = shell::cargo();
    command.current_dir(&workspace.root);
    command
}
