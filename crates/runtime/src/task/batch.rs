//! One record of a batch.

use topspin_log::{Record, TopicPartition};
use topspin_stream::{CauseId, Header, Input, ProcessError, Progress, SourceKind, StateError};

use super::inputs::Taken;
use super::outbox::{Emission, time};
use super::{Ending, Task};
use crate::dead_letter::{self, Letter, LetterId, Retry, Standing};
use crate::deployment::Source;
use crate::limits::{
    MAX_REASON_BYTES, MAX_STEP_BYTES, MAX_STEP_RECORDS, TASK_BATCH_BYTES, TASK_BATCH_INPUTS,
    TASK_BATCH_RECORDS,
};
use crate::unwind::caught;

/// How large a batch is, beside what is in the outbox and the state.
#[derive(Clone, Copy, Default)]
pub(super) struct Size {
    pub(super) records: usize,
}

impl Size {
    pub(super) fn is_empty(self) -> bool {
        self.records == 0
    }
}

/// A record with where it was first read.
struct Origin<'a> {
    source: usize,
    place: TopicPartition,
    offset: topspin_log::Offset,
    /// How often it was tried before.
    attempts: u32,
    record: &'a Record,
}

impl Task {
    pub(super) fn is_full(&self, batch: Size) -> bool {
        let bytes = self.outbox.bytes() + self.state.batch_bytes();
        let records = self.outbox.records().len() + self.state.batch_rows();
        let careful = (self.care.records_left > 0 || self.care.judged) && batch.records > 0;
        careful
            || batch.records >= TASK_BATCH_INPUTS
            || bytes >= TASK_BATCH_BYTES
            || records >= TASK_BATCH_RECORDS
    }

    /// Lets the operators process a record. If they cannot, it becomes a dead letter, and it is as if they had never
    /// seen it.
    pub(super) fn handle(&mut self, taken: &Taken) -> Result<Progress, Ending> {
        let mut stripped;
        let origin = if let Some(source) = self.part.source_of(taken.input) {
            self.origin(taken, source)
        } else {
            stripped = taken.record.record.clone();
            let retry = Retry::strip(&mut stripped);
            match retry.and_then(|retry| self.again(retry, &stripped)) {
                Some(origin) => origin,
                // Nothing that was handed in here: nobody waits for it.
                None => return Ok(Progress::Done),
            }
        };
        let judged = self
            .care
            .verdict
            .take_if(|verdict| verdict.input == taken.input && verdict.offset == taken.record.offset);
        self.care.judged = judged.is_some();
        let verdict = match judged {
            Some(verdict) => Err(verdict.reason),
            None => self.process(&origin)?,
        };
        self.care.records_left = self.care.records_left.saturating_sub(1);
        match verdict {
            Ok(progress) => Ok(progress),
            Err(reason) => {
                let letter = self.letter(&origin, reason);
                self.set_aside(&letter);
                Ok(Progress::Done)
            }
        }
    }

    fn origin<'a>(&self, taken: &'a Taken, source: usize) -> Origin<'a> {
        Origin {
            source,
            place: self.part.read_by(taken.input, self.partition),
            offset: taken.record.offset,
            attempts: 0,
            record: &taken.record.record,
        }
    }

    fn again<'a>(&self, retry: Retry, record: &'a Record) -> Option<Origin<'a>> {
        let source = self.part.sources.iter().position(|source| source.topic == retry.topic)?;
        let place = TopicPartition::new(retry.topic, retry.partition);
        Some(Origin { source, place, offset: retry.offset, attempts: retry.attempts, record })
    }

    /// What came of a record: the inner error is why it is a dead letter.
    fn process(&mut self, origin: &Origin<'_>) -> Result<Result<Progress, String>, Ending> {
        let (state, outbox) = (self.state.mark(), self.outbox.mark());
        let (bytes, records) = (self.bytes(), self.records());
        let record = origin.record;
        let headers: Vec<_> =
            record.headers.iter().map(|header| Header { name: &header.name, value: &header.value }).collect();
        let source = &self.part.sources[origin.source];
        let input = Input {
            source: origin.source,
            key: record.key.as_deref(),
            value: record.value.as_deref(),
            headers: &headers,
            timestamp: time(record.timestamp),
            sequence: origin.offset.get(),
            cause: cause(source, origin),
        };
        let now = self.now;
        let (outbox_of_batch, packer) = (&mut self.outbox, &mut self.packer);
        let mut emission = Emission { outbox: outbox_of_batch, part: &self.part, packer, now, refused: None };
        let (instance, overlay) = (&mut self.instance, &mut self.state);
        let processed = caught(|| instance.process(input, overlay, &mut emission));
        let refused = emission.refused;
        let verdict = match processed {
            Ok(Ok(progress)) => {
                self.weigh(refused, bytes, records).map_or(Ok(progress), |reason| Err(reason.into()))
            }
            Ok(Err(ProcessError::Poison { operator, reason })) => Err(format!("{operator}: {reason}")),
            Ok(Err(ProcessError::State(error))) => return Err(self.state_failed(&error)),
            Err(panic) => {
                // What it holds is worth nothing.
                self.instance = self.part.subtopology.instantiate();
                Err(format!("a fault of the program: {panic}"))
            }
        };
        if verdict.is_err() {
            self.state.roll_back_to(state);
            self.outbox.roll_back_to(outbox);
        }
        Ok(verdict)
    }

    /// Why what a record makes cannot be committed, in however small a batch.
    fn weigh(&self, refused: Option<&'static str>, bytes: usize, records: usize) -> Option<&'static str> {
        if self.state.is_oversize() {
            return Some("it makes a row of the state that is larger than a log takes");
        }
        if self.bytes() - bytes > MAX_STEP_BYTES || self.records() - records > MAX_STEP_RECORDS {
            return Some("it makes more than one transaction takes");
        }
        refused
    }

    fn bytes(&self) -> usize {
        self.outbox.bytes() + self.state.batch_bytes()
    }

    fn records(&self) -> usize {
        self.outbox.records().len() + self.state.batch_rows()
    }

    fn state_failed(&mut self, error: &StateError) -> Ending {
        let reason = error.to_string();
        match error {
            StateError::Storage(source) => Ending::Again(format!("{reason}: {source}")),
            StateError::Corrupt { .. } if self.distrusted => Ending::Failed(reason),
            StateError::Corrupt { .. } => {
                self.distrusted = true;
                match self.state.forget() {
                    Ok(()) => Ending::Again(reason),
                    Err(error) => Ending::from(error),
                }
            }
        }
    }

    fn letter(&self, origin: &Origin<'_>, mut reason: String) -> Letter {
        let end = (0..=MAX_REASON_BYTES.min(reason.len())).rev().find(|end| reason.is_char_boundary(*end));
        reason.truncate(end.unwrap_or(0));
        Letter {
            id: LetterId {
                generation: self.part.names.generation(),
                subtopology: self.part.name.clone(),
                task: self.partition,
                source: origin.place.clone(),
                offset: origin.offset,
            },
            app: self.part.names.app().to_owned(),
            reason,
            attempts: origin.attempts.saturating_add(1),
            standing: Standing::Open,
            at: (self.part.clock)(),
            record: origin.record.clone(),
        }
    }

    fn set_aside(&mut self, letter: &Letter) {
        tracing::warn!(id = %letter.id, reason = letter.reason, "a record became a dead letter");
        for record in dead_letter::records(letter) {
            self.outbox.push(self.part.dead_letters.clone(), record);
        }
        self.counts.dead_letters += 1;
    }
}

/// Names an input record: its topic, then partition and offset, big endian.
fn cause(source: &Source, origin: &Origin<'_>) -> CauseId {
    let topic = match source.kind {
        // The record carries its cause.
        SourceKind::Repartition => "",
        SourceKind::Stream | SourceKind::Table | SourceKind::Ticks | SourceKind::Broadcast => &source.name,
    };
    let (partition, offset) = (origin.place.partition.0.to_be_bytes(), origin.offset.get().to_be_bytes());
    CauseId::of(&[topic.as_bytes(), &partition, &offset])
        .expect("a source with a longer name is not deployed")
}
