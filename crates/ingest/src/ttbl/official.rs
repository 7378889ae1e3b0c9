//! The official result: what format it fits, and whether the laws agree.

use topspin_laws::{Facts, Format, Score, Side, Standing, standing};

use crate::{Agreement, Reported};

/// Formats with another number of games that are tried, when the league's does not fit.
const OTHER_LENGTHS: [u8; 2] = [3, 7];

/// How an official result fits a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// A whole match, won by this side.
    Whole(Side),
    /// It could be a match that ended before its end.
    Partial,
    /// No match can have these scores.
    Illegal,
}

fn fit(format: &Format, games: &[Score]) -> Fit {
    let mut won = [0; 2];
    let decided = |won: &[u8; 2]| won.iter().any(|games| *games >= format.games_to_win());
    for (at, score) in games.iter().enumerate() {
        match standing(format, at + 1, *score) {
            _ if decided(&won) => return Fit::Illegal,
            Standing::Won(side) => won[usize::from(side == Side::Away)] += 1,
            Standing::Open if at + 1 == games.len() => return Fit::Partial,
            Standing::Open | Standing::Unreachable => return Fit::Illegal,
        }
    }
    match won {
        _ if !decided(&won) => Fit::Partial,
        [home, away] if home > away => Fit::Whole(Side::Home),
        _ => Fit::Whole(Side::Away),
    }
}

/// The format in which the official result is a whole match: the league's, or one of another length if only that
/// fits. `None`: no reason to leave the league's.
pub(crate) fn other_format(league: &Format, reported: &Reported) -> Option<Format> {
    let winner = reported.winner?;
    if fit(league, &reported.games) == Fit::Whole(winner) {
        return None;
    }
    OTHER_LENGTHS
        .into_iter()
        .map(|best_of| Format { best_of, ..league.clone() })
        .find(|format| fit(format, &reported.games) == Fit::Whole(winner))
}

/// The games of the laws that an official result would list: without one that has begun and has no points.
fn listed(facts: &Facts) -> &[Score] {
    match facts.games.split_last() {
        Some((last, games)) if last.total() == 0 => games,
        _ => &facts.games,
    }
}

/// Whether the source names another winner than the laws.
pub(crate) fn winner_differs(facts: &Facts, reported: &Reported) -> bool {
    reported.winner.is_some() && reported.winner != facts.winner
}

/// Compares the laws' games with the official ones.
pub(crate) fn agreement(
    format: &Format,
    facts: &Facts,
    reported: Option<&Reported>,
    points: usize,
) -> Agreement {
    let Some(reported) = reported else {
        return if points == 0 { Agreement::Unplayed } else { Agreement::NoOfficial };
    };
    if points == 0 {
        Agreement::NoPoints
    } else if reported.games == listed(facts) {
        Agreement::Exact
    } else if fit(format, &reported.games) == Fit::Illegal {
        Agreement::OfficialIllegal
    } else {
        Agreement::Disagree
    }
}
