//! A rally that was scored, with all that is known of it: the row from which points are counted.

use serde::{Deserialize, Serialize};
use topspin_event::Seq;
use topspin_laws::{Both, Expedite, Format, How, Line, Outcome, Score, Seat, Side, Standing, standing};

use crate::chronicle::Stamp;
use crate::limits::RALLY_MAX_MS;

/// A rally that was scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Rally {
    /// The position of its event.
    pub seq: u64,
    /// The number of its game, from 1.
    pub game: u8,
    /// The score of the game before it.
    pub score: Score,
    /// Games won before it.
    pub games: Both<u8>,
    /// Who served; `None` where nobody knows.
    pub server: Option<Seat>,
    /// Who received.
    pub receiver: Option<Seat>,
    /// Whether it was played under expedite.
    pub expedite: Expedite,
    /// Who won it.
    pub winner: Side,
    /// How, if that is recorded.
    pub how: Option<How>,
    /// Strokes, if they are recorded.
    pub strokes: Option<u16>,
    /// Milliseconds from the service to its end, if both were tapped.
    pub lasted_ms: Option<u32>,
    /// When it ended, in milliseconds since 1970, if that is known to the millisecond or at least to the day.
    pub at: Option<i64>,
    /// Whether that is known to the millisecond.
    pub exact: bool,
    /// What each side had won with it.
    pub stake: Both<Stake>,
    /// Whether it was played from deuce on (Law 2.13.3).
    pub deuce: bool,
}

/// What a side wins with the next point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Stake {
    /// The point.
    Point,
    /// The game with it.
    Game,
    /// The match with it.
    Match,
}

impl Rally {
    /// The rally of a line; `None` if it is the line of something else, or of a let.
    pub(crate) fn of(format: &Format, line: &Line, began: Option<Stamp>, ended: Stamp) -> Option<Self> {
        let Some(Outcome::Point { to, how, strokes }) = line.event.outcome() else { return None };
        let before = line.before;
        let to_win = format.points_to_win(usize::from(before.game));
        let lasted = began.and_then(Stamp::exactly).zip(ended.exactly());
        let lasted = lasted.and_then(|(began, ended)| u32::try_from(ended.millis_since(began)).ok());
        Some(Rally {
            seq: line.seq.0,
            game: before.game,
            score: before.score,
            games: before.games,
            server: before.server,
            receiver: before.receiver,
            expedite: before.expedite,
            winner: to,
            how,
            strokes,
            lasted_ms: lasted.filter(|lasted| *lasted <= RALLY_MAX_MS),
            at: ended.at.map(topspin_event::Timestamp::as_millis),
            exact: ended.exactly().is_some(),
            stake: Both::new(stake(format, line, Side::Home), stake(format, line, Side::Away)),
            deuce: before.score.home.min(before.score.away) + 1 >= to_win,
        })
    }

    /// The position of its event.
    pub fn seq(&self) -> Seq {
        Seq(self.seq)
    }

    /// When it ended, if that is known to the millisecond.
    pub fn ended_at(&self) -> Option<i64> {
        self.at.filter(|_| self.exact)
    }

    /// Whether the side that served won it; `None` where nobody knows who served.
    pub fn won_by_server(&self) -> Option<bool> {
        self.server.map(|server| server.side == self.winner)
    }
}

fn stake(format: &Format, line: &Line, side: Side) -> Stake {
    let (game, mut score) = (usize::from(line.before.game), line.before.score);
    *score.of_mut(side) += 1;
    if standing(format, game, score) != Standing::Won(side) {
        Stake::Point
    } else if *line.before.games.of(side) + 1 >= format.games_to_win() {
        Stake::Match
    } else {
        Stake::Game
    }
}
