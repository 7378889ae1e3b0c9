//! Whatever happens to processes and tasks, nothing is lost or doubled.

use topspin_log::conformance::{Engine, Reopened};

use super::fixtures::{Stage, processed, until};
use super::observed::Overseer;
use crate::{LocalState, TaskCondition, TaskEnd};

/// One process, from the beginning to the end.
pub async fn a_quiet_run_equals_a_recomputation(engine: Box<dyn Engine>) {
    let mut stage = Stage::new(engine.log(), 1).await;
    stage.feed(300).await;
    let process = stage.process("alone", &LocalState::in_memory()).await;
    stage.feed(100).await;
    stage.settle().await;
    stage.leap().await;
    stage.settle().await;
    stage.feed(60).await;
    stage.settle().await;
    assert!(process.status().tasks.values().all(|task| task.condition == TaskCondition::Running));
    process.stop().await;
    stage.check().await;
}

/// A process dies at any point, with whatever its tasks have begun, and another goes on with what it left behind.
pub async fn killed_processes_lose_and_double_nothing(engine: Box<dyn Engine>) {
    let mut stage = Stage::new(engine.log(), 2).await;
    let local = LocalState::in_memory();
    for _ in 0..10 {
        stage.feed(30).await;
        let process = stage.process("mortal", &local).await;
        stage.feed(10).await;
        // The one before may have processed much of it while it died.
        let some = stage.dice.roll(60);
        let log = stage.log.as_ref();
        let mut overseer = Overseer::default();
        let deployment = process.deployment();
        until(async || processed(&process) >= some || overseer.all_read(log, deployment).await).await;
        drop(process);
    }
    let process = stage.process("mortal", &local).await;
    stage.settle().await;
    process.stop().await;
    stage.check().await;
}

/// A tick that takes more steps than one transaction has room for: each step is committed, and the tick with the last.
pub async fn a_tick_of_many_steps_is_neither_lost_nor_doubled(engine: Box<dyn Engine>) {
    let mut stage = Stage::new(engine.log(), 8).await;
    let local = LocalState::in_memory();
    stage.feed(40).await;
    stage.litany().await;
    stage.survive(&local, 2).await;
    stage.leap().await;
    stage.survive(&local, 2).await;
    stage.feed(40).await;
    stage.survive(&local, 0).await;
    stage.check().await;
}

/// Members come and go, some orderly and some not, and tasks move between them.
pub async fn members_that_come_and_go_lose_and_double_nothing(engine: Box<dyn Engine>) {
    let mut stage = Stage::new(engine.log(), 3).await;
    let locals = [LocalState::in_memory(), LocalState::in_memory(), LocalState::in_memory()];
    let mut members = [None, None, None];
    for _ in 0..12 {
        stage.feed(25).await;
        let which = stage.dice.roll(3) as usize;
        let name = ["anna", "bert", "carl"][which];
        members[which] = match members[which].take() {
            None => Some(stage.process(name, &locals[which]).await),
            Some(process) if stage.dice.roll(2) == 0 => {
                drop(process);
                None
            }
            Some(process) => {
                process.stop().await;
                None
            }
        };
    }
    if members[0].is_none() {
        members[0] = Some(stage.process("anna", &locals[0]).await);
    }
    stage.settle().await;
    for member in members.into_iter().flatten() {
        member.stop().await;
    }
    stage.check().await;
}

/// Tasks that others have taken over while they slept: their commits are refused, and they end.
pub async fn a_task_that_was_overtaken_commits_nothing(engine: Box<dyn Engine>) {
    let mut stage = Stage::new(engine.log(), 4).await;
    stage.feed(100).await;
    let overtaken = stage.lone_tasks(&LocalState::in_memory()).await;
    stage.feed(100).await;
    let owners = stage.lone_tasks(&LocalState::in_memory()).await;
    let expected_ends = 6;
    let overtaken = tokio::spawn(overtaken.ended());
    // Both have something to commit again and again, until the last of the overtaken has noticed.
    while !overtaken.is_finished() {
        stage.feed(20).await;
        tokio::task::yield_now().await;
    }
    let ends = overtaken.await.expect("it waits, and does not panic");
    assert_eq!(ends, vec![TaskEnd::Fenced; expected_ends]);
    stage.settle().await;
    assert!(owners.stop().await.iter().all(|end| *end == TaskEnd::Stopped));
    stage.check().await;
}

/// The log is closed and opened again.
pub async fn a_restart_of_the_log_loses_and_doubles_nothing(engine: Box<dyn Engine>) {
    let local = LocalState::in_memory();
    let mut stage = Stage::new(engine.log(), 5).await;
    stage.feed(150).await;
    let process = stage.process("alone", &local).await;
    stage.settle().await;
    stage.feed(50).await;
    process.stop().await;
    drop(stage);
    let Reopened::Again(engine) = engine.reopen().await else { return };
    let mut stage = Stage::new(engine.log(), 6).await;
    stage.feed(50).await;
    let process = stage.process("alone", &local).await;
    stage.settle().await;
    process.stop().await;
    stage.check().await;
}

/// The machine's own copy of the state is no more than that.
pub async fn state_without_its_local_copy_is_restored(engine: Box<dyn Engine>) {
    let mut stage = Stage::new(engine.log(), 7).await;
    let first = LocalState::in_memory();
    for local in [&first, &LocalState::in_memory(), &first] {
        stage.feed(80).await;
        let process = stage.process("alone", local).await;
        stage.settle().await;
        process.stop().await;
    }
    stage.check().await;
}
