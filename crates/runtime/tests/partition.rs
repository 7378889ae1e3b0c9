//! What a partition promises, with a processor that counts.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use topspin_log::memory::MemoryLog;
use topspin_log::{
    BatchLimit, Log, Partition as Number, Record, Start, Timestamp, Topic, TopicPartition, TopicSpec,
    TraceContext, TransactionalId,
};
use topspin_runtime::limits::{MAILBOX_REQUESTS, MAX_REQUEST_BYTES};
use topspin_runtime::{
    AppendError, CallError, Condition, Partition, PartitionConfig, Placed, Processor, Rows, Scope, Store,
    StoreError, Table, traced,
};

/// `sums`: key → the sum of the numbers recorded for it.
struct Sums;

impl Table for Sums {
    fn name(&self) -> &'static str {
        "sums"
    }

    fn apply(&self, _: &TopicPartition, record: &Record, rows: &mut Rows<'_, '_>) -> Result<(), StoreError> {
        let (Some(key), Some(value)) = (&record.key, &record.value) else { return Ok(()) };
        let sum = number(rows.get(key)?.as_ref()) + number(Some(value));
        rows.put(key.clone(), Bytes::copy_from_slice(&sum.to_be_bytes()));
        Ok(())
    }
}

fn number(stored: Option<&Bytes>) -> u64 {
    stored
        .and_then(|bytes| bytes.get(..8))
        .and_then(|bytes| bytes.try_into().ok())
        .map_or(0, u64::from_be_bytes)
}

/// A number that the processor panics over, after it has recorded it.
const POISON: u64 = 1_000_013;
/// A number that the processor panics over once it is committed.
const LATE_POISON: u64 = 1_000_014;

/// Adds numbers to keys and answers with the sum.
struct Adder {
    lane: TopicPartition,
    /// What it has handled since it was made.
    handled: u64,
    rolled_back: Arc<AtomicBool>,
    /// Requests wait while somebody holds it.
    gate: Arc<Mutex<()>>,
    entered: Arc<AtomicUsize>,
}

struct Add {
    key: &'static str,
    number: u64,
    padding: usize,
}

impl Processor for Adder {
    type Request = Add;
    type Reply = Result<u64, AppendError>;

    fn handle(&mut self, request: Add, scope: &mut Scope<'_, '_>) -> Self::Reply {
        self.entered.fetch_add(1, Ordering::Relaxed);
        drop(self.gate.lock());
        let mut value = request.number.to_be_bytes().to_vec();
        value.resize(8 + request.padding, 0);
        let record = Record::new(request.key, value, Timestamp::from_millis(1));
        scope.append(vec![(self.lane.clone(), record)])?;
        self.handled += request.number;
        assert!(request.number != POISON, "{} were handled", self.handled);
        Ok(number(scope.get("sums", request.key.as_bytes())?.as_ref()))
    }

    fn committed(&mut self, placed: &[Placed]) {
        assert!(placed.is_sorted_by_key(|placed| placed.offset));
        let late = |placed: &Placed| number(placed.record.value.as_ref()) == LATE_POISON;
        assert!(!placed.iter().any(late), "committed");
    }

    fn rolled_back(&mut self) {
        self.rolled_back.store(true, Ordering::Relaxed);
    }
}

struct Fixture {
    log: Arc<dyn Log>,
    lane: TopicPartition,
    dir: tempfile::TempDir,
    rolled_back: Arc<AtomicBool>,
    gate: Arc<Mutex<()>>,
    entered: Arc<AtomicUsize>,
}

impl Fixture {
    async fn new(log: MemoryLog) -> Self {
        let topic = Topic::new("numbers").expect("a name");
        log.create_topic(&TopicSpec::new(topic.clone(), 1)).await.expect("created");
        let lane = TopicPartition::new(topic, Number(0));
        let dir = tempfile::tempdir().expect("a directory");
        Fixture {
            log: Arc::new(log),
            lane,
            dir,
            rolled_back: Arc::default(),
            gate: Arc::default(),
            entered: Arc::default(),
        }
    }

    fn store(&self, name: &str) -> Store {
        Store::open(&self.dir.path().join(name), 1, vec![Box::new(Sums)]).expect("opened")
    }

    async fn start(&self, store: &Store) -> Partition<Adder> {
        let config = PartitionConfig {
            transactional_id: TransactionalId::new("adder").expect("a name"),
            owned: vec![self.lane.clone()],
        };
        let (lane, rolled_back) = (self.lane.clone(), self.rolled_back.clone());
        let (gate, entered) = (self.gate.clone(), self.entered.clone());
        let make = move |_: &Store| {
            let (lane, rolled_back) = (lane.clone(), rolled_back.clone());
            Ok(Adder { lane, handled: 0, rolled_back, gate: gate.clone(), entered: entered.clone() })
        };
        let started = Partition::start(self.log.clone(), store.clone(), config, make).await;
        started.expect("started").0
    }
}

fn add(key: &'static str, number: u64) -> Add {
    Add { key, number, padding: 0 }
}

#[tokio::test]
async fn requests_of_one_batch_see_each_other_and_are_in_the_store_when_answered() {
    let fixture = Fixture::new(MemoryLog::kafka_like(1)).await;
    let store = fixture.store("one");
    let partition = fixture.start(&store).await;
    let calls = (1..=50).map(|number| {
        let partition = partition.clone();
        tokio::spawn(async move { partition.call(add("a", number)).await })
    });
    let mut sums = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        sums.push(call.await.expect("no panic").expect("answered").expect("added"));
    }
    assert_eq!(sums.last(), Some(&1_275));
    assert_eq!(number(store.get("sums", b"a").expect("read").as_ref()), 1_275);
}

#[tokio::test]
async fn a_request_that_is_too_large_spoils_no_other() {
    let fixture = Fixture::new(MemoryLog::new()).await;
    let partition = fixture.start(&fixture.store("one")).await;
    let large = Add { key: "a", number: 1_000, padding: MAX_REQUEST_BYTES };
    let (one, refused, two) =
        tokio::join!(partition.call(add("a", 1)), partition.call(large), partition.call(add("a", 2)));
    assert_eq!(one.expect("answered").expect("added"), 1);
    assert!(matches!(refused.expect("answered"), Err(AppendError::TooLarge { .. })));
    assert_eq!(two.expect("answered").expect("added"), 3);
}

#[tokio::test]
async fn what_a_request_appends_carries_its_trace_and_nothing_else_does() {
    let fixture = Fixture::new(MemoryLog::new()).await;
    let partition = fixture.start(&fixture.store("one")).await;
    let context = |digit: &str| {
        let parent = format!("00-{}-{}-01", digit.repeat(32), digit.repeat(16));
        TraceContext::parse(&parent, "a=1").expect("valid")
    };
    let calls = tokio::join!(
        traced(Some(context("1")), partition.call(add("first", 1))),
        partition.call(add("none", 1)),
        traced(Some(context("2")), partition.call(add("second", 1))),
        traced(None, partition.call(add("unknown", 1))),
    );
    for call in [calls.0, calls.1, calls.2, calls.3] {
        call.expect("answered").expect("added");
    }
    let mut reader = fixture.log.reader(&fixture.lane, Start::Beginning).await.expect("a reader");
    let read = reader.try_next_batch(BatchLimit::default()).await.expect("a batch");
    let told: BTreeMap<_, _> = read
        .iter()
        .map(|read| (read.record.key.clone().expect("a key"), TraceContext::of(&read.record)))
        .collect();
    let expected =
        [("first", Some(context("1"))), ("none", None), ("second", Some(context("2"))), ("unknown", None)];
    assert_eq!(told, expected.map(|(key, context)| (Bytes::from(key), context)).into_iter().collect());
}

#[tokio::test]
async fn a_full_log_is_retryable_and_leaves_nothing_behind() {
    let fixture = Fixture::new(MemoryLog::with_capacity(200)).await;
    let store = fixture.store("one");
    let partition = fixture.start(&store).await;
    partition.call(add("a", 1)).await.expect("answered").expect("added");
    let large = Add { key: "a", number: 5, padding: 300 };
    let full = partition.call(large).await.expect_err("full");
    assert!(matches!(full, CallError::StorageFull) && full.is_retryable());
    assert!(fixture.rolled_back.load(Ordering::Relaxed));
    assert_eq!(partition.call(add("a", 2)).await.expect("answered").expect("added"), 3);
    assert_eq!(number(store.get("sums", b"a").expect("read").as_ref()), 3);
}

#[tokio::test]
async fn an_earlier_owner_is_shut_out_and_says_so() {
    let fixture = Fixture::new(MemoryLog::new()).await;
    let earlier = fixture.start(&fixture.store("one")).await;
    earlier.call(add("a", 1)).await.expect("answered").expect("added");
    let later = fixture.start(&fixture.store("two")).await;
    let fenced = earlier.call(add("a", 100)).await.expect_err("fenced");
    assert!(matches!(fenced, CallError::Fenced) && !fenced.is_retryable());
    assert_eq!(later.call(add("a", 2)).await.expect("answered").expect("added"), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_mailbox_refuses_after_a_bounded_wait() {
    let fixture = Fixture::new(MemoryLog::new()).await;
    let partition = fixture.start(&fixture.store("one")).await;
    let gate = fixture.gate.clone();
    let calls = {
        let _closed = gate.lock().expect("not poisoned");
        let first = tokio::spawn(call(partition.clone()));
        while fixture.entered.load(Ordering::Relaxed) == 0 {
            std::thread::yield_now();
        }
        let mut calls = vec![first];
        calls.extend((0..MAILBOX_REQUESTS).map(|_| tokio::spawn(call(partition.clone()))));
        while partition.waiting() < MAILBOX_REQUESTS {
            std::thread::yield_now();
        }
        // No thread of the runtime is needed to wait for the refusal.
        let refused = std::thread::scope(|scope| {
            let handle = tokio::runtime::Handle::current();
            scope.spawn(move || handle.block_on(partition.call(add("a", 1)))).join().expect("no panic")
        });
        let refused = refused.expect_err("there was no room");
        assert!(matches!(refused, CallError::Overloaded) && refused.is_retryable());
        calls
    };
    for (number, call) in calls.into_iter().enumerate() {
        let sum = call.await.expect("no panic").expect("answered").expect("added");
        assert!(
            (1..=MAILBOX_REQUESTS as u64 + 1).contains(&sum),
            "call {number} of {MAILBOX_REQUESTS}: {sum}"
        );
    }
}

async fn call(partition: Partition<Adder>) -> Result<Result<u64, AppendError>, CallError> {
    partition.call(add("a", 1)).await
}

/// Polls a future once.
fn futures_poll<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::Pin::new(future).poll(&mut context) {
        std::task::Poll::Ready(output) => Some(output),
        std::task::Poll::Pending => None,
    }
}

#[tokio::test]
async fn a_closed_partition_handles_what_it_accepted() {
    let fixture = Fixture::new(MemoryLog::new()).await;
    let partition = fixture.start(&fixture.store("one")).await;
    let mut accepted = Box::pin(partition.call(add("a", 1)));
    assert!(futures_poll(&mut accepted).is_none());
    partition.close();
    assert_eq!(accepted.await.expect("answered").expect("added"), 1);
    tokio::task::yield_now().await;
    assert!(matches!(partition.call(add("a", 1)).await, Err(CallError::Closed)));
}

#[tokio::test]
async fn a_panic_voids_its_batch_and_the_partition_goes_on() {
    let fixture = Fixture::new(MemoryLog::new()).await;
    let store = fixture.store("one");
    let partition = fixture.start(&store).await;
    partition.call(add("a", 1)).await.expect("answered").expect("added");
    for _ in 0..2 {
        let (before, culprit, after) = tokio::join!(
            partition.call(add("a", 100)),
            partition.call(add("a", POISON)),
            partition.call(add("b", 2))
        );
        let before = before.expect_err("of the same batch");
        assert!(matches!(before, CallError::Unavailable { .. }) && before.is_retryable(), "{before}");
        let culprit = culprit.expect_err("a panic");
        assert!(matches!(culprit, CallError::Crashed { .. }) && !culprit.is_retryable(), "{culprit}");
        after.expect("answered").expect("added");
        assert_eq!(number(store.get("sums", b"a").expect("read").as_ref()), 1, "nothing half done");
    }
    let alone = partition.call(add("a", POISON)).await.expect_err("a panic");
    let CallError::Crashed { reason } = alone else { unreachable!("{alone}") };
    assert_eq!(reason, format!("{} were handled", POISON + 2), "the processor was made anew");
    assert_eq!(partition.call(add("a", 2)).await.expect("answered").expect("added"), 3);
    assert_eq!(partition.condition(), Condition::Running);
}

#[tokio::test]
async fn a_panic_after_a_commit_fails_the_partition_which_says_why() {
    let fixture = Fixture::new(MemoryLog::new()).await;
    let partition = fixture.start(&fixture.store("one")).await;
    partition.call(add("a", 1)).await.expect("answered").expect("added");
    assert_eq!(partition.condition(), Condition::Running);
    let unknown = partition.call(add("a", LATE_POISON)).await.expect_err("a panic");
    assert!(matches!(unknown, CallError::Indeterminate { .. }), "{unknown}");
    let refused = partition.call(add("a", 1)).await.expect_err("failed");
    assert!(matches!(&refused, CallError::Failed { reason } if reason == "committed"), "{refused}");
    assert_eq!(partition.condition(), Condition::Failed { reason: refused.to_string() });
    let restarted = fixture.start(&fixture.store("two")).await;
    assert_eq!(restarted.call(add("a", 1)).await.expect("answered").expect("added"), 1 + LATE_POISON + 1);
}
