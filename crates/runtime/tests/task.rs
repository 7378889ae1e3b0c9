//! What tasks promise beside the suite: local state in a directory, logs that refuse, tasks that hold back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use topspin_log::conformance::fixtures::{bounded, commit, producer};
use topspin_log::conformance::intercept::Intercepted;
use topspin_log::memory::MemoryLog;
use topspin_log::{
    Batch, CommitError, Committer, GroupId, GroupMetadata, Log, Offset, Partition, Producer, Receipt, Record,
    Timestamp, Topic, TopicPartition,
};
use topspin_runtime::exactly_once::fixtures::{FIRST, Stage, processed, until, until_read};
use topspin_runtime::exactly_once::observed::{self, outputs, state};
use topspin_runtime::limits::SWEEP_INTERVAL;
use topspin_runtime::{DeadLetters, Listed, LocalState, TaskCondition, TaskEnd};

/// What the keys of positions begin with on a changelog.
const POSITIONS: &[u8] = b"\xff\xfe";

/// A process that processes what there is, and stops.
async fn run(stage: &Stage, local: &LocalState) {
    let process = stage.process("alone", local).await;
    stage.settle().await;
    process.stop().await;
}

/// The state in a directory is gone on with, however much of it there is.
#[tokio::test]
async fn state_in_a_directory_is_gone_on_with() {
    for memory in [0, 1_000, usize::MAX] {
        let directory = tempfile::tempdir().expect("a directory");
        let mut stage = Stage::new(Arc::new(MemoryLog::kafka_like(5)), 31).await;
        for round in 0..4 {
            let local = LocalState::open(directory.path()).expect("opened").with_memory(memory);
            stage.feed(60).await;
            let process = stage.process("alone", &local).await;
            stage.settle().await;
            if round % 2 == 0 {
                process.stop().await;
            } else {
                drop(process);
            }
            // Its tasks hold the directory until they have noticed.
            until(async || Arc::strong_count(&stage.log) <= 3).await;
        }
        stage.check().await;
    }
}

/// A directory that knows another log is worth nothing, and does no harm.
#[tokio::test]
async fn state_of_another_log_is_thrown_away() {
    let local = LocalState::in_memory().with_memory(0);
    for seed in [41, 42] {
        let mut stage = Stage::new(Arc::new(MemoryLog::new()), seed).await;
        stage.feed(100).await;
        let process = stage.process("alone", &local).await;
        stage.settle().await;
        process.stop().await;
        stage.check().await;
    }
}

/// A cluster forgets the positions of groups that nobody was in for a week; the state has them all the same.
#[tokio::test]
async fn nothing_is_processed_twice_after_the_log_has_forgotten_positions() {
    let directory = tempfile::tempdir().expect("a directory");
    let in_directory = || LocalState::open(directory.path()).expect("opened").with_memory(0);
    bounded(after_forgetting(in_directory)).await;
    bounded(after_forgetting(LocalState::in_memory)).await;
}

async fn after_forgetting(local: impl Fn() -> LocalState) {
    let log = MemoryLog::kafka_like(7);
    let mut stage = Stage::new(Arc::new(log.clone()), 71).await;
    for round in 0..3 {
        stage.feed(60).await;
        let process = stage.process("alone", &local()).await;
        stage.settle().await;
        if round == 1 {
            stage.feed(20).await;
        }
        process.stop().await;
        until(async || Arc::strong_count(&stage.log) <= 3).await;
        log.forget_positions();
    }
    run(&stage, &local()).await;
    stage.check().await;
}

/// A position that only the groups know, as an earlier version left it, is in the state from the next start on.
#[tokio::test]
async fn what_only_the_groups_knew_is_in_the_state_soon() {
    let log = MemoryLog::new();
    let mut stage = Stage::new(Arc::new(log.clone()), 72).await;
    stage.feed(60).await;
    run(&stage, &LocalState::in_memory()).await;
    let all = rows_of_positions(&log).await;
    forget_position_rows(&log).await;
    assert_eq!(rows_of_positions(&log).await, 0);
    let process = stage.process("alone", &LocalState::in_memory()).await;
    until(async || rows_of_positions(&log).await == all).await;
    stage.settle().await;
    process.stop().await;
    log.forget_positions();
    let process = stage.process("alone", &LocalState::in_memory()).await;
    stage.feed(20).await;
    stage.settle().await;
    process.stop().await;
    stage.check().await;
}

/// The changelogs of the trial.
async fn changelogs(log: &dyn Log) -> Vec<Topic> {
    let topics = log.topics().await.expect("readable").into_iter().map(|spec| spec.topic);
    topics.filter(|topic| topic.as_str().ends_with(".changelog")).collect()
}

async fn rows_of_positions(log: &dyn Log) -> usize {
    let mut rows = 0;
    for changelog in changelogs(log).await {
        let table = observed::table(log, &changelog).await;
        rows += table.keys().filter(|key| key.starts_with(POSITIONS)).count();
    }
    rows
}

/// Removes what an earlier version would not have written.
async fn forget_position_rows(log: &dyn Log) {
    let mut writer = producer(log, "earlier-version").await;
    for changelog in changelogs(log).await {
        for partition in log.topic(&changelog).await.expect("readable").topic_partitions() {
            let records =
                observed::records(log, &partition).await.into_iter().map(|committed| committed.record);
            let keys = records.filter_map(|record| record.key).filter(|key| key.starts_with(POSITIONS));
            let now = Timestamp::from_millis(1);
            let gone =
                keys.map(|key| Record { key: Some(key), value: None, headers: Vec::new(), timestamp: now });
            commit(&mut writer, gone.map(|record| (partition.clone(), record))).await;
        }
    }
}

/// A group that stands further than the state was moved by somebody else: no record is passed over for that.
#[tokio::test]
async fn a_group_that_was_moved_ahead_is_refused_and_nothing_is_lost() {
    let log = MemoryLog::new();
    let mut stage = Stage::new(Arc::new(log.clone()), 73).await;
    stage.feed(60).await;
    run(&stage, &LocalState::in_memory()).await;
    let group = GroupId::new("trial.g1.words").expect("a name");
    let words = TopicPartition::new(Topic::new("words").expect("a name"), Partition(0));
    let before = log.committed_position(&group, &words).await.expect("readable").expect("it was processed");
    stage.feed(40).await;
    move_to(&log, &group, &words, log.end_offset(&words).await.expect("readable")).await;
    let process = stage.process("alone", &LocalState::in_memory()).await;
    let failed = |status: &topspin_runtime::TaskStatus| matches!(&status.condition, TaskCondition::Ended(TaskEnd::Failed { reason }) if reason.contains("moved"));
    until(async || process.status().tasks.values().any(failed)).await;
    process.stop().await;
    move_to(&log, &group, &words, before).await;
    run(&stage, &LocalState::in_memory()).await;
    stage.check().await;
}

/// As Kafka's tools move a group that has no member.
async fn move_to(log: &MemoryLog, group: &GroupId, partition: &TopicPartition, position: Offset) {
    let mut tool = producer(log, "tool").await;
    let mut transaction = tool.begin();
    let alone = GroupMetadata::standalone(group.clone());
    transaction.commit_positions(&alone, [(partition.clone(), position)]).expect("within limits");
    transaction.commit().await.expect("nobody is a member");
}

/// Where the topics between subtopologies start.
async fn starts_between(log: &dyn Log) -> Vec<Offset> {
    let mut starts = Vec::new();
    for spec in log.topics().await.expect("readable") {
        let name = spec.topic.as_str();
        let own = [".changelog", ".retry"].iter().any(|end| name.ends_with(end));
        if name.starts_with("trial.g1.") && !own {
            for partition in spec.topic_partitions() {
                starts.push(log.start_offset(&partition).await.expect("readable"));
            }
        }
    }
    starts
}

/// What is between subtopologies goes once it is processed, and nothing else does.
#[tokio::test(start_paused = true)]
async fn topics_between_subtopologies_do_not_grow_for_ever() {
    let mut stage = Stage::new(Arc::new(MemoryLog::kafka_like(9)), 91).await;
    for round in 0..3 {
        let before = starts_between(stage.log.as_ref()).await;
        stage.feed(200).await;
        let process = stage.process("alone", &LocalState::in_memory()).await;
        stage.settle().await;
        tokio::time::sleep(2 * SWEEP_INTERVAL).await;
        let after = starts_between(stage.log.as_ref()).await;
        assert!(before.iter().zip(&after).all(|(before, after)| before < after), "{before:?} {after:?}");
        if round % 2 == 0 {
            process.stop().await;
        } else {
            drop(process);
        }
    }
    stage.check().await;
}

/// How full a log is said to be.
#[derive(Clone, Default)]
struct Fullness {
    full: Arc<AtomicBool>,
    turned_away: Arc<AtomicUsize>,
}

/// A log that refuses transactions with an output to this topic under this key, or any to it, and is full at times, but
/// not for who feeds it.
fn picky(refused: (&'static str, Option<u8>), fullness: &Fullness) -> Intercepted<MemoryLog> {
    let fullness = fullness.clone();
    Intercepted::new(MemoryLog::new(), move |id, producer| {
        let Fullness { full, turned_away } = fullness.clone();
        let full = if id.as_str() == "feeder" { Arc::default() } else { full };
        Box::new(PickyCommitter { producer, refused, full, turned_away })
    })
}

struct PickyCommitter {
    producer: Producer,
    refused: (&'static str, Option<u8>),
    full: Arc<AtomicBool>,
    turned_away: Arc<AtomicUsize>,
}

#[async_trait]
impl Committer for PickyCommitter {
    async fn commit(&mut self, batch: Batch) -> Result<Receipt, CommitError> {
        if self.full.load(Ordering::Acquire) {
            self.turned_away.fetch_add(1, Ordering::AcqRel);
            return Err(CommitError::StorageFull);
        }
        let refused = batch.appends().iter().any(|append| {
            let (topic, key) = self.refused;
            append.partition.topic.as_str() == topic
                && key.is_none_or(|key| append.record.key.as_deref() == Some(&[key]))
        });
        if refused {
            return Err(CommitError::Refused { reason: "not of this author".to_owned() });
        }
        self.producer.commit(batch).await
    }
}

/// What is refused goes to the dead letters one by one; everything else of the same batches is committed.
#[tokio::test]
async fn what_a_log_refuses_is_a_dead_letter_and_nothing_else_is() {
    let mut stage = Stage::new(Arc::new(picky(("totals.g1", Some(3)), &Fullness::default())), 51).await;
    stage.feed(200).await;
    let process = stage.process("alone", &LocalState::in_memory()).await;
    let said = async |author: u8| {
        let outputs = outputs(&stage.log, "trial", FIRST).await;
        outputs.said.iter().filter(|(key, _)| key.as_ref() == [author]).count()
    };
    let topic = Topic::new("words").expect("a valid name");
    let words = topspin_runtime::exactly_once::observed::all(stage.log.as_ref(), &topic).await;
    let ours = words.iter().filter(|word| word.record.key.as_deref() == Some(&[3])).count();
    let office =
        DeadLetters::new(stage.log.clone(), "trial", Arc::new(topspin_runtime::exactly_once::trial::clock));
    let of = async |author: u8| {
        let letters = office.list(Listed::All, None).await.expect("readable").letters.into_iter();
        letters.filter(|letter| letter.record.key.as_deref() == Some(&[author])).count()
    };
    until(async || of(3).await == ours && said(2).await + of(2).await > 0 && processed(&process) >= 200)
        .await;
    assert_eq!(said(3).await, 0);
    for author in [0, 1, 2, 4, 5, 6, 7] {
        let spoken = words.iter().filter(|word| word.record.key.as_deref() == Some(&[author])).count();
        assert_eq!(said(author).await + of(author).await, spoken, "author {author}");
    }
    let letters = office.list(Listed::All, None).await.expect("readable").letters;
    assert!(letters.iter().any(|letter| letter.reason.contains("not of this author")));
    process.stop().await;
}

/// What a step of a tick makes is the tick's, and no record's that is processed beside it.
#[tokio::test]
async fn a_tick_of_which_a_log_refuses_a_step_is_a_dead_letter_and_nothing_else_is() {
    bounded(async {
        let mut stage = Stage::new(Arc::new(picky(("recent.g1", None), &Fullness::default())), 53).await;
        stage.litany().await;
        let process = stage.process("alone", &LocalState::in_memory()).await;
        let office = DeadLetters::new(
            stage.log.clone(),
            "trial",
            Arc::new(topspin_runtime::exactly_once::trial::clock),
        );
        let deployment = stage.deployment().await;
        until_read(stage.log.as_ref(), &deployment).await;
        let letters = office.list(Listed::All, None).await.expect("readable").letters;
        let sources: Vec<_> = letters.iter().map(|letter| letter.id.source.topic.as_str()).collect();
        assert_eq!(sources, ["clock"]);
        assert_eq!(outputs(&stage.log, "trial", FIRST).await.said.len(), 1);
        process.stop().await;
    })
    .await;
}

/// While the log is full nothing is read any more and nothing is lost; the task says what it waits for.
#[tokio::test(start_paused = true)]
async fn a_full_log_holds_tasks_back() {
    let fullness = Fullness::default();
    let Fullness { full, turned_away } = &fullness;
    let mut stage = Stage::new(Arc::new(picky(("totals.g1", Some(200)), &fullness)), 52).await;
    let process = stage.process("alone", &LocalState::in_memory()).await;
    stage.feed(50).await;
    stage.settle().await;
    full.store(true, Ordering::Release);
    let before = (processed(&process), state(stage.log.as_ref(), "trial", FIRST).await);
    stage.feed(100).await;
    until(async || turned_away.load(Ordering::Acquire) > 20).await;
    assert_eq!((processed(&process), state(stage.log.as_ref(), "trial", FIRST).await), before);
    let tasks = process.status().tasks;
    let waits = tasks.values().filter(
        |task| matches!(&task.condition, TaskCondition::Stalled { reason } if reason.contains("full")),
    );
    assert!(waits.count() > 0, "{tasks:?}");
    full.store(false, Ordering::Release);
    stage.settle().await;
    process.stop().await;
    stage.check().await;
}
