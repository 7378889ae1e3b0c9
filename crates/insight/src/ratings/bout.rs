//! A singles as ratings and winning runs see it.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use topspin_laws::{Both, Side};
use topspin_stream::Meeting;

use crate::facts::Id;
use crate::profile::Played;
use crate::referents::Referred;

/// A singles that is over, and has a place among the others: it is known when it was.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Bout {
    pub match_id: Id,
    pub players: Both<Id>,
    /// When its first rally ended, in milliseconds since 1970.
    pub began: i64,
    pub winner: Side,
    /// The position of the event that decided it.
    pub seq: u64,
    /// When that was, in milliseconds since 1970, if it is known at least to the day.
    pub at: Option<i64>,
    pub referred: Referred,
}

/// When it began, then which match it was.
pub(crate) type Order = (i64, Id);

impl Bout {
    /// `None` if nobody knows when it was, or nobody won.
    pub fn of(match_id: Id, played: &Played, referred: &Referred) -> Option<Self> {
        let (began, winner) = played.at.zip(played.winner)?;
        let (players, referred) = (played.players, referred.clone());
        let decided = played.decided;
        let bout = Bout { match_id, players, began, winner, seq: decided.seq, at: decided.at, referred };
        (players.home != players.away).then_some(bout)
    }

    pub fn order(&self) -> Order {
        (self.began, self.match_id)
    }

    /// As a meeting in the month of its zone; `None` beyond the years that a calendar can tell.
    pub fn meeting(&self, zones: &[TimeZone]) -> Option<Meeting<Order, Id, Bout>> {
        let zone = zones[usize::from(self.referred.zone)].clone();
        let day = Timestamp::from_millisecond(self.began).ok()?.to_zoned(zone);
        let round = i32::from(day.year()) * 12 + i32::from(day.month()) - 1;
        let between = [self.players.home, self.players.away];
        Some(Meeting { round, order: self.order(), between, outcome: self.clone() })
    }
}

/// A month as `2026-11`.
pub(super) fn month_of(round: i32) -> String {
    format!("{:04}-{:02}", round.div_euclid(12), round.rem_euclid(12) + 1)
}
