//! The score of a game, and what it means under a format.

use serde::{Deserialize, Serialize};

use crate::{Both, Format, Side};

/// Points of a side in one game at most, where a score is set.
pub(crate) const MAX_POINTS: u16 = 999;

/// Points of each side in one game.
pub type Score = Both<u16>;

impl Both<u16> {
    /// Points of both sides together.
    pub const fn total(&self) -> u32 {
        self.home as u32 + self.away as u32
    }

    /// The side ahead; `None` when level.
    pub const fn leader(&self) -> Option<Side> {
        if self.home > self.away {
            Some(Side::Home)
        } else if self.away > self.home {
            Some(Side::Away)
        } else {
            None
        }
    }
}

/// What a score is within its game (Law 2.11.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The game goes on.
    Open,
    /// The game is won.
    Won(Side),
    /// No sequence of points leads here: it lies beyond the end of the game.
    Unreachable,
}

/// Judges a score of game number `game` (from 1) under `format` (Law 2.11.1).
pub fn standing(format: &Format, game: usize, score: Score) -> Standing {
    let target = format.points_to_win(game);
    let (high, low) = (score.home.max(score.away), score.home.min(score.away));
    let Some(leader) = score.leader() else {
        // Level: open unless a win by one point would have ended it before.
        return if format.win_by == 1 && high >= target { Standing::Unreachable } else { Standing::Open };
    };
    let lead = high - low;
    if high < target || lead < format.win_by {
        return Standing::Open;
    }
    // The winning point was the last: one less must still have been open.
    if high == target || (format.win_by > 1 && lead == format.win_by) {
        Standing::Won(leader)
    } else {
        Standing::Unreachable
    }
}
