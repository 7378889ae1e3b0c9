//! What records are of.

use serde::{Deserialize, Serialize};
use topspin_stream::{DecodeError, Key};

/// What a record measures. More is better in all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Strokes of a rally.
    LongestRallyStrokes,
    /// Milliseconds of a rally, from the service to its end.
    LongestRallyTime,
    /// Points of a game.
    LongestGamePoints,
    /// Milliseconds of a game, from its start to its last point.
    LongestGameTime,
    /// Points of a match.
    LongestMatchPoints,
    /// Milliseconds of a match, from the start of its first game to its last point.
    LongestMatchTime,
    /// Points of one side in a row, across games of a match.
    PointsInARow,
    /// Points of each side at which a game was level last: 14 of a game that was won 16-14 (Law 2.13.3).
    HighestDeuce,
    /// Points that the winner of a game was behind in it.
    LargestComeback,
    /// Matches that a player won one after the other, in singles.
    WinningRun,
    /// Points of the Glicko-2 rating that the loser of a singles had more than the winner before it.
    Upset,
}

impl Metric {
    /// All metrics.
    pub const ALL: [Metric; 11] = [
        Metric::LongestRallyStrokes,
        Metric::LongestRallyTime,
        Metric::LongestGamePoints,
        Metric::LongestGameTime,
        Metric::LongestMatchPoints,
        Metric::LongestMatchTime,
        Metric::PointsInARow,
        Metric::HighestDeuce,
        Metric::LargestComeback,
        Metric::WinningRun,
        Metric::Upset,
    ];

    /// The name in addresses and records: never changed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Metric::LongestRallyStrokes => "longest_rally_strokes",
            Metric::LongestRallyTime => "longest_rally_time",
            Metric::LongestGamePoints => "longest_game_points",
            Metric::LongestGameTime => "longest_game_time",
            Metric::LongestMatchPoints => "longest_match_points",
            Metric::LongestMatchTime => "longest_match_time",
            Metric::PointsInARow => "points_in_a_row",
            Metric::HighestDeuce => "highest_deuce",
            Metric::LargestComeback => "largest_comeback",
            Metric::WinningRun => "winning_run",
            Metric::Upset => "upset",
        }
    }

    /// Whether its values are milliseconds.
    pub const fn is_time(self) -> bool {
        matches!(self, Metric::LongestRallyTime | Metric::LongestGameTime | Metric::LongestMatchTime)
    }
}

impl std::str::FromStr for Metric {
    type Err = UnknownMetric;

    fn from_str(text: &str) -> Result<Self, UnknownMetric> {
        Metric::ALL.into_iter().find(|metric| metric.as_str() == text).ok_or(UnknownMetric)
    }
}

/// As its name.
impl Key for Metric {
    fn encode(&self, out: &mut Vec<u8>) {
        self.as_str().to_owned().encode(out);
    }

    fn decode(input: &mut &[u8]) -> Result<Self, DecodeError> {
        String::decode(input)?.parse().map_err(|_| DecodeError)
    }
}

/// No metric has this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no metric has this name")]
pub struct UnknownMetric;
