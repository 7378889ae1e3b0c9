//! What the cleaner removes, what it leaves, and what it reads to know.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use topspin_log::conformance::fixtures::{NOW, commit, producer, rest, topic};
use topspin_log::limits::TOMBSTONE_RETENTION;
use topspin_log::{Cleanup, Log, Partition, Producer, Record, Start, Timestamp, TopicPartition, TopicSpec};

use super::{Dice, OPTIONS, SimDisk, open};
use crate::cleaner::Cleaner;
use crate::{CleanError, CleanReport, EmbeddedLog};

const HOUR: Duration = Duration::from_hours(1);

fn after(start: Timestamp, time: Duration) -> Timestamp {
    Timestamp::from_millis(start.as_millis() + u64::try_from(time.as_millis()).expect("small"))
}

fn only(name: &str) -> TopicPartition {
    TopicPartition::new(topic(name), Partition(0))
}

fn filler(bytes: usize) -> String {
    "x".repeat(bytes)
}

fn keyed(key: impl Into<String>, value: impl Into<String>) -> Record {
    Record::new(key.into(), value.into(), NOW)
}

/// A log with the topics `kept`, `latest` (compacted) and `beats` (an hour), and its only writer.
async fn new_log(disk: &Arc<SimDisk>) -> (EmbeddedLog, Producer) {
    let log = open(disk).expect("opened");
    let policies = [
        ("kept", Cleanup::KeepForever),
        ("latest", Cleanup::Compact),
        ("beats", Cleanup::Retain { max_age: Some(HOUR), max_bytes: None }),
    ];
    for (name, cleanup) in policies {
        log.create_topic(&TopicSpec::new(topic(name), 1).with_cleanup(cleanup)).await.expect("created");
    }
    let writer = producer(&log, "p").await;
    (log, writer)
}

async fn values(log: &EmbeddedLog, name: &str) -> Vec<String> {
    let mut reader = log.reader(&only(name), Start::Beginning).await.expect("a reader");
    topspin_log::conformance::fixtures::values(&rest(reader.as_mut()).await)
}

/// What the compacted topic says about every key.
async fn latest(log: &EmbeddedLog) -> BTreeMap<String, String> {
    let mut reader = log.reader(&only("latest"), Start::Beginning).await.expect("a reader");
    let text = |bytes: bytes::Bytes| String::from_utf8(bytes.to_vec()).expect("text");
    let mut map = BTreeMap::new();
    for read in rest(reader.as_mut()).await {
        let key = text(read.record.key.expect("a key"));
        match read.record.value {
            Some(value) => map.insert(key, text(value)),
            None => map.remove(&key),
        };
    }
    map
}

/// Seals the active segment.
async fn seal(log: &EmbeddedLog) {
    let (reply, sealed) = tokio::sync::oneshot::channel();
    let requests = log.requests().expect("open");
    assert!(requests.send(crate::writer::Request::Roll { reply }).await.is_ok(), "the writer runs");
    sealed.await.expect("answered").expect("sealed");
}

type Shared = Arc<Mutex<Cleaner>>;

fn cleaner(log: &EmbeddedLog, round_keys: usize) -> Shared {
    Arc::new(Mutex::new(log.cleaner(round_keys)))
}

/// What the background does when its interval is over; it blocks, as it may in its own thread.
async fn look(cleaner: &Shared, now: Timestamp) -> Result<CleanReport, CleanError> {
    let cleaner = cleaner.clone();
    let looked = tokio::task::spawn_blocking(move || cleaner.lock().expect("no panic").look(now)).await;
    looked.expect("no panic")
}

/// The report of a look, and the bytes that it read.
async fn watched_look(disk: &SimDisk, cleaner: &Shared, now: Timestamp) -> (CleanReport, usize) {
    let before = disk.bytes_read();
    let report = look(cleaner, now).await.expect("cleaned");
    (report, disk.bytes_read() - before)
}

const NOTHING: (CleanReport, usize) =
    (CleanReport { records_removed: 0, segments_rewritten: 0, segments_removed: 0 }, 0);

/// Three sealed segments with heartbeats in the first two, and what must stay in all of them.
async fn with_heartbeats(log: &EmbeddedLog, writer: &mut Producer) {
    for segment in 0..3 {
        let kept = keyed("k", format!("kept-{segment}-{}", filler(500)));
        let latest = keyed(format!("key-{segment}"), format!("latest-{segment}"));
        commit(writer, [(only("kept"), kept), (only("latest"), latest)]).await;
        if segment < 2 {
            commit(writer, [(only("beats"), keyed("b", filler(1000)))]).await;
        }
        seal(log).await;
    }
}

#[tokio::test]
async fn while_nothing_expires_the_cleaner_reads_nothing() {
    let disk = SimDisk::new();
    let (log, mut writer) = new_log(&disk).await;
    with_heartbeats(&log, &mut writer).await;
    let cleaner = cleaner(&log, 1000);
    let (report, read) = watched_look(&disk, &cleaner, NOW).await;
    assert!(report == CleanReport::default() && read > 0, "the first look compacts: {report:?}");
    for minutes in 1..60 {
        let now = after(NOW, Duration::from_mins(minutes));
        assert_eq!(watched_look(&disk, &cleaner, now).await, NOTHING, "minute {minutes}");
    }
}

#[tokio::test]
async fn what_has_expired_goes_by_reading_only_the_segments_that_hold_it() {
    let disk = SimDisk::new();
    let (log, mut writer) = new_log(&disk).await;
    with_heartbeats(&log, &mut writer).await;
    commit(&mut writer, [(only("beats"), keyed("b", filler(1000)))]).await;
    seal(&log).await;
    let kept = (values(&log, "kept").await, latest(&log).await);
    let cleaner = cleaner(&log, 1000);
    look(&cleaner, NOW).await.expect("cleaned");
    let holding: usize = (1..=2).map(|id| disk.image()[&super::segment(id)].len()).sum();
    let later = after(NOW, HOUR * 2);
    let (report, read) = watched_look(&disk, &cleaner, later).await;
    let expected = CleanReport { records_removed: 2, segments_rewritten: 2, segments_removed: 1 };
    assert_eq!((report, read), (expected, holding));
    assert_eq!(values(&log, "beats").await, Vec::<String>::new());
    assert_eq!((values(&log, "kept").await, latest(&log).await), kept);
    assert_eq!(watched_look(&disk, &cleaner, later).await, NOTHING);
}

#[tokio::test]
async fn a_small_share_that_has_expired_is_not_read_again_and_again() {
    let disk = SimDisk::new();
    let (log, mut writer) = new_log(&disk).await;
    commit(&mut writer, [(only("kept"), keyed("k", filler(3000))), (only("beats"), keyed("b", "beat"))])
        .await;
    seal(&log).await;
    let cleaner = cleaner(&log, 1000);
    look(&cleaner, NOW).await.expect("cleaned");
    let later = after(NOW, HOUR * 2);
    for _ in 0..3 {
        assert_eq!(watched_look(&disk, &cleaner, later).await, NOTHING);
    }
    assert_eq!(values(&log, "beats").await, Vec::<String>::new(), "it cannot be read any more");
    let report = log.clean_now(later).await.expect("cleaned");
    assert_eq!((report.records_removed, report.segments_rewritten), (1, 1), "who asks gets it");
}

#[tokio::test]
async fn compaction_waits_until_a_segment_is_sealed() {
    let disk = SimDisk::new();
    let (log, mut writer) = new_log(&disk).await;
    commit(&mut writer, [(only("latest"), keyed("k", format!("old-{}", filler(1000))))]).await;
    seal(&log).await;
    let cleaner = cleaner(&log, 1000);
    look(&cleaner, NOW).await.expect("cleaned");
    commit(&mut writer, [(only("latest"), keyed("k", "new"))]).await;
    assert_eq!(watched_look(&disk, &cleaner, NOW).await, NOTHING);
    seal(&log).await;
    let (report, _) = watched_look(&disk, &cleaner, NOW).await;
    assert_eq!((report.records_removed, report.segments_removed), (1, 1));
    assert_eq!(watched_look(&disk, &cleaner, NOW).await, NOTHING);
    assert_eq!(values(&log, "latest").await, ["new"]);
}

#[tokio::test]
async fn what_a_full_disk_kept_from_being_cleaned_is_cleaned_when_there_is_space() {
    let disk = SimDisk::new();
    let (log, mut writer) = new_log(&disk).await;
    for value in ["old", "new"] {
        let latest = keyed("k", format!("{value}-{}", filler(1500)));
        commit(&mut writer, [(only("latest"), latest), (only("kept"), keyed("k", filler(100)))]).await;
        seal(&log).await;
    }
    let cleaner = cleaner(&log, 1000);
    disk.plan(|plan| plan.capacity = Some(0));
    for _ in 0..2 {
        assert_eq!(look(&cleaner, NOW).await, Err(CleanError::StorageFull));
    }
    disk.plan(|plan| plan.capacity = None);
    let report = look(&cleaner, NOW).await.expect("cleaned");
    assert_eq!((report.records_removed, report.segments_rewritten), (1, 1));
    assert_eq!(watched_look(&disk, &cleaner, NOW).await, NOTHING);
}

/// A value and, in a later segment, its tombstone; the value's segment has little to remove, and keys that a later
/// round covers make it worth a rewrite, or not.
async fn with_a_deleted_key(log: &EmbeddedLog, writer: &mut Producer, superseded: u32) {
    commit(writer, [(only("latest"), keyed("deleted", "value"))]).await;
    for number in 0..6 {
        commit(writer, [(only("latest"), keyed(format!("a{number}"), filler(400)))]).await;
    }
    seal(log).await;
    commit(writer, [(only("latest"), Record::tombstone("deleted", NOW))]).await;
    commit(writer, [(only("latest"), keyed("other", "other"))]).await;
    seal(log).await;
    for number in 0..superseded {
        commit(writer, [(only("latest"), keyed(format!("a{number}"), "again"))]).await;
    }
    commit(writer, [(only("latest"), keyed("last", "last"))]).await;
    seal(log).await;
}

#[tokio::test]
async fn a_deleted_key_stays_deleted_however_few_keys_a_round_of_compaction_holds() {
    for superseded in 0..6 {
        for round_keys in 1..=12 {
            let (log, mut writer) = new_log(&SimDisk::new()).await;
            with_a_deleted_key(&log, &mut writer, superseded).await;
            let before = latest(&log).await;
            assert!(!before.contains_key("deleted"));
            let cleaner = cleaner(&log, round_keys);
            look(&cleaner, after(NOW, TOMBSTONE_RETENTION * 2)).await.expect("cleaned");
            assert_eq!(latest(&log).await, before, "{superseded} superseded, {round_keys} keys a round");
        }
    }
}

#[tokio::test]
async fn a_tombstone_never_goes_before_the_value_in_its_own_segment() {
    for round_keys in 1..=8 {
        let (log, mut writer) = new_log(&SimDisk::new()).await;
        let deleted = [keyed("deleted", "value"), Record::tombstone("deleted", NOW)];
        commit(&mut writer, deleted.map(|record| (only("latest"), record))).await;
        for value in [filler(400), "again".into()] {
            for number in 0..6 {
                commit(&mut writer, [(only("latest"), keyed(format!("a{number}"), value.clone()))]).await;
            }
            commit(&mut writer, [(only("latest"), keyed("last", value))]).await;
            commit(&mut writer, [(only("kept"), keyed("k", filler(200)))]).await;
            seal(&log).await;
        }
        let before = latest(&log).await;
        let cleaner = cleaner(&log, round_keys);
        look(&cleaner, after(NOW, TOMBSTONE_RETENTION * 2)).await.expect("cleaned");
        assert_eq!(latest(&log).await, before, "{round_keys} keys a round");
    }
}

#[tokio::test]
async fn a_tombstone_goes_once_nothing_before_it_is_left_dirty() {
    let (log, mut writer) = new_log(&SimDisk::new()).await;
    commit(&mut writer, [(only("latest"), keyed("deleted", filler(1000)))]).await;
    seal(&log).await;
    commit(&mut writer, [(only("latest"), Record::tombstone("deleted", NOW))]).await;
    seal(&log).await;
    let cleaner = cleaner(&log, 1);
    let report = look(&cleaner, after(NOW, TOMBSTONE_RETENTION * 2)).await.expect("cleaned");
    assert_eq!((report.records_removed, report.segments_removed), (2, 2));
}

/// Random puts and deletes, some of keys that all share, some of keys that are written once.
async fn random_history(seed: u64) {
    let mut dice = Dice(seed);
    let disk = SimDisk::new();
    let (log, mut writer) = new_log(&disk).await;
    let cleaner = cleaner(&log, 1 + dice.roll(40) as usize);
    let mut expected = BTreeMap::new();
    let mut now = NOW;
    for number in 0..150u64 {
        let key =
            if dice.roll(2) == 0 { format!("own-{number}") } else { format!("shared-{}", dice.roll(8)) };
        let record = if dice.roll(4) == 0 {
            expected.remove(&key);
            Record::tombstone(key, now)
        } else {
            let value = format!("{number}-{}", filler(dice.roll(300) as usize));
            expected.insert(key.clone(), value.clone());
            Record::new(key, value, now)
        };
        commit(&mut writer, [(only("latest"), record)]).await;
        now = after(now, HOUR);
        if dice.roll(20) == 0 {
            look(&cleaner, now).await.expect("cleaned");
            assert_eq!(latest(&log).await, expected, "seed {seed}, record {number}");
        }
    }
    drop((writer, cleaner));
    log.close().await;
    let again = EmbeddedLog::open_on(Arc::new(disk), &OPTIONS, false).expect("opened");
    assert_eq!(latest(&again).await, expected, "seed {seed}, opened again");
}

#[tokio::test]
async fn the_latest_of_every_key_is_the_same_after_every_look_whatever_a_round_holds() {
    for seed in 0..200 {
        random_history(seed).await;
    }
}
