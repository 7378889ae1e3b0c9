//! A log whose commits fail as the seed says: nothing written, or nobody knows.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use topspin_log::conformance::intercept::Intercepted;
use topspin_log::memory::MemoryLog;
use topspin_log::{Batch, CommitError, Committer, Producer, Receipt};

pub fn flaky(log: MemoryLog, seed: u64) -> Intercepted<MemoryLog> {
    let random = Arc::new(Mutex::new(ChaCha8Rng::seed_from_u64(seed)));
    Intercepted::new(log, move |_, inner| Box::new(FlakyCommitter { inner, random: random.clone() }))
}

struct FlakyCommitter {
    inner: Producer,
    random: Arc<Mutex<ChaCha8Rng>>,
}

#[async_trait]
impl Committer for FlakyCommitter {
    async fn commit(&mut self, batch: Batch) -> Result<Receipt, CommitError> {
        let fault = self.random.lock().expect("no panic").random_range(0..6);
        let reason = "by the seed".to_owned();
        match fault {
            0 => return Err(CommitError::Unavailable { reason }),
            1 => return Err(CommitError::Indeterminate { reason }),
            2 => return Err(CommitError::StorageFull),
            _ => {}
        }
        let receipt = self.inner.commit(batch).await?;
        if fault == 3 { Err(CommitError::Indeterminate { reason }) } else { Ok(receipt) }
    }
}
