//! The facts of a match at one moment: what a scoreboard shows, and what `state_hash` covers.

use serde::{Deserialize, Serialize};

use crate::{BallInPlay, Both, Card, End, Score, Seat, Side, SuspensionReason};

/// Where a match stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Not yet called.
    #[default]
    Scheduled,
    /// Players are called to the table.
    Called,
    /// Practice before the match.
    WarmUp,
    /// A game is being played.
    InPlay,
    /// Between two games.
    Interval,
    /// Play is suspended.
    Suspended,
    /// Won by play.
    Finished,
    /// Ended by retirement.
    Retired,
    /// Won without play.
    Walkover,
    /// Ended by disqualification.
    Disqualified,
    /// Ended without a result.
    Abandoned,
    /// Put off.
    Postponed,
    /// Called off.
    Cancelled,
}

impl Status {
    /// Whether no more play can follow.
    pub const fn is_over(self) -> bool {
        matches!(
            self,
            Status::Finished
                | Status::Retired
                | Status::Walkover
                | Status::Disqualified
                | Status::Abandoned
                | Status::Cancelled
        )
    }

    /// Whether spectators would call the match live.
    pub const fn is_live(self) -> bool {
        matches!(
            self,
            Status::Called | Status::WarmUp | Status::InPlay | Status::Interval | Status::Suspended
        )
    }
}

/// How sure a result is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// In play, or reopened.
    #[default]
    Provisional,
    /// Finished, not yet confirmed.
    Unofficial,
    /// Confirmed by the referee.
    Official,
    /// Under protest.
    Protested,
}

/// A break within a game.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Break {
    /// A side's time-out.
    TimeOut {
        /// Whose.
        side: Side,
    },
    /// Towelling.
    Towel {},
    /// Suspension.
    Suspension {
        /// Why.
        reason: SuspensionReason,
        /// The side concerned.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        side: Option<Side>,
    },
    /// A video review.
    Review {
        /// Who challenged.
        side: Side,
    },
}

/// What comes next, for announcements and prompts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// Home needs one point for the game.
    GamePointHome,
    /// Away needs one point for the game.
    GamePointAway,
    /// Home needs one point for the match.
    MatchPointHome,
    /// Away needs one point for the match.
    MatchPointAway,
    /// Both have all points but one: services alternate (Law 2.13.3).
    Deuce,
    /// Towelling is allowed now (Regulation 3.4.4.1).
    Towel,
    /// Players have just changed ends within the deciding game (Law 2.13.7).
    EndsChanged,
    /// The game has not been started.
    StartGame,
    /// The draw for serve and ends has not been entered (Law 2.13.1).
    Choose,
}

/// The facts of a match: integers, strings and lists of them; no clock and no delivery field.
///
/// Absent means not known or not applicable. This is the `state` member of the match resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Where the match stands.
    pub status: Status,
    /// How sure the result is.
    pub certainty: Certainty,
    /// Every game begun, in order.
    pub games: Vec<Score>,
    /// Games won.
    pub score: Both<u8>,
    /// Serves next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<Seat>,
    /// Receives next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receiver: Option<Seat>,
    /// Where home plays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home_end: Option<End>,
    /// Who won.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub winner: Option<Side>,
    /// Whether the ball is in play, where rallies' starts are tapped.
    pub ball_in_play: BallInPlay,
    /// `on` from the introduction of expedite to the end of the match.
    pub expedite: Expedite,
    /// A break going on.
    #[serde(default, rename = "break", skip_serializing_if = "Option::is_none")]
    pub pause: Option<Break>,
    /// Time-outs left.
    pub time_outs_left: Both<u8>,
    /// Challenges left.
    pub challenges_left: Both<u8>,
    /// Cards shown to players, in order.
    pub cards: Both<Vec<Card>>,
    /// Cards shown to the bench, in order.
    pub bench_cards: Both<Vec<Card>>,
    /// Penalty points that count at the start of the next game.
    pub pending_points: Both<u8>,
    /// What comes next.
    pub notices: Vec<Notice>,
}

/// Whether expedite is in operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expedite {
    /// Not in operation.
    #[default]
    Off,
    /// In operation (Law 2.15.6: to the end of the match).
    On,
}
