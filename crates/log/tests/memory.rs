//! The suite on the memory engine, plain and with Kafka's traps.

use std::future::{Ready, ready};
use std::sync::Arc;

use async_trait::async_trait;
use topspin_log::conformance::{Cleaning, Engine, Reopened};
use topspin_log::memory::MemoryLog;
use topspin_log::{Log, Timestamp};

struct InMemory(MemoryLog);

#[async_trait]
impl Engine for InMemory {
    fn log(&self) -> Arc<dyn Log> {
        Arc::new(self.0.clone())
    }

    async fn clean(&self, now: Timestamp) -> Cleaning {
        self.0.clean(now);
        Cleaning::Done
    }

    async fn reopen(self: Box<Self>) -> Reopened {
        Reopened::NotDurable
    }
}

fn boxed(log: MemoryLog) -> Ready<Box<dyn Engine>> {
    ready(Box::new(InMemory(log)))
}

mod plain {
    topspin_log::conformance_suite!(super::boxed(super::MemoryLog::new()));
}

mod kafka_like {
    topspin_log::conformance_suite!(super::boxed(super::MemoryLog::kafka_like(1)));
}

mod kafka_like_otherwise {
    topspin_log::conformance_suite!(super::boxed(super::MemoryLog::kafka_like(20_261_122)));
}

mod own {
    use topspin_log::conformance::fixtures::{
        commit_each, create_keeping, group, member, producer, record, t, topic,
    };
    use topspin_log::limits::REVOKE_TIMEOUT;
    use topspin_log::{CommitError, GroupEvent, Log, Start};

    use super::MemoryLog;

    #[tokio::test]
    async fn a_full_log_refuses_retryably_and_keeps_what_it_has() {
        let log = MemoryLog::with_capacity(100);
        create_keeping(&log, 1).await;
        let mut producer = producer(&log, "p").await;
        commit_each(&mut producer, ["fits".to_owned()]).await;
        let mut transaction = producer.begin();
        transaction.append(t(0), record("x".repeat(50))).expect("within limits");
        let full = transaction.commit().await.expect_err("full");
        assert!(full == CommitError::StorageFull && full.is_retryable());
        commit_each(&mut producer, ["fits2".to_owned()]).await;
    }

    #[tokio::test]
    async fn a_kafka_like_log_has_gaps_and_shows_records_later() {
        let log = MemoryLog::kafka_like(7);
        create_keeping(&log, 1).await;
        let mut producer = producer(&log, "p").await;
        let mut late = 0;
        let mut offsets = Vec::new();
        for number in 0..20 {
            offsets.extend(commit_each(&mut producer, [number.to_string()]).await);
            let mut reader = log.reader(&t(0), Start::Beginning).await.expect("a reader");
            let visible = topspin_log::conformance::fixtures::rest(reader.as_mut()).await.len();
            late += usize::from(visible < offsets.len());
        }
        assert!(late > 0, "everything was visible at once");
        assert!(offsets.last().expect("committed").get() >= 2 * 19, "no gaps in {offsets:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_member_that_does_not_give_up_in_time_loses_everything() {
        let log = MemoryLog::new();
        create_keeping(&log, 2).await;
        let mut stuck = log.join(&group("g"), &[topic("t")], &member("stuck")).await.expect("joined");
        stuck.next_event().await.expect("assigned");
        let mut other = log.join(&group("g"), &[topic("t")], &member("other")).await.expect("joined");
        let started = tokio::time::Instant::now();
        let mut owned = 0;
        while owned < 2 {
            if let GroupEvent::Assigned(assigned) = other.next_event().await.expect("a member") {
                owned += assigned.len();
            }
        }
        assert!(started.elapsed() >= REVOKE_TIMEOUT);
        assert!(matches!(stuck.next_event().await, Ok(GroupEvent::Lost(lost)) if lost.len() == 2));
    }
}
