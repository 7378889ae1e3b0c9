//! From the press of a button to a screen: a command posted, durable, and received by a stream's client.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use topspin_gateway::{Access, Config, Gateway, Names};
use uuid::Uuid;

use super::fan_out::{FanOut, MESSAGE_BYTES};
use super::figures::Figures;
use super::wire::{Connection, Wanted};
use super::yardstick::{Disk, Loopback, WRITE_BYTES};
use crate::engine::KafkaArgs;
use crate::node::Node;

/// Time from the press of a button to a screen, beside what the disk and the loopback alone take.
///
/// Starts a server of its own on a fresh data directory, presses buttons one after another, and follows the match with
/// the number of subscribers asked for. The yardsticks are taken between the presses, in the same directory.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Presses to measure.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(10..=100_000))]
    presses: u32,
    /// Streams that follow the match.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=2_000))]
    subscribers: u32,
    /// Where the data directory is made; it is removed at the end.
    #[arg(long, value_name = "DIR", default_value = ".")]
    dir: PathBuf,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// What came of it.
#[derive(Debug, Serialize)]
struct Report {
    subscribers: u32,
    write_bytes: usize,
    message_bytes: usize,
    fdatasync: Figures,
    loopback: Figures,
    /// The same message to as many bare sockets.
    fan_out: Figures,
    press_to_answer: Figures,
    press_to_screen: Figures,
    /// 99th percentile of press to screen over that of a sync and a round trip together.
    p99_ratio: f64,
    /// The same over that of a sync and a bare fan-out together.
    p99_fan_out_ratio: f64,
}

/// Presses a match may have: the laws bound a match's actions.
const PRESSES_A_MATCH: u32 = 200;

/// Measures.
///
/// # Errors
/// Where the server cannot be started or does not answer.
pub fn run(args: &Args) -> anyhow::Result<()> {
    let data = args.dir.join(format!(".topspin-bench-{}", std::process::id()));
    let measured = measure(args, &data);
    std::fs::remove_dir_all(&data).with_context(|| format!("cannot remove {}", data.display()))?;
    let report = measured?;
    if args.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        show(&report);
    }
    Ok(())
}

fn measure(args: &Args, data: &std::path::Path) -> anyhow::Result<Report> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let (stop, stopping) = watch::channel(false);
    let (address, node, serving) = runtime.block_on(start(data, stopping))?;
    let mut samples = Samples::default();
    let fan_out = FanOut::open(args.subscribers)?;
    let mut bench = Bench { disk: Disk::open(data)?, loopback: Loopback::open()?, fan_out, address, args };
    let mut left = args.presses;
    while left > 0 {
        let presses = left.min(PRESSES_A_MATCH);
        bench.one_match(presses, &mut samples)?;
        left -= presses;
    }
    stop.send_replace(true);
    runtime.block_on(serving)?;
    runtime.block_on(node.close());
    Ok(report(args, samples))
}

async fn start(
    data: &std::path::Path,
    stopping: watch::Receiver<bool>,
) -> anyhow::Result<(SocketAddr, Node, tokio::task::JoinHandle<()>)> {
    let node = Node::open(data, None, &KafkaArgs::default()).await?;
    let gateway = Gateway::start(Config {
        home: node.home.clone(),
        views: watch::Sender::new(Vec::new()).subscribe(),
        replica: None,
        zone: jiff::tz::TimeZone::UTC,
        log_id: node.installation.log_id,
        access: Access::Open,
        names: Names::default(),
        clock: Arc::clone(&node.clock),
        screens: |_| None,
        stop: stopping.clone(),
    })?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    let router = topspin_gateway::router(&gateway);
    let serving = tokio::spawn(topspin_gateway::serve(listener, router, gateway.metrics(), stopping));
    Ok((address, node, serving))
}

#[derive(Default)]
struct Samples {
    disk: Vec<Duration>,
    loopback: Vec<Duration>,
    fan_out: Vec<Duration>,
    answered: Vec<Duration>,
    seen: Vec<Duration>,
}

struct Bench<'a> {
    disk: Disk,
    loopback: Loopback,
    fan_out: FanOut,
    address: SocketAddr,
    args: &'a Args,
}

/// When a position of the match was seen by one of the streams.
type Sighting = (u64, Instant);

impl Bench<'_> {
    fn one_match(&mut self, presses: u32, samples: &mut Samples) -> anyhow::Result<()> {
        let mut umpire = Connection::open(self.address)?;
        let (id, mut seq) = begin_match(&mut umpire)?;
        let last = seq + u64::from(presses);
        let (sightings, seen) = channel();
        let (ready, are_ready) = channel();
        let followers: Vec<_> = (0..self.args.subscribers)
            .map(|_| self.follower(&id, last, &ready, sightings.clone()))
            .collect::<Result<_, _>>()?;
        drop((sightings, ready));
        // Every stream has its snapshot before the first press.
        for _ in 0..self.args.subscribers {
            are_ready.recv().context("a stream ended before the first press")?;
        }
        let mut pressed = Vec::new();
        for press in 0..presses {
            samples.disk.push(self.disk.write()?);
            samples.loopback.push(self.loopback.round_trip()?);
            samples.fan_out.extend(self.fan_out.round()?);
            let to = if press % 2 == 0 { "home" } else { "away" };
            let began = Instant::now();
            seq = command(&mut umpire, &id, &json!({ "type": "point", "to": to }))?;
            samples.answered.push(began.elapsed());
            pressed.push((seq, began));
        }
        for follower in followers {
            follower.join().map_err(|_| anyhow!("a stream stopped"))??;
        }
        collect(&pressed, &seen, samples)
    }

    fn follower(
        &self,
        id: &str,
        last: u64,
        ready: &Sender<()>,
        sightings: Sender<Sighting>,
    ) -> anyhow::Result<thread::JoinHandle<anyhow::Result<()>>> {
        let connection = Connection::open(self.address)?;
        let (id, mut ready) = (id.to_owned(), Some(ready.clone()));
        let follow = move || {
            connection.follow(&id, |seq, at| {
                // The one who measures may have given up: then nobody listens.
                if let Some(ready) = ready.take() {
                    let _ = ready.send(());
                }
                let _ = sightings.send((seq, at));
                if seq >= last { Wanted::NoMore } else { Wanted::More }
            })
        };
        Ok(thread::Builder::new().stack_size(256 * 1024).spawn(follow)?)
    }
}

fn collect(pressed: &[Sighting], seen: &Receiver<Sighting>, samples: &mut Samples) -> anyhow::Result<()> {
    let first = pressed.first().map(|(seq, _)| *seq).context("nothing was pressed")?;
    for (seq, at) in seen {
        let index = seq.checked_sub(first).and_then(|index| usize::try_from(index).ok());
        if let Some((_, began)) = index.and_then(|index| pressed.get(index)) {
            samples.seen.push(at.saturating_duration_since(*began));
        }
    }
    Ok(())
}

fn begin_match(umpire: &mut Connection) -> anyhow::Result<(String, u64)> {
    let player = |name: &str| json!({ "players": [{ "name": name }] });
    let created = umpire.post(
        "/v1/matches",
        &json!({ "format": { "preset": "ittf" }, "sides": { "home": player("Ada"), "away": player("Bo") } }),
    )?;
    let id = created["id"].as_str().context("the match has no id")?.to_owned();
    command(umpire, &id, &json!({ "type": "choose", "first_server": "home" }))?;
    // Points in turn: the game never ends.
    let seq = command(umpire, &id, &json!({ "type": "start_game" }))?;
    Ok((id, seq))
}

fn command(umpire: &mut Connection, id: &str, command: &Value) -> anyhow::Result<u64> {
    let body = json!({ "command_id": Uuid::new_v4(), "command": command });
    let answer = umpire.post(&format!("/v1/matches/{id}/commands"), &body)?;
    answer["seq"].as_u64().context("the answer has no position")
}

fn report(args: &Args, samples: Samples) -> Report {
    let (fdatasync, loopback) = (Figures::of(samples.disk), Figures::of(samples.loopback));
    let press_to_screen = Figures::of(samples.seen);
    let fan_out = Figures::of(samples.fan_out);
    let ratio = |floor_us: u64| press_to_screen.p99_us as f64 / floor_us.max(1) as f64;
    Report {
        subscribers: args.subscribers,
        write_bytes: WRITE_BYTES,
        message_bytes: MESSAGE_BYTES,
        fdatasync,
        loopback,
        fan_out,
        press_to_answer: Figures::of(samples.answered),
        press_to_screen,
        p99_ratio: ratio(fdatasync.p99_us + loopback.p99_us),
        p99_fan_out_ratio: ratio(fdatasync.p99_us + fan_out.p99_us),
    }
}

fn show(report: &Report) {
    println!("{:<28} {:>8} {:>10} {:>10} {:>10}", "", "count", "p50 µs", "p99 µs", "max µs");
    let rows = [
        ("fdatasync of 2 KiB", report.fdatasync),
        ("loopback round trip", report.loopback),
        ("2.3 kB to as many sockets", report.fan_out),
        ("press → durable answer", report.press_to_answer),
        ("press → screen", report.press_to_screen),
    ];
    for (name, figures) in rows {
        let Figures { count, p50_us, p99_us, max_us } = figures;
        println!("{name:<28} {count:>8} {p50_us:>10} {p99_us:>10} {max_us:>10}");
    }
    println!("\np99 press → screen / (p99 fdatasync + p99 loopback) = {:.2}", report.p99_ratio);
    println!("p99 press → screen / (p99 fdatasync + p99 sockets)  = {:.2}", report.p99_fan_out_ratio);
    println!("subscribers: {}", report.subscribers);
}
