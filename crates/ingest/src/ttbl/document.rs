//! One file: a tie with its teams and games.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use topspin_event::Timestamp;
use topspin_laws::{Both, Discipline, Score, Side};

use super::reader::{Reader, integer, text};
use super::update::{Type, Update};
use crate::limits::{MAX_SETS, MAX_UPDATES};
use crate::oddity::Oddities;
use crate::{Kind, Reported};

/// A player as the source has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Player {
    pub id: String,
    pub name: String,
}

/// A team of the tie.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Team {
    pub name: Option<String>,
    /// Everybody named for the team, substitutes included.
    pub players: Vec<Player>,
    /// Who is named for each position, in order.
    pub line_up: Vec<Option<Player>>,
}

/// A tie.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tie {
    pub id: String,
    pub finished: bool,
    pub time: Option<Timestamp>,
    pub gameday: Option<String>,
    pub venue: Option<String>,
    pub teams: Both<Team>,
    /// In the order of their numbers.
    pub games: Vec<Game>,
    /// Matches won, as the source counts them.
    pub score: Option<Both<u8>>,
    /// The tie without its games.
    pub raw: Value,
}

/// One of its games: in the laws' words a match.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Game {
    pub id: String,
    /// Its number in the tie, from 1.
    pub number: u8,
    pub finished: bool,
    pub discipline: Discipline,
    pub line_up: Both<Vec<Player>>,
    pub reported: Option<Reported>,
    /// Who won by the source, also where it states no games.
    pub winner: Option<Side>,
    pub statistics: Statistics,
    /// Cards in the list beside the stream.
    pub cards: Vec<Value>,
    pub updates: Vec<Update>,
    /// The game without its updates, and faults of updates that could not be read.
    pub raw: Value,
    pub faults: Vec<(Kind, String, Value)>,
}

impl Game {
    /// How many updates say that a point was won.
    pub fn points(&self) -> usize {
        self.updates.iter().filter(|update| update.kind == Type::Point).count()
    }

    /// Whether anything was played, or decided without play.
    pub fn has_begun(&self) -> bool {
        self.points() > 0 || self.reported.is_some() || self.winner.is_some()
    }

    /// The game with its updates, as it came.
    pub fn whole(&self) -> Value {
        let updates: Vec<&Value> = self.updates.iter().map(|update| &update.raw).collect();
        json!({ "game": self.raw, "updates": updates })
    }
}

/// The figures that agree with a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Statistics {
    pub points_in_a_row: Both<Option<i64>>,
    pub lucky_points: Both<Option<i64>>,
}

/// A tie, and what was odd in its fields.
pub(crate) struct Reading {
    pub tie: Tie,
    pub odd: Oddities,
}

/// Reads a file. `Err` says why it is no tie.
pub(crate) fn read(bytes: &[u8]) -> Result<Reading, String> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let value: Value = serde_json::from_slice(text).map_err(|error| format!("no JSON: {error}"))?;
    let object = value.as_object().ok_or("no JSON object")?;
    if !object.get("games").is_some_and(Value::is_array) {
        return Err("an object without a list of games".to_owned());
    }
    let mut odd = Oddities::default();
    let tie = tie(object, &mut odd)?;
    Ok(Reading { tie, odd })
}

fn tie(object: &Map<String, Value>, odd: &mut Oddities) -> Result<Tie, String> {
    let mut reader = Reader::new(object, "tie", odd);
    let id = reader.text("id").ok_or("a tie without an id")?;
    // Known, and of no use here: totals of what the games say, and text for the web.
    for key in ["spectators", "followupReport", "updateCount"] {
        reader.value(key);
    }
    for key in ["homeSets", "awaySets", "homeBalls", "awayBalls"] {
        reader.value(key);
    }
    let finished = reader.text("matchState").as_deref() == Some("Finished");
    let time = reader.time("timeStamp");
    let gameday = reader.object("gameday").and_then(|day| name_of(day, "name"));
    let venue = reader.object("venue").and_then(|venue| name_of(venue, "name"));
    let (home, away) = (reader.number("homeGames"), reader.number("awayGames"));
    let score = home.zip(away).map(|(home, away)| Both::new(home, away));
    let mut teams = Both::new(
        team(&mut reader, "homeTeam", &["home"]),
        team(&mut reader, "awayTeam", &["guest", "away"]),
    );
    for key in reader.keys() {
        let side = match key {
            _ if key.starts_with("home") => Side::Home,
            _ if key.starts_with("guest") || key.starts_with("away") => Side::Away,
            _ => continue,
        };
        let named = reader.value(key).map(players_in).unwrap_or_default();
        let team = teams.of_mut(side);
        team.players
            .extend(named.into_iter().filter(|player| !known(&team.players, player)).collect::<Vec<_>>());
    }
    let games = reader.list("games").map_or(&[][..], Vec::as_slice);
    let games = read_games(&id, games, &mut reader, &mut teams);
    reader.finish();
    let raw = object.iter().filter(|(key, _)| *key != "games");
    let raw = raw.map(|(key, value)| (key.clone(), value.clone())).collect();
    Ok(Tie { id, finished, time, gameday, venue, teams, games, score, raw })
}

/// A team with its name and line-up. `sides` are the words that its fields begin with.
fn team(reader: &mut Reader<'_>, key: &str, sides: &[&str]) -> Team {
    let name = reader.object(key).and_then(|team| name_of(team, "name"));
    let mut named = |position: &str| {
        let mut fields = sides.iter().map(|side| format!("{side}Player{position}"));
        fields.find_map(|field| reader.value(&field).and_then(|value| players_in(value).into_iter().next()))
    };
    let line_up = ["One", "Two", "Three"].into_iter().map(&mut named).collect();
    Team { name, players: Vec::new(), line_up }
}

fn read_games(tie: &str, games: &[Value], reader: &mut Reader<'_>, teams: &mut Both<Team>) -> Vec<Game> {
    let mut read: Vec<Game> = Vec::with_capacity(games.len());
    let mut stated = Vec::with_capacity(games.len());
    let mut repeated = 0;
    for (place, raw) in games.iter().enumerate() {
        let Some(object) = raw.as_object() else {
            reader.note_malformed("games", raw);
            continue;
        };
        let game = game(&format!("{tie}-{}", place + 1), object, reader.odd());
        if let Some(first) = read.iter_mut().find(|first| first.id == game.id) {
            repeated += 1;
            first.faults.push((
                Kind::RepeatedGame,
                "the same game again: the first counts".to_owned(),
                game.whole(),
            ));
            continue;
        }
        for side in Side::BOTH {
            let team = teams.of_mut(side);
            for player in game.line_up.of(side) {
                if !known(&team.players, player) {
                    team.players.push(player.clone());
                }
            }
        }
        read.push(Game { number: u8::try_from(place + 1 - repeated).unwrap_or(u8::MAX), ..game });
        stated.push(object.get("index").and_then(integer));
    }
    number(&mut read, &stated);
    read
}

/// Numbers the games as the source does, where it gives each a number of its own; else by their places in the file.
fn number(games: &mut [Game], stated: &[Option<i64>]) {
    let stated: Option<Vec<u8>> = stated.iter().map(|index| u8::try_from((*index)?).ok()).collect();
    let Some(stated) = stated else { return };
    let different: BTreeSet<u8> = stated.iter().copied().collect();
    let from_zero = u8::from(different.contains(&0));
    if different.len() == games.len() {
        for (game, index) in games.iter_mut().zip(stated) {
            game.number = index.saturating_add(from_zero);
        }
        games.sort_by_key(|game| game.number);
    }
}

fn known(players: &[Player], player: &Player) -> bool {
    players.iter().any(|known| known.id == player.id)
}

fn game(unnamed: &str, object: &Map<String, Value>, odd: &mut Oddities) -> Game {
    let mut reader = Reader::new(object, "game", odd);
    for key in KNOWN_STATISTICS {
        reader.value(key);
    }
    let mut pair = |single, double| {
        let single = reader.value(single).map(players_in).unwrap_or_default();
        let double = reader.value(double).map(players_in).unwrap_or_default();
        (single, double)
    };
    let (home, home_pair) = pair("homePlayer", "homeDouble");
    let (away, away_pair) = pair("awayPlayer", "awayDouble");
    let doubles = !home_pair.is_empty() || !away_pair.is_empty();
    let (official, winner) = reported(&mut reader);
    let mut game = Game {
        id: reader.text("id").unwrap_or_else(|| unnamed.to_owned()),
        number: 0,
        finished: reader.text("gameState").as_deref() == Some("Finished"),
        discipline: if doubles { Discipline::Doubles } else { Discipline::Singles },
        line_up: if doubles { Both::new(home_pair, away_pair) } else { Both::new(home, away) },
        reported: official.clone().unwrap_or_default(),
        winner,
        statistics: Statistics {
            points_in_a_row: Both::new(
                reader.integer("homePointsInARow"),
                reader.integer("awayPointsInARow"),
            ),
            lucky_points: Both::new(reader.integer("homeLuckyPoints"), reader.integer("awayLuckyPoints")),
        },
        cards: reader.list("cards").cloned().unwrap_or_default(),
        updates: Vec::new(),
        raw: Value::Null,
        faults: Vec::new(),
    };
    let updates = reader.list("scoringUpdates").map_or(&[][..], Vec::as_slice);
    read_updates(&mut game, updates, reader.odd());
    reader.finish();
    let without_updates = object.iter().filter(|(key, _)| *key != "scoringUpdates");
    game.raw = without_updates.map(|(key, value)| (key.clone(), value.clone())).collect();
    if let Err(set) = official {
        let detail = format!("the official score of set {set} is not whole: no official score is used");
        game.faults.push((Kind::OfficialIncomplete, detail, game.raw.clone()));
    }
    game
}

/// Known and not compared: they do not agree with the streams, or repeat them.
const KNOWN_STATISTICS: [&str; 13] = [
    "index",
    "homeSets",
    "awaySets",
    "homeTimeoutUsed",
    "awayTimeoutUsed",
    "homePointsOnServe",
    "awayPointsOnServe",
    "homePointsOnReturn",
    "awayPointsOnReturn",
    "homeHighestLead",
    "awayHighestLead",
    "homeMatchPoints",
    "awayMatchPoints",
];

fn read_updates(game: &mut Game, updates: &[Value], odd: &mut Oddities) {
    for (position, raw) in updates.iter().enumerate().take(MAX_UPDATES) {
        if let Some(update) = Update::read(position, raw, odd) {
            game.updates.push(update);
        } else {
            let detail = "an update that is no object with a type".to_owned();
            game.faults.push((Kind::IncompleteUpdate, detail, raw.clone()));
        }
    }
    if let Some(left_out) = updates.len().checked_sub(MAX_UPDATES).filter(|left| *left > 0) {
        let detail = format!("{left_out} updates beyond the {MAX_UPDATES} that are read");
        game.faults.push((Kind::TooManyUpdates, detail, json!(updates[MAX_UPDATES..])));
    }
}

/// The games by the source, and who won. `Err` is the first game whose score is not whole, with a winner all the same:
/// which games the others are cannot be told.
fn reported(reader: &mut Reader<'_>) -> (Result<Option<Reported>, u8>, Option<Side>) {
    let games = official_games(reader);
    let winner = reader.parsed("winnerSide", |side| match side {
        "Home" | "home" => Some(Some(Side::Home)),
        "Away" | "away" | "Guest" | "guest" => Some(Some(Side::Away)),
        "" | "None" => Some(None),
        _ => None,
    });
    let winner = winner.flatten();
    let reported = games.map(|games| Some(Reported { games, winner }).filter(|own| !own.games.is_empty()));
    (reported, winner)
}

/// The scores up to the last game with points; `Err` is the first of them that is not whole.
fn official_games(reader: &mut Reader<'_>) -> Result<Vec<Score>, u8> {
    let mut games = Vec::new();
    let mut played = 0;
    for set in 1..=MAX_SETS {
        let keys = ["Home", "Away"].map(|side| format!("set{set}{side}Score"));
        let points = keys.each_ref().map(|key| reader.number::<u16>(key));
        let unread = keys.iter().zip(points).any(|(key, read)| read.is_none() && reader.value(key).is_some());
        if unread || points.iter().flatten().any(|points| *points > 0) {
            played = usize::from(set);
        }
        let [home, away] = points;
        games.push(home.zip(away).map(|(home, away)| Score::new(home, away)).ok_or(set));
    }
    games.into_iter().take(played).collect()
}

/// The players that a value names: one, or the members of a pair.
fn players_in(value: &Value) -> Vec<Player> {
    let Some(object) = value.as_object() else { return Vec::new() };
    if object.contains_key("firstName") || object.contains_key("lastName") {
        return player(object).into_iter().collect();
    }
    ["leaguePlayerOne", "leaguePlayerTwo"]
        .iter()
        .filter_map(|key| object.get(*key)?.as_object())
        .filter_map(player)
        .collect()
}

fn player(object: &Map<String, Value>) -> Option<Player> {
    let id = name_of(object, "id")?;
    let names = [name_of(object, "firstName"), name_of(object, "lastName")];
    let name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let name = if name.is_empty() { id.clone() } else { name };
    Some(Player { id, name })
}

/// A text that is shown or told apart by; a number reads as its digits, as everywhere.
fn name_of(object: &Map<String, Value>, key: &str) -> Option<String> {
    let text = text(object.get(key)?)?;
    let printable = text.chars().filter(|c| !c.is_control()).take(200).collect::<String>();
    Some(printable.trim().to_owned()).filter(|text| !text.is_empty())
}
