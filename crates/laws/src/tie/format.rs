//! Tie formats as data (Regulation 3.7.6).

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::Side;

/// A nominated place in a team's line-up, from 1: A, B, C of the home team, X, Y, Z of the away team.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct Position(pub u8);

/// One match of a tie, before anybody is nominated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum Rubber {
    /// A singles between two positions.
    Singles {
        /// Of the home line-up.
        home: Position,
        /// Of the away line-up.
        away: Position,
    },
    /// A doubles; the pairs are nominated for it.
    Doubles {},
}

impl Rubber {
    /// The position of a side; `None` in doubles.
    pub const fn position(self, side: Side) -> Option<Position> {
        match (self, side) {
            (Rubber::Singles { home, .. }, Side::Home) => Some(home),
            (Rubber::Singles { away, .. }, Side::Away) => Some(away),
            (Rubber::Doubles {}, _) => None,
        }
    }
}

/// The format of a tie: its matches in order, and how many win it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(try_from = "Unvalidated")]
pub struct TieFormat {
    /// The matches in playing order: 1 to 16.
    pub rubbers: Vec<Rubber>,
    /// Matches that win the tie: more than half of them, so that only one side can.
    pub to_win: u8,
    /// Positions in a line-up: 1 to 9.
    pub positions: u8,
}

impl TieFormat {
    /// Best of five singles, three players (Regulation 3.7.6.1, New Swaythling Cup).
    pub fn five_singles() -> Self {
        Self::of(&[(1, 1), (2, 2), (3, 3), (1, 2), (2, 1)], 3, 3)
    }

    /// Best of four singles and a doubles, two to four players (Regulation 3.7.6.2, Corbillon Cup).
    pub fn corbillon() -> Self {
        Self::of(&[(1, 1), (2, 2), (0, 0), (1, 2), (2, 1)], 3, 2)
    }

    /// A doubles, then four singles, three players (Regulation 3.7.6.3, Olympic format).
    pub fn olympic() -> Self {
        Self::of(&[(0, 0), (1, 1), (3, 3), (1, 2), (2, 1)], 3, 3)
    }

    /// Best of six singles and a doubles, three to five players (Regulation 3.7.6.4).
    pub fn best_of_seven() -> Self {
        Self::of(&[(1, 2), (2, 1), (3, 3), (0, 0), (1, 1), (3, 2), (2, 3)], 4, 3)
    }

    /// Best of nine singles, three players (Regulation 3.7.6.5, Swaythling Cup).
    pub fn nine_singles() -> Self {
        Self::of(&[(1, 1), (2, 2), (3, 3), (2, 1), (1, 3), (3, 2), (2, 3), (3, 1), (1, 2)], 5, 3)
    }

    /// German Bundesliga: four singles and a closing doubles, first to three.
    pub fn bundesliga() -> Self {
        Self::of(&[(1, 2), (2, 1), (3, 3), (1, 1), (0, 0)], 3, 3)
    }

    /// Position pairs in order; (0, 0) stands for the doubles.
    fn of(matches: &[(u8, u8)], to_win: u8, positions: u8) -> Self {
        let rubber = |&(home, away): &(u8, u8)| match home {
            0 => Rubber::Doubles {},
            _ => Rubber::Singles { home: Position(home), away: Position(away) },
        };
        TieFormat { rubbers: matches.iter().map(rubber).collect(), to_win, positions }
    }
}

/// Why a tie format is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TieFormatError {
    /// Too few or too many matches.
    #[error("tie format: 1 to 16 matches")]
    Rubbers,
    /// No number of wins decides it.
    #[error("tie format: to_win must be more than half of the matches, and not more than all")]
    ToWin,
    /// A position that the line-up lacks.
    #[error("tie format: positions must be 1 to 9 and hold every match's players")]
    Positions,
}

/// A tie format as it comes from outside.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = NewTieFormat))]
#[serde(untagged)]
pub enum Unvalidated {
    /// By name.
    Preset(Preset),
    /// In full.
    Custom(Custom),
}

/// The tie formats that have names.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = TiePreset))]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// New Swaythling Cup.
    FiveSingles,
    /// Corbillon Cup.
    Corbillon,
    /// Olympic format.
    Olympic,
    /// Six singles and a doubles.
    BestOfSeven,
    /// Swaythling Cup.
    NineSingles,
    /// German Bundesliga.
    Bundesliga,
}

/// A tie format written out.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = CustomTieFormat))]
#[serde(deny_unknown_fields)]
pub struct Custom {
    rubbers: Vec<Rubber>,
    to_win: u8,
    positions: u8,
}

impl TryFrom<Unvalidated> for TieFormat {
    type Error = TieFormatError;

    fn try_from(given: Unvalidated) -> Result<Self, TieFormatError> {
        let custom = match given {
            Unvalidated::Preset(Preset::FiveSingles) => return Ok(Self::five_singles()),
            Unvalidated::Preset(Preset::Corbillon) => return Ok(Self::corbillon()),
            Unvalidated::Preset(Preset::Olympic) => return Ok(Self::olympic()),
            Unvalidated::Preset(Preset::BestOfSeven) => return Ok(Self::best_of_seven()),
            Unvalidated::Preset(Preset::NineSingles) => return Ok(Self::nine_singles()),
            Unvalidated::Preset(Preset::Bundesliga) => return Ok(Self::bundesliga()),
            Unvalidated::Custom(custom) => custom,
        };
        let known =
            |position: Option<Position>| position.is_none_or(|p| (1..=custom.positions).contains(&p.0));
        let all_known =
            custom.rubbers.iter().all(|r| known(r.position(Side::Home)) && known(r.position(Side::Away)));
        if !(1..=16).contains(&custom.rubbers.len()) {
            Err(TieFormatError::Rubbers)
        } else if !(custom.rubbers.len() / 2 + 1..=custom.rubbers.len()).contains(&usize::from(custom.to_win))
        {
            Err(TieFormatError::ToWin)
        } else if !all_known || !(1..=9).contains(&custom.positions) {
            Err(TieFormatError::Positions)
        } else {
            Ok(TieFormat { rubbers: custom.rubbers, to_win: custom.to_win, positions: custom.positions })
        }
    }
}
