//! What could be told of a match.

use serde::{Deserialize, Serialize};
use topspin_event::Tally;
use topspin_laws::Side;

use crate::facts::Id;
use crate::metric::Metric;
use crate::profile::Aspect;
use crate::records::Entry;

/// What the narrator of a match sees.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Seen {
    /// How far the match is: one row from its first event on.
    Pace(Pace),
    /// Something that holds now, and could be told.
    Candidate(Candidate),
}

/// How far a match is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Pace {
    pub epoch: u32,
    pub seq: u64,
    /// Rallies that stand.
    pub rallies: u32,
    pub is_over: bool,
}

/// Something that holds of a match now: true for as long as its row is there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Candidate {
    Record(Placed),
    Compared(Compared),
    Course(Happened),
}

/// A place of a list of records: no later entry of the list is as good.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Placed {
    pub scope: String,
    pub window: String,
    /// From 1.
    pub place: u8,
    pub entry: Entry,
    /// The latest earlier one that is as good; `None` if there is none.
    pub since: Option<Entry>,
}

/// A player tonight beside the last 24 months.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Compared {
    pub side: Side,
    pub player: Id,
    pub aspect: Aspect,
    /// 0 for the whole match.
    pub game: u8,
    /// Won and of.
    pub tonight: (u32, u32),
    pub history: (u32, u32),
    /// The binary logarithm of the evidence, in thousandths.
    pub evidence: i64,
}

/// Something in the course of the match.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Happened {
    pub kind: Kind,
    pub side: Option<Side>,
    /// 0 for the whole match.
    pub game: u8,
    pub value: u32,
    /// What the value is to be seen beside; 0 for nothing.
    pub beside: u32,
    /// The events that prove it, in order.
    pub seqs: Vec<u64>,
}

/// What can happen in the course of a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Kind {
    /// So many points of one side in a row.
    PointsInARow,
    /// A game won by a side that was so many points behind, with `beside` points of its own.
    GameTurned,
    /// A match won by a side that was so many games behind, with `beside` games of its own.
    MatchTurned,
    /// So many match points of the opponent that a side has won, in a match that is not lost.
    MatchPointsSaved,
    /// The same, and the match is won.
    WonAfterMatchPoints,
    /// So many game points of the opponent that a side has won in a game that it won.
    GamePointsSaved,
    /// So many aces.
    Aces,
    /// A game of so many points to none.
    GameToLove,
    /// A game won with so many points against `beside`, far beyond deuce.
    LongGame,
    /// So many of the five rallies after a time-out won, and of the five before it `beside`.
    TimeOut,
}

/// The names of all kinds.
pub(super) const KINDS: [&str; 10] = [
    Kind::PointsInARow.as_str(),
    Kind::GameTurned.as_str(),
    Kind::MatchTurned.as_str(),
    Kind::MatchPointsSaved.as_str(),
    Kind::WonAfterMatchPoints.as_str(),
    Kind::GamePointsSaved.as_str(),
    Kind::Aces.as_str(),
    Kind::GameToLove.as_str(),
    Kind::LongGame.as_str(),
    Kind::TimeOut.as_str(),
];

impl Kind {
    /// The name in records: never changed.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Kind::PointsInARow => "points_in_a_row",
            Kind::GameTurned => "game_turned",
            Kind::MatchTurned => "match_turned",
            Kind::MatchPointsSaved => "match_points_saved",
            Kind::WonAfterMatchPoints => "won_after_match_points",
            Kind::GamePointsSaved => "game_points_saved",
            Kind::Aces => "aces",
            Kind::GameToLove => "game_to_love",
            Kind::LongGame => "long_game",
            Kind::TimeOut => "time_out",
        }
    }
}

/// What a card is about: of one thing no two cards stand at a time, and one that says it anew takes the place of the other. A long
/// game is one thing, whether points, minutes or deuces tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Topic {
    LongRally,
    LongGame,
    LongMatch,
    Run(Option<Side>),
    GameTurned(Option<Side>),
    WinningRun(Option<Side>),
    Upset,
    MatchTurned(Option<Side>),
    MatchPoints(Option<Side>),
    GamePoints(Option<Side>),
    Aces(Option<Side>),
    GameToLove(Option<Side>, u8),
    /// With the position of its event.
    TimeOut(Option<u64>),
    Compared(Side),
}

impl Candidate {
    pub(crate) fn topic(&self) -> Topic {
        match self {
            Candidate::Record(placed) => match placed.entry.mark.metric {
                Metric::LongestRallyStrokes | Metric::LongestRallyTime => Topic::LongRally,
                Metric::LongestGamePoints | Metric::LongestGameTime | Metric::HighestDeuce => Topic::LongGame,
                Metric::LongestMatchPoints | Metric::LongestMatchTime => Topic::LongMatch,
                Metric::PointsInARow => Topic::Run(placed.entry.mark.side),
                Metric::LargestComeback => Topic::GameTurned(placed.entry.mark.side),
                Metric::WinningRun => Topic::WinningRun(placed.entry.mark.side),
                Metric::Upset => Topic::Upset,
            },
            Candidate::Compared(compared) => Topic::Compared(compared.side),
            Candidate::Course(happened) => happened.topic(),
        }
    }
}

impl Happened {
    fn topic(&self) -> Topic {
        match self.kind {
            Kind::PointsInARow => Topic::Run(self.side),
            Kind::GameTurned => Topic::GameTurned(self.side),
            Kind::MatchTurned => Topic::MatchTurned(self.side),
            Kind::MatchPointsSaved | Kind::WonAfterMatchPoints => Topic::MatchPoints(self.side),
            Kind::GamePointsSaved => Topic::GamePoints(self.side),
            Kind::Aces => Topic::Aces(self.side),
            Kind::GameToLove => Topic::GameToLove(self.side, self.game),
            Kind::LongGame => Topic::LongGame,
            Kind::TimeOut => Topic::TimeOut(self.seqs.first().copied()),
        }
    }
}

impl Compared {
    pub(crate) fn tallies(&self) -> (Tally, Tally) {
        let tally = |(won, of)| Tally { won, of };
        (tally(self.tonight), tally(self.history))
    }
}
