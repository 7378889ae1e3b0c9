//! What came of it, by key, and whether it is what a quiet run gives.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::client::Client;
use super::hall::Sheet;

/// Positions of a match asked for at once.
const PAGE: usize = 500;
/// Differences that are shown.
const SHOWN: usize = 12;

/// What there is, by what it is of.
pub type Outcome = BTreeMap<String, Value>;

/// Every verdict as its umpire got it.
pub fn verdicts(sheets: &[Sheet]) -> Outcome {
    let line = |sheet: &Sheet, number: usize| {
        (format!("verdict {number} of table {}", sheet.table), sheet.lines[number].facts.clone())
    };
    sheets.iter().flat_map(|sheet| (0..sheet.lines.len()).map(move |number| line(sheet, number))).collect()
}

/// Every verdict as a server tells it afterwards; the servers take turns.
pub fn verdicts_again(client: &Client, sheets: &[Sheet]) -> Result<Outcome> {
    let mut outcome = Outcome::new();
    for sheet in sheets {
        for (number, line) in sheet.lines.iter().enumerate() {
            let facts = match &line.path {
                Some(path) => client.get(number % client.servers(), path)?.facts(),
                None => line.facts.clone(),
            };
            outcome.insert(format!("verdict {number} of table {}", sheet.table), facts);
        }
    }
    Ok(outcome)
}

/// Every match with its events, as one server tells it: without what says who decided it when.
pub fn matches(client: &Client, server: usize, sheets: &[Sheet]) -> Result<Outcome> {
    let mut outcome = Outcome::new();
    for id in sheets.iter().flat_map(|sheet| &sheet.matches) {
        let resource = client.get(server, &format!("/v1/matches/{id}"))?.body;
        let facts = json!({
            "seq": resource["seq"],
            "state": resource["state"],
            "state_hash": resource["state_hash"],
            "sides": resource["sides"],
            "events": events(client, server, id)?,
        });
        outcome.insert(format!("match {id}"), facts);
    }
    Ok(outcome)
}

/// The chain of every match: it covers every byte of every event, so servers that agree on it have the same log.
pub fn chains(client: &Client, server: usize, sheets: &[Sheet]) -> Result<Outcome> {
    let chain = |id: &String| {
        let resource = client.get(server, &format!("/v1/matches/{id}"))?.body;
        Ok((format!("chain {id}"), resource["chain"].clone()))
    };
    sheets.iter().flat_map(|sheet| &sheet.matches).map(chain).collect()
}

/// The events of a match: gapless, and each command's in one place.
fn events(client: &Client, server: usize, id: &str) -> Result<Vec<Value>> {
    let mut events = Vec::new();
    let (mut causes, mut last) = (BTreeSet::new(), Value::Null);
    loop {
        let path = format!("/v1/matches/{id}/events?from={}&limit={PAGE}", events.len() + 1);
        let page = client.get(server, &path)?.body;
        let items = page["items"].as_array().with_context(|| format!("no events of {id}: {page}"))?;
        for item in items {
            if item["seq"].as_u64() != u64::try_from(events.len() + 1).ok() {
                bail!("match {id} has a gap before {item}");
            }
            if item["command_id"] != last && !causes.insert(item["command_id"].to_string()) {
                bail!("match {id}: a command happened twice: {item}");
            }
            last = item["command_id"].clone();
            let mut event = item["event"].clone();
            // The one time that is part of an event.
            if let Some(created) = event.get_mut("match").and_then(Value::as_object_mut) {
                created.remove("created_at");
            }
            events.push(json!([last, event]));
        }
        if items.len() < PAGE {
            return Ok(events);
        }
    }
}

/// What each player has won and lost, computed anew from all matches.
pub fn totals(matches: &Outcome) -> Outcome {
    let mut totals: BTreeMap<String, [i64; 7]> = BTreeMap::new();
    for facts in matches.values() {
        let state = &facts["state"];
        let games: Vec<_> = state["games"].as_array().into_iter().flatten().collect();
        let points = |side: &str| games.iter().filter_map(|game| game[side].as_i64()).sum::<i64>();
        if points("home") + points("away") == 0 && state["winner"].is_null() {
            continue;
        }
        for (own, other) in [("home", "away"), ("away", "home")] {
            let won = |side: &str| i64::from(state["winner"] == side);
            let score = |side: &str| state["score"][side].as_i64().unwrap_or(0);
            let line = [1, won(own), won(other), score(own), score(other), points(own), points(other)];
            let player = facts["sides"][own]["players"][0]["id"].as_str().unwrap_or_default();
            let sum = totals.entry(player.to_owned()).or_default();
            sum.iter_mut().zip(line).for_each(|(sum, more)| *sum += more);
        }
    }
    totals.into_iter().map(|(player, line)| (format!("player {player}"), json!(line))).collect()
}

/// The same as `topspin totals` prints it.
pub fn printed_totals(printed: &str) -> Result<Outcome> {
    const COUNTS: [&str; 7] =
        ["matches", "matches_won", "matches_lost", "games_won", "games_lost", "points_won", "points_lost"];
    let line = |line: &str| {
        let totals: Value = serde_json::from_str(line).context("`topspin totals` printed no JSON")?;
        let counts: Vec<_> = COUNTS.iter().map(|count| totals[*count].clone()).collect();
        Ok((format!("player {}", totals["player_id"].as_str().unwrap_or_default()), json!(counts)))
    };
    printed.lines().map(line).collect()
}

/// What differs, by key; nothing if nothing does.
pub fn difference(what: &str, found: &Outcome, expected: &Outcome) -> Option<String> {
    let keys: BTreeSet<_> = found.keys().chain(expected.keys()).collect();
    let differ: Vec<_> = keys.into_iter().filter(|key| found.get(*key) != expected.get(*key)).collect();
    if differ.is_empty() {
        return None;
    }
    let show =
        |value: Option<&Value>| value.map_or_else(|| "nothing".to_owned(), |value| format!("{value:.2000}"));
    let shown = differ.iter().take(SHOWN).map(|key| {
        format!("{key}\n  found     {}\n  expected  {}", show(found.get(*key)), show(expected.get(*key)))
    });
    Some(format!(
        "{what}: {} of {} differ\n{}",
        differ.len(),
        expected.len(),
        shown.collect::<Vec<_>>().join("\n")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_named() {
        let one = Outcome::from([("a".to_owned(), json!(1)), ("b".to_owned(), json!(2))]);
        let other = Outcome::from([("a".to_owned(), json!(1)), ("c".to_owned(), json!(2))]);
        assert_eq!(difference("numbers", &one, &one), None);
        let told = difference("numbers", &one, &other).unwrap();
        assert!(told.starts_with("numbers: 2 of 2 differ") && told.contains("b\n  found     2"), "{told}");
    }

    #[test]
    fn totals_are_those_that_the_view_prints() {
        let sides = json!({ "home": { "players": [{ "id": "h" }] }, "away": { "players": [{ "id": "a" }] } });
        let state = json!({
            "games": [{ "home": 11, "away": 3 }], "score": { "home": 1, "away": 0 }, "winner": "home"
        });
        let matches = Outcome::from([("match m".to_owned(), json!({ "sides": sides, "state": state }))]);
        let printed = r#"{"player_id":"a","matches":1,"matches_won":0,"matches_lost":1,"games_won":0,"games_lost":1,"points_won":3,"points_lost":11}
{"player_id":"h","matches":1,"matches_won":1,"matches_lost":0,"games_won":1,"games_lost":0,"points_won":11,"points_lost":3}"#;
        assert_eq!(totals(&matches), printed_totals(printed).unwrap());
    }
}
