//! What every player has won and lost.

use serde::{Deserialize, Serialize};
use topspin_event::{MatchSnapshot, PlayerId, PlayerTotals, wire};
use topspin_laws::Side;
use topspin_stream::{Builder, Encoded, Input, Reason, Topology};

/// The topic of the view, keyed by the player's id as text.
pub const PLAYER_TOTALS: &str = "player-totals";

/// The full name of the Protobuf message that its values are.
pub const PLAYER_TOTALS_MESSAGE: &str = "topspin.v1.PlayerTotals";

/// Raised when a shape that is stored or repartitioned changes.
const VERSION: u32 = 2;

type Player = [u8; 16];

/// A match as far as totals are concerned.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Played {
    home: Vec<Player>,
    away: Vec<Player>,
    /// Points of home and away, by game.
    points: (i64, i64),
    /// Games won by home and away.
    games: (i64, i64),
    winner: Option<Winner>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Winner {
    Home,
    Away,
}

/// What one match adds to a player's totals, and their sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
struct Line {
    matches: i64,
    matches_won: i64,
    matches_lost: i64,
    games_won: i64,
    games_lost: i64,
    points_won: i64,
    points_lost: i64,
}

/// `matches` → a line for each player → by player → the sum of the lines → `player-totals`.
///
/// # Panics
/// Never: its names are checked by a test.
pub fn player_totals() -> Topology {
    let builder = Builder::new(PLAYER_TOTALS, VERSION);
    let matches = builder.table("matches", match_key, read);
    let lines = matches.flat_map("lines", |_, played: &Played| played.lines());
    let totals = lines.repartition("lines-by-player").aggregate("totals", add);
    totals.to_view(PLAYER_TOTALS, write);
    builder.build().expect("the names are valid, as a test shows")
}

fn match_key(input: &Input<'_>) -> Result<Player, Reason> {
    let text = input.key.and_then(|key| std::str::from_utf8(key).ok());
    let id = text.and_then(|text| text.parse::<uuid::Uuid>().ok());
    id.map(uuid::Uuid::into_bytes).ok_or_else(|| Reason::from("the key is no match id"))
}

fn read(input: &Input<'_>) -> Result<Played, Reason> {
    let snapshot = wire::decode_snapshot(input.value.unwrap_or_default());
    snapshot.map(|snapshot| Played::of(&snapshot)).map_err(|error| Reason::from(error.to_string()))
}

impl Played {
    fn of(snapshot: &MatchSnapshot) -> Self {
        let players = |side: &topspin_event::Entry| side.players.iter().map(|id| id.0.into_bytes()).collect();
        let facts = &snapshot.facts;
        Played {
            home: players(&snapshot.meta.sides.home),
            away: players(&snapshot.meta.sides.away),
            points: (
                facts.games.iter().map(|game| i64::from(game.home)).sum(),
                facts.games.iter().map(|game| i64::from(game.away)).sum(),
            ),
            games: (facts.score.home.into(), facts.score.away.into()),
            winner: facts.winner.map(|side| match side {
                Side::Home => Winner::Home,
                Side::Away => Winner::Away,
            }),
        }
    }

    /// A line for each player; none before the match has begun, or been awarded.
    fn lines(&self) -> Vec<(Player, Line)> {
        if self.points == (0, 0) && self.winner.is_none() {
            return Vec::new();
        }
        let home = Line {
            matches: 1,
            matches_won: i64::from(self.winner == Some(Winner::Home)),
            matches_lost: i64::from(self.winner == Some(Winner::Away)),
            games_won: self.games.0,
            games_lost: self.games.1,
            points_won: self.points.0,
            points_lost: self.points.1,
        };
        let home_lines = self.home.iter().map(|player| (*player, home));
        home_lines.chain(self.away.iter().map(|player| (*player, home.mirrored()))).collect()
    }
}

impl Line {
    /// The same match as the other side sees it.
    fn mirrored(self) -> Self {
        Line {
            matches: self.matches,
            matches_won: self.matches_lost,
            matches_lost: self.matches_won,
            games_won: self.games_lost,
            games_lost: self.games_won,
            points_won: self.points_lost,
            points_lost: self.points_won,
        }
    }

    fn counts(&mut self) -> [&mut i64; 7] {
        [
            &mut self.matches,
            &mut self.matches_won,
            &mut self.matches_lost,
            &mut self.games_won,
            &mut self.games_lost,
            &mut self.points_won,
            &mut self.points_lost,
        ]
    }
}

fn add(sum: &mut Line, line: &Line, times: i64) -> Result<(), Reason> {
    let mut line = *line;
    for (count, more) in sum.counts().into_iter().zip(line.counts()) {
        let more = more.checked_mul(times).and_then(|more| count.checked_add(more));
        *count = more.ok_or_else(|| Reason::from("a total is too large"))?;
    }
    Ok(())
}

fn write(player: &Player, line: Option<&Line>, record: &mut Encoded) {
    let id = PlayerId(uuid::Uuid::from_bytes(*player));
    record.key.extend_from_slice(id.to_string().as_bytes());
    let Some(line) = line else { return };
    let totals = PlayerTotals {
        player_id: id,
        matches: line.matches,
        matches_won: line.matches_won,
        matches_lost: line.matches_lost,
        games_won: line.games_won,
        games_lost: line.games_lost,
        points_won: line.points_won,
        points_lost: line.points_lost,
    };
    record.value.extend_from_slice(&wire::encode_player_totals(&totals));
}
