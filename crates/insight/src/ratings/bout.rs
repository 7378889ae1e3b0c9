//! A singles as ratings and winning runs see it.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use topspin_laws::Side;
use topspin_stream::Meeting;

use crate::facts::{Id, Subject};
use crate::profile::Played;

/// A singles that is over.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Bout {
    pub match_id: Id,
    pub winner: Side,
    /// The position of the event that decided it.
    pub seq: u64,
    /// When that was, in milliseconds since 1970, if it is known at least to the day.
    pub at: Option<i64>,
    pub subject: Subject,
}

/// When it began, then which match it was.
pub(crate) type Order = (i64, Id);

impl Bout {
    /// `None` if nobody knows when it was, or nobody won: it has no place among the others.
    pub fn meeting(match_id: Id, played: &Played, zone: &TimeZone) -> Option<Meeting<Order, Id, Bout>> {
        let (began, winner) = played.at.zip(played.winner)?;
        let between = [played.players.home, played.players.away];
        let outcome = Bout {
            match_id,
            winner,
            seq: played.decided.seq,
            at: played.decided.at,
            subject: played.subject.clone(),
        };
        let round = month(began, zone)?;
        (between[0] != between[1]).then_some(Meeting { round, order: (began, match_id), between, outcome })
    }
}

/// Months since the year 0, in the calendar of a zone; `None` beyond the years that it can tell.
fn month(at: i64, zone: &TimeZone) -> Option<i32> {
    let day = Timestamp::from_millisecond(at).ok()?.to_zoned(zone.clone());
    Some(i32::from(day.year()) * 12 + i32::from(day.month()) - 1)
}

/// A month as `2026-11`.
pub(super) fn month_of(round: i32) -> String {
    format!("{:04}-{:02}", round.div_euclid(12), round.rem_euclid(12) + 1)
}
