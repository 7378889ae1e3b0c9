//! Brokers that die under commits. One at a time, so they run apart from everything else.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rdkafka::consumer::{BaseConsumer, Consumer as _};
use topspin_log::conformance::fixtures::{create_keeping, producer, reader, record, t, values};
use topspin_log::{BatchLimit, CommitError, Committed, Log, Producer, ReadError, Reader, Start};
use topspin_log_kafka::KafkaLog;

use crate::cluster::{self, variable};

const PARTITIONS: u32 = 4;
const ENOUGH: Duration = Duration::from_mins(4);

/// A broker of the cluster under test.
struct Broker(PathBuf);

impl Broker {
    fn number(number: usize) -> Self {
        Self(PathBuf::from(variable("TOPSPIN_KAFKA_FOLDER")).join(format!("node-{number}")))
    }

    fn signal(&self, signal: &str) {
        let pid = fs::read_to_string(self.0.join("pid")).expect("a pid");
        let sent = Command::new("kill").args([signal, pid.trim()]).status().expect("kill runs");
        assert!(sent.success(), "{signal} to {}", self.0.display());
    }

    fn start(&self) {
        let log = File::options().append(true).open(self.0.join("log")).expect("its log");
        let mut command = Command::new("sh");
        command
            .arg(self.0.join("start"))
            .stdin(Stdio::null())
            .stderr(log.try_clone().expect("its log"))
            .stdout(log);
        let child = command.process_group(0).spawn().expect("started");
        fs::write(self.0.join("pid"), child.id().to_string()).expect("its pid");
        // It outlives the test; whoever started the cluster stops it. Only its end is waited for here, by a thread.
        let _ = std::thread::spawn(move || {
            let mut child = child;
            child.wait()
        });
    }
}

/// Writes numbered transactions into all partitions at once, as a careful program does.
struct Writer {
    log: KafkaLog,
    producer: Producer,
    next: usize,
    repeated: usize,
}

impl Writer {
    async fn begin(log: &KafkaLog) -> Self {
        create_keeping(log, PARTITIONS).await;
        Self { log: log.clone(), producer: producer(log, "p").await, next: 0, repeated: 0 }
    }

    /// Commits the next transaction, however often that takes.
    async fn commit(&mut self) {
        loop {
            let mut transaction = self.producer.begin();
            for partition in 0..PARTITIONS {
                transaction.append(t(partition), record(self.next.to_string())).expect("within limits");
            }
            match transaction.commit().await {
                Ok(receipt) => {
                    assert_eq!(receipt.offsets().len(), PARTITIONS as usize);
                    break;
                }
                Err(error) if error.is_retryable() => self.repeated += 1,
                Err(CommitError::Indeterminate { .. }) => {
                    self.producer = self.take_over().await;
                    if self.written(0).await.contains(&self.next.to_string()) {
                        break;
                    }
                }
                Err(error) => unreachable!("{error:?}"),
            }
        }
        self.next += 1;
    }

    async fn take_over(&self) -> Producer {
        loop {
            match self.log.begin_producer(self.producer.id()).await {
                Ok(producer) => return producer,
                Err(error) => assert!(error.is_retryable(), "{error:?}"),
            }
        }
    }

    /// All that a partition has, however often that takes.
    async fn written(&self, partition: u32) -> Vec<String> {
        loop {
            match self.read(partition).await {
                Ok(written) => return written,
                Err(error) => assert!(error.is_retryable(), "{error:?}"),
            }
        }
    }

    async fn read(&self, partition: u32) -> Result<Vec<String>, ReadError> {
        let mut reader = self.log.reader(&t(partition), Start::Beginning).await?;
        let mut written = Vec::new();
        loop {
            let batch = reader.try_next_batch(BatchLimit::default()).await?;
            if batch.is_empty() {
                return Ok(written);
            }
            written.extend(values(&batch));
        }
    }

    /// Every transaction is there once, in order, in every partition.
    async fn check(&self) {
        let expected: Vec<_> = (0..self.next).map(|number| number.to_string()).collect();
        for partition in 0..PARTITIONS {
            // The last markers may still be under way.
            let deadline = Instant::now() + ENOUGH;
            let mut written = self.written(partition).await;
            while written.len() < expected.len() && Instant::now() < deadline {
                written = self.written(partition).await;
            }
            assert_eq!(written, expected, "partition {partition}");
        }
    }
}

/// The next records of a reader that goes on, however often it was told that the cluster is away.
async fn patiently(tail: &mut dyn Reader, count: usize) -> Vec<Committed> {
    let mut read = Vec::new();
    while read.len() < count {
        match tail.next_batch(BatchLimit::records(count - read.len())).await {
            Ok(batch) => read.extend(batch),
            Err(error) => assert!(error.is_retryable(), "{error:?}"),
        }
    }
    read
}

/// Which brokers are in sync in all partitions.
fn in_sync(watcher: &BaseConsumer, topic: &str) -> BTreeSet<i32> {
    let Ok(metadata) = watcher.fetch_metadata(Some(topic), Duration::from_secs(5)) else {
        return BTreeSet::new();
    };
    let partitions = metadata.topics().iter().flat_map(rdkafka::metadata::MetadataTopic::partitions);
    let sets = partitions.map(|partition| partition.isr().iter().copied().collect::<BTreeSet<_>>());
    sets.reduce(|all, set| all.intersection(&set).copied().collect()).unwrap_or_default()
}

#[tokio::test]
async fn brokers_that_are_killed_in_turn_lose_and_double_nothing() {
    let settings = cluster::settings();
    let topic = format!("{}t", settings.prefix);
    let log = KafkaLog::connect(settings).await.expect("connected");
    let mut client = rdkafka::ClientConfig::new();
    let watcher: BaseConsumer =
        client.set("bootstrap.servers", variable("TOPSPIN_KAFKA")).create().expect("a client");
    let mut writer = Writer::begin(&log).await;
    for number in 1..=3 {
        let broker = Broker::number(number);
        for _ in 0..10 {
            writer.commit().await;
        }
        broker.signal("-KILL");
        for _ in 0..20 {
            writer.commit().await;
        }
        broker.start();
        let deadline = Instant::now() + ENOUGH;
        while in_sync(&watcher, &topic).len() < 3 {
            assert!(Instant::now() < deadline, "broker {number} does not come back");
            writer.commit().await;
        }
    }
    writer.check().await;
    println!("{} transactions, {} of them tried again", writer.next, writer.repeated);
}

#[tokio::test]
async fn a_cluster_that_stands_still_is_unavailable_and_then_goes_on() {
    let log = KafkaLog::connect(cluster::settings()).await.expect("connected");
    let mut writer = Writer::begin(&log).await;
    writer.commit().await;
    let mut tail = reader(&log, &t(0), Start::Beginning).await;
    let brokers = [1, 2, 3].map(Broker::number);
    for broker in &brokers {
        broker.signal("-STOP");
    }
    let mut transaction = writer.producer.begin();
    transaction.append(t(0), record("never")).expect("within limits");
    let refused = transaction.commit().await.expect_err("nobody answers");
    for broker in &brokers {
        broker.signal("-CONT");
    }
    assert!(refused.is_retryable(), "{refused:?}");
    for _ in 0..10 {
        writer.commit().await;
    }
    writer.check().await;
    let read = patiently(tail.as_mut(), writer.next).await;
    assert_eq!(values(&read), (0..writer.next).map(|number| number.to_string()).collect::<Vec<_>>());
}
