//! The cluster under test, and Kafka's own administration of it.

use rdkafka::ClientConfig;
use rdkafka::admin::AdminClient;
use rdkafka::client::DefaultClientContext;
use topspin_log_kafka::KafkaLog;
pub use topspin_log_kafka::conformance::{settings, variable};

/// A log of its own.
pub async fn log() -> KafkaLog {
    KafkaLog::connect(settings()).await.expect("connected")
}

/// Kafka's own administration, for what the contract has no word for.
pub fn admin() -> AdminClient<DefaultClientContext> {
    ClientConfig::new().set("bootstrap.servers", variable("TOPSPIN_KAFKA")).create().expect("a client")
}
