//! The records that a partition appends.

use bytes::Bytes;
use topspin_event::{
    Anomaly, CommandId, Device, EventEnvelope, MatchId, MatchSnapshot, RecordedVerdict, Reference,
    TieEventEnvelope, TieId, TieSnapshot, Timestamp, wire,
};
use topspin_log::{Record, Timestamp as LogTime, TopicPartition};
use topspin_runtime::{AppendError, Scope};

use crate::answer::{RecordError, Replayed};
use crate::scorer::Scorer;
use crate::tables::{CHAIN_HEADER, LIVENESS_HEADER, References, Subject, bad_row, liveness_number};
use crate::topics::Kind;

type Addressed = (TopicPartition, Record);

impl Scorer {
    pub(crate) fn event_record(&self, event: &EventEnvelope) -> Addressed {
        let key = event.recorded.match_id.to_string();
        let record = Record::new(key, event.payload.clone(), log_time(event.recorded.recorded_at))
            .with_header(CHAIN_HEADER, Bytes::copy_from_slice(event.chain.as_bytes()))
            .with_header(LIVENESS_HEADER, vec![liveness_number(event.delivery.liveness)]);
        (self.lane.of(Kind::MatchEvents), record)
    }

    pub(crate) fn snapshot_record(&self, snapshot: &MatchSnapshot) -> Addressed {
        let value = wire::encode_snapshot(snapshot);
        let record = Record::new(snapshot.meta.id.to_string(), value, log_time(snapshot.updated_at));
        (self.lane.of(Kind::Matches), record)
    }

    /// The command as evidence, and the verdict for its retries.
    pub(crate) fn verdict_records(
        &self,
        id: MatchId,
        command: CommandId,
        body: &str,
        decided: (&RecordedVerdict, Timestamp),
    ) -> Vec<Addressed> {
        self.evidence((Subject::Match(id), command), body, decided)
    }

    /// As [`Scorer::verdict_records`], for ties.
    pub(crate) fn tie_verdict_records(
        &self,
        id: TieId,
        command: CommandId,
        body: &str,
        decided: (&RecordedVerdict, Timestamp),
    ) -> Vec<Addressed> {
        self.evidence((Subject::Tie(id), command), body, decided)
    }

    pub(crate) fn tie_event_record(&self, event: &TieEventEnvelope) -> Addressed {
        let key = event.recorded.tie_id.to_string();
        let record = Record::new(key, event.payload.clone(), log_time(event.recorded.recorded_at))
            .with_header(CHAIN_HEADER, Bytes::copy_from_slice(event.chain.as_bytes()));
        (self.lane.of(Kind::TieEvents), record)
    }

    pub(crate) fn tie_snapshot_record(&self, snapshot: &TieSnapshot) -> Addressed {
        let value = wire::encode_tie_snapshot(snapshot);
        let record = Record::new(snapshot.meta.id.to_string(), value, log_time(snapshot.updated_at));
        (self.lane.of(Kind::Ties), record)
    }

    fn evidence(
        &self,
        (subject, command): (Subject, CommandId),
        body: &str,
        (verdict, recorded_at): (&RecordedVerdict, Timestamp),
    ) -> Vec<Addressed> {
        let (commands, dedupe) = match subject {
            Subject::Match(_) => (Kind::MatchCommands, Kind::MatchDedupe),
            Subject::Tie(_) => (Kind::TieCommands, Kind::TieDedupe),
        };
        let (subject, time) = (subject.id(), log_time(recorded_at));
        let at = (&self.config.origin, recorded_at);
        let evidence = wire::encode_command_record(subject, self.config.org, at, body, verdict);
        let key = format!("{subject}/{command}");
        vec![
            (self.lane.of(commands), Record::new(subject.to_string(), evidence, time)),
            (self.lane.of(dedupe), Record::new(key, wire::encode_verdict(verdict), time)),
        ]
    }

    pub(crate) fn anomaly_record(&self, anomaly: &Anomaly) -> Addressed {
        let value = wire::encode_anomaly(anomaly);
        let record = Record::new(anomaly.fault.id.to_string(), value, log_time(anomaly.recorded_at));
        (self.lane.of(Kind::Anomalies), record)
    }

    pub(crate) fn device_record(&self, device: &Device) -> Addressed {
        let value = wire::encode_device(device);
        let record = Record::new(device.device.to_string(), value, log_time(device.heard_at));
        (self.lane.of(Kind::Devices), record)
    }

    /// Keeps an item of reference data, or says that one with its id is there.
    pub(crate) fn refer(
        &mut self,
        mut item: Reference,
        scope: &mut Scope<'_, '_>,
    ) -> Result<(Box<Reference>, Replayed), RecordError> {
        let kind = item.kind.as_str();
        if let Some(known) = scope.get(References::NAME, &References::key(kind, item.id.0))? {
            let known = wire::decode_reference(&known).map_err(|error| bad_row(References::NAME, error))?;
            return Ok((Box::new(known), Replayed::Yes));
        }
        item.created_at = self.now();
        item.updated_at = item.created_at;
        let key = format!("{kind}/{}", item.id);
        let record = Record::new(key, wire::encode_reference(&item), log_time(item.created_at));
        scope.append(vec![(self.lane.of(Kind::Reference), record)])?;
        Ok((Box::new(item), Replayed::No))
    }
}

/// A time on the log, which knows none before 1970.
pub(crate) fn log_time(time: Timestamp) -> LogTime {
    LogTime::from_millis(u64::try_from(time.as_millis()).unwrap_or(0))
}

impl From<AppendError> for RecordError {
    fn from(error: AppendError) -> Self {
        match error {
            AppendError::TooLarge { .. } => RecordError::TooLarge,
            AppendError::Store(error) => RecordError::Store(error),
        }
    }
}
