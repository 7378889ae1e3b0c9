//! The suite of the contract on the embedded engine, with segments small enough that every test crosses several.

use std::future::{Ready, ready};
use std::sync::Arc;

use async_trait::async_trait;
use tempfile::TempDir;
use topspin_log::conformance::{Cleaning, Engine, Reopened};
use topspin_log::{Log, Timestamp};
use topspin_log_embedded::{EmbeddedLog, Options};

struct InDirectory {
    log: EmbeddedLog,
    options: Options,
    directory: TempDir,
}

impl InDirectory {
    fn open(directory: TempDir, options: Options) -> Box<dyn Engine> {
        let log = EmbeddedLog::open(directory.path(), &options).expect("opened");
        Box::new(Self { log, options, directory })
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
        let Self { log, options, directory } = *self;
        log.close().await;
        Reopened::Again(Self::open(directory, options))
    }
}

fn engine(segment_bytes: u64) -> Ready<Box<dyn Engine>> {
    let directory = tempfile::tempdir().expect("a directory");
    ready(InDirectory::open(directory, Options { segment_bytes, clean_interval: None }))
}

mod small_segments {
    topspin_log::conformance_suite!(super::engine(4096));
}

mod default_segments {
    topspin_log::conformance_suite!(super::engine(topspin_log_embedded::limits::DEFAULT_SEGMENT_BYTES));
}
