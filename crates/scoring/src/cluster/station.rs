//! A lane in this process, as its tasks and those who ask it see it.

use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::watch;
use topspin_runtime::Partition;

use super::progress::Progress;
use crate::limits::STALE_AFTER;
use crate::scorer::Scorer;
use crate::topics::Lane;

/// What a process has to do with a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Reads what its owner writes.
    Follow,
    /// Decides.
    Own,
}

/// A lane in this process.
pub(crate) struct Station {
    pub(crate) lane: Lane,
    pub(crate) progress: std::sync::Arc<Progress>,
    /// What the group wants of this process.
    pub(crate) wanted: watch::Sender<Role>,
    /// What it does: it owns from before it takes over until everything is finished.
    pub(crate) held: watch::Sender<Role>,
    /// Where requests of this process go, while it decides.
    owner: RwLock<Option<Partition<Scorer>>>,
}

impl Station {
    pub(crate) fn new(number: u32) -> Self {
        Station {
            lane: Lane::new(number),
            progress: std::sync::Arc::new(Progress::new()),
            wanted: watch::Sender::new(Role::Follow),
            held: watch::Sender::new(Role::Follow),
            owner: RwLock::new(None),
        }
    }

    /// Where requests of this process go; nothing if another process decides.
    pub(crate) fn owner(&self) -> Option<Partition<Scorer>> {
        self.owner.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_owner(&self, owner: Option<Partition<Scorer>>) {
        *self.owner.write().unwrap_or_else(PoisonError::into_inner) = owner;
    }

    /// For how long its answers may have been out of date, if that is too long.
    pub(crate) fn stale(&self) -> Option<Duration> {
        match self.progress.age() {
            Some(age) => (age > STALE_AFTER).then_some(age),
            None => Some(Duration::MAX),
        }
    }
}
