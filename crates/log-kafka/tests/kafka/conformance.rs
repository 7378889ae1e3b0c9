//! The suite of the contract.

use std::sync::Arc;

use async_trait::async_trait;
use topspin_log::conformance::{Cleaning, Engine, Reopened};
use topspin_log::{Log, Timestamp};
use topspin_log_kafka::{KafkaLog, Settings};

use crate::cluster;

struct OnCluster {
    log: KafkaLog,
    settings: Settings,
}

async fn connect(settings: Settings) -> Box<dyn Engine> {
    let log = KafkaLog::connect(settings.clone()).await.expect("connected");
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

topspin_log::conformance_suite!(connect(cluster::settings()));
