//! Reads what other processes ask of an owned lane, and has it decided in order.
//!
//! The position behind a batch of requests is committed in the transaction of what was decided about them. So after a
//! failure the pump goes on from the committed position, and nothing is decided twice or left out.

use bytes::Bytes;
use topspin_event::{Failure, wire};
use topspin_log::{BatchLimit, Committed, ReadError, Reader, Start, TraceContext};
use topspin_runtime::{CallError, Partition, Positions};

use super::owed::{Arrived, Incoming};
use super::station::Station;
use super::{Ground, group};
use crate::limits::{INCOMING_BATCH_BYTES, INCOMING_BATCH_REQUESTS, LANE_RETRY};
use crate::scorer::{Scorer, Work};

/// Why a pump stopped.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum PumpError {
    /// The lane is not this process's any more, or cannot be decided for.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The requests cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// This process is no member of the group.
    #[error("this process is not in the group now")]
    NoMember,
}

/// How carefully requests are handled.
#[derive(Clone, PartialEq, Eq)]
enum Care {
    /// As many as come.
    None,
    /// One at a time: one of them hits a fault of the program.
    Single,
    /// The next one does.
    Refuse(String),
}

/// The requests of one lane.
pub(crate) struct Pump<'a> {
    pub(crate) ground: &'a Ground,
    pub(crate) station: &'a Station,
    pub(crate) partition: Partition<Scorer>,
}

impl Pump<'_> {
    /// Has requests decided until that cannot go on, or this is dropped; what is in flight then is finished.
    pub(crate) async fn run(self) -> PumpError {
        let mut care = Care::None;
        loop {
            let failed = match self.reader().await {
                Ok(mut reader) => self.read(reader.as_mut(), &mut care).await,
                Err(error) => PumpError::from(error),
            };
            match failed {
                PumpError::Call(CallError::Crashed { reason }) => {
                    care = if care == Care::Single { Care::Refuse(reason) } else { Care::Single };
                }
                PumpError::Call(error) if !error.is_retryable() => return error.into(),
                PumpError::Read(error) if !error.is_retryable() => return error.into(),
                other @ (PumpError::Call(_) | PumpError::Read(_) | PumpError::NoMember) => {
                    tracing::warn!(error = %other, lane = %self.station.lane.number().0, "requests wait");
                    tokio::time::sleep(LANE_RETRY).await;
                }
            }
            // Whatever nobody knew the outcome of is settled before the position is asked for.
            if let Err(error) = self.partition.call(Work::Settle).await
                && !error.is_retryable()
            {
                return error.into();
            }
        }
    }

    async fn reader(&self) -> Result<Box<dyn Reader>, ReadError> {
        let (log, requests) = (self.ground.log.as_ref(), self.station.lane.requests());
        let position = log.committed_position(&group::id(), &requests).await?;
        tracing::debug!(lane = self.station.lane.number().0, ?position, "requests are read");
        match log.reader(&requests, position.map_or(Start::Beginning, Start::At)).await {
            Err(ReadError::Trimmed { wanted, earliest, .. }) => {
                tracing::warn!(%wanted, %earliest, "requests were removed before anybody decided them");
                log.reader(&requests, Start::At(earliest)).await
            }
            other => other,
        }
    }

    async fn read(&self, reader: &mut dyn Reader, care: &mut Care) -> PumpError {
        loop {
            let most = if *care == Care::None { INCOMING_BATCH_REQUESTS } else { 1 };
            let batch = match reader.next_batch(BatchLimit::new(most, INCOMING_BATCH_BYTES)).await {
                Ok(batch) => batch,
                Err(error) => return error.into(),
            };
            if let Err(error) = self.decide(batch, care).await {
                return error;
            }
        }
    }

    async fn decide(&self, batch: Vec<Committed>, care: &mut Care) -> Result<(), PumpError> {
        let Some(resume_at) = batch.last().map(|last| last.resume_at) else { return Ok(()) };
        let group = self.ground.member.borrow().clone().ok_or(PumpError::NoMember)?;
        let mut requests: Vec<_> = batch.into_iter().map(arrived).collect();
        if let (Care::Refuse(reason), Some(first)) = (&*care, requests.first_mut()) {
            tracing::error!(offset = %first.offset, reason, "a request is refused: it hits a fault of the program");
            first.request = Err(Failure::Crashed(reason.clone()));
        }
        let positions = vec![(self.station.lane.requests(), resume_at)];
        let incoming = Incoming { requests, positions: Positions { group, positions } };
        self.partition.call(Work::Incoming(incoming)).await?;
        *care = Care::None;
        Ok(())
    }
}

fn arrived(committed: Committed) -> Arrived {
    let Committed { offset, record, .. } = committed;
    let trace = TraceContext::of(&record);
    let value = record.value.unwrap_or_default();
    let request = wire::decode_request(&value).map_err(|error| {
        tracing::warn!(%offset, %error, "a request cannot be read and is refused");
        Failure::NotUnderstood(error.to_string())
    });
    Arrived { key: record.key.unwrap_or_else(Bytes::new), offset, trace, request }
}
