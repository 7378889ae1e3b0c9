//! A log whose commits fail as told.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use topspin_log::conformance::intercept::Intercepted;
use topspin_log::{Batch, CommitError, Committer, Log, Producer, Receipt};

/// What happens to a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It goes through.
    None,
    /// Nothing is written, for now.
    Full,
    /// Nothing is written, for now.
    Unavailable,
    /// Nothing is written, and nobody knows.
    LostBefore,
    /// It is written, and nobody knows.
    LostAfter,
    /// The log takes nothing more until it is opened again.
    Failed,
}

/// What happens to the next commits, in order; then all go through.
#[derive(Clone, Default)]
pub struct Faults(Arc<Mutex<VecDeque<Fault>>>);

impl Faults {
    pub fn plan(&self, faults: impl IntoIterator<Item = Fault>) {
        self.0.lock().expect("not poisoned").extend(faults);
    }

    pub fn clear(&self) {
        self.0.lock().expect("not poisoned").clear();
    }

    fn next(&self) -> Fault {
        self.0.lock().expect("not poisoned").pop_front().unwrap_or(Fault::None)
    }
}

/// The log, with these faults.
pub fn faulty<L: Log>(log: L, faults: &Faults) -> Intercepted<L> {
    let faults = faults.clone();
    Intercepted::new(log, move |_, inner| Box::new(FaultyCommitter { inner, faults: faults.clone() }))
}

struct FaultyCommitter {
    inner: Producer,
    faults: Faults,
}

#[async_trait]
impl Committer for FaultyCommitter {
    async fn commit(&mut self, batch: Batch) -> Result<Receipt, CommitError> {
        let lost = || CommitError::Indeterminate { reason: "the connection broke".to_owned() };
        let fault = self.faults.next();
        match fault {
            Fault::Full => return Err(CommitError::StorageFull),
            Fault::Unavailable => return Err(CommitError::Unavailable { reason: "no leader".to_owned() }),
            Fault::LostBefore => return Err(lost()),
            Fault::Failed => return Err(CommitError::Failed { reason: "the sync failed".to_owned() }),
            Fault::None | Fault::LostAfter => {}
        }
        let receipt = self.inner.commit(batch).await?;
        if fault == Fault::LostAfter { Err(lost()) } else { Ok(receipt) }
    }
}
