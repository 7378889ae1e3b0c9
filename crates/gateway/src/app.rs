//! What every request can use.

use std::sync::Arc;

use jiff::tz::TimeZone;
use tokio::sync::{Semaphore, watch};
use topspin_event::{CompetitionId, ReferenceKind};
use topspin_runtime::{Monitor, Replica};
use topspin_scoring::{Clock, Home};
use uuid::Uuid;

use crate::access::{Access, Names};
use crate::chronicles::Chronicles;
use crate::limits::MAX_STREAMS;
use crate::live::{Followers, Hub};
use crate::metrics::Metrics;
use crate::models::Models;

/// What the binary chooses.
pub struct Config {
    /// Where commands are decided and matches are read.
    pub home: Home,
    /// The views that this process keeps.
    pub views: watch::Receiver<Vec<Monitor>>,
    /// What views say, where this process keeps them.
    pub replica: Option<Replica>,
    /// Whose calendar says which day it was.
    pub zone: TimeZone,
    /// One life of the log: cursors of another are answered with snapshots.
    pub log_id: Uuid,
    /// Who may write.
    pub access: Access,
    /// The names of this server.
    pub names: Names,
    /// The time.
    pub clock: Clock,
    /// The files of the screens.
    pub screens: Screens,
    /// Turns true when the server stops.
    pub stop: watch::Receiver<bool>,
}

/// Finds a file of the built screens by its path, such as `assets/app.js`; nothing where they are not built.
pub type Screens = fn(&str) -> Option<&'static [u8]>;

/// The state behind the router. Cheap to clone.
pub type App = Arc<Gateway>;

/// The gateway.
pub struct Gateway {
    pub(crate) home: Home,
    pub(crate) views: watch::Receiver<Vec<Monitor>>,
    pub(crate) replica: Option<Replica>,
    pub(crate) zone: TimeZone,
    pub(crate) log_id: Uuid,
    pub(crate) access: Access,
    pub(crate) names: Names,
    pub(crate) clock: Clock,
    pub(crate) screens: Screens,
    pub(crate) stop: watch::Receiver<bool>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) followers: Arc<Followers>,
    pub(crate) streams: Arc<Semaphore>,
    pub(crate) chronicles: Chronicles,
    pub(crate) models: Models,
}

impl Gateway {
    /// Makes the gateway and starts handing changes to its streams, until the home shuts down.
    ///
    /// # Errors
    /// [`topspin_scoring::ReadError`] if the home's position cannot be read.
    pub fn start(config: Config) -> Result<App, topspin_scoring::ReadError> {
        let metrics = Arc::new(Metrics::default());
        let followers = Hub::start(&config.home, &config.clock, &metrics)?;
        Ok(Arc::new(Gateway {
            home: config.home,
            views: config.views,
            replica: config.replica,
            zone: config.zone,
            log_id: config.log_id,
            access: config.access,
            names: config.names,
            clock: config.clock,
            screens: config.screens,
            stop: config.stop,
            metrics,
            followers,
            streams: Arc::new(Semaphore::new(MAX_STREAMS)),
            chronicles: Chronicles::default(),
            models: Models::default(),
        }))
    }

    /// What the server counts.
    pub fn metrics(&self) -> Arc<Metrics> {
        Arc::clone(&self.metrics)
    }

    /// What a competition is called; empty where that is not known.
    pub(crate) fn competition_name(&self, id: Option<CompetitionId>) -> String {
        let item =
            id.map(|id| self.home.reference(ReferenceKind::Competition, topspin_event::ReferenceId(id.0)));
        item.and_then(Result::ok).flatten().map(|item| item.details.name).unwrap_or_default()
    }

    pub(crate) fn is_stopping(&self) -> bool {
        *self.stop.borrow()
    }
}
