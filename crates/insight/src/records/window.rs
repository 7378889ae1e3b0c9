//! Since when a record is one.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use topspin_stream::{Key, key::DecodeError};

/// The stretch of time in which a record is one. Text form: `season:2025`, `24_months`, `all_time`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Window {
    /// The season that begins in this year.
    Season(i16),
    /// The last 24 calendar months.
    Months24,
    /// Since the beginning.
    AllTime,
}

/// This is no window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a window is season:<year in which it begins>, 24_months or all_time")]
pub struct UnknownWindow;

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Window::Season(year) => write!(f, "season:{year}"),
            Window::Months24 => f.write_str("24_months"),
            Window::AllTime => f.write_str("all_time"),
        }
    }
}

impl FromStr for Window {
    type Err = UnknownWindow;

    fn from_str(text: &str) -> Result<Self, UnknownWindow> {
        match text {
            "24_months" => Ok(Window::Months24),
            "all_time" => Ok(Window::AllTime),
            text => {
                let year = text.strip_prefix("season:").and_then(|year| year.parse().ok());
                year.map(Window::Season).ok_or(UnknownWindow)
            }
        }
    }
}

/// As its text.
impl Key for Window {
    fn encode(&self, out: &mut Vec<u8>) {
        self.to_string().encode(out);
    }

    fn decode(input: &mut &[u8]) -> Result<Self, DecodeError> {
        String::decode(input)?.parse().map_err(|_| DecodeError)
    }
}

/// When seasons begin: on the first of a month, in a time zone.
#[derive(Debug, Clone)]
pub struct Seasons {
    /// The month, 1 to 12.
    pub first_month: i8,
    /// Whose calendar counts.
    pub zone: TimeZone,
}

impl Seasons {
    /// The year in which the season of an instant begins; `None` beyond the years that a calendar can tell.
    pub fn year(&self, at_millis: i64) -> Option<i16> {
        let at = Timestamp::from_millisecond(at_millis).ok()?.to_zoned(self.zone.clone());
        Some(if at.month() >= self.first_month { at.year() } else { at.year() - 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_season_begins_at_midnight_where_it_is_played() {
        let seasons = Seasons { first_month: 7, zone: TimeZone::fixed(jiff::tz::offset(2)) };
        let at = |text: &str| text.parse::<Timestamp>().expect("a time").as_millisecond();
        assert_eq!(seasons.year(at("2025-06-30T21:59:59Z")), Some(2024));
        assert_eq!(seasons.year(at("2025-06-30T22:00:00Z")), Some(2025));
        assert_eq!(seasons.year(at("2026-01-01T00:00:00Z")), Some(2025));
    }
}
