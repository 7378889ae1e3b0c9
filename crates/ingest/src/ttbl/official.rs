//! The official result: what format it fits, and whether the laws agree.

use topspin_laws::{Both, Facts, Format, Score, Side, Standing, standing};

use crate::{Agreement, Reported};

/// Formats with another number of games that are tried, when the league's does not fit.
const OTHER_LENGTHS: [u8; 4] = [3, 5, 7, 9];

/// Matches of a discipline that must be whole in a shorter format before it is believed: one alone can be a longer
/// match that ended early.
const WHOLE_IN_A_SHORTER: usize = 2;

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

/// The format in which the official result is a whole match, if that is not the league's but one of another length.
/// `None`: no reason to leave the league's.
///
/// One match alone can show that more games are played than the league plays. That fewer are played, only the matches
/// of the `discipline` in the tie can show together (`reported` among them): a match that ended early looks the same.
pub(crate) fn other_format(league: &Format, reported: &Reported, discipline: &[&Reported]) -> Option<Format> {
    reported.winner?;
    if is_whole(league, reported) {
        return None;
    }
    OTHER_LENGTHS
        .into_iter()
        .filter(|best_of| *best_of != league.best_of)
        .map(|best_of| Format { best_of, ..league.clone() })
        .filter(|format| format.best_of > league.best_of || is_shown(league, format, discipline))
        .find(|format| is_whole(format, reported))
}

/// Whether the results of a discipline show that it is played in a format shorter than the league's.
fn is_shown(league: &Format, shorter: &Format, discipline: &[&Reported]) -> bool {
    let whole = |format| discipline.iter().filter(|reported| is_whole(format, reported)).count();
    whole(league) == 0 && whole(shorter) >= WHOLE_IN_A_SHORTER
}

/// Whether a result is a whole match in a format, won by the side that the source names, if it names one.
fn is_whole(format: &Format, reported: &Reported) -> bool {
    winner(format, reported).is_some()
}

/// Who won by the games of a whole match; `None` too where the source names the other side.
pub(crate) fn winner(format: &Format, reported: &Reported) -> Option<Side> {
    match fit(format, &reported.games) {
        Fit::Whole(side) => Some(side).filter(|side| reported.winner.is_none_or(|named| named == *side)),
        Fit::Partial | Fit::Illegal => None,
    }
}

/// Games won by each side.
pub(crate) fn games_won(format: &Format, games: &[Score]) -> Both<u8> {
    let mut won = Both::default();
    for (at, score) in games.iter().enumerate() {
        if let Standing::Won(side) = standing(format, at + 1, *score) {
            *won.of_mut(side) += 1;
        }
    }
    won
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
