//! What is more worth telling. Scores are comparable across kinds: about 1,000 is the best of a year, below 300 is for a quiet
//! moment. They are a choice, made by reading the cards of a season.

use super::candidate::{Candidate, Compared, Happened, Kind, Placed};
use crate::metric::Metric;

impl Candidate {
    /// Its rank: of two candidates the one with more is told first.
    pub(crate) fn rank(&self) -> i64 {
        match self {
            Candidate::Record(placed) => record(placed),
            Candidate::Compared(compared) => comparison(compared),
            Candidate::Course(happened) => course(happened),
        }
    }
}

/// Among whom, since when, and what: a record of all time of everything beats one of a player's season.
fn record(placed: &Placed) -> i64 {
    let scope = match placed.scope.split(':').next().unwrap_or_default() {
        "everything" => 500,
        "competition" => 430,
        "association" => 400,
        "category" => 380,
        "pair" => 250,
        _ => 200,
    };
    let window = match placed.window.split(':').next().unwrap_or_default() {
        "all_time" => 200,
        "24_months" => 100,
        _ => 50,
    };
    let metric = match placed.entry.mark.metric {
        Metric::LongestRallyStrokes | Metric::PointsInARow | Metric::LargestComeback | Metric::Upset => 150,
        Metric::HighestDeuce | Metric::LongestMatchPoints | Metric::WinningRun => 100,
        Metric::LongestGamePoints | Metric::LongestRallyTime => 50,
        Metric::LongestMatchTime | Metric::LongestGameTime => 0,
    };
    // The second of all time is a lesser thing than the first.
    scope + window + metric - 150 * (i64::from(placed.place) - 1)
}

/// A bit more of evidence counts as much everywhere.
fn comparison(compared: &Compared) -> i64 {
    300 + compared.evidence / 50
}

fn course(happened: &Happened) -> i64 {
    let value = i64::from(happened.value);
    match happened.kind {
        Kind::WonAfterMatchPoints => 850 + 20 * value,
        Kind::MatchTurned => 650 + 100 * value,
        Kind::MatchPointsSaved => 550 + 50 * value,
        Kind::GameToLove => 600,
        Kind::GameTurned => 200 + 60 * value,
        Kind::PointsInARow => 60 * value,
        Kind::GamePointsSaved => 200 + 50 * value,
        Kind::LongGame => 200 + 20 * value,
        Kind::Aces => 150 + 40 * value,
        Kind::TimeOut => 100 + 60 * (value - i64::from(happened.beside)),
    }
}
