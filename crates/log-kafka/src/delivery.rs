//! The acknowledgements of a transaction's records.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::KafkaError;
use rdkafka::message::{DeliveryResult, Message as _};
use rdkafka::producer::ProducerContext;
use topspin_log::Offset;

use crate::client::{self, Health};
use crate::fault::Fault;

/// The acknowledgements of one transaction. Its records are numbered from `base`, and the numbers go on from one
/// transaction to the next, so that a late word about an earlier one is not taken for this one's.
#[derive(Default)]
struct Round {
    base: usize,
    offsets: Vec<Option<Offset>>,
    waiting: usize,
    failed: Option<Fault>,
}

/// The ears of a producer.
pub(crate) struct Deliveries {
    health: Arc<Health>,
    round: Mutex<Round>,
}

impl Deliveries {
    pub(crate) fn new(health: Arc<Health>) -> Self {
        Self { health, round: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Round> {
        self.round.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to wait for so many records; answers the number of the first.
    pub(crate) fn expect(&self, records: usize) -> usize {
        let mut round = self.lock();
        let base = round.base + round.offsets.len();
        *round = Round { base, offsets: vec![None; records], waiting: records, failed: None };
        base
    }

    /// Whether every record is acknowledged; an error as soon as one has failed.
    pub(crate) fn complete(&self) -> Result<bool, Fault> {
        let round = self.lock();
        match &round.failed {
            Some(fault) => Err(fault.clone()),
            None => Ok(round.waiting == 0),
        }
    }

    /// How many records are not acknowledged yet.
    pub(crate) fn waiting(&self) -> usize {
        self.lock().waiting
    }

    /// Where the records are, in the order in which they were sent; `None` if a broker did not say.
    pub(crate) fn offsets(&self) -> Option<Vec<Offset>> {
        self.lock().offsets.iter().copied().collect()
    }

    fn hear(&self, number: usize, result: Result<Option<Offset>, Fault>) {
        let mut round = self.lock();
        let Some(index) = number.checked_sub(round.base).filter(|index| *index < round.offsets.len()) else {
            return;
        };
        round.waiting -= 1;
        match result {
            Ok(offset) => round.offsets[index] = offset,
            Err(fault) => round.failed = round.failed.take().or(Some(fault)),
        }
    }
}

impl ClientContext for Deliveries {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        client::relay(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.health.note(&error, reason);
    }
}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, number: usize) {
        self.hear(
            number,
            match result {
                // A broker that has a record twice says so without its offset.
                Ok(message) => Ok(u64::try_from(message.offset()).ok().map(Offset::new)),
                Err((error, _)) => Err(Fault::of(error)),
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_word_about_an_earlier_transaction_is_not_taken_for_this_one_s() {
        let deliveries = Deliveries::new(Arc::default());
        let first = deliveries.expect(2);
        deliveries.hear(first, Ok(Some(Offset::new(10))));
        let second = deliveries.expect(1);
        deliveries.hear(first + 1, Err(Fault::Fenced));
        assert_eq!(deliveries.complete(), Ok(false));
        deliveries.hear(second, Ok(Some(Offset::new(20))));
        assert_eq!((deliveries.complete(), deliveries.offsets()), (Ok(true), Some(vec![Offset::new(20)])));
    }

    #[test]
    fn one_failure_fails_all_and_a_missing_offset_is_noticed() {
        let deliveries = Deliveries::new(Arc::default());
        let base = deliveries.expect(2);
        deliveries.hear(base + 1, Ok(None));
        deliveries.hear(base, Ok(Some(Offset::new(1))));
        assert_eq!((deliveries.complete(), deliveries.offsets()), (Ok(true), None));
        let base = deliveries.expect(2);
        deliveries.hear(base, Err(Fault::UnknownTopic));
        assert_eq!(deliveries.complete(), Err(Fault::UnknownTopic));
    }
}
