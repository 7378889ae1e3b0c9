//! Creating a match, and deciding a command.

use std::sync::Arc;

use topspin_event::{
    BodyHash, Chain, CommandEnvelope, CommandId, Delivery, Epoch, EventEnvelope, Lease, Liveness, MatchEvent,
    MatchId, MatchMeta, PayloadHash, Precision, Recorded, RecordedVerdict, Refusal, Seq, Timestamp,
    Verdict as Kept, wire,
};
use topspin_laws::LAWS_VERSION;
use topspin_runtime::{AppendError, Scope};

use crate::answer::{Accepted, Answer, CreateError, Created, Replayed, SubmitError, Verdict};
use crate::decision::{decide_command, raises_lease};
use crate::fold::MatchFold;
use crate::history::{self, HistoryError, Rows};
use crate::live::Change;
use crate::preconditions;
use crate::scorer::Scorer;
use crate::tables::{Dedupe, Subject, bad_row, dedupe_key};

/// A command with its canonical form.
struct Asked<'envelope> {
    envelope: &'envelope CommandEnvelope,
    body: String,
    hash: BodyHash,
}

impl<'envelope> Asked<'envelope> {
    fn new(envelope: &'envelope CommandEnvelope) -> Self {
        let body = envelope.canonical();
        Asked { envelope, hash: BodyHash::of(body.as_bytes()), body }
    }
}

/// What every event of one command has in common.
struct Cause {
    command: CommandId,
    epoch: Epoch,
    lease: Lease,
    occurred_at: Option<Timestamp>,
    precision: Precision,
    recorded_at: Timestamp,
}

impl Scorer {
    /// Creates a match, or says that it is there.
    pub(crate) fn create(
        &mut self,
        mut meta: MatchMeta,
        scope: &mut Scope<'_, '_>,
    ) -> Result<Box<Created>, CreateError> {
        if let Some(found) = self.find(&meta, scope)? {
            return Ok(found);
        }
        let id = meta.id;
        let recorded_at = self.now();
        meta.created_at = recorded_at;
        let cause = Cause {
            command: CommandId::derived(id.0, "create"),
            epoch: Epoch::FIRST,
            lease: Lease::FIRST,
            occurred_at: None,
            precision: Precision::Ms,
            recorded_at,
        };
        let event =
            self.record_event(MatchEvent::Created(Arc::new(meta)), (id, Seq(1), Chain::START), &cause);
        let fold = MatchFold::created(&event).map_err(|error| CreateError::Invalid {
            field: "match".to_owned(),
            problem: error.to_string(),
        })?;
        let snapshot = fold.snapshot();
        scope.append(vec![self.event_record(&event), self.snapshot_record(&snapshot)])?;
        self.pending.push(Change { event, snapshot: snapshot.clone() });
        self.hot.put_changed(id, fold);
        Ok(Box::new(Created { snapshot, replayed: Replayed::No }))
    }

    /// The match, if it is there as it is wanted; nothing if none has its id.
    pub(crate) fn find(
        &mut self,
        wanted: &MatchMeta,
        scope: &Scope<'_, '_>,
    ) -> Result<Option<Box<Created>>, CreateError> {
        let Some(first) = history::events(scope, wanted.id, Seq(1), 1)?.pop() else { return Ok(None) };
        let same = match &first.recorded.event {
            MatchEvent::Created(meta) => {
                *wanted == MatchMeta { created_at: wanted.created_at, ..meta.as_ref().clone() }
            }
            MatchEvent::Law(_)
            | MatchEvent::Moved(_)
            | MatchEvent::ResultReported(_)
            | MatchEvent::StrokesRecorded(_)
            | MatchEvent::Unknown(_) => false,
        };
        if !same {
            return Err(CreateError::AlreadyExists { existing: wanted.id });
        }
        let fold = self.warm(wanted.id, scope).map_err(|error| match error {
            SubmitError::Store(error) => CreateError::Store(error),
            other => CreateError::Store(bad_row("events", other)),
        })?;
        let snapshot = fold.snapshot();
        self.hot.put_back(wanted.id, fold);
        Ok(Some(Box::new(Created { snapshot, replayed: Replayed::Yes })))
    }

    /// Decides a command, or gives the answer that it got before.
    pub(crate) fn submit(
        &mut self,
        id: MatchId,
        envelope: &CommandEnvelope,
        scope: &mut Scope<'_, '_>,
    ) -> Result<Box<Answer>, SubmitError> {
        let asked = Asked::new(envelope);
        let fold = self.warm(id, scope)?;
        let known = scope.get(Dedupe::NAME, &dedupe_key(Subject::Match(id), envelope.command_id))?;
        if let Some(known) = known {
            let answer = replay(&fold, &asked, &known, scope);
            self.hot.put_back(id, fold);
            return answer;
        }
        let decided =
            preconditions::check(&fold, envelope).and_then(|()| decide_command(&fold, &envelope.command));
        match decided {
            Ok(events) => self.accept(fold, &asked, events, scope),
            Err(refusal) => {
                self.hot.put_back(id, fold);
                self.refuse(id, &asked, refusal, scope)
            }
        }
    }

    /// The fold of a match, out of memory or from its events. Whoever takes it puts it back, or it is folded again.
    fn warm(&mut self, id: MatchId, scope: &Scope<'_, '_>) -> Result<MatchFold, SubmitError> {
        match self.hot.take(id) {
            Some(fold) => Ok(fold),
            None => history::fold(scope, id, Seq(u64::MAX))?.ok_or(SubmitError::MatchNotFound(id)),
        }
    }

    fn accept(
        &mut self,
        mut fold: MatchFold,
        asked: &Asked<'_>,
        happened: Vec<MatchEvent>,
        scope: &mut Scope<'_, '_>,
    ) -> Result<Box<Answer>, SubmitError> {
        let (id, envelope) = (fold.meta.id, asked.envelope);
        let recorded_at = self.now();
        let cause = Cause {
            command: envelope.command_id,
            epoch: fold.epoch,
            lease: if raises_lease(&envelope.command) { fold.lease.next() } else { fold.lease },
            occurred_at: envelope.occurred_at,
            precision: envelope.precision,
            recorded_at,
        };
        let from_seq = Seq(fold.seq.0 + 1);
        let mut changes = Vec::with_capacity(happened.len());
        for event in happened {
            let event = self.record_event(event, (id, Seq(fold.seq.0 + 1), fold.chain), &cause);
            fold = fold.evolve(&event).map_err(HistoryError::Fold)?;
            changes.push(Change { event, snapshot: fold.snapshot() });
        }
        let Some(last) = changes.last() else {
            return Err(SubmitError::Store(bad_row(
                "events",
                "the laws accepted a command without an event",
            )));
        };
        let snapshot = last.snapshot.clone();
        let verdict =
            RecordedVerdict { body: asked.hash, verdict: Kept::Accepted { from_seq, seq: fold.seq } };
        let mut records = self.verdict_records(id, envelope.command_id, &asked.body, (&verdict, recorded_at));
        records.extend(changes.iter().map(|change| self.event_record(&change.event)));
        records.push(self.snapshot_record(&snapshot));
        scope.append(records)?;
        self.hot.put_changed(id, fold);
        let events = changes.iter().map(|change| change.event.clone()).collect();
        self.pending.extend(changes);
        let accepted = Accepted { command_id: envelope.command_id, from_seq, events, snapshot };
        Ok(Box::new(Answer { verdict: Verdict::Accepted(Box::new(accepted)), replayed: Replayed::No }))
    }

    fn refuse(
        &mut self,
        id: MatchId,
        asked: &Asked<'_>,
        refusal: Refusal,
        scope: &mut Scope<'_, '_>,
    ) -> Result<Box<Answer>, SubmitError> {
        let recorded_at = self.now();
        let verdict = RecordedVerdict { body: asked.hash, verdict: Kept::Refused(refusal.clone()) };
        scope.append(self.verdict_records(
            id,
            asked.envelope.command_id,
            &asked.body,
            (&verdict, recorded_at),
        ))?;
        Ok(Box::new(Answer { verdict: Verdict::Refused(refusal), replayed: Replayed::No }))
    }

    fn record_event(
        &self,
        event: MatchEvent,
        (match_id, seq, chain): (MatchId, Seq, Chain),
        cause: &Cause,
    ) -> EventEnvelope {
        let recorded = Recorded {
            match_id,
            epoch: cause.epoch,
            seq,
            lease: cause.lease,
            laws_version: LAWS_VERSION,
            cause: cause.command,
            origin: self.config.origin.clone(),
            occurred_at: cause.occurred_at,
            precision: cause.precision,
            recorded_at: cause.recorded_at,
            event,
        };
        let payload = wire::encode_recorded(&recorded).expect("this version writes only what it knows");
        let liveness = Liveness::of(cause.occurred_at, cause.precision, cause.recorded_at);
        let delivery = Delivery { liveness, ..Delivery::default() };
        EventEnvelope { recorded, chain: chain.link(PayloadHash::of(&payload)), payload, delivery }
    }
}

/// The answer that a command got before.
fn replay(
    fold: &MatchFold,
    asked: &Asked<'_>,
    known: &[u8],
    scope: &Scope<'_, '_>,
) -> Result<Box<Answer>, SubmitError> {
    let kept = wire::decode_verdict(known).map_err(|error| bad_row(Dedupe::NAME, error))?;
    let command_id = asked.envelope.command_id;
    if kept.body != asked.hash {
        return Err(SubmitError::CommandIdReused(command_id));
    }
    let verdict = recall(scope, fold.meta.id, command_id, kept.verdict)?;
    let missing = || SubmitError::Store(bad_row(Dedupe::NAME, "the events of a verdict are missing"));
    Ok(Box::new(Answer { verdict: verdict.ok_or_else(missing)?, replayed: Replayed::Yes }))
}

/// A kept verdict as it was answered; nothing while its events are not here.
pub(crate) fn recall(
    rows: &impl Rows,
    id: MatchId,
    command_id: CommandId,
    kept: Kept,
) -> Result<Option<Verdict>, HistoryError> {
    let (from_seq, seq) = match kept {
        Kept::Refused(refusal) => return Ok(Some(Verdict::Refused(refusal))),
        Kept::Accepted { from_seq, seq } => (from_seq, seq),
    };
    let changes = history::changes(rows, id, from_seq, seq)?;
    let Some(last) = changes.last().filter(|last| last.snapshot.seq == seq) else { return Ok(None) };
    let snapshot = last.snapshot.clone();
    let events = changes.into_iter().map(|change| change.event).collect();
    Ok(Some(Verdict::Accepted(Box::new(Accepted { command_id, from_seq, events, snapshot }))))
}

impl From<AppendError> for SubmitError {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::TooLarge { .. } => SubmitError::TooLarge,
            AppendError::Store(error) => SubmitError::Store(error),
        }
    }
}

impl From<AppendError> for CreateError {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::TooLarge { .. } => CreateError::TooLarge,
            AppendError::Store(error) => CreateError::Store(error),
        }
    }
}
