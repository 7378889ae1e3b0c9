//! Real processes: `kill -9` in a loop, and a second process at the lock.
//!
//! The test binary runs itself as the child, through an environment variable.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use topspin_log::conformance::fixtures::{create_keeping, producer, record, rest, t, values};
use topspin_log::{Log, Start};
use topspin_log_embedded::{EmbeddedLog, OpenError, Options};

const DIRECTORY: &str = "TOPSPIN_TEST_LOG_DIRECTORY";
const KILLS: usize = 25;

fn options() -> Options {
    Options { segment_bytes: 16 * 1024, clean_interval: None }
}

fn spawn_child(directory: &std::path::Path) -> Child {
    Command::new(std::env::current_exe().expect("the test binary"))
        .args(["--exact", "child", "--nocapture", "--test-threads=1"])
        .env(DIRECTORY, directory)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("a child")
}

/// Not a test by itself: the process that is killed. It writes pairs to two partitions from four writers, and says
/// what was acknowledged.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn child() {
    let Ok(directory) = std::env::var(DIRECTORY) else { return };
    let log = EmbeddedLog::open(directory, &options()).expect("opened");
    create_keeping(&log, 2).await;
    let life = log.end_offset(&t(0)).await.expect("known");
    let writers: Vec<_> = (0..4)
        .map(|writer| {
            let log = log.clone();
            tokio::spawn(async move {
                let mut own = producer(&log, &format!("w{writer}")).await;
                for number in 0.. {
                    let text = format!("{life}.{writer}.{number}");
                    let mut transaction = own.begin();
                    transaction.append(t(0), record(text.clone())).expect("within limits");
                    transaction.append(t(1), record(text.clone())).expect("within limits");
                    transaction.commit().await.expect("committed");
                    let mut out = std::io::stdout().lock();
                    if writeln!(out, "ack {text}").and_then(|()| out.flush()).is_err() {
                        return;
                    }
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.expect("the writer finished");
    }
}

#[tokio::test]
async fn nothing_acknowledged_is_lost_or_doubled_when_the_process_is_killed() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut acknowledged: Vec<String> = Vec::new();
    for kill in 0..KILLS {
        let mut child = spawn_child(directory.path());
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let enough = 3 + kill * 17 % 200;
        let mut seen = 0;
        for line in lines {
            let line = line.expect("text");
            // The test harness may write before the first line.
            if let Some((_, text)) = line.split_once("ack ") {
                acknowledged.push(text.to_owned());
                seen += 1;
            }
            if seen == enough {
                child.kill().expect("killed");
            }
        }
        child.wait().expect("gone");
        assert!(seen >= enough, "the child ended by itself after {seen}");
    }
    let log = EmbeddedLog::open(directory.path(), &options()).expect("opened");
    let mut contents = Vec::new();
    for partition in 0..2 {
        let mut reader = log.reader(&t(partition), Start::Beginning).await.expect("a reader");
        contents.push(values(&rest(reader.as_mut()).await));
    }
    assert_eq!(contents[0], contents[1], "half a transaction");
    let found: std::collections::HashSet<_> = contents[0].iter().collect();
    assert_eq!(found.len(), contents[0].len(), "a transaction is there twice");
    let lost: Vec<_> = acknowledged.iter().filter(|text| !found.contains(text)).collect();
    assert!(lost.is_empty(), "lost {lost:?}");
    assert!(
        found.len() - acknowledged.len() <= KILLS * 4,
        "more than one transaction under way for each writer"
    );
}

#[tokio::test]
async fn a_second_process_is_told_which_directory_is_open() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut child = spawn_child(directory.path());
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    assert!(lines.any(|line| line.is_ok_and(|line| line.contains("ack "))), "the child has the log open");
    let refused = EmbeddedLog::open(directory.path(), &options()).err();
    child.kill().expect("killed");
    child.wait().expect("gone");
    let message = refused.as_ref().map(ToString::to_string).unwrap_or_default();
    assert!(matches!(refused, Some(OpenError::Locked { .. })), "{message}");
    assert!(message.contains(&directory.path().display().to_string()), "{message}");
    EmbeddedLog::open(directory.path(), &options()).expect("free again");
}

#[tokio::test]
async fn a_second_log_in_the_same_process_is_refused_until_the_first_is_closed() {
    let directory = tempfile::tempdir().expect("a directory");
    let first = EmbeddedLog::open(directory.path(), &options()).expect("opened");
    assert!(matches!(EmbeddedLog::open(directory.path(), &options()), Err(OpenError::Locked { .. })));
    first.close().await;
    let second = EmbeddedLog::open(directory.path(), &options()).expect("opened");
    drop(second);
    EmbeddedLog::open(directory.path(), &options()).expect("dropping closes");
}
