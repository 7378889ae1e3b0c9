//! Faults on the real thing: three brokers and three processes, umpires who score all the time, and at the end the
//! outputs of a quiet run.

mod chance;
mod client;
mod fault;
mod hall;
mod inflict;
mod net;
mod outcome;
mod report;
mod site;
mod umpire;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};
use std::{env, fs};

use anyhow::{Context as _, Result, bail};

use crate::args::ChaosOptions;
use crate::workspace::Workspace;
use crate::{kafka, shell, suite, topspin};
use client::Client;
use fault::{MEMBERS, Round};
use hall::{Hall, Sheet, TABLES};
use outcome::Outcome;
use report::{Ran, Report};
use site::{Site, TOKEN};

/// Where a run keeps what its processes leave; the brokers have a folder beside it.
const FOLDER: &str = "chaos";
const CLUSTER: &str = "kafka-chaos";
/// How long views and followers may need to be level with the log once it is quiet.
const LEVEL_WITHIN: Duration = Duration::from_mins(1);
const POLL: Duration = Duration::from_millis(500);

/// Whether faults can be had here; the error says what is missing.
pub fn ready(workspace: &Workspace) -> Result<()> {
    kafka::ready(workspace)?;
    net::ready()
}

/// Builds, and runs in namespaces of its own.
pub fn run(options: &ChaosOptions) -> Result<()> {
    let workspace = Workspace::load()?;
    if env::var_os(net::WITHIN).is_some() {
        return run_within(&workspace, options);
    }
    ready(&workspace)?;
    let program = program()?;
    suite::build(&workspace)?;
    net::enter(&program, &options.command())
}

/// Where this program is, or the one that a build has put into its place meanwhile.
fn program() -> Result<PathBuf> {
    let path = env::current_exe()?;
    let replaced = path.to_str().and_then(|path| path.strip_suffix(" (deleted)")).map(PathBuf::from);
    Ok(replaced.unwrap_or(path))
}

fn run_within(workspace: &Workspace, options: &ChaosOptions) -> Result<()> {
    let folder = workspace.scratch(FOLDER);
    topspin::remove(&folder)?;
    fs::create_dir_all(&folder)?;
    let passed = chaos(workspace, options, &folder);
    if passed.is_err() || options.keep {
        println!("\nlogs and data are in {} and {}", folder.display(), workspace.scratch(CLUSTER).display());
    } else {
        topspin::remove(&folder)?;
    }
    passed.with_context(|| {
        format!("seed {}: run it again with `cargo xtask {}`", options.seed, options.command().join(" "))
    })
}

fn chaos(workspace: &Workspace, options: &ChaosOptions, folder: &Path) -> Result<()> {
    let began = Instant::now();
    net::build(MEMBERS, MEMBERS)?;
    let site = Site::start(workspace, folder, CLUSTER)?;
    println!(
        "everything serves after {:.0?}; seed {}, {} faults",
        began.elapsed(),
        options.seed,
        options.faults
    );
    let client = Client::new((0..MEMBERS).map(|number| url(net::clients_of(number))).collect(), TOKEN);
    let plan = fault::plan(options.seed, options.faults);
    let played = play(&site, &client, options.seed, plan);
    let (sheets, report) = played.inspect_err(|_| show_lanes(&client))?;
    let presses: usize = sheets.iter().map(|sheet| sheet.lines.len()).sum();
    let matches: usize = sheets.iter().map(|sheet| sheet.matches.len()).sum();
    println!(
        "{presses} verdicts on {matches} matches after {:.0?}; comparing with a quiet run",
        began.elapsed()
    );
    let differences = compare(workspace, &site, &client, (options.seed, folder), &sheets)?;
    if !differences.is_empty() {
        bail!("the outputs are not those of a quiet run:\n{}", differences.join("\n"));
    }
    site.stop()?;
    println!("\n{}\n", report.summary());
    println!(
        "{} faults, {presses} verdicts on {matches} matches, {:.0?}: the outputs are those of a quiet run",
        report.faults(),
        began.elapsed()
    );
    Ok(())
}

/// How far each process is, for whoever looks for what went wrong.
fn show_lanes(client: &Client) {
    for number in 0..client.servers() {
        let metrics = client.text(number, "/metrics").unwrap_or_else(|error| format!("topspin_: {error:#}"));
        let lanes =
            metrics.lines().filter(|line| line.starts_with("topspin_lane") || line.starts_with("topspin_:"));
        println!("{}: {}", net::namespace(number), lanes.collect::<Vec<_>>().join("; "));
    }
}

fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}

/// Lets the umpires work while all faults happen.
fn play(site: &Site, client: &Client, seed: u64, plan: Vec<Round>) -> Result<(Vec<Sheet>, Report)> {
    let hall = Hall::new(seed);
    thread::scope(|scope| {
        let umpires: Vec<_> = (0..TABLES)
            .map(|table| {
                scope.spawn({
                    let hall = &hall;
                    move || hall.work(table, client)
                })
            })
            .collect();
        let report = suffer(site, &hall, plan);
        hall.close();
        let sheets = umpires.into_iter().map(|umpire| umpire.join().expect("an umpire does not panic"));
        let sheets: Result<Vec<_>> = sheets.collect();
        // Where an umpire has given up, that is the reason.
        let sheets = sheets?;
        Ok((sheets, report?))
    })
}

fn suffer(site: &Site, hall: &Hall, plan: Vec<Round>) -> Result<Report> {
    let mut report = Report::default();
    hall.wait_until_answered(Instant::now())?;
    hall.longest_wait();
    for round in plan {
        let undone = inflict::suffer(site, &round).with_context(|| format!("{round:?}"))?;
        for fault in &round {
            inflict::wait_until_well(site, *fault).with_context(|| format!("after {round:?}"))?;
        }
        hall.wait_until_answered(undone).with_context(|| format!("after {round:?}"))?;
        report.add(Ran { recovered: undone.elapsed(), longest_wait: hall.longest_wait(), round });
    }
    Ok(report)
}

/// What differs from a quiet run of the same umpires.
fn compare(
    workspace: &Workspace,
    site: &Site,
    client: &Client,
    (seed, folder): (u64, &Path),
    sheets: &[Sheet],
) -> Result<Vec<String>> {
    let address = SocketAddr::from(([127, 0, 0, 1], 8080));
    let server = site::quiet(workspace, folder, address)?;
    let quiet = Client::new(vec![url(address)], TOKEN);
    let again: Result<Vec<Sheet>> = thread::scope(|scope| {
        let quiet = &quiet;
        let umpires: Vec<_> =
            sheets.iter().map(|sheet| scope.spawn(move || hall::again(seed, sheet, quiet))).collect();
        umpires.into_iter().map(|umpire| umpire.join().expect("an umpire does not panic")).collect()
    });
    let again = again?;
    let expected = outcome::matches(&quiet, 0, &again)?;
    server.stop()?;
    let mut differences = Vec::new();
    let verdicts = outcome::verdicts(&again);
    differences.extend(outcome::difference("verdicts", &outcome::verdicts(sheets), &verdicts));
    for number in 0..MEMBERS {
        let (read, what) =
            (|| outcome::matches(client, number, sheets), format!("matches on process {}", number + 1));
        differences.extend(settled(&what, &expected, read)?);
    }
    let chains = outcome::chains(client, 0, sheets)?;
    for number in 1..MEMBERS {
        let found = outcome::chains(client, number, sheets)?;
        differences.extend(outcome::difference("chains of two processes", &found, &chains));
    }
    let asked_again = outcome::verdicts_again(client, sheets)?;
    differences.extend(outcome::difference("verdicts asked for again", &asked_again, &verdicts));
    let totals = || outcome::printed_totals(&shell::capture(&mut site.topspin("totals", &[]))?);
    differences.extend(settled("totals of the players", &outcome::totals(&expected), totals)?);
    let letters = shell::capture(&mut site.topspin("dlq", &["list", "--all"]))?;
    if letters.trim() != "no dead letters" {
        differences.push(format!("dead letters:\n{letters}"));
    }
    Ok(differences)
}

/// What differs once the reader has had time to be level.
fn settled(what: &str, expected: &Outcome, read: impl Fn() -> Result<Outcome>) -> Result<Option<String>> {
    let deadline = Instant::now() + LEVEL_WITHIN;
    loop {
        let differs = outcome::difference(what, &read()?, expected);
        if differs.is_none() || Instant::now() > deadline {
            return Ok(differs);
        }
        thread::sleep(POLL);
    }
}
