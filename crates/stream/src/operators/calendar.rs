//! Which rows a window holds at an instant.

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::time::Time;

/// The last so many calendar months. At t it holds what occurred after t minus the months, counted in a time zone with
/// the day clipped to the month's end, and not after t.
///
/// Clipping makes the bound go back at times: a month before 23:00 on 30 March is 23:00 on the last of February, and a
/// month before 01:00 on the 31st is 01:00 on that day. What occurred in between is then held again, as the definition
/// says.
///
/// The rules of the zones are the caller's, so that this crate carries no data that ages: the binary chooses between the
/// system's and its own. A local time that a clock change skips counts as the one after the gap, one that it repeats as
/// the first (what jiff and RFC 5545 call compatible).
#[derive(Debug, Clone)]
pub struct Horizon {
    /// How many months back. At least one.
    pub months: u32,
    /// The zones that [`Moment::zone`] numbers.
    pub zones: Vec<TimeZone>,
}

/// When something occurred, and whose calendar counts for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The instant.
    pub at: Time,
    /// The place of its zone in [`Horizon::zones`]. A row with a number beyond is poison.
    pub zone: u16,
}

/// A month that is shorter clips several days to its last, and zones change their offsets: later instants can have
/// earlier bounds, by a day and some hours.
const SLACK_MS: i64 = 4 * 24 * 3_600_000;

impl Horizon {
    /// The latest instant that is too early.
    pub(crate) fn lower(&self, zone: u16, now: Time) -> Time {
        months_before(now, self.months, &self.zones[usize::from(zone)])
    }

    /// What occurred until then can never come again.
    pub(crate) fn forgotten(&self, zone: u16, now: Time) -> Time {
        self.lower(zone, now).saturating_add(-SLACK_MS)
    }
}

/// Beyond the years that a calendar can tell, the first and the last one count.
fn months_before(now: Time, months: u32, zone: &TimeZone) -> Time {
    let limits = Timestamp::MIN.as_millisecond()..=Timestamp::MAX.as_millisecond();
    let now =
        Timestamp::from_millisecond(now.0.clamp(*limits.start(), *limits.end())).unwrap_or(Timestamp::MIN);
    let earlier =
        Span::new().try_months(months).and_then(|span| now.to_zoned(zone.clone()).checked_sub(span));
    earlier.map_or(Time::MIN, |earlier| Time(earlier.timestamp().as_millisecond()))
}
