//! The suite that topologies pass unchanged on every engine: whatever happens to their tasks, outputs and state are
//! those of a recomputation from the inputs, and no record is lost or doubled.
//!
//! An engine's tests give [`exactly_once_suite!`](crate::exactly_once_suite) an expression that makes a fresh engine of
//! the log's own conformance suite; it expands to one test for each promise.

pub mod expected;
pub mod faults;
pub mod fixtures;
pub mod letters;
pub mod observed;
pub mod trial;
pub mod versions;

/// Expands to one `#[tokio::test]` for each promise, each on its own engine made by the given `async` expression of type
/// `Box<dyn Engine>`. The caller needs tokio with `macros` and `rt`, and `topspin-log` with `conformance`.
#[macro_export]
macro_rules! exactly_once_suite {
    ($engine:expr) => {
        $crate::exactly_once_tests! { $engine;
            faults: a_quiet_run_equals_a_recomputation, killed_processes_lose_and_double_nothing,
                a_tick_of_many_steps_is_neither_lost_nor_doubled,
                members_that_come_and_go_lose_and_double_nothing, a_task_that_was_overtaken_commits_nothing,
                a_restart_of_the_log_loses_and_doubles_nothing, state_without_its_local_copy_is_restored;
            letters: a_poison_record_is_kept_byte_by_byte, a_letter_is_tried_again_exactly_once,
                a_letter_whose_record_succeeds_enters_the_views_once,
                a_letter_of_an_earlier_generation_is_not_tried_again;
            versions: a_later_generation_takes_over_when_it_has_caught_up,
                a_generation_can_begin_at_a_time, a_generation_can_begin_at_offsets;
        }
    };
}

/// One test for each name; see [`exactly_once_suite!`](crate::exactly_once_suite).
#[doc(hidden)]
#[macro_export]
macro_rules! exactly_once_tests {
    ($engine:expr; $($module:ident: $($name:ident),+;)+) => {
        $($(
            #[tokio::test]
            async fn $name() {
                let engine: Box<dyn topspin_log::conformance::Engine> = $engine.await;
                topspin_log::conformance::fixtures::bounded($crate::exactly_once::$module::$name(engine)).await;
            }
        )+)+
    };
}
