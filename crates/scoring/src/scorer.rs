//! The processor of one partition: every request of the home, one after another.

use std::sync::Arc;

use topspin_event::{
    Anomaly, CommandEnvelope, Device, MatchId, MatchMeta, NewAnomaly, Reference, TieCommandEnvelope, TieId,
    TieMeta, Timestamp,
};
use topspin_runtime::{Placed, Processor, Scope, Store, StoreError};

use crate::answer::{Answer, CreateError, Created, RecordError, Replayed, SubmitError};
use crate::home::HomeConfig;
use crate::hot::HotMatches;
use crate::live::{Audience, Change, LiveBatch};
use crate::tables::{Anomalies, Clock};
use crate::ties::{TieAnswer, TieCreateError, TieCreated};
use crate::topics::{Kind, Lane};

/// What a partition is asked.
pub(crate) enum Request {
    /// What is in the way of a match, or stands for it.
    Find(Box<MatchMeta>),
    /// Create a match.
    Create(Box<MatchMeta>),
    /// Decide a command.
    Submit(MatchId, Box<CommandEnvelope>),
    /// Create a tie.
    CreateTie(Box<TieMeta>),
    /// Decide a command to a tie.
    SubmitTie(TieId, Box<TieCommandEnvelope>),
    /// Keep an item of reference data if there is none with its id.
    Refer(Box<Reference>),
    /// Keep an anomaly if there is none with its id.
    Report(Box<NewAnomaly>),
    /// Keep a tablet's sign of life.
    Hear(Box<Device>),
}

/// What a partition answers: of the kind of the request.
pub(crate) enum Reply {
    /// To `Find`: the match if it is there, nothing if it can be created.
    Found(Result<Option<Box<Created>>, CreateError>),
    /// To `Create`.
    Created(Result<Box<Created>, CreateError>),
    /// To `Submit`.
    Decided(Result<Box<Answer>, SubmitError>),
    /// To `CreateTie`.
    TieCreated(Result<Box<TieCreated>, TieCreateError>),
    /// To `SubmitTie`.
    TieDecided(Result<Box<TieAnswer>, SubmitError>),
    /// To `Refer`.
    Referred(Result<(Box<Reference>, Replayed), RecordError>),
    /// To `Report`.
    Reported(Result<Replayed, RecordError>),
    /// To `Hear`.
    Heard(Result<Box<Device>, RecordError>),
}

/// The state of one partition.
pub(crate) struct Scorer {
    pub(crate) config: HomeConfig,
    pub(crate) lane: Lane,
    pub(crate) hot: HotMatches,
    /// No record is earlier than this.
    latest: Timestamp,
    /// Changes of the batch, not committed yet.
    pub(crate) pending: Vec<Change>,
    audience: Audience,
}

impl Scorer {
    pub(crate) fn new(
        config: HomeConfig,
        lane: Lane,
        audience: Audience,
        store: &Store,
    ) -> Result<Self, StoreError> {
        let latest = Clock::latest(store, lane.number())?;
        let hot = HotMatches::new(config.hot_matches);
        Ok(Scorer { config, lane, hot, latest, pending: Vec::new(), audience })
    }

    /// The time for a record: the clock's, and never before an earlier record of the partition.
    pub(crate) fn now(&mut self) -> Timestamp {
        self.latest = self.latest.max((self.config.clock)());
        self.latest
    }

    fn hear(&mut self, mut device: Device, scope: &mut Scope<'_, '_>) -> Result<Box<Device>, RecordError> {
        device.heard_at = self.now();
        device.clock_offset_ms = device.heard_at.millis_since(device.heartbeat.client_time);
        scope.append(vec![self.device_record(&device)])?;
        Ok(Box::new(device))
    }

    fn report(&mut self, fault: NewAnomaly, scope: &mut Scope<'_, '_>) -> Result<Replayed, RecordError> {
        if scope.get(Anomalies::NAME, &Anomalies::id_key(fault.id.0))?.is_some() {
            return Ok(Replayed::Yes);
        }
        let anomaly = Anomaly { org: self.config.org, fault, recorded_at: self.now() };
        scope.append(vec![self.anomaly_record(&anomaly)])?;
        Ok(Replayed::No)
    }
}

impl Processor for Scorer {
    type Request = Request;
    type Reply = Reply;

    fn handle(&mut self, request: Request, scope: &mut Scope<'_, '_>) -> Reply {
        match request {
            Request::Find(meta) => Reply::Found(self.find(&meta, scope)),
            Request::Create(meta) => Reply::Created(self.create(*meta, scope)),
            Request::Submit(id, envelope) => Reply::Decided(self.submit(id, &envelope, scope)),
            Request::CreateTie(meta) => Reply::TieCreated(self.create_tie(*meta, scope)),
            Request::SubmitTie(id, envelope) => Reply::TieDecided(self.submit_tie(id, &envelope, scope)),
            Request::Refer(item) => Reply::Referred(self.refer(*item, scope)),
            Request::Report(fault) => Reply::Reported(self.report(*fault, scope)),
            Request::Hear(device) => Reply::Heard(self.hear(*device, scope)),
        }
    }

    fn committed(&mut self, placed: &[Placed]) {
        self.hot.settle();
        if placed.iter().any(|placed| placed.partition.topic.as_str() == Kind::TieEvents.name()) {
            self.audience.ties.send_replace(());
        }
        if self.pending.is_empty() {
            return;
        }
        let events =
            placed.iter().filter(|placed| placed.partition.topic.as_str() == Kind::MatchEvents.name());
        let changes = events.map(|placed| placed.offset).zip(self.pending.drain(..)).collect();
        // Nobody may be listening.
        let _ = self.audience.matches.send(Arc::new(LiveBatch { partition: self.lane.number(), changes }));
    }

    fn rolled_back(&mut self) {
        self.hot.forget_changed();
        self.pending.clear();
    }
}
