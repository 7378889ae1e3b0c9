//! The list of games: every one is a match or an anomaly, once.

mod invented;

use invented::{Tablet, only, plan, tie};
use serde_json::{Value, json};
use topspin_ingest::{Agreement, Kind, Plan, Summary};

fn count(plan: &Plan, kind: Kind) -> usize {
    plan.all_anomalies().filter(|anomaly| anomaly.kind == kind).count()
}

#[test]
fn the_same_game_twice_in_a_file_counts_once() {
    let game = Tablet::whole().game("game-1");
    let twice = plan(&tie(&[game.clone(), game.clone()]));
    let once = plan(&tie(&[game]));
    let (one, other) = (only(&once), only(&twice));
    assert_eq!((&one.script, &one.facts), (&other.script, &other.facts));
    assert_eq!(once.tie, twice.tie);
    assert_eq!((count(&once, Kind::RepeatedGame), count(&twice, Kind::RepeatedGame)), (0, 1));
    let mut summary = Summary::default();
    summary.add(&twice);
    assert_eq!((summary.matches, summary.agreeing(Agreement::Exact)), (1, 1));
}

#[test]
fn a_game_after_a_repeated_one_keeps_its_number() {
    let (mut first, mut second) = (Tablet::whole().game("game-1"), Tablet::whole().game("game-2"));
    (first["index"], second["index"]) = (Value::Null, Value::Null);
    let twice = plan(&tie(&[first.clone(), first.clone(), second.clone()]));
    assert_eq!(plan(&tie(&[first, second])).tie, twice.tie);
}

#[test]
fn a_game_without_line_up_leaves_a_trace_though_nothing_of_it_was_played() {
    let empty = json!({ "id": "game-5", "index": 5, "gameState": "Inactive", "homePlayer": null, "scoringUpdates": [] });
    let plan = plan(&tie(&[Tablet::whole().game("game-1"), empty]));
    only(&plan);
    let told: Vec<&str> = plan
        .all_anomalies()
        .filter(|anomaly| anomaly.kind == Kind::LineupMissing)
        .map(|anomaly| anomaly.detail.as_str())
        .collect();
    assert_eq!(told, ["the players are not known, and nothing of it was played"]);
}
