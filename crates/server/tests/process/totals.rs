//! What players have won and lost: as the view says it on its topic, and counted anew from what the API says of matches.

use std::collections::BTreeMap;

use serde_json::Value;
use topspin_event::{PlayerId, PlayerTotals, wire};
use topspin_log::{Log, Topic};
use topspin_runtime::exactly_once::observed::table;

/// Totals by player.
pub type Totals = BTreeMap<String, PlayerTotals>;

/// The last value of each key on the topic of the view.
pub async fn said(log: &dyn Log) -> Totals {
    let topic = Topic::new("player-totals.g1").expect("a name");
    let rows = table(log, &topic).await;
    let read = |value: &[u8]| wire::decode_player_totals(value).expect("readable");
    rows.iter().map(|(key, value)| (String::from_utf8_lossy(key).into_owned(), read(value))).collect()
}

/// What some matches come to.
pub fn counted(matches: &[Value]) -> Totals {
    let mut totals = Totals::new();
    for played in matches {
        for (own, other) in [("home", "away"), ("away", "home")] {
            for player in played["sides"][own]["players"].as_array().expect("players") {
                let id = player["id"].as_str().expect("an id");
                add(totals.entry(id.to_owned()).or_insert_with(|| nothing(id)), played, own, other);
            }
        }
    }
    totals.retain(|_, totals| totals.matches > 0);
    totals
}

fn add(totals: &mut PlayerTotals, played: &Value, own: &str, other: &str) {
    let games = played["games"].as_array().expect("games");
    let points = |side: &str| games.iter().map(|game| number(&game[side])).sum::<i64>();
    let winner = played["state"]["winner"].as_str();
    if points(own) + points(other) == 0 && winner.is_none() {
        return;
    }
    totals.matches += 1;
    totals.matches_won += i64::from(winner == Some(own));
    totals.matches_lost += i64::from(winner == Some(other));
    totals.games_won += number(&played["score"][own]);
    totals.games_lost += number(&played["score"][other]);
    totals.points_won += points(own);
    totals.points_lost += points(other);
}

fn number(value: &Value) -> i64 {
    value.as_i64().expect("a number")
}

fn nothing(id: &str) -> PlayerTotals {
    PlayerTotals {
        player_id: PlayerId(id.parse().expect("an id")),
        matches: 0,
        matches_won: 0,
        matches_lost: 0,
        games_won: 0,
        games_lost: 0,
        points_won: 0,
        points_lost: 0,
    }
}
