//! Why the laws of ties refuse a command.

use thiserror::Error;

use crate::{Law, Side};

/// A command to a tie refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TieRejection {
    /// No match has this number.
    #[error("the tie has {matches} matches")]
    NoSuchMatch {
        /// How many there are.
        matches: usize,
    },
    /// The line-up has too few, too many or repeated players.
    #[error("a line-up names {positions} different players")]
    LineUpSize {
        /// How many.
        positions: u8,
    },
    /// Play has begun.
    #[error("a match of the tie has begun: substitute instead")]
    AlreadyBegun,
    /// A line-up is missing.
    #[error("{side} has no line-up yet")]
    LineUpMissing {
        /// The team.
        side: Side,
    },
    /// A pair is missing.
    #[error("{side} has no pair for this doubles yet")]
    PairMissing {
        /// The team.
        side: Side,
    },
    /// A pair of one player, or for a singles.
    #[error("a pair is two different players, and only a doubles has one")]
    NoPair,
    /// No such position, or the player holds another one.
    #[error("a substitute takes one of the positions, and holds no other")]
    NoSubstitution,
    /// The match is being played or was played.
    #[error("match {number} has begun")]
    MatchBegun {
        /// Its number.
        number: u8,
    },
    /// The match is not being played.
    #[error("match {number} is not being played")]
    MatchNotBegun {
        /// Its number.
        number: u8,
    },
    /// The match has no result.
    #[error("match {number} has no result")]
    NoMatchResult {
        /// Its number.
        number: u8,
    },
    /// The player is nominated for the other team, or has played for it.
    #[error("a player plays for one team only")]
    BothTeams,
    /// Cards of somebody who does not play the match.
    #[error("cards are recorded for the players of the match")]
    NotInMatch,
    /// The winner or the loser cannot have so many games.
    #[error("no match of at most nine games can end like this")]
    ImpossibleGames,
    /// The tie is decided.
    #[error("the tie is decided")]
    Decided,
    /// The tie is not decided.
    #[error("the tie is not decided yet")]
    NotDecided,
    /// The result is official.
    #[error("the result of the tie is official: the referee must reopen it first")]
    Official,
}

impl TieRejection {
    /// Every code that [`TieRejection::code`] can give.
    pub const CODES: [&'static str; 16] = [
        "no_such_match",
        "line_up_size",
        "tie_begun",
        "line_up_missing",
        "pair_missing",
        "no_pair",
        "no_substitution",
        "match_begun",
        "match_not_begun",
        "no_match_result",
        "both_teams",
        "not_in_match",
        "impossible_games",
        "tie_decided",
        "tie_not_decided",
        "result_official",
    ];

    /// The regulation or rule of record that refuses the command.
    pub fn law(&self) -> Law {
        Law(self.ruling().1)
    }

    /// A stable code for programs, in `snake_case`.
    pub fn code(&self) -> &'static str {
        self.ruling().0
    }

    const fn ruling(&self) -> (&'static str, &'static str) {
        match self {
            TieRejection::NoSuchMatch { .. } => ("no_such_match", "3.7.6"),
            TieRejection::LineUpSize { .. } => ("line_up_size", "3.7.6"),
            TieRejection::AlreadyBegun => ("tie_begun", "3.7.6"),
            TieRejection::LineUpMissing { .. } => ("line_up_missing", "3.7.6"),
            TieRejection::PairMissing { .. } => ("pair_missing", "3.7.6"),
            TieRejection::NoPair => ("no_pair", "3.7.6"),
            TieRejection::NoSubstitution => ("no_substitution", "3.7.6"),
            TieRejection::MatchBegun { .. } => ("match_begun", "3.7.6"),
            TieRejection::MatchNotBegun { .. } => ("match_not_begun", "3.7.6"),
            TieRejection::NoMatchResult { .. } => ("no_match_result", "3.7.6"),
            TieRejection::BothTeams => ("both_teams", "3.7.6"),
            TieRejection::NotInMatch => ("not_in_match", "3.5.2.6"),
            TieRejection::ImpossibleGames => ("impossible_games", "2.12.1"),
            TieRejection::Decided => ("tie_decided", "3.7.6"),
            TieRejection::NotDecided => ("tie_not_decided", "T.5"),
            TieRejection::Official => ("result_official", "T.5"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::TieRejection;

    #[test]
    fn the_list_of_codes_is_the_table_of_rulings() {
        let table = include_str!("rejection.rs").split_once("fn ruling").expect("the table").1;
        let rows: Vec<&str> =
            table.lines().filter_map(|line| line.split_once("=> (\"")?.1.split('"').next()).collect();
        assert_eq!(rows, TieRejection::CODES);
    }
}
