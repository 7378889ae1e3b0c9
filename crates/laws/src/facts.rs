//! The facts of a match at one moment: what a scoreboard shows, and what `state_hash` covers.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::state::{State, Word};
use crate::{BallInPlay, Both, Card, End, Score, Seat, Side, Standing, SuspensionReason, standing};

/// Where a match stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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

impl fmt::Display for Status {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Status::Scheduled => "scheduled",
            Status::Called => "called",
            Status::WarmUp => "in warm-up",
            Status::InPlay => "in play",
            Status::Interval => "in the interval",
            Status::Suspended => "suspended",
            Status::Finished => "finished",
            Status::Retired => "ended by retirement",
            Status::Walkover => "won by walkover",
            Status::Disqualified => "ended by disqualification",
            Status::Abandoned => "abandoned",
            Status::Postponed => "postponed",
            Status::Cancelled => "cancelled",
        })
    }
}

/// How sure a result is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Facts {
    /// Where the match stands.
    pub status: Status,
    /// How sure the result is.
    pub certainty: Certainty,
    /// Every game begun, in order.
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<Both<u16>>))]
    pub games: Vec<Score>,
    /// Games won.
    pub score: Both<u8>,
    /// Between games, the side that serves first in the next one (Laws 2.13.1 and 2.13.6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serves_first: Option<Side>,
    /// Serves the next rally of the game being played.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<Seat>,
    /// Receives it.
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Expedite {
    /// Not in operation.
    #[default]
    Off,
    /// In operation (Law 2.15.6: to the end of the match).
    On,
}

impl State {
    /// The facts as they stand.
    pub fn facts(&self) -> Facts {
        let (board, format) = (&self.board, &self.setup.format);
        let service = board.service;
        let between_games = board.current().is_none() && !board.status.is_over();
        let time_outs = |side| format.time_outs.saturating_sub(*board.time_outs_taken.of(side));
        Facts {
            status: board.status,
            certainty: self.certainty(),
            games: board.games.iter().map(|game| game.score).collect(),
            score: board.won,
            serves_first: board.due_to_serve().filter(|_| between_games),
            server: service.map(|service| service.server),
            receiver: service.map(|service| service.receiver),
            home_end: board.home_end,
            winner: board.winner,
            ball_in_play: board.ball_in_play,
            expedite: board.expedite,
            pause: board.pause,
            time_outs_left: Both::new(time_outs(Side::Home), time_outs(Side::Away)),
            challenges_left: Both::new(
                board.challenges_left(format, Side::Home),
                board.challenges_left(format, Side::Away),
            ),
            cards: board.cards.clone(),
            bench_cards: board.bench_cards.clone(),
            pending_points: board.pending,
            notices: self.notices(),
        }
    }

    fn certainty(&self) -> Certainty {
        match (self.board.status.is_over(), self.word) {
            (false, _) | (true, Word::Reopened) => Certainty::Provisional,
            (true, Word::None) => Certainty::Unofficial,
            (true, Word::Confirmed) => Certainty::Official,
            (true, Word::Protested | Word::OfficialProtested) => Certainty::Protested,
        }
    }

    fn notices(&self) -> Vec<Notice> {
        let board = &self.board;
        match board.status {
            Status::Scheduled | Status::Called | Status::WarmUp if board.first_server.is_none() => {
                vec![Notice::Choose]
            }
            Status::Scheduled | Status::Called | Status::WarmUp | Status::Interval => vec![Notice::StartGame],
            Status::InPlay => self.notices_in_play(),
            Status::Suspended
            | Status::Finished
            | Status::Retired
            | Status::Walkover
            | Status::Disqualified
            | Status::Abandoned
            | Status::Postponed
            | Status::Cancelled => Vec::new(),
        }
    }

    fn notices_in_play(&self) -> Vec<Notice> {
        let (board, format) = (&self.board, &self.setup.format);
        let Some(game) = board.current() else { return Vec::new() };
        let number = board.games.len();
        let mut notices = Vec::new();
        for side in Side::BOTH {
            let mut next = game.score;
            *next.of_mut(side) += 1;
            if standing(format, number, next) == Standing::Won(side) {
                let for_match = *board.won.of(side) + 1 >= format.games_to_win();
                notices.push(match (side, for_match) {
                    (Side::Home, false) => Notice::GamePointHome,
                    (Side::Home, true) => Notice::MatchPointHome,
                    (Side::Away, false) => Notice::GamePointAway,
                    (Side::Away, true) => Notice::MatchPointAway,
                });
            }
        }
        if game.score.home == game.score.away && game.score.home + 1 >= format.points_to_win(number) {
            notices.push(Notice::Deuce);
        }
        if game.ends_changed_at == Some(game.score.total()) {
            notices.push(Notice::EndsChanged);
        }
        if board.towel_allowed(format) {
            notices.push(Notice::Towel);
        }
        notices
    }
}
