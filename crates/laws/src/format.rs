//! Match formats as data: how long a match is, and what the competition allows.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Games that win the longest match there is: best of 9.
pub(crate) const MAX_GAMES_TO_WIN: u8 = 5;

/// Singles or doubles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Discipline {
    /// One player a side.
    #[default]
    Singles,
    /// A pair a side.
    Doubles,
}

/// How misbehaviour is penalised (Regulation 3.5.2).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CardsPolicy {
    /// Penalty points of the second, third … offence, each shown with yellow and red together.
    /// ITTF: 1, then 2. Empty: the competition has warnings only. At most 4 steps of at most 5 points.
    pub penalty_points: Vec<u8>,
}

impl Default for CardsPolicy {
    fn default() -> Self {
        CardsPolicy { penalty_points: vec![1, 2] }
    }
}

/// The format of one match. Make one with a preset or deserialise one: both are validated.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(try_from = "Unvalidated")]
pub struct Format {
    /// Singles or doubles.
    pub discipline: Discipline,
    /// Games at most: odd, 1 to 9 (Law 2.12.1).
    pub best_of: u8,
    /// Points that win a game: 1 to 99 (Law 2.11.1: 11).
    pub game_points: u16,
    /// Lead that wins a game: 1 or 2 points (Law 2.11.1: 2).
    pub win_by: u16,
    /// Points that win the last possible game: 1 to 99.
    pub deciding_game_points: u16,
    /// In the last possible game ends change when a side first has this many points (Law 2.13.7: 5); 0: never.
    pub change_over_points: u16,
    /// Services in a turn before both sides are one point from the game (Law 2.13.3: 2): 1 to 10.
    pub serves_per_turn: u16,
    /// Time-outs a side in a match (Regulation 3.4.4.2: 1): 0 to 5.
    pub time_outs: u8,
    /// Length of a time-out, seconds.
    pub time_out_seconds: u16,
    /// Length of the interval between games, seconds (Regulation 3.4.4.1).
    pub interval_seconds: u16,
    /// Length of practice before the match, seconds (Regulation 3.4.3: 120).
    pub warm_up_seconds: u16,
    /// Suspension for injury, seconds at most (Regulation 3.4.4.5: 600).
    pub injury_seconds: u16,
    /// Towelling is allowed after every so many points (Regulation 3.4.4.1: 6); 0: never.
    pub towel_every: u16,
    /// Play in one game after which expedite comes in, seconds (Law 2.15.1: 600); 0: never by time.
    pub expedite_after_seconds: u16,
    /// Expedite does not come in from this many points of both sides in the game on (Law 2.15.2: 18).
    pub expedite_unless_points: u16,
    /// Video-review challenges a side that can be lost: 0 (no review) to 9.
    pub challenges: u8,
    /// The cards policy.
    pub cards: CardsPolicy,
}

impl Format {
    /// The ITTF's format: games to 11 by 2, of `best_of` games. `best_of` is made odd and kept within 1 to 9.
    pub fn ittf(discipline: Discipline, best_of: u8) -> Self {
        Format {
            discipline,
            best_of: (best_of.clamp(1, 9) - 1) / 2 * 2 + 1,
            game_points: 11,
            win_by: 2,
            deciding_game_points: 11,
            change_over_points: 5,
            serves_per_turn: 2,
            time_outs: 1,
            time_out_seconds: 60,
            interval_seconds: 60,
            warm_up_seconds: 120,
            injury_seconds: 600,
            towel_every: 6,
            expedite_after_seconds: 600,
            expedite_unless_points: 18,
            challenges: 0,
            cards: CardsPolicy::default(),
        }
    }

    /// The German Bundesliga's format: best of five games to 11 by 2, one time-out a side.
    pub fn bundesliga(discipline: Discipline) -> Self {
        Format::ittf(discipline, 5)
    }

    /// Games that win the match (Law 2.12.1).
    pub const fn games_to_win(&self) -> u8 {
        self.best_of / 2 + 1
    }

    /// Whether game number `game` (from 1) is the last possible one.
    pub const fn is_deciding(&self, game: usize) -> bool {
        game >= self.best_of as usize
    }

    /// Points that win game number `game` (from 1).
    pub const fn points_to_win(&self, game: usize) -> u16 {
        if self.is_deciding(game) { self.deciding_game_points } else { self.game_points }
    }

    /// Players a side.
    pub const fn players_a_side(&self) -> usize {
        match self.discipline {
            Discipline::Singles => 1,
            Discipline::Doubles => 2,
        }
    }
}

/// Why a format is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("format: {field} must be {bounds}")]
pub struct FormatError {
    /// The field out of bounds.
    pub field: &'static str,
    /// What it may be.
    pub bounds: &'static str,
}

/// A format as it comes from outside: a preset, and what differs from it.
#[derive(Debug, Clone, Default, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "openapi", schema(as = NewFormat))]
#[serde(deny_unknown_fields, default)]
pub struct Unvalidated {
    preset: Preset,
    discipline: Discipline,
    best_of: Option<u8>,
    game_points: Option<u16>,
    win_by: Option<u16>,
    deciding_game_points: Option<u16>,
    change_over_points: Option<u16>,
    serves_per_turn: Option<u16>,
    time_outs: Option<u8>,
    time_out_seconds: Option<u16>,
    interval_seconds: Option<u16>,
    warm_up_seconds: Option<u16>,
    injury_seconds: Option<u16>,
    towel_every: Option<u16>,
    expedite_after_seconds: Option<u16>,
    expedite_unless_points: Option<u16>,
    challenges: Option<u8>,
    cards: Option<CardsPolicy>,
}

/// Named starting points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
enum Preset {
    #[default]
    Ittf,
    Bundesliga,
}

impl TryFrom<Unvalidated> for Format {
    type Error = FormatError;

    fn try_from(given: Unvalidated) -> Result<Self, FormatError> {
        let base = match given.preset {
            Preset::Ittf => Format::ittf(given.discipline, 5),
            Preset::Bundesliga => Format::bundesliga(given.discipline),
        };
        let game_points = given.game_points.unwrap_or(base.game_points);
        let format = Format {
            discipline: given.discipline,
            best_of: given.best_of.unwrap_or(base.best_of),
            game_points,
            win_by: given.win_by.unwrap_or(base.win_by),
            deciding_game_points: given.deciding_game_points.unwrap_or(game_points),
            change_over_points: given.change_over_points.unwrap_or(base.change_over_points),
            serves_per_turn: given.serves_per_turn.unwrap_or(base.serves_per_turn),
            time_outs: given.time_outs.unwrap_or(base.time_outs),
            time_out_seconds: given.time_out_seconds.unwrap_or(base.time_out_seconds),
            interval_seconds: given.interval_seconds.unwrap_or(base.interval_seconds),
            warm_up_seconds: given.warm_up_seconds.unwrap_or(base.warm_up_seconds),
            injury_seconds: given.injury_seconds.unwrap_or(base.injury_seconds),
            towel_every: given.towel_every.unwrap_or(base.towel_every),
            expedite_after_seconds: given.expedite_after_seconds.unwrap_or(base.expedite_after_seconds),
            expedite_unless_points: given.expedite_unless_points.unwrap_or(base.expedite_unless_points),
            challenges: given.challenges.unwrap_or(base.challenges),
            cards: given.cards.unwrap_or(base.cards),
        };
        format.validated()
    }
}

impl Format {
    /// The same format, if every field is within its bounds.
    ///
    /// # Errors
    /// [`FormatError`] naming the first field that is not.
    pub fn validated(self) -> Result<Self, FormatError> {
        let rules: [(bool, &'static str, &'static str); 9] = [
            (self.best_of % 2 == 1 && self.games_to_win() <= MAX_GAMES_TO_WIN, "best_of", "odd, 1 to 9"),
            ((1..=99).contains(&self.game_points), "game_points", "1 to 99"),
            ((1..=99).contains(&self.deciding_game_points), "deciding_game_points", "1 to 99"),
            ((1..=2).contains(&self.win_by), "win_by", "1 or 2"),
            (
                self.change_over_points < self.deciding_game_points,
                "change_over_points",
                "below deciding_game_points",
            ),
            ((1..=10).contains(&self.serves_per_turn), "serves_per_turn", "1 to 10"),
            (self.time_outs <= 5, "time_outs", "0 to 5"),
            (self.challenges <= 9, "challenges", "0 to 9"),
            (
                self.cards.penalty_points.len() <= 4
                    && self.cards.penalty_points.iter().all(|p| (1..=5).contains(p)),
                "cards.penalty_points",
                "at most 4 steps of 1 to 5 points",
            ),
        ];
        match rules.into_iter().find(|(holds, ..)| !holds) {
            Some((_, field, bounds)) => Err(FormatError { field, bounds }),
            None => Ok(self),
        }
    }
}
