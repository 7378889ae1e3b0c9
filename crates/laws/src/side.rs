//! Who plays where: sides, players within a side, and ends of the table.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One of the two opponents: a player in singles, a pair in doubles, a team in a tie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Listed first.
    Home,
    /// Listed second.
    Away,
}

impl Side {
    /// Both sides, home first.
    pub const BOTH: [Side; 2] = [Side::Home, Side::Away];

    /// The opponent.
    #[must_use]
    pub const fn other(self) -> Side {
        match self {
            Side::Home => Side::Away,
            Side::Away => Side::Home,
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Side::Home => "home",
            Side::Away => "away",
        })
    }
}

/// One value for each side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Both<T> {
    /// The home side's value.
    pub home: T,
    /// The away side's value.
    pub away: T,
}

impl<T> Both<T> {
    /// A value for each side.
    pub const fn new(home: T, away: T) -> Self {
        Both { home, away }
    }

    /// The value of one side.
    pub const fn of(&self, side: Side) -> &T {
        match side {
            Side::Home => &self.home,
            Side::Away => &self.away,
        }
    }

    /// The value of one side, to change.
    pub const fn of_mut(&mut self, side: Side) -> &mut T {
        match side {
            Side::Home => &mut self.home,
            Side::Away => &mut self.away,
        }
    }
}

/// A player by side and place in the entry: 1, or 2 for the second of a pair.
///
/// In singles the place is always [`Place::First`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Seat {
    /// The player's side.
    pub side: Side,
    /// Which of the side's players.
    #[serde(default)]
    pub place: Place,
}

impl Seat {
    /// The first player of a side: the only one in singles.
    pub const fn first(side: Side) -> Self {
        Seat { side, place: Place::First }
    }

    /// The second player of a pair.
    pub const fn second(side: Side) -> Self {
        Seat { side, place: Place::Second }
    }

    /// The other player of the same pair.
    #[must_use]
    pub const fn partner(self) -> Self {
        Seat { side: self.side, place: self.place.other() }
    }
}

/// The place of a player in a pair, as entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The first named.
    #[default]
    First,
    /// The second named; in doubles only.
    Second,
}

impl Place {
    const fn other(self) -> Self {
        match self {
            Place::First => Place::Second,
            Place::Second => Place::First,
        }
    }
}

/// An end of the table, as seen from the umpire's chair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// On the umpire's left.
    Left,
    /// On the umpire's right.
    Right,
}

impl End {
    /// The opposite end.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            End::Left => End::Right,
            End::Right => End::Left,
        }
    }
}
