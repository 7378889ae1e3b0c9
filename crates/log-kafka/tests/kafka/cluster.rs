//! The cluster under test: `cargo xtask test` starts it and says where it is.

use std::sync::atomic::{AtomicUsize, Ordering};

use rdkafka::ClientConfig;
use rdkafka::admin::AdminClient;
use rdkafka::client::DefaultClientContext;
use topspin_log_kafka::{KafkaLog, Settings};

/// A variable that `cargo xtask test --only kafka` sets. A test on Kafka never passes without one.
pub fn variable(name: &str) -> String {
    let advice = "these tests need a cluster: `cargo xtask test --only kafka` starts one";
    std::env::var(name).unwrap_or_else(|error| unreachable!("{name}: {error}; {advice}"))
}

/// A log of its own on the cluster, as durable as the number of brokers allows.
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

/// A log of its own.
pub async fn log() -> KafkaLog {
    KafkaLog::connect(settings()).await.expect("connected")
}

/// Kafka's own administration, for what the contract has no word for.
pub fn admin() -> AdminClient<DefaultClientContext> {
    ClientConfig::new().set("bootstrap.servers", variable("TOPSPIN_KAFKA")).create().expect("a client")
}
