//! Where a match stands.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use topspin_event::{Epoch, MatchSnapshot, Recorded, Seq};

/// A position in a match or a tie: the same for every consumer, whatever is filtered.
///
/// Text and JSON form: `<epoch>-<seq>`, as the ids of server-sent events. Before the first event `seq` is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Position {
    /// The number of the home that decided the event.
    pub epoch: Epoch,
    /// The number of the event in the match, from 1, gapless.
    pub seq: Seq,
}

impl Position {
    /// The position of an event.
    pub const fn of(recorded: &Recorded) -> Self {
        Position { epoch: recorded.epoch, seq: recorded.seq }
    }

    /// The position of a match's last event.
    pub const fn head(snapshot: &MatchSnapshot) -> Self {
        Position { epoch: snapshot.epoch, seq: snapshot.seq }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.epoch.0, self.seq.0)
    }
}

impl FromStr for Position {
    type Err = PositionError;

    fn from_str(text: &str) -> Result<Self, PositionError> {
        let (epoch, seq) = text.split_once('-').ok_or(PositionError)?;
        let epoch = Epoch(epoch.parse().map_err(|_| PositionError)?);
        Ok(Position { epoch, seq: Seq(seq.parse().map_err(|_| PositionError)?) })
    }
}

impl TryFrom<String> for Position {
    type Error = PositionError;

    fn try_from(text: String) -> Result<Self, PositionError> {
        text.parse()
    }
}

impl From<Position> for String {
    fn from(position: Position) -> String {
        position.to_string()
    }
}

/// The text is no position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a position is <epoch>-<seq>, such as 1-42")]
pub struct PositionError;
