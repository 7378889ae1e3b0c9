//! A house full of history: many live matches, millions of events on disk, and how soon the server is back.

use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use serde_json::json;
use tokio::task::JoinSet;
use topspin_event::{CommandEnvelope, CreateMatch, MatchId};
use topspin_scoring::{Home, Verdict};
use uuid::Uuid;

use super::figures::Figures;
use super::process::bytes_in;
use super::start::{self, Starts, mebibytes, resident, starts};
use super::yardstick::Disk;
use crate::engine::KafkaArgs;
use crate::node::Node;

/// Many matches live at once, with a long history on disk, and the start of a server on it.
///
/// Fills a data directory through the scorer, presses buttons in matches drawn at random, which mostly are not in
/// memory, then kills and starts the server and waits until it is ready.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Matches, all live at the same time.
    #[arg(long, default_value_t = 50_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    matches: u32,
    /// Events on disk before anything is measured.
    #[arg(long, default_value_t = 10_000_000, value_parser = clap::value_parser!(u64).range(1_000..=1_000_000_000))]
    events: u64,
    /// Presses of many umpires to measure, in matches drawn at random.
    #[arg(long, default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(10..=1_000_000))]
    presses: u32,
    /// Where the data directory is made; it is removed at the end.
    #[arg(long, value_name = "DIR", default_value = ".")]
    dir: PathBuf,
    /// Leave the data directory there, for `topspin bench start`.
    #[arg(long)]
    keep: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// What came of it.
#[derive(Debug, Serialize)]
struct Report {
    matches: u32,
    /// Of the filled matches.
    events: u64,
    fill_seconds: f64,
    fill_commands_per_second: f64,
    data_bytes: u64,
    fdatasync: Figures,
    /// One umpire at a time.
    press_alone: Figures,
    /// [`UMPIRES`] at a time.
    press_together: Figures,
    presses_per_second_together: f64,
    /// Resident after the presses.
    memory_bytes: Option<u64>,
    /// The first start is after a clean stop, the others after `kill -9`.
    #[serde(flatten)]
    starts: Starts,
}

/// Matches that are filled, or umpires who press, at the same time.
const UMPIRES: usize = 256;

/// Presses that one umpire makes after another.
const ALONE: usize = 1_000;

/// Events of a match before its points: creation, choice of serve, start of the game.
const OPENING: u64 = 3;

/// Measures.
///
/// # Errors
/// Where the data directory cannot be written, or the server does not start.
pub fn run(args: &Args) -> anyhow::Result<()> {
    let data = args.dir.join(format!(".topspin-bench-{}", std::process::id()));
    let measured = measure(args, &data);
    if args.keep {
        eprintln!("kept: {}", data.display());
    } else {
        fs::remove_dir_all(&data).with_context(|| format!("cannot remove {}", data.display()))?;
    }
    let report = measured?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        show(&report);
    }
    Ok(())
}

fn measure(args: &Args, data: &Path) -> anyhow::Result<Report> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let node = runtime.block_on(Node::open(data, None, &KafkaArgs::default()))?;
    let house = Arc::new(House::new(node.home.clone(), args.matches));
    let began = Instant::now();
    let events = runtime.block_on(house.fill(args.events))?;
    let fill_seconds = began.elapsed().as_secs_f64();
    let mut disk = Disk::open(data)?;
    let fdatasync = (0..ALONE).map(|_| disk.write()).collect::<Result<Vec<_>, _>>()?;
    let mut alone = Vec::new();
    for press in 0..ALONE {
        alone.push(runtime.block_on(house.point(house.drawn(press)))?);
    }
    let began = Instant::now();
    let together = runtime.block_on(house.press_together(ALONE..ALONE + args.presses as usize))?;
    let pressed = began.elapsed().as_secs_f64();
    let memory_bytes = resident(std::process::id());
    drop(house);
    runtime.block_on(node.close());
    let data_bytes = bytes_in(data)?;
    let starts = starts(data)?;
    Ok(Report {
        matches: args.matches,
        events,
        fill_seconds,
        fill_commands_per_second: events as f64 / fill_seconds,
        data_bytes,
        fdatasync: Figures::of(fdatasync),
        press_alone: Figures::of(alone),
        presses_per_second_together: together.len() as f64 / pressed,
        press_together: Figures::of(together),
        memory_bytes,
        starts,
    })
}

/// The matches, and how many points each has had.
pub struct House {
    home: Home,
    points: Vec<AtomicU32>,
}

impl House {
    /// So many matches to play, none of them there yet.
    pub fn new(home: Home, matches: u32) -> Self {
        House { home, points: (0..matches).map(|_| AtomicU32::new(0)).collect() }
    }

    /// Plays all matches up to the number of events; answers how many commands that took.
    async fn fill(self: &Arc<Self>, events: u64) -> anyhow::Result<u64> {
        let matches = self.points.len() as u64;
        let points = (events / matches).saturating_sub(OPENING);
        let bar = ProgressBar::new(matches);
        let style = "{elapsed_precise} {wide_bar} {pos} of {len} matches, {eta} left";
        bar.set_style(ProgressStyle::with_template(style).context("the progress bar's template")?);
        let next = Arc::new(AtomicUsize::new(0));
        let mut umpires = JoinSet::new();
        for _ in 0..UMPIRES {
            let (house, next, bar) = (Arc::clone(self), Arc::clone(&next), bar.clone());
            umpires.spawn(async move {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= house.points.len() {
                        return anyhow::Ok(());
                    }
                    house.open(number).await?;
                    for _ in 0..points {
                        house.point(number).await?;
                    }
                    bar.inc(1);
                }
            });
        }
        while let Some(umpire) = umpires.join_next().await {
            umpire??;
        }
        bar.finish_and_clear();
        Ok(matches * (points + OPENING))
    }

    /// Presses, each in a match drawn by its number, [`UMPIRES`] at a time.
    async fn press_together(self: &Arc<Self>, presses: Range<usize>) -> anyhow::Result<Vec<Duration>> {
        let next = Arc::new(AtomicUsize::new(presses.start));
        let mut umpires = JoinSet::new();
        for _ in 0..UMPIRES {
            let (house, next, end) = (Arc::clone(self), Arc::clone(&next), presses.end);
            umpires.spawn(async move {
                let mut took = Vec::new();
                loop {
                    let press = next.fetch_add(1, Ordering::Relaxed);
                    if press >= end {
                        return anyhow::Ok(took);
                    }
                    took.push(house.point(house.drawn(press)).await?);
                }
            });
        }
        let mut all = Vec::new();
        while let Some(umpire) = umpires.join_next().await {
            all.append(&mut umpire??);
        }
        Ok(all)
    }

    /// A match drawn by the press's number: Knuth's multiplicative hash spreads them.
    const fn drawn(&self, press: usize) -> usize {
        press.wrapping_mul(2_654_435_761) % self.points.len()
    }

    /// Brings a match into play.
    pub async fn open(&self, number: usize) -> anyhow::Result<()> {
        let player = |name: &str| json!({ "players": [{ "name": name }] });
        let create: CreateMatch = serde_json::from_value(json!({
            "id": match_id(number),
            "format": { "preset": "ittf" },
            "sides": { "home": player("Ada"), "away": player("Bo") },
        }))?;
        self.home.create_match(create).await?;
        self.submit(number, json!({ "type": "choose", "first_server": "home" })).await?;
        self.submit(number, json!({ "type": "start_game" })).await
    }

    /// A point to the sides in turn, so that the game never ends; answers how long it took.
    pub async fn point(&self, number: usize) -> anyhow::Result<Duration> {
        let to = if self.points[number].fetch_add(1, Ordering::Relaxed).is_multiple_of(2) {
            "home"
        } else {
            "away"
        };
        let began = Instant::now();
        self.submit(number, json!({ "type": "point", "to": to })).await?;
        Ok(began.elapsed())
    }

    async fn submit(&self, number: usize, command: serde_json::Value) -> anyhow::Result<()> {
        let envelope: CommandEnvelope =
            serde_json::from_value(json!({ "command_id": Uuid::new_v4(), "command": command }))?;
        match self.home.submit(match_id(number), envelope).await?.verdict {
            Verdict::Accepted(_) => Ok(()),
            Verdict::Refused(refusal) => bail!("a command was refused: {refusal:?}"),
        }
    }
}

/// The id of a match.
pub fn match_id(number: usize) -> MatchId {
    MatchId::derived(Uuid::NAMESPACE_OID, &format!("bench/{number}"))
}

fn show(report: &Report) {
    const MIB: u64 = 1024 * 1024;
    println!(
        "{} matches, all live; {} events; {} MiB on disk",
        report.matches,
        report.events,
        report.data_bytes / MIB
    );
    println!(
        "filled in {:.0} s: {:.0} commands a second\n",
        report.fill_seconds, report.fill_commands_per_second
    );
    println!("{:<28} {:>8} {:>10} {:>10} {:>10}", "", "count", "p50 µs", "p99 µs", "max µs");
    let together = format!("press, {UMPIRES} umpires");
    let rows = [
        ("fdatasync of 2 KiB", report.fdatasync),
        ("press, one umpire", report.press_alone),
        (together.as_str(), report.press_together),
    ];
    for (name, figures) in rows {
        let Figures { count, p50_us, p99_us, max_us } = figures;
        println!("{name:<28} {count:>8} {p50_us:>10} {p99_us:>10} {max_us:>10}");
    }
    println!("\n{:.0} presses a second together", report.presses_per_second_together);
    println!("memory with the matches live: {}", mebibytes(report.memory_bytes));
    start::show(&report.starts);
}
