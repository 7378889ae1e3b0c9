//! Format 1 stays readable: a directory written by the first version is checked in.
//!
//! `TOPSPIN_WRITE_FIXTURE=1 cargo test -p topspin-log-embedded --test format` writes it anew, which only a new format
//! may need.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use topspin_log::conformance::fixtures::{
    NOW, create_keeping, first, group, producer, record, t, topic, values,
};
use topspin_log::{Cleanup, GroupMetadata, Log, Offset, Partition, Record, TopicPartition, TopicSpec};
use topspin_log_embedded::{EmbeddedLog, OpenError, Options};

const OPTIONS: Options = Options { segment_bytes: 4096, clean_interval: None };

fn fixture() -> PathBuf {
    PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo says where the crate is"))
        .join("tests/fixtures/format-1")
}

fn compacted() -> TopicPartition {
    TopicPartition::new(topic("players"), Partition(0))
}

fn retained() -> TopicSpec {
    let cleanup = Cleanup::Retain { max_age: Some(Duration::from_hours(24)), max_bytes: Some(1_000_000) };
    TopicSpec::new(topic("ticks"), 1).with_cleanup(cleanup)
}

async fn write(directory: &Path) {
    let log = EmbeddedLog::open(directory, &OPTIONS).expect("opened");
    create_keeping(&log, 2).await;
    log.create_topic(&TopicSpec::new(topic("players"), 1).with_cleanup(Cleanup::Compact))
        .await
        .expect("created");
    log.create_topic(&retained()).await.expect("created");
    let mut writer = producer(&log, "writer").await;
    for number in 0..60u64 {
        let mut transaction = writer.begin();
        let event = record(format!("event-{number:03}")).with_header("ce_type", "point");
        transaction.append(t((number % 2) as u32), event).expect("within limits");
        let player = Record::new(format!("p{}", number % 3), format!("player-{number}"), NOW);
        transaction.append(compacted(), player).expect("within limits");
        let alone = GroupMetadata::standalone(group("views"));
        transaction.commit_positions(&alone, [(t(0), Offset::new(number))]).expect("within limits");
        transaction.commit().await.expect("committed");
        if number == 40 {
            log.clean_now(NOW).await.expect("cleaned");
        }
    }
    let mut transaction = writer.begin();
    transaction.append(compacted(), Record::tombstone("p0", NOW)).expect("within limits");
    transaction.commit().await.expect("committed");
    drop(writer);
    log.close().await;
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("a directory") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copied");
        }
    }
}

async fn check(log: &EmbeddedLog) {
    for partition in 0..2 {
        let read = first(log, &t(partition), 30).await;
        let expected =
            (0..60).filter(|number| number % 2 == partition).map(|number| format!("event-{number:03}"));
        assert!(values(&read).into_iter().eq(expected));
        assert!(
            read.iter().all(|read| read.record.headers[0].name == "ce_type" && read.record.timestamp == NOW)
        );
    }
    let mut reader = log.reader(&compacted(), topspin_log::Start::Beginning).await.expect("a reader");
    let players = topspin_log::conformance::fixtures::rest(reader.as_mut()).await;
    assert_eq!(players.last().map(|last| last.record.clone()), Some(Record::tombstone("p0", NOW)));
    assert_eq!(players.last().map(|last| last.offset), Some(Offset::new(60)));
    assert_eq!(players[0].offset, Offset::new(38), "compacted when number 40 was written");
    assert_eq!(log.committed_position(&group("views"), &t(0)).await, Ok(Some(Offset::new(59))));
    assert_eq!(log.topic(&topic("ticks")).await, Ok(retained()));
}

#[tokio::test]
async fn a_directory_of_format_1_opens_reads_and_goes_on() {
    if std::env::var_os("TOPSPIN_WRITE_FIXTURE").is_some() {
        if fixture().exists() {
            fs::remove_dir_all(fixture()).expect("removed");
        }
        write(&fixture()).await;
        // The active segment is preallocated; what is reserved is not worth keeping, but a frame may end with zeros.
        let last = fs::read_dir(fixture().join("segments"))
            .expect("a directory")
            .map(|entry| entry.expect("an entry").path());
        let last = last
            .filter(|path| path.extension().is_some_and(|extension| extension == "seg"))
            .max()
            .expect("a segment");
        let bytes = fs::read(&last).expect("readable");
        let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |at| bytes.len().min(at + 64));
        fs::write(&last, &bytes[..end]).expect("written");
        fs::remove_file(fixture().join("LOCK")).expect("removed");
    }
    let directory = tempfile::tempdir().expect("a directory");
    copy(&fixture(), directory.path());
    let log = EmbeddedLog::open(directory.path(), &OPTIONS).expect("format 1 opens");
    check(&log).await;
    let mut writer = producer(&log, "writer").await;
    let mut transaction = writer.begin();
    transaction.append(t(0), record("new")).expect("within limits");
    transaction.commit().await.expect("committed");
    assert_eq!(values(&first(&log, &t(0), 31).await)[30], "new");
}

#[tokio::test]
async fn what_is_written_today_reads_like_the_fixture() {
    let directory = tempfile::tempdir().expect("a directory");
    write(directory.path()).await;
    check(&EmbeddedLog::open(directory.path(), &OPTIONS).expect("opened")).await;
}

#[tokio::test]
async fn a_newer_or_unknown_format_is_refused_and_left_alone() {
    let directory = tempfile::tempdir().expect("a directory");
    write(directory.path()).await;
    let format = directory.path().join("FORMAT");
    fs::write(&format, "topspin-log 2\n").expect("written");
    let error = EmbeddedLog::open(directory.path(), &OPTIONS).err();
    assert!(matches!(error, Some(OpenError::NewerFormat { found: 2, supported: 1, .. })), "{error:?}");
    for rubbish in ["", "something else", "topspin-log x"] {
        fs::write(&format, rubbish).expect("written");
        let error = EmbeddedLog::open(directory.path(), &OPTIONS).err();
        assert!(matches!(error, Some(OpenError::NotALog { .. })), "{error:?}");
    }
    fs::write(&format, "topspin-log 1\n").expect("written");
    check(&EmbeddedLog::open(directory.path(), &OPTIONS).expect("opened")).await;
}
