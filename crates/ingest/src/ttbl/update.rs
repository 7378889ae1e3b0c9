//! One update of a tablet.

use serde_json::{Map, Value};
use topspin_laws::{Card, Score, Side};

use super::reader::Reader;
use crate::limits::{MAX_POINTS, MAX_SETS};
use crate::oddity::Oddities;

/// What an update reports.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Type {
    Create,
    GameStart,
    GameEnd,
    SetStart,
    SetEnd,
    Point,
    /// The umpire took a point back.
    DecrementPoint,
    TimeOutStart,
    TimeOutEnd,
    Card(CardColour),
    Service,
    Substitution,
    SwitchDoubles,
    /// A type that this reader does not know.
    Other(String),
}

/// The colour of a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum CardColour {
    Yellow,
    YellowRed,
    Red,
}

impl From<CardColour> for Card {
    fn from(colour: CardColour) -> Card {
        match colour {
            CardColour::Yellow => Card::Yellow,
            CardColour::YellowRed => Card::YellowRed,
            CardColour::Red => Card::Red,
        }
    }
}

impl Type {
    fn named(name: &str) -> Self {
        match name {
            "Create" => Type::Create,
            "EventGameStart" => Type::GameStart,
            "EventGameEnd" => Type::GameEnd,
            "EventSetStart" => Type::SetStart,
            "EventSetEnd" => Type::SetEnd,
            "Point" => Type::Point,
            "DecrementPoint" => Type::DecrementPoint,
            "EventTimeoutStart" => Type::TimeOutStart,
            "EventTimeoutEnd" => Type::TimeOutEnd,
            "EventYellowCard" => Type::Card(CardColour::Yellow),
            "EventYellowRedCard" => Type::Card(CardColour::YellowRed),
            "EventRedCard" => Type::Card(CardColour::Red),
            "EventService" => Type::Service,
            "Substitution" => Type::Substitution,
            "SwitchDoublesGame" => Type::SwitchDoubles,
            other => Type::Other(other.to_owned()),
        }
    }

    /// Whether the update can change the score: its claim says how.
    pub fn scores(&self) -> bool {
        match self {
            Type::GameStart
            | Type::GameEnd
            | Type::SetStart
            | Type::SetEnd
            | Type::Point
            | Type::DecrementPoint
            | Type::Card(CardColour::YellowRed | CardColour::Red)
            | Type::Other(_) => true,
            Type::Create
            | Type::TimeOutStart
            | Type::TimeOutEnd
            | Type::Card(CardColour::Yellow)
            | Type::Service
            | Type::Substitution
            | Type::SwitchDoubles => false,
        }
    }

    /// Order among updates of the same millisecond and set: a set opens, is played, and closes.
    pub fn rank(&self) -> u8 {
        match self {
            Type::Create => 0,
            Type::GameStart => 1,
            Type::SetStart => 2,
            Type::SetEnd => 4,
            Type::GameEnd => 5,
            _ => 3,
        }
    }
}

/// A score that an update states: the set's number and points. A tablet can count below zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Claim {
    pub set: u8,
    pub home: i64,
    pub away: i64,
}

impl Claim {
    pub const START: Claim = Claim { set: 1, home: 0, away: 0 };

    pub const fn nil(set: u8) -> Self {
        Claim { set, home: 0, away: 0 }
    }

    /// The claim with `by` more points of a side.
    pub fn plus(self, side: Side, by: i64) -> Self {
        match side {
            Side::Home => Claim { home: self.home + by, ..self },
            Side::Away => Claim { away: self.away + by, ..self },
        }
    }

    pub const fn is_nil(self) -> bool {
        self.home == 0 && self.away == 0
    }

    /// The score, unless it is below zero.
    pub fn score(self) -> Option<Score> {
        Some(Score::new(u16::try_from(self.home).ok()?, u16::try_from(self.away).ok()?))
    }
}

impl std::fmt::Display for Claim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{} in set {}", self.home, self.away, self.set)
    }
}

/// How a point came about by luck, as the source has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Luck {
    pub lucky: Option<bool>,
    pub net: Option<bool>,
    pub edge: Option<bool>,
}

/// One update, with whatever of it could be read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Update {
    /// Place in the file.
    pub position: usize,
    pub id: Option<i64>,
    /// The id as text, or the place where it has none.
    pub key: String,
    pub kind: Type,
    /// Milliseconds since 1970.
    pub ts: Option<i64>,
    pub index: Option<i64>,
    pub submission: Option<String>,
    pub claim: Option<Claim>,
    pub set: Option<u8>,
    pub player: Option<String>,
    /// The player's side, once the line-ups are known.
    pub side: Option<Side>,
    /// The flags that the server won, and that the receiver won.
    pub server_won: Option<bool>,
    pub receiver_won: Option<bool>,
    pub luck: Luck,
    pub line_up: [Option<String>; 2],
    pub raw: Value,
}

impl Update {
    /// Reads one element of the list of updates; `None` if it is not an object with a type.
    pub fn read(position: usize, raw: &Value, odd: &mut Oddities) -> Option<Update> {
        let object: &Map<String, Value> = raw.as_object()?;
        let mut reader = Reader::new(object, "update", odd);
        let kind = Type::named(&reader.text("type")?);
        let id_text = reader.text("id");
        let set = reader.integer("set").and_then(|set| u8::try_from(set).ok());
        let set = set.filter(|set| (1..=MAX_SETS).contains(set));
        let result = reader.parsed("result", result);
        // A set starts at nothing, whether the update says so or not.
        let result = result.or((kind == Type::SetStart).then_some((0, 0)));
        let update = Update {
            position,
            id: id_text.as_deref().and_then(|id| id.parse().ok()),
            key: id_text.unwrap_or_else(|| format!("at-{position}")),
            kind,
            ts: reader.integer("ts"),
            index: reader.integer("index"),
            submission: reader.text("submissionID"),
            claim: set.zip(result).map(|(set, (home, away))| Claim { set, home, away }),
            set,
            player: reader.text("playerId"),
            side: None,
            server_won: reader.flag("isAcePoint"),
            receiver_won: reader.flag("isServerErrorPoint"),
            luck: Luck {
                lucky: reader.flag("isLuckyShot"),
                net: reader.flag("isNetRoller"),
                edge: reader.flag("isEdgeBall"),
            },
            line_up: [reader.text("homePlayerId"), reader.text("awayPlayerId")],
            raw: raw.clone(),
        };
        // Known, and of no use beyond the claim: the tie, the match, the tablet's own bookkeeping.
        for key in ["matchId", "gameId", "appVersion"] {
            reader.value(key);
        }
        reader.finish();
        Some(update)
    }
}

/// `1:0`, in points of home and away.
fn result(text: &str) -> Option<(i64, i64)> {
    let (home, away) = text.split_once(':')?;
    let points = |text: &str| text.trim().parse::<i64>().ok().filter(|n| n.abs() <= MAX_POINTS);
    Some((points(home)?, points(away)?))
}
