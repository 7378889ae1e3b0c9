//! A log with schemas keeps every promise of the log behind it.

use std::future::{Ready, ready};
use std::sync::Arc;

use async_trait::async_trait;
use topspin_log::conformance::{Cleaning, Engine, Reopened};
use topspin_log::memory::MemoryLog;
use topspin_log::{Log, Timestamp, Topic};
use topspin_registry::{RegisteredLog, Schema, SchemaId, Schemas};

struct Registered(MemoryLog);

/// The topic that most of the suite writes to.
fn schemas() -> Schemas {
    let schema = Schema { id: SchemaId(1), index: 0, message: "test.Message".to_owned() };
    [(Topic::new("t").expect("a name"), schema)].into_iter().collect()
}

#[async_trait]
impl Engine for Registered {
    fn log(&self) -> Arc<dyn Log> {
        Arc::new(RegisteredLog::new(Arc::new(self.0.clone()), schemas()))
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
    ready(Box::new(Registered(log)))
}

// Without `retention_by_size_keeps_at_least_its_bytes`: the engine counts the bytes that it stores, frames among them,
// where that test counts those that it wrote.
macro_rules! suite {
    ($engine:expr) => {
        topspin_log::conformance_tests! { $engine;
            topics: creating_a_topic_again_changes_nothing, unknown_topics_and_partitions_are_typed_errors;
            writing: a_receipt_has_an_offset_for_each_append_in_order, every_shape_of_record_comes_back_as_it_went,
                a_transaction_is_visible_in_all_partitions_or_none, an_aborted_transaction_is_never_read,
                a_later_producer_fences_the_earlier, a_refused_transaction_leaves_nothing,
                limits_are_typed_errors, the_largest_transaction_is_one_commit,
                concurrent_writers_each_keep_their_order, a_compacted_topic_needs_keys,
                an_empty_transaction_commits, offsets_increase_over_transactions;
            reading: a_reader_returns_every_record_once_in_order, a_reader_starts_at_any_record,
                a_reader_resumes_at_any_position, an_empty_answer_means_the_end_was_reached,
                a_tailing_reader_wakes, a_dropped_wait_loses_nothing, a_reader_at_the_end_sees_only_what_comes,
                a_start_behind_the_end_is_refused, batches_keep_their_limits;
            groups: one_member_gets_everything_with_positions, positions_commit_with_the_records_or_not_at_all,
                a_foreign_partition_cannot_be_committed;
            cleanup: what_is_kept_for_ever_stays, retention_by_age_removes_only_the_old,
                compaction_keeps_the_latest_of_each_key_at_its_offset, old_tombstones_may_go_and_young_ones_stay;
        }
    };
}

mod plain {
    suite!(super::boxed(super::MemoryLog::new()));
}

mod kafka_like {
    suite!(super::boxed(super::MemoryLog::kafka_like(7)));
}
