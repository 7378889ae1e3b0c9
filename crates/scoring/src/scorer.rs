//! The processor of one partition: every request of the home, one after another.

use std::sync::Arc;

use topspin_event::{Anomaly, Device, NewAnomaly, Outcome, Reference, Request, Timestamp};
use topspin_log::{Record, TopicPartition};
use topspin_runtime::{Placed, Positions, Processor, Scope, Store, StoreError};

use crate::answer::{Answer, CreateError, Created, RecordError, Replayed, SubmitError};
use crate::cluster::{Arrived, Incoming, Owed, Progress, outcome_of};
use crate::home::HomeConfig;
use crate::hot::HotMatches;
use crate::live::{Audience, Change, LiveBatch};
use crate::tables::{Anomalies, Clock};
use crate::ties::{TieAnswer, TieCreateError, TieCreated};
use crate::topics::{Kind, Lane};

/// What the task of a partition is given.
pub(crate) enum Work {
    /// A request of this process.
    Own(Request),
    /// Requests of other processes.
    Incoming(Incoming),
    /// Nothing: answered once the partition is good.
    Settle,
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
    /// To what other processes ask, who are answered on the log, to `Barrier` and to `Settle`.
    Taken,
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
    /// What the batch owes to other processes.
    owed: Owed,
    /// Where this process says how far it has come; nowhere unless it shares the log.
    progress: Option<Arc<Progress>>,
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
        let (pending, owed) = (Vec::new(), Owed::new(store));
        Ok(Scorer { config, lane, hot, latest, pending, audience, owed, progress: None })
    }

    /// The same, for a process that shares the log with others.
    pub(crate) fn sharing(self, progress: Arc<Progress>) -> Self {
        Scorer { progress: Some(progress), ..self }
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

impl Scorer {
    fn answer(&mut self, request: Request, scope: &mut Scope<'_, '_>) -> Reply {
        match request {
            Request::Find(meta) => Reply::Found(self.find(&meta, scope)),
            Request::Create(meta) => Reply::Created(self.create(*meta, scope)),
            Request::Submit(id, envelope) => Reply::Decided(self.submit(id, &envelope, scope)),
            Request::CreateTie(meta) => Reply::TieCreated(self.create_tie(*meta, scope)),
            Request::SubmitTie(id, envelope) => Reply::TieDecided(self.submit_tie(id, &envelope, scope)),
            Request::Refer(item) => Reply::Referred(self.refer(*item, scope)),
            Request::Report(fault) => Reply::Reported(self.report(*fault, scope)),
            Request::Hear(device) => Reply::Heard(self.hear(*device, scope)),
            Request::Barrier => Reply::Taken,
        }
    }

    fn answer_others(&mut self, incoming: Incoming, scope: &mut Scope<'_, '_>) {
        for Arrived { key, offset, trace, request } in incoming.requests {
            let outcome = match request {
                Ok(request) => outcome_of(&self.answer(request, &mut scope.on_behalf_of(trace.as_ref()))),
                Err(failure) => Outcome::Failed(failure),
            };
            self.owed.reply(key, offset, outcome);
        }
        self.owed.go_on(incoming.positions);
    }
}

impl Processor for Scorer {
    type Request = Work;
    type Reply = Reply;

    fn handle(&mut self, work: Work, scope: &mut Scope<'_, '_>) -> Reply {
        match work {
            Work::Own(request) => self.answer(request, scope),
            Work::Incoming(incoming) => {
                self.answer_others(incoming, scope);
                Reply::Taken
            }
            Work::Settle => Reply::Taken,
        }
    }

    fn seal(&mut self, records: &mut Vec<(TopicPartition, Record)>) -> Option<Positions> {
        let now = (self.config.clock)();
        self.owed.settle(&self.lane, now, records)
    }

    fn committed(&mut self, placed: &[Placed]) {
        self.hot.settle();
        if let Some(progress) = &self.progress {
            progress.note(placed);
        }
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
        self.owed.forget();
    }

    fn recovered(&mut self) {
        self.audience.missed(self.lane.number());
    }
}
