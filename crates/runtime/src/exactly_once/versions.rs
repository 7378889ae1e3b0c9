//! A later version of an application beside the one that runs.

use std::collections::BTreeMap;

use topspin_log::conformance::Engine;

use super::expected::{expected, expected_of};
use super::fixtures::{FIRST, Stage, application, deployment, doubled, until};
use super::observed::records;
use super::trial::{PARTITIONS, partition, topology};
use crate::{
    Application, ApplicationCondition, ApplicationConfig, Generation, LocalState, StartFrom, Switch,
    active_generation,
};

const SECOND: Generation = Generation(2);

/// Readers follow the first until the second is where it is; then the first stops, and its topics are nobody's.
pub async fn a_later_generation_takes_over_when_it_has_caught_up(engine: Box<dyn Engine>) {
    let mut stage = Stage::new(engine.log(), 21).await;
    stage.feed(200).await;
    let mut first = stage.process("first", &LocalState::in_memory()).await;
    stage.settle().await;
    until(async || active(&stage).await == Some(FIRST)).await;
    let config = ApplicationConfig {
        deployment: deployment(SECOND, StartFrom::Beginning),
        // Markers count, too.
        switch: Switch::WhenCaughtUp { max_lag: 30 },
        ..application(stage.log.clone(), "second", &LocalState::in_memory())
    };
    let second = Application::start(&doubled(), config).await.expect("started");
    assert_eq!(first.ended().await, ApplicationCondition::Superseded { by: SECOND });
    assert_eq!(active(&stage).await, Some(SECOND));
    stage.feed(50).await;
    let doubled = expected_of(stage.log.as_ref(), |_| true, |worth| 2 * worth).await;
    stage.settle_on(SECOND, &doubled).await;
    let (old, new) = (first.deployment().own_topics(), second.deployment().own_topics());
    assert!(old.iter().all(|topic| !new.contains(topic)), "{old:?} and {new:?} share a topic");
    second.stop().await;
    first.stop().await;
}

async fn active(stage: &Stage) -> Option<Generation> {
    let active = active_generation(stage.log.as_ref(), "trial").await.expect("readable")?;
    assert_eq!(active.version, Some(topology().version()));
    Some(active.generation)
}

/// From the first record of that time on.
pub async fn a_generation_can_begin_at_a_time(engine: Box<dyn Engine>) {
    let mut stage = Stage::new(engine.log(), 22).await;
    stage.feed(120).await;
    let said = records(stage.log.as_ref(), &partition("words", 0)).await;
    let time = said[said.len() / 2].record.timestamp;
    begin(&stage, StartFrom::Time(time)).await;
    let since = expected_of(stage.log.as_ref(), |said| said.record.timestamp >= time, |worth| worth).await;
    assert_ne!(since, expected(stage.log.as_ref()).await);
    stage.settle_on(FIRST, &since).await;
}

/// From these offsets on.
pub async fn a_generation_can_begin_at_offsets(engine: Box<dyn Engine>) {
    let mut stage = Stage::new(engine.log(), 23).await;
    stage.feed(120).await;
    let (mut offsets, mut skipped) = (BTreeMap::new(), Vec::new());
    for number in 0..PARTITIONS {
        let said = records(stage.log.as_ref(), &partition("words", number)).await;
        offsets.insert(partition("words", number), said[said.len() / 3].offset);
        skipped.extend(said[..said.len() / 3].iter().cloned());
    }
    begin(&stage, StartFrom::Offsets(offsets)).await;
    let since = expected_of(stage.log.as_ref(), |said| !skipped.contains(said), |worth| worth).await;
    stage.settle_on(FIRST, &since).await;
}

async fn begin(stage: &Stage, start: StartFrom) {
    let config = ApplicationConfig {
        deployment: deployment(FIRST, start),
        ..application(stage.log.clone(), "alone", &LocalState::in_memory())
    };
    let process = Application::start(&topology(), config).await.expect("started");
    // It goes on until the test ends.
    tokio::spawn(async move {
        let mut process = process;
        process.ended().await
    });
}
