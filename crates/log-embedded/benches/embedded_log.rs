//! The embedded log beside what the machine can do, in one process and one run. Prints; asserts nothing about time.
//!
//! `cargo bench -p topspin-log-embedded -- [commits=20000] [events=1000000] [bytes=300] [batch=100] [rounds=3] [dir=PATH]`
#![expect(clippy::cast_precision_loss, clippy::cast_sign_loss, reason = "figures for people")]

use std::fs::File;
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use topspin_log::{
    BatchLimit, Log, Partition, Producer, Record, Start, Timestamp, Topic, TopicPartition, TopicSpec,
    TransactionalId,
};
use topspin_log_embedded::{EmbeddedLog, Options};

const PARTITIONS: u32 = 8;
const WRITERS: usize = 64;
/// What a frame and a section add to one record.
const FRAME_BYTES: usize = 80;

struct Arguments {
    commits: usize,
    events: usize,
    batch: usize,
    bytes: usize,
    rounds: usize,
    directory: PathBuf,
}

fn arguments() -> Arguments {
    let number = |name: &str, default: usize| {
        let given = std::env::args().find_map(|argument| argument.strip_prefix(name)?.parse().ok());
        given.unwrap_or(default)
    };
    let directory = std::env::args().find_map(|argument| argument.strip_prefix("dir=").map(PathBuf::from));
    Arguments {
        commits: number("commits=", 20_000),
        events: number("events=", 1_000_000),
        batch: number("batch=", 100),
        bytes: number("bytes=", 300),
        rounds: number("rounds=", 3),
        directory: directory.unwrap_or_else(std::env::temp_dir),
    }
}

/// Latencies of operations that together took `total`.
struct Measured {
    latencies: Vec<Duration>,
    total: Duration,
}

impl Measured {
    fn rate(&self) -> f64 {
        self.latencies.len() as f64 / self.total.as_secs_f64()
    }

    fn quantile(&mut self, quantile: f64) -> f64 {
        self.latencies.sort_unstable();
        let at = ((self.latencies.len() - 1) as f64 * quantile) as usize;
        self.latencies[at].as_secs_f64() * 1e6
    }

    fn print(&mut self, name: &str, yardstick: f64) {
        let (rate, p50, p99) = (self.rate(), self.quantile(0.5), self.quantile(0.99));
        println!("{name:<44} {rate:>10.0}/s {:>7.2}× p50 {p50:>8.1} µs  p99 {p99:>8.1} µs", rate / yardstick);
    }
}

fn main() {
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("a benchmark: run it with cargo bench");
        return;
    }
    let arguments = arguments();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let directory = tempfile::tempdir_in(&arguments.directory).expect("a directory");
    println!(
        "{} commits of one {}-byte record a round, {} rounds, {} events\n",
        arguments.commits, arguments.bytes, arguments.rounds, arguments.events
    );
    for round in 0..arguments.rounds {
        let path = directory.path().join(format!("round-{round}"));
        std::fs::create_dir(&path).expect("a directory");
        runtime.block_on(appends(&arguments, &path));
    }
    runtime.block_on(scan_and_open(&arguments, &directory.path().join("events")));
}

async fn appends(arguments: &Arguments, directory: &Path) {
    let mut raw = raw_appends(&directory.join("raw"), arguments.commits, arguments.bytes + FRAME_BYTES);
    let yardstick = raw.rate();
    raw.print("raw append + fdatasync", yardstick);
    let log = open(&directory.join("log")).await;
    let mut one = commits(log.clone(), 1, arguments.commits, arguments.bytes).await;
    one.print("durable commits, 1 writer", yardstick);
    let mut many = commits(log.clone(), WRITERS, arguments.commits * 4, arguments.bytes).await;
    many.print("durable commits, 64 writers", yardstick);
    let [mut visible, mut after] = tail(log.as_ref(), arguments.commits / 4, arguments.bytes).await;
    visible.print("commit called → tailing reader has it", yardstick);
    after.print("commit answered → tailing reader has it", yardstick);
    println!();
}

fn raw_appends(path: &Path, count: usize, bytes: usize) -> Measured {
    let file = File::create(path).expect("a file");
    let space = (count * bytes) as u64;
    rustix::fs::fallocate(&file, rustix::fs::FallocateFlags::empty(), 0, space).expect("space");
    file.sync_all().expect("synced");
    let frame = vec![7; bytes];
    let started = Instant::now();
    let append = |number: usize| {
        let before = Instant::now();
        file.write_all_at(&frame, (number * bytes) as u64).expect("written");
        file.sync_data().expect("synced");
        before.elapsed()
    };
    let latencies = (0..count).map(append).collect();
    Measured { latencies, total: started.elapsed() }
}

async fn open(directory: &Path) -> Arc<EmbeddedLog> {
    let log = EmbeddedLog::open(directory, &Options::default()).expect("opened");
    log.create_topic(&TopicSpec::new(topic(), PARTITIONS)).await.expect("created");
    Arc::new(log)
}

fn topic() -> Topic {
    Topic::new("events").expect("a name")
}

fn partition(number: usize) -> TopicPartition {
    TopicPartition::new(topic(), Partition(number as u32 % PARTITIONS))
}

async fn begin(log: &EmbeddedLog, id: usize) -> Producer {
    log.begin_producer(&TransactionalId::new(format!("p{id}")).expect("a name")).await.expect("begun")
}

fn record(bytes: usize) -> Record {
    Record::new(b"match-0000000000".as_slice(), vec![7; bytes - 16], Timestamp::from_millis(1))
}

async fn commit(producer: &mut Producer, partition: TopicPartition, record: Record) {
    let mut transaction = producer.begin();
    transaction.append(partition, record).expect("within limits");
    transaction.commit().await.expect("committed");
}

async fn commits(log: Arc<EmbeddedLog>, writers: usize, count: usize, bytes: usize) -> Measured {
    let started = Instant::now();
    let tasks: Vec<_> = (0..writers)
        .map(|writer| {
            let log = log.clone();
            tokio::spawn(async move {
                let mut producer = begin(&log, writer).await;
                let mut latencies = Vec::with_capacity(count / writers);
                for _ in 0..count / writers {
                    let before = Instant::now();
                    commit(&mut producer, partition(writer), record(bytes)).await;
                    latencies.push(before.elapsed());
                }
                latencies
            })
        })
        .collect();
    let mut latencies = Vec::with_capacity(count);
    for task in tasks {
        latencies.extend(task.await.expect("finished"));
    }
    Measured { latencies, total: started.elapsed() }
}

/// How long after `commit` was called, and after it answered, a tailing reader has the record.
async fn tail(log: &EmbeddedLog, count: usize, bytes: usize) -> [Measured; 2] {
    let mut reader = log.reader(&partition(0), Start::End).await.expect("a reader");
    let tailing = tokio::spawn(async move {
        let mut received = Vec::with_capacity(count);
        while received.len() < count {
            for _ in reader.next_batch(BatchLimit::default()).await.expect("readable") {
                received.push(Instant::now());
            }
        }
        received
    });
    let mut producer = begin(log, 0).await;
    let started = Instant::now();
    let mut times = Vec::with_capacity(count);
    for _ in 0..count {
        let before = Instant::now();
        commit(&mut producer, partition(0), record(bytes)).await;
        times.push((before, Instant::now()));
    }
    let total = started.elapsed();
    let received = tailing.await.expect("finished");
    let since = |from: fn(&(Instant, Instant)) -> Instant| {
        let latencies = times
            .iter()
            .zip(&received)
            .map(|(times, received)| received.saturating_duration_since(from(times)));
        Measured { latencies: latencies.collect(), total }
    };
    [since(|times| times.0), since(|times| times.1)]
}

async fn scan_and_open(arguments: &Arguments, directory: &Path) {
    let log = open(directory).await;
    let mut producer = begin(&log, 0).await;
    let started = Instant::now();
    for first in (0..arguments.events).step_by(arguments.batch) {
        let mut transaction = producer.begin();
        for number in first..(first + arguments.batch).min(arguments.events) {
            transaction.append(partition(number), record(arguments.bytes)).expect("within limits");
        }
        transaction.commit().await.expect("committed");
    }
    let rate = arguments.events as f64 / started.elapsed().as_secs_f64();
    println!(
        "{:<44} {rate:>10.0} events/s",
        format!("durable events, {} a commit, 1 writer", arguments.batch)
    );
    drop(producer);
    log.close().await;
    drop(log);

    let files = segments(directory);
    let bytes: u64 = files.iter().map(|path| path.metadata().expect("a file").len()).sum();
    println!("{:<44} {:>10.1} bytes/event", "on disk", bytes as f64 / arguments.events as f64);
    for _ in 0..arguments.rounds {
        let started = Instant::now();
        let log = EmbeddedLog::open(directory, &Options::default()).expect("opened");
        println!("{:<44} {:>10.1} ms", "open", started.elapsed().as_secs_f64() * 1e3);
        let raw = read_files(&files);
        let (scanned, records) = scan(&log).await;
        println!("{:<44} {raw:>10.0} MB/s", "read the segment files");
        println!(
            "{:<44} {scanned:>10.0} MB/s {:>7.2}× ({records} records)",
            "scan every partition",
            scanned / raw
        );
        log.close().await;
    }
    if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
        let resident = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
        println!("peak memory of the whole run: {resident}");
    }
}

fn segments(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory.join("segments")).expect("a directory");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "seg")).collect()
}

fn read_files(files: &[PathBuf]) -> f64 {
    let mut buffer = vec![0; 1024 * 1024];
    let started = Instant::now();
    let mut bytes = 0;
    for path in files {
        let mut file = File::open(path).expect("a file");
        loop {
            match file.read(&mut buffer).expect("readable") {
                0 => break,
                read => bytes += read,
            }
        }
    }
    bytes as f64 / 1e6 / started.elapsed().as_secs_f64()
}

/// Bytes of keys and values a second.
async fn scan(log: &EmbeddedLog) -> (f64, usize) {
    let started = Instant::now();
    let (mut bytes, mut records) = (0, 0);
    for number in 0..PARTITIONS as usize {
        let mut reader = log.reader(&partition(number), Start::Beginning).await.expect("a reader");
        loop {
            let batch = reader.try_next_batch(BatchLimit::default()).await.expect("readable");
            if batch.is_empty() {
                break;
            }
            records += batch.len();
            bytes += batch.iter().map(|read| read.record.size() - 32).sum::<usize>();
        }
    }
    (bytes as f64 / 1e6 / started.elapsed().as_secs_f64(), records)
}
