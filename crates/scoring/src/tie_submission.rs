//! Creating a tie, and deciding a command to it. Ties are few and short: they are folded anew for each command.

use std::sync::Arc;

use topspin_event::{
    BodyHash, Chain, CommandId, Epoch, PayloadHash, Precision, RecordedVerdict, Refusal, Seq,
    TieCommandEnvelope, TieEvent, TieEventEnvelope, TieId, TieMeta, TieRecorded, Timestamp, Verdict as Kept,
    wire,
};
use topspin_laws::LAWS_VERSION;
use topspin_laws::tie::decide;
use topspin_runtime::Scope;

use crate::answer::{Replayed, SubmitError};
use crate::history::Rows;
use crate::scorer::Scorer;
use crate::tables::{Dedupe, Subject, bad_row, dedupe_key};
use crate::tie_fold::TieFold;
use crate::tie_history::{self, TieHistoryError};
use crate::ties::{TieAccepted, TieAnswer, TieCreateError, TieCreated, TieVerdict};

/// What every event of one command has in common.
struct Cause {
    command: CommandId,
    epoch: Epoch,
    occurred_at: Option<Timestamp>,
    precision: Precision,
    recorded_at: Timestamp,
}

impl Scorer {
    /// Creates a tie, or says that it is there.
    pub(crate) fn create_tie(
        &mut self,
        mut meta: TieMeta,
        scope: &mut Scope<'_, '_>,
    ) -> Result<Box<TieCreated>, TieCreateError> {
        let id = meta.id;
        if let Some(fold) = tie_history::fold(scope, id, Seq(1))? {
            meta.created_at = fold.meta.created_at;
            if meta != *fold.meta {
                return Err(TieCreateError::AlreadyExists { existing: id });
            }
            let fold = tie_history::fold(scope, id, Seq(u64::MAX))?.unwrap_or(fold);
            return Ok(Box::new(TieCreated { snapshot: fold.snapshot(), replayed: Replayed::Yes }));
        }
        let recorded_at = self.now();
        meta.created_at = recorded_at;
        let cause = Cause {
            command: CommandId::derived(id.0, "create"),
            epoch: Epoch::FIRST,
            occurred_at: None,
            precision: Precision::Ms,
            recorded_at,
        };
        let event =
            self.record_tie_event(TieEvent::Created(Arc::new(meta)), (id, Seq(1), Chain::START), &cause);
        let fold = TieFold::created(&event).map_err(TieHistoryError::Fold)?;
        let snapshot = fold.snapshot();
        scope.append(vec![self.tie_event_record(&event), self.tie_snapshot_record(&snapshot)])?;
        Ok(Box::new(TieCreated { snapshot, replayed: Replayed::No }))
    }

    /// Decides a command to a tie, or gives the answer that it got before.
    pub(crate) fn submit_tie(
        &mut self,
        id: TieId,
        envelope: &TieCommandEnvelope,
        scope: &mut Scope<'_, '_>,
    ) -> Result<Box<TieAnswer>, SubmitError> {
        let body = envelope.canonical();
        let hash = BodyHash::of(body.as_bytes());
        let fold = tie_history::fold(scope, id, Seq(u64::MAX))?.ok_or(SubmitError::TieNotFound(id))?;
        if let Some(known) = scope.get(Dedupe::NAME, &dedupe_key(Subject::Tie(id), envelope.command_id))? {
            return replay(id, envelope.command_id, hash, &known, scope);
        }
        let decided = match envelope.expected_seq.filter(|expected| *expected != fold.seq) {
            Some(expected) => Err(Refusal::SeqMismatch { expected, head: fold.seq }),
            None => decide(&fold.state, &envelope.command).map_err(|rejection| Refusal::Law {
                code: rejection.code().to_owned(),
                law: rejection.law().0.to_owned(),
                detail: rejection.to_string(),
            }),
        };
        let recorded_at = self.now();
        let (verdict, answer, mut records) = match decided {
            Err(refusal) => (Kept::Refused(refusal.clone()), TieVerdict::Refused(refusal), Vec::new()),
            Ok(happened) => {
                let cause = Cause {
                    command: envelope.command_id,
                    epoch: fold.epoch,
                    occurred_at: envelope.occurred_at,
                    precision: envelope.precision,
                    recorded_at,
                };
                let accepted = self.happen(fold, happened, &cause)?;
                let mut records: Vec<_> =
                    accepted.events.iter().map(|event| self.tie_event_record(event)).collect();
                records.push(self.tie_snapshot_record(&accepted.snapshot));
                let kept = Kept::Accepted { from_seq: accepted.from_seq, seq: accepted.snapshot.seq };
                (kept, TieVerdict::Accepted(Box::new(accepted)), records)
            }
        };
        let verdict = RecordedVerdict { body: hash, verdict };
        records.extend(self.tie_verdict_records(id, envelope.command_id, &body, (&verdict, recorded_at)));
        scope.append(records)?;
        Ok(Box::new(TieAnswer { verdict: answer, replayed: Replayed::No }))
    }

    fn happen(
        &self,
        mut fold: TieFold,
        happened: Vec<topspin_laws::tie::TieEvent>,
        cause: &Cause,
    ) -> Result<TieAccepted, SubmitError> {
        let (id, from_seq) = (fold.meta.id, Seq(fold.seq.0 + 1));
        let mut events = Vec::with_capacity(happened.len());
        for law in happened {
            let event =
                self.record_tie_event(TieEvent::Law(law), (id, Seq(fold.seq.0 + 1), fold.chain), cause);
            fold = fold.evolve(&event).map_err(TieHistoryError::Fold)?;
            events.push(event);
        }
        Ok(TieAccepted { command_id: cause.command, from_seq, events, snapshot: fold.snapshot() })
    }

    fn record_tie_event(
        &self,
        event: TieEvent,
        (tie_id, seq, chain): (TieId, Seq, Chain),
        cause: &Cause,
    ) -> TieEventEnvelope {
        let recorded = TieRecorded {
            tie_id,
            epoch: cause.epoch,
            seq,
            laws_version: LAWS_VERSION,
            cause: cause.command,
            origin: self.config.origin.clone(),
            occurred_at: cause.occurred_at,
            precision: cause.precision,
            recorded_at: cause.recorded_at,
            event,
        };
        let payload = wire::encode_tie_recorded(&recorded).expect("this version writes only what it knows");
        TieEventEnvelope { recorded, chain: chain.link(PayloadHash::of(&payload)), payload }
    }
}

/// The answer that a command got before.
fn replay(
    id: TieId,
    command_id: CommandId,
    hash: BodyHash,
    known: &[u8],
    scope: &Scope<'_, '_>,
) -> Result<Box<TieAnswer>, SubmitError> {
    let kept = wire::decode_verdict(known).map_err(|error| bad_row(Dedupe::NAME, error))?;
    if kept.body != hash {
        return Err(SubmitError::CommandIdReused(command_id));
    }
    let verdict = recall(scope, id, command_id, kept.verdict)?;
    let missing = || SubmitError::Store(bad_row(Dedupe::NAME, "the events of a verdict are missing"));
    Ok(Box::new(TieAnswer { verdict: verdict.ok_or_else(missing)?, replayed: Replayed::Yes }))
}

/// A kept verdict as it was answered; nothing while its events are not here.
pub(crate) fn recall(
    rows: &impl Rows,
    id: TieId,
    command_id: CommandId,
    kept: Kept,
) -> Result<Option<TieVerdict>, TieHistoryError> {
    let (from_seq, seq) = match kept {
        Kept::Refused(refusal) => return Ok(Some(TieVerdict::Refused(refusal))),
        Kept::Accepted { from_seq, seq } => (from_seq, seq),
    };
    let Some(fold) = tie_history::fold(rows, id, seq)?.filter(|fold| fold.seq == seq) else {
        return Ok(None);
    };
    let count = seq.0 - from_seq.0 + 1;
    let events = tie_history::events(rows, id, from_seq, count as usize)?;
    let snapshot = fold.snapshot();
    Ok(Some(TieVerdict::Accepted(Box::new(TieAccepted { command_id, from_seq, events, snapshot }))))
}
