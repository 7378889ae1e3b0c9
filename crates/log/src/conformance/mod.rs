//! The suite that every engine passes unchanged.
//!
//! An engine's tests implement [`Engine`] and call [`conformance_suite!`](crate::conformance_suite) with an expression
//! that makes a fresh one; it expands to one test for each promise. The suite asserts nothing that the contract does
//! not promise: it never counts offsets, waits for visibility, and accepts any rebalance protocol.

pub mod cleanup;
pub mod durability;
pub mod fixtures;
pub mod groups;
pub mod intercept;
pub mod reading;
pub mod topics;
pub mod writing;

use std::sync::Arc;

use async_trait::async_trait;

use crate::{Log, Timestamp};

/// A log under test.
#[async_trait]
pub trait Engine: Send + Sync {
    /// The log.
    fn log(&self) -> Arc<dyn Log>;

    /// Removes what the topics' policies allow, as if the time was `now`, if the engine can be told to.
    async fn clean(&self, now: Timestamp) -> Cleaning;

    /// Closes the log and opens it again, as a restart of the process would.
    async fn reopen(self: Box<Self>) -> Reopened;
}

/// What came of [`Engine::clean`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cleaning {
    /// Everything that the policies allow to go is gone.
    Done,
    /// The engine cleans when it wants to, so a test can only check what must stay.
    NotOnDemand,
}

/// What came of [`Engine::reopen`].
pub enum Reopened {
    /// The same log, after a restart.
    Again(Box<dyn Engine>),
    /// The engine promises no durability.
    NotDurable,
}

/// Expands to one `#[tokio::test]` for each promise of the contract, each on its own engine made by the given `async`
/// expression of type `Box<dyn Engine>`. The caller needs tokio with `macros` and `rt`.
#[macro_export]
macro_rules! conformance_suite {
    ($engine:expr) => {
        $crate::conformance_tests! { $engine;
            topics: creating_a_topic_again_changes_nothing, a_different_topic_of_the_same_name_is_refused,
                partition_counts_are_bounded, ages_are_whole_milliseconds, unknown_topics_and_partitions_are_typed_errors;
            writing: a_receipt_has_an_offset_for_each_append_in_order, every_shape_of_record_comes_back_as_it_went,
                a_transaction_is_visible_in_all_partitions_or_none, an_aborted_transaction_is_never_read,
                a_later_producer_fences_the_earlier, a_refused_transaction_leaves_nothing,
                limits_are_typed_errors, the_largest_transaction_is_one_commit,
                concurrent_writers_each_keep_their_order, a_compacted_topic_needs_keys,
                an_empty_transaction_commits, offsets_increase_over_transactions;
            reading: a_reader_returns_every_record_once_in_order, what_is_ready_comes_once_in_order,
                a_reader_starts_at_any_record,
                a_reader_resumes_at_any_position, an_empty_answer_means_the_end_was_reached,
                a_tailing_reader_wakes, a_dropped_wait_loses_nothing, a_reader_at_the_end_sees_only_what_comes,
                a_start_behind_the_end_is_refused, batches_keep_their_limits,
                a_slow_reader_holds_up_nobody_and_misses_nothing;
            groups: one_member_gets_everything_with_positions, members_share_all_partitions_once,
                a_revoked_partition_can_be_committed_before_it_goes, a_replaced_member_loses_and_is_fenced,
                partitions_of_a_member_that_leaves_go_to_the_rest, positions_commit_with_the_records_or_not_at_all,
                a_lone_consumer_is_refused_beside_members, a_foreign_partition_cannot_be_committed,
                groups_are_independent, joining_an_unknown_topic_is_refused;
            cleanup: what_is_kept_for_ever_stays, retention_by_age_removes_only_the_old,
                retention_by_size_keeps_at_least_its_bytes, a_reader_overtaken_by_retention_is_told,
                what_is_trimmed_is_gone_and_the_rest_stays, a_compacted_topic_is_not_trimmed,
                compaction_keeps_the_latest_of_each_key_at_its_offset, old_tombstones_may_go_and_young_ones_stay,
                a_reader_survives_compaction;
            durability: a_restart_keeps_every_acknowledged_record, a_restart_keeps_what_was_trimmed_away, a_restart_keeps_topics_and_positions,
                a_restart_after_cleaning_keeps_what_was_kept, offsets_go_on_after_a_restart;
        }
    };
}

/// One test for each name; see [`conformance_suite!`](crate::conformance_suite).
#[doc(hidden)]
#[macro_export]
macro_rules! conformance_tests {
    ($engine:expr; $($module:ident: $($name:ident),+;)+) => {
        $($(
            #[tokio::test]
            async fn $name() {
                let engine: Box<dyn $crate::conformance::Engine> = $engine.await;
                $crate::conformance::fixtures::bounded($crate::conformance::$module::$name(engine)).await;
            }
        )+)+
    };
}
