//! The rallies of a match as evidence: counted, so that order and corrections leave no trace.

use serde::{Deserialize, Serialize};
use thiserror::Error;
use topspin_laws::{Both, Expedite, Facts, Side};

use super::service::{SERVICES, Service};

/// A rally that was won. Penalty points are no rallies: leave them out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Rally {
    /// Who served to whom; `None` where that is not known.
    pub service: Option<Service>,
    /// Whether expedite was in operation.
    pub expedite: Expedite,
    /// Who won it.
    pub winner: Side,
}

impl Rally {
    /// The rally that was played from these facts on.
    pub fn of(before: &Facts, winner: Side) -> Self {
        let service = before.server.zip(before.receiver);
        Rally {
            service: service.map(|(server, receiver)| Service::new(server, receiver)),
            expedite: before.expedite,
            winner,
        }
    }
}

/// The services, and one more for a server nobody recorded.
pub(super) const COLUMNS: usize = SERVICES + 1;

/// Rallies won by each side, by who served to whom, without and with expedite: all that a [`Model`](super::Model)
/// learns from. Integers, so that a tally less a rally is the tally without it, bit by bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Tally {
    normal: [(i64, i64); COLUMNS],
    expedite: [(i64, i64); COLUMNS],
}

/// A count would leave the range of `i64`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a tally holds at most {} rallies of a kind", i64::MAX)]
pub struct TallyError;

impl Tally {
    /// Counts a rally so many times; a negative number takes it back.
    ///
    /// # Errors
    /// [`TallyError`]; the tally is as it was.
    pub fn add(&mut self, rally: Rally, times: i64) -> Result<(), TallyError> {
        let rows = match rally.expedite {
            Expedite::Off => &mut self.normal,
            Expedite::On => &mut self.expedite,
        };
        let (home, away) = &mut rows[rally.service.map_or(SERVICES, Service::index)];
        let count = match rally.winner {
            Side::Home => home,
            Side::Away => away,
        };
        *count = count.checked_add(times).ok_or(TallyError)?;
        Ok(())
    }

    /// The same tally with one rally more.
    ///
    /// # Errors
    /// [`TallyError`].
    pub fn after(mut self, rally: Rally) -> Result<Self, TallyError> {
        self.add(rally, 1)?;
        Ok(self)
    }

    /// Rallies won by each side, by [`Service::index`], the unknown last.
    pub(super) fn counts(&self, expedite: Expedite) -> impl Iterator<Item = (usize, Both<i64>)> {
        let rows = match expedite {
            Expedite::Off => &self.normal,
            Expedite::On => &self.expedite,
        };
        let all = rows.iter().map(|&(home, away)| Both::new(home, away)).enumerate();
        all.filter(|(_, won)| *won != Both::default())
    }
}
