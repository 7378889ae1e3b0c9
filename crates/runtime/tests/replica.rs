//! Copies of views to be read, and the clock that drives them.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use topspin_log::memory::MemoryLog;
use topspin_log::{
    BatchLimit, Cleanup, Log, Partition, Record, Start, Timestamp, Topic, TopicPartition, TopicSpec,
    TransactionalId,
};
use topspin_runtime::limits::{TICK_AFTER_ACTIVITY, TICK_AT_LEAST_EVERY};
use topspin_runtime::{
    ActiveGeneration, Generation, Heard, Kept, LATEST_FIRST, Replica, ReplicaKeeper, Ticker, TickerConfig,
    make_active,
};
use topspin_stream::Time;

const KEPT: [Kept; 2] = [Kept::View("best"), Kept::Stream("news")];

struct World {
    log: Arc<MemoryLog>,
}

impl World {
    async fn new() -> Self {
        let log = MemoryLog::new();
        for (topic, cleanup) in [("app.active", Cleanup::Compact), ("app.dead-letters", Cleanup::Compact)] {
            let spec = TopicSpec::new(Topic::new(topic).expect("a name"), 1).with_cleanup(cleanup);
            log.create_topic(&spec).await.expect("created");
        }
        World { log: Arc::new(log) }
    }

    async fn generation(&self, number: u32) {
        for (topic, cleanup) in [("best", Cleanup::Compact), ("news", Cleanup::KeepForever)] {
            let topic = Topic::new(format!("{topic}.g{number}")).expect("a name");
            self.log.create_topic(&TopicSpec::new(topic, 2).with_cleanup(cleanup)).await.expect("created");
        }
    }

    async fn activate(&self, number: u32) {
        let wanted = ActiveGeneration { generation: Generation(number), version: Some(1) };
        make_active(self.log.as_ref(), "app", wanted, Timestamp::from_millis(1)).await.expect("made active");
    }

    async fn say(&self, topic: &str, key: &str, value: Option<&str>, at: u64) {
        let id = TransactionalId::new("writer").expect("a name");
        let mut producer = self.log.begin_producer(&id).await.expect("a producer");
        let partition = Partition(u32::from(key.as_bytes()[0] % 2));
        let place = TopicPartition::new(Topic::new(topic).expect("a name"), partition);
        let mut record =
            Record::new(key.to_owned(), value.unwrap_or_default().to_owned(), Timestamp::from_millis(at));
        record.value = value.map(|value| value.to_owned().into());
        let mut transaction = producer.begin();
        transaction.append(place, record).expect("within limits");
        transaction.commit().await.expect("committed");
    }

    fn read(&self, dir: &Path) -> (Replica, ReplicaKeeper) {
        Replica::start(self.log.clone(), dir, "app", &KEPT)
    }
}

fn value(replica: &Replica, key: &str) -> Option<String> {
    let found = replica.get("best", key.as_bytes()).expect("readable");
    found.map(|bytes| String::from_utf8(bytes.to_vec()).expect("text"))
}

fn news(replica: &Replica) -> Vec<String> {
    let rows = replica.scan("news", LATEST_FIRST, LATEST_FIRST, 10).expect("readable");
    rows.into_iter().map(|(_, value)| String::from_utf8(value.to_vec()).expect("text")).collect()
}

/// Waits, in the paused time of a test, until something holds.
async fn until(mut holds: impl FnMut() -> bool) {
    for _ in 0..1_000 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(holds(), "never");
}

#[tokio::test(start_paused = true)]
async fn what_the_active_generation_says_is_read_and_followed() {
    let (world, dir) = (World::new().await, tempfile::tempdir().expect("a directory"));
    let (replica, _keeper) = world.read(dir.path());
    assert_eq!((replica.generation(), value(&replica, "a")), (None, None), "nothing is active");
    world.generation(1).await;
    world.say("best.g1", "a", Some("early"), 1).await;
    world.activate(1).await;
    until(|| value(&replica, "a").as_deref() == Some("early")).await;
    let mut changes = replica.changes();
    world.say("best.g1", "a", Some("late"), 2).await;
    world.say("best.g1", "b", Some("other"), 2).await;
    world.say("news.g1", "a", Some("first"), 5).await;
    world.say("news.g1", "b", Some("third"), 7).await;
    world.say("news.g1", "a", Some("second"), 5).await;
    until(|| news(&replica).len() == 3 && value(&replica, "b").is_some()).await;
    assert_eq!(news(&replica), ["third", "second", "first"], "those of the latest time first");
    assert_eq!(value(&replica, "a").as_deref(), Some("late"));
    let mut heard = Vec::new();
    for _ in 0..5 {
        let Heard::Change(change) = changes.recv().await.expect("something came") else {
            unreachable!("nothing was missed")
        };
        heard
            .push((change.topic, change.value.map(|value| String::from_utf8(value.to_vec()).expect("text"))));
    }
    heard.sort();
    let said = |topic, value: &str| (topic, Some(value.to_owned()));
    let all = [("best", "late"), ("best", "other"), ("news", "first"), ("news", "second"), ("news", "third")];
    assert_eq!(heard, all.map(|(topic, value)| said(topic, value)));
    assert!(
        replica.position("best").expect("readable").expect("something was read").starts_with("best.g1@0:")
    );
    world.say("best.g1", "a", None, 3).await;
    until(|| value(&replica, "a").is_none()).await;
}

#[tokio::test(start_paused = true)]
async fn readers_go_over_to_the_next_generation_and_the_copy_of_the_one_before_goes() {
    let (world, dir) = (World::new().await, tempfile::tempdir().expect("a directory"));
    world.generation(1).await;
    world.say("best.g1", "a", Some("of the first"), 1).await;
    world.activate(1).await;
    let (replica, _keeper) = world.read(dir.path());
    until(|| value(&replica, "a").is_some()).await;
    let mut changes = replica.changes();
    world.generation(2).await;
    world.say("best.g2", "a", Some("of the second"), 1).await;
    world.activate(2).await;
    until(|| value(&replica, "a").as_deref() == Some("of the second")).await;
    assert_eq!(replica.generation(), Some(Generation(2)));
    assert!(matches!(changes.recv().await, Ok(Heard::Missed)), "whoever listens is told");
    assert!(!dir.path().join("g1").exists() && dir.path().join("g2").exists());
}

#[tokio::test(start_paused = true)]
async fn a_copy_goes_on_where_it_was_and_begins_anew_on_another_log() {
    let dir = tempfile::tempdir().expect("a directory");
    let first = World::new().await;
    first.generation(1).await;
    first.say("news.g1", "a", Some("once"), 1).await;
    first.activate(1).await;
    {
        let (replica, keeper) = first.read(dir.path());
        until(|| news(&replica).len() == 1).await;
        drop(keeper);
        drop(replica);
        tokio::task::yield_now().await;
    }
    first.say("news.g1", "a", Some("twice"), 2).await;
    {
        let (replica, keeper) = first.read(dir.path());
        until(|| news(&replica).len() == 2).await;
        assert_eq!(news(&replica), ["twice", "once"], "nothing doubled");
        drop(keeper);
        drop(replica);
        tokio::task::yield_now().await;
    }
    let second = World::new().await;
    second.generation(1).await;
    second.say("news.g1", "a", Some("elsewhere"), 1).await;
    second.activate(1).await;
    let (replica, _keeper) = second.read(dir.path());
    until(|| news(&replica) == ["elsewhere"]).await;
}

#[tokio::test(start_paused = true)]
async fn the_clock_ticks_at_once_soon_after_something_happened_and_every_minute() {
    let log = Arc::new(MemoryLog::new());
    let topic = Topic::new("clock").expect("a name");
    let (began, now) = (tokio::time::Instant::now(), Arc::new(AtomicI64::new(-5)));
    let shown = Arc::clone(&now);
    let ticker = Ticker::start(TickerConfig {
        log: log.clone(),
        topic: topic.clone(),
        id: TransactionalId::new("clock-a").expect("a name"),
        now: Arc::new(move || Time(shown.fetch_add(1, Ordering::Relaxed))),
        clock: Arc::new(|| Timestamp::from_millis(7)),
    })
    .await
    .expect("a clock");
    let place = TopicPartition::new(topic, Partition(0));
    let mut reader = log.reader(&place, Start::Beginning).await.expect("a reader");
    let mut tick = async || {
        let batch = reader.next_batch(BatchLimit::records(1)).await.expect("readable");
        let value = batch[0].record.value.clone().expect("a tick");
        (Time::from_tick(&value).expect("a tick").0, began.elapsed())
    };
    assert_eq!(tick().await, (-5, Duration::ZERO));
    ticker.happened().notify_one();
    let (second, at) = tick().await;
    assert!(second == -4 && at >= TICK_AFTER_ACTIVITY && at < 2 * TICK_AFTER_ACTIVITY, "{at:?}");
    let (third, later) = tick().await;
    assert!(third == -3 && later >= at + TICK_AT_LEAST_EVERY, "{later:?}");
    ticker.stop().await;
}
