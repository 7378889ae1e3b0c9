//! Which rows a window holds at an instant.

use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use crate::key::Key;
use crate::stream::{Stream, Ticks};
use crate::time::Time;
use crate::value::Value;

/// The last so many calendar months. At t it holds what occurred after t minus the months, counted in a time zone with
/// the day clipped to the month's end, and not after t.
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

/// Windows of equal length that follow each other without gaps, from 1970-01-01T00:00:00Z on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tumbling {
    /// The length, in milliseconds. At least one.
    pub size_ms: u32,
    /// How many windows are kept, with the one that the clock is in. At least one.
    pub kept: u32,
}

/// The bounds of a window as its clock goes.
#[derive(Clone)]
pub(crate) struct Bounds {
    /// For a zone and the clock: the latest instant that is too early.
    pub(crate) lower: Arc<dyn Fn(u16, Time) -> Time + Send + Sync>,
    pub(crate) zones: u16,
    /// A lower bound may go back by so much when the clock goes on.
    pub(crate) slack_ms: i64,
}

/// A month that is shorter clips several days to its last, and zones change their offsets: later instants can have
/// earlier bounds, by a day and some hours.
const SLACK_MS: i64 = 4 * 24 * 3_600_000;

impl<K: Key, V: Value> Stream<K, V> {
    /// The rows of a sliding window over calendar months. A row in the future enters when the clock passes it; one that
    /// has expired never enters. Driven by the clock alone, and empty before the first tick.
    ///
    /// A tick changes at most [`limits::WINDOW_ROWS_A_STEP`](crate::limits::WINDOW_ROWS_A_STEP) rows. If there are more,
    /// the window goes to the latest instant it can come to, holding exactly what it should hold then, and the instance
    /// asks for the tick [again](crate::Progress::Again).
    pub fn last_months(
        &self,
        name: &str,
        ticks: &Ticks,
        horizon: Horizon,
        moment: impl Fn(&K, &V) -> Moment + Send + Sync + 'static,
    ) -> Stream<K, V> {
        let Horizon { months, zones } = horizon;
        assert!(months > 0, "a window holds at least a month");
        let count = u16::try_from(zones.len()).expect("fewer than 65,536 zones");
        let lower = move |zone: u16, now: Time| months_before(now, months, &zones[usize::from(zone)]);
        let bounds = Bounds { lower: Arc::new(lower), zones: count, slack_ms: SLACK_MS };
        self.window((name, &format!("last {months} months")), ticks, bounds, moment)
    }

    /// The rows in the window that each occurred in: the key tells its start. A window is there with what has occurred
    /// in it until it is no longer kept; a row for a window that is no longer kept never enters. Bounded as
    /// [`Stream::last_months`].
    pub fn tumbling(
        &self,
        name: &str,
        ticks: &Ticks,
        tumbling: Tumbling,
        at: impl Fn(&K, &V) -> Time + Clone + Send + Sync + 'static,
    ) -> Stream<(K, Time), V> {
        let Tumbling { size_ms, kept } = tumbling;
        assert!(size_ms > 0 && kept > 0, "a window has a length, and one is kept");
        let start = move |at: Time| Time(at.0.saturating_sub(at.0.rem_euclid(i64::from(size_ms))));
        let earlier = i64::from(size_ms) * i64::from(kept - 1) + 1;
        let lower = move |_: u16, now: Time| start(now).saturating_add(-earlier);
        let bounds = Bounds { lower: Arc::new(lower), zones: 1, slack_ms: 0 };
        let occurred = at.clone();
        let kind = format!("tumbling {size_ms} ms, {kept} kept");
        let kept = self.window((name, &kind), ticks, bounds, move |key, value| Moment {
            at: occurred(key, value),
            zone: 0,
        });
        kept.refine(&format!("{name}.start"), move |key, value| {
            ((key.clone(), start(at(key, value))), value.clone())
        })
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
