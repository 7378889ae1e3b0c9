//! The suite on the memory engine, plain and with Kafka's traps, and on the embedded engine.

use std::future::{Ready, ready};
use std::sync::Arc;

use async_trait::async_trait;
use tempfile::TempDir;
use topspin_log::conformance::{Cleaning, Engine, Reopened};
use topspin_log::memory::MemoryLog;
use topspin_log::{Log, Timestamp};
use topspin_log_embedded::{EmbeddedLog, Options};

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

fn in_memory(log: MemoryLog) -> Ready<Box<dyn Engine>> {
    ready(Box::new(InMemory(log)))
}

struct InDirectory {
    log: EmbeddedLog,
    directory: TempDir,
}

impl InDirectory {
    fn open(directory: TempDir) -> Box<dyn Engine> {
        let options = Options { segment_bytes: 64 * 1024, clean_interval: None };
        let log = EmbeddedLog::open(directory.path(), &options).expect("opened");
        Box::new(Self { log, directory })
    }
}

#[async_trait]
impl Engine for InDirectory {
    fn log(&self) -> Arc<dyn Log> {
        Arc::new(self.log.clone())
    }

    async fn clean(&self, now: Timestamp) -> Cleaning {
        self.log.clean_now(now).await.expect("cleaned");
        Cleaning::Done
    }

    async fn reopen(self: Box<Self>) -> Reopened {
        let Self { log, directory } = *self;
        log.close().await;
        Reopened::Again(Self::open(directory))
    }
}

fn in_directory() -> Ready<Box<dyn Engine>> {
    ready(InDirectory::open(tempfile::tempdir().expect("a directory")))
}

mod memory {
    topspin_runtime::exactly_once_suite!(super::in_memory(super::MemoryLog::new()));
}

mod kafka_like {
    topspin_runtime::exactly_once_suite!(super::in_memory(super::MemoryLog::kafka_like(1)));
}

mod kafka_like_otherwise {
    topspin_runtime::exactly_once_suite!(super::in_memory(super::MemoryLog::kafka_like(20_261_125)));
}

mod embedded {
    topspin_runtime::exactly_once_suite!(super::in_directory());
}
