//! The cluster under test, for suites that run on every engine: `cargo xtask test` starts it and says where it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use topspin_log::conformance::{Cleaning, Engine, Reopened};
use topspin_log::{Log, Timestamp};

use crate::{KafkaLog, Settings};

struct OnCluster {
    log: KafkaLog,
    settings: Settings,
}

/// A variable that `cargo xtask test --only kafka` sets. A test on Kafka never passes without one.
///
/// # Panics
/// If it is not set.
pub fn variable(name: &str) -> String {
    let advice = "these tests need a cluster: `cargo xtask test --only kafka` starts one";
    std::env::var(name).unwrap_or_else(|error| unreachable!("{name}: {error}; {advice}"))
}

/// A log of its own on the cluster, as durable as the number of brokers allows.
///
/// # Panics
/// Without a cluster.
pub fn settings() -> Settings {
    static LAST: AtomicUsize = AtomicUsize::new(0);
    let brokers: u16 = variable("TOPSPIN_KAFKA_BROKERS").parse().expect("a number");
    let number = LAST.fetch_add(1, Ordering::Relaxed);
    Settings {
        prefix: format!("{}-{number}.", std::process::id()),
        replication: brokers,
        min_in_sync: if brokers >= 3 { 2 } else { 1 },
        ..Settings::new(variable("TOPSPIN_KAFKA"))
    }
}

/// A log of its own as suites take it.
///
/// # Panics
/// Without a cluster.
pub async fn engine() -> Box<dyn Engine> {
    connect(settings()).await
}

async fn connect(settings: Settings) -> Box<dyn Engine> {
    let log = KafkaLog::connect(settings.clone()).await.expect("the cluster under test answers");
    Box::new(OnCluster { log, settings })
}

#[async_trait]
impl Engine for OnCluster {
    fn log(&self) -> Arc<dyn Log> {
        Arc::new(self.log.clone())
    }

    async fn clean(&self, _: Timestamp) -> Cleaning {
        Cleaning::NotOnDemand
    }

    async fn reopen(self: Box<Self>) -> Reopened {
        let Self { log, settings } = *self;
        drop(log);
        Reopened::Again(connect(settings).await)
    }
}
