//! Logs that are copied to a cluster, within it, and back to a directory.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use topspin_log::{
    Log, Offset, Partition, Record, Timestamp, Topic, TopicPartition, TopicSpec, TransactionalId,
};
use topspin_log_embedded::{EmbeddedLog, Options};
use topspin_log_kafka::conformance::variable;

use crate::process::{Server, World, wait_until};
use crate::scoring::{begin, command, score};
use crate::totals::{counted, said};

fn bridge(from: &str, to: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_topspin"));
    command.args(["bridge", "--from", from, "--to", to, "--replication", &variable("TOPSPIN_KAFKA_BROKERS")]);
    command
}

/// Copies all of a log, and has the two compared. What the command says.
fn copied(from: &str, to: &str) -> String {
    let Output { status, stdout, stderr } = bridge(from, to).output().expect("the binary");
    let said = String::from_utf8([stdout, stderr].concat()).expect("text");
    assert!(status.success() && said.contains("no difference"), "{said}");
    said
}

/// How many records a bridge says that it has copied.
fn records(said: &str) -> usize {
    let count = said.lines().find_map(|line| line.strip_prefix("copied ")?.split_once(" records"));
    count.expect("it says so").0.replace(',', "").parse().expect("a number")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of the test")
}

/// Every match with its events, as a server tells them.
fn told(server: &Server, ids: &[String]) -> Vec<[Value; 2]> {
    let get = |path: String| {
        let answer = server.get(&path);
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    };
    let one =
        |id: &String| [format!("/v1/matches/{id}"), format!("/v1/matches/{id}/events?limit=500")].map(get);
    ids.iter().map(one).collect()
}

#[test]
fn a_log_that_went_over_two_places_on_a_cluster_and_back_tells_the_same() {
    let (first, second) = (World::new(), World::new());
    let [there, back] = ["there", "back"].map(|name| first.data(name));
    let server = first.start_alone("there");
    let ids = begin(&[&server]);
    score(&[&server], &ids, 3);
    command(&[&server], 0, &ids[0], &serde_json::json!({ "type": "undo" }));
    let expected = told(&server, &ids);
    server.end();

    copied(text(&there), &first.end());
    copied(&first.end(), &second.end());
    // Views make topics of their own there, which go no further.
    let server = second.start_with("viewer", &["--views"]);
    let totals = counted(&expected.iter().map(|[played, _]| played.clone()).collect::<Vec<_>>());
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let log = runtime.block_on(second.log());
    wait_until("the view is what counting gives", || runtime.block_on(said(&log)) == totals);
    drop(log);
    assert_eq!(told(&server, &ids), expected);
    server.end();
    let back_again = copied(&second.end(), text(&back));
    assert!(back_again.contains("topics that views make"), "{back_again}");

    let server = first.start_alone("back");
    assert_eq!(told(&server, &ids), expected);
    server.end();
}

/// Enough for many transactions of a bridge.
const BULK_RECORDS: usize = 6_000;
const BULK_RECORD_BYTES: usize = 16 * 1024;
/// Records of one transaction that fills the log.
const AT_ONCE: usize = 256;

fn bulk() -> TopicPartition {
    TopicPartition::new(Topic::new("bulk").expect("a name"), Partition(0))
}

async fn fill(data: &Path) {
    let log = EmbeddedLog::open(data.join("log"), &Options::default()).expect("nobody has it");
    log.create_topic(&TopicSpec::new(bulk().topic, 1)).await.expect("created");
    let id = TransactionalId::new("bulk").expect("a name");
    let mut producer = log.begin_producer(&id).await.expect("a producer");
    let numbers: Vec<_> = (0..BULK_RECORDS).collect();
    for numbers in numbers.chunks(AT_ONCE) {
        let mut transaction = producer.begin();
        for number in numbers {
            let record = Record::new(
                format!("{number}"),
                vec![*number as u8; BULK_RECORD_BYTES],
                Timestamp::from_millis(1_767_225_600_000),
            );
            transaction.append(bulk(), record).expect("within limits");
        }
        transaction.commit().await.expect("committed");
    }
    log.close().await;
}

#[test]
fn a_bridge_that_is_killed_goes_on_behind_the_last_record_that_arrived() {
    let world = World::new();
    let there = world.data("there");
    world.start_alone("there").end();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(fill(&there));
    let mut killed = bridge(text(&there), &world.end());
    let mut killed = killed.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the binary");
    let log = runtime.block_on(world.log());
    wait_until("something has arrived", || {
        runtime.block_on(log.end_offset(&bulk())).is_ok_and(|end| end > Offset::ZERO)
    });
    killed.kill().expect("killed");
    killed.wait().expect("it ends");
    let left = records(&copied(text(&there), &world.end()));
    assert!(0 < left && left < BULK_RECORDS, "{left} of {BULK_RECORDS} were left");
}
