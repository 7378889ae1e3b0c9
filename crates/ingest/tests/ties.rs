//! What a file says of the tie itself, as commands to the laws of ties.

mod invented;
mod scorer;

use expect_test::{Expect, expect};
use invented::{AWAY, HOME, Tablet, plan, player, tie, told};
use scorer::Scorer;
use serde_json::{Value, json};
use topspin_ingest::{Expected, Plan, TieAgreement};

/// The players of the matches by number: singles, as the league nominates them.
const SINGLES: [(&str, &str); 4] =
    [("p-ada", "p-bo"), ("p-cy", "p-di"), ("p-eva", "p-fe"), ("p-ada", "p-di")];

/// A whole match between two others, 3:1 to home or to away.
fn game(number: usize, (home, away): (&str, &str), winner: &str) -> Value {
    let text = Tablet::whole().game(&format!("game-{number}")).to_string();
    let swap = if winner == "Home" { (home, away) } else { (away, home) };
    let text = text.replace(HOME, "p-one").replace(AWAY, "p-two");
    let mut game: Value =
        serde_json::from_str(&text.replace("p-one", swap.0).replace("p-two", swap.1)).expect("JSON");
    if winner == "Away" {
        for update in game["scoringUpdates"].as_array_mut().expect("a list") {
            let result = update["result"].as_str().expect("a text");
            let (one, two) = result.split_once(':').expect("a score");
            update["result"] = json!(format!("{two}:{one}"));
        }
        for set in 1..=4 {
            let (one, two) = (format!("set{set}HomeScore"), format!("set{set}AwayScore"));
            (game[&one], game[&two]) = (game[&two].clone(), game[&one].clone());
        }
    }
    for update in game["scoringUpdates"].as_array_mut().expect("a list") {
        update["ts"] = json!(
            update["ts"].as_i64().expect("a number")
                + 3_600_000 * i64::try_from(number).expect("a small number")
        );
    }
    (game["homePlayer"], game["awayPlayer"]) = (player(home), player(away));
    (game["index"], game["winnerSide"]) = (json!(number), json!(winner));
    game
}

fn doubles(winner: &str) -> Value {
    let pair = |one: &str, two: &str| json!({ "id": format!("{one}|{two}"), "leaguePlayerOne": player(one), "leaguePlayerTwo": player(two) });
    let mut game = game(5, ("p-cy|p-eva", "p-bo|p-fe"), winner);
    (game["homePlayer"], game["awayPlayer"]) = (Value::Null, Value::Null);
    (game["homeDouble"], game["awayDouble"]) = (pair("p-cy", "p-eva"), pair("p-bo", "p-fe"));
    game
}

/// Home 3, away 2, by the doubles.
fn games() -> Vec<Value> {
    let winners = ["Home", "Away", "Away", "Home"];
    let singles = (1..).zip(SINGLES).zip(winners).map(|((number, players), won)| game(number, players, won));
    singles.chain([doubles("Home")]).collect()
}

fn file(games: &[Value]) -> Value {
    let mut file = tie(games);
    (file["homeGames"], file["awayGames"]) = (json!(3), json!(2));
    file
}

/// The tie's script in short, players by the names that the plan's references give their ids, and what is wrong.
fn script(plan: &Plan) -> String {
    let tie = plan.tie.as_ref().expect("a tie");
    let mut lines = Vec::new();
    for entry in &tie.script {
        let command = serde_json::to_string(&entry.envelope.command).expect("JSON");
        let refused = match entry.expected {
            Expected::Accepted => String::new(),
            Expected::Rejected(code) => format!(" refused: {code}"),
        };
        lines.push(format!("{} {command}{refused}", entry.matches_before));
    }
    let score = tie.facts.score;
    lines.push(format!("{}:{} {}", score.home, score.away, tie.agreement.as_str()));
    let told = plan.all_anomalies().filter(|anomaly| anomaly.kind.as_str() != "doubles_order_unknown");
    lines.extend(told.map(|anomaly| format!("{}: {}", anomaly.kind.as_str(), anomaly.detail)));
    let mut text = lines.join("\n") + "\n";
    for (_, item) in &plan.references {
        if let Some(id) = item.id {
            text = text.replace(&id.to_string(), item.details.name.trim_start_matches("Player p-"));
        }
    }
    text
}

fn check(file: &Value, expect: &Expect) {
    let plan = plan(file);
    expect.assert_eq(&script(&plan));
    assert!(!plan.is_tie_wrong_silently());
    let tie = plan.tie.as_ref().expect("a tie");
    let mut scorer = Scorer::default();
    scorer.send_tie(tie, tie.script.len());
    assert_eq!(scorer.tie_facts(tie.id), tie.facts);
}

#[test]
fn a_whole_tie_is_played_through_the_laws_of_ties() {
    check(
        &file(&games()),
        &expect![[r#"
        0 {"type":"nominate_line_up","side":"home","players":["ada","cy","eva"]}
        0 {"type":"nominate_line_up","side":"away","players":["di","bo","fe"]}
        0 {"type":"start_match","number":1}
        1 {"type":"record_result","number":1,"winner":"home","games":{"home":3,"away":1},"cards":{"home":[],"away":[]}}
        1 {"type":"start_match","number":2}
        2 {"type":"record_result","number":2,"winner":"away","games":{"home":1,"away":3},"cards":{"home":[],"away":[]}}
        2 {"type":"start_match","number":3}
        3 {"type":"record_result","number":3,"winner":"away","games":{"home":1,"away":3},"cards":{"home":[],"away":[]}}
        3 {"type":"start_match","number":4}
        4 {"type":"record_result","number":4,"winner":"home","games":{"home":3,"away":1},"cards":{"home":[],"away":[]}}
        4 {"type":"nominate_pair","side":"home","number":5,"pair":["cy","eva"]}
        4 {"type":"nominate_pair","side":"away","number":5,"pair":["bo","fe"]}
        4 {"type":"start_match","number":5}
        5 {"type":"record_result","number":5,"winner":"home","games":{"home":3,"away":1},"cards":{"home":[],"away":[]}}
        3:2 exact
    "#]],
    );
}

#[test]
fn games_are_numbered_by_the_source_wherever_they_lie() {
    let mut turned = games();
    turned.reverse();
    let (plan, turned) = (plan(&file(&games())), plan(&file(&turned)));
    assert_eq!((&turned.tie, &turned.matches), (&plan.tie, &plan.matches));
}

#[test]
fn another_player_in_a_later_match_is_a_substitute() {
    let mut games = games();
    games[3] = game(4, ("p-gus", "p-di"), "Home");
    check(
        &file(&games),
        &expect![[r#"
        0 {"type":"nominate_line_up","side":"home","players":["ada","cy","eva"]}
        0 {"type":"nominate_line_up","side":"away","players":["di","bo","fe"]}
        0 {"type":"start_match","number":1}
        1 {"type":"record_result","number":1,"winner":"home","games":{"home":3,"away":1},"cards":{"home":[],"away":[]}}
        1 {"type":"start_match","number":2}
        2 {"type":"record_result","number":2,"winner":"away","games":{"home":1,"away":3},"cards":{"home":[],"away":[]}}
        2 {"type":"start_match","number":3}
        3 {"type":"record_result","number":3,"winner":"away","games":{"home":1,"away":3},"cards":{"home":[],"away":[]}}
        3 {"type":"substitute","side":"home","position":1,"player":"gus"}
        3 {"type":"start_match","number":4}
        4 {"type":"record_result","number":4,"winner":"home","games":{"home":3,"away":1},"cards":{"home":[],"away":[]}}
        4 {"type":"nominate_pair","side":"home","number":5,"pair":["cy","eva"]}
        4 {"type":"nominate_pair","side":"away","number":5,"pair":["bo","fe"]}
        4 {"type":"start_match","number":5}
        5 {"type":"record_result","number":5,"winner":"home","games":{"home":3,"away":1},"cards":{"home":[],"away":[]}}
        3:2 exact
    "#]],
    );
}

#[test]
fn a_line_up_listed_in_another_order_is_that_of_the_matches() {
    let mut file = file(&games()[..3]);
    (file["homePlayerOne"], file["homePlayerTwo"]) = (player("p-cy"), player("p-ada"));
    file["homeGames"] = json!(1);
    check(
        &file,
        &expect![[r#"
        0 {"type":"nominate_line_up","side":"home","players":["ada","cy","eva"]}
        0 {"type":"nominate_line_up","side":"away","players":["di","bo","fe"]}
        0 {"type":"start_match","number":1}
        1 {"type":"record_result","number":1,"winner":"home","games":{"home":3,"away":1},"cards":{"home":[],"away":[]}}
        1 {"type":"start_match","number":2}
        2 {"type":"record_result","number":2,"winner":"away","games":{"home":1,"away":3},"cards":{"home":[],"away":[]}}
        2 {"type":"start_match","number":3}
        3 {"type":"record_result","number":3,"winner":"away","games":{"home":1,"away":3},"cards":{"home":[],"away":[]}}
        1:2 exact
    "#]],
    );
}

#[test]
fn a_player_of_two_positions_is_told_and_the_score_goes_on() {
    let mut games = games();
    games[1] = game(2, ("p-cy", "p-fe"), "Away");
    check(
        &file(&games),
        &expect![[r#"
        0 {"type":"nominate_line_up","side":"home","players":["ada","cy","eva"]}
        0 {"type":"nominate_line_up","side":"away","players":["di","bo","fe"]}
        0 {"type":"start_match","number":1}
        1 {"type":"record_result","number":1,"winner":"home","games":{"home":3,"away":1},"cards":{"home":[],"away":[]}}
        1 {"type":"substitute","side":"away","position":1,"player":"fe"} refused: no_substitution
        1 {"type":"start_match","number":2}
        2 {"type":"record_result","number":2,"winner":"away","games":{"home":1,"away":3},"cards":{"home":[],"away":[]}}
        2 {"type":"start_match","number":3}
        3 {"type":"record_result","number":3,"winner":"away","games":{"home":1,"away":3},"cards":{"home":[],"away":[]}}
        3 {"type":"start_match","number":4}
        4 {"type":"record_result","number":4,"winner":"home","games":{"home":3,"away":1},"cards":{"home":[],"away":[]}}
        4 {"type":"nominate_pair","side":"home","number":5,"pair":["cy","eva"]}
        4 {"type":"nominate_pair","side":"away","number":5,"pair":["bo","fe"]}
        4 {"type":"start_match","number":5}
        5 {"type":"record_result","number":5,"winner":"home","games":{"home":3,"away":1},"cards":{"home":[],"away":[]}}
        3:2 exact
        rejected_by_laws: the laws of ties, 3.7.6: a substitute takes one of the positions, and holds no other
        tie_line_up_differs: by the line-ups, others play match 2
    "#]],
    );
}

#[test]
fn cards_go_with_their_players_from_match_to_match() {
    let mut games = games();
    let card = json!({ "id": 999, "type": "EventYellowCard", "ts": 1_700_003_700_000_i64, "set": 1,
        "result": "1:0", "playerId": "p-ada" });
    games[0]["scoringUpdates"].as_array_mut().expect("a list").insert(4, card);
    games[0]["cards"] = json!([{ "type": "Yellow", "playerId": "p-ada" }]);
    let plan = plan(&file(&games));
    let of_first = plan.tie.as_ref().expect("a tie").script.iter().find_map(|entry| {
        let command = json!(entry.envelope.command);
        (command["type"] == "record_result").then_some(command)
    });
    assert_eq!(of_first.unwrap()["cards"]["home"][0]["cards"], json!(["yellow"]), "{}", told(&plan));
}

#[test]
fn a_match_without_a_winner_or_players_leaves_the_tie_open_and_says_so() {
    let mut games = games();
    games[2]["homePlayer"] = Value::Null;
    games[3]["winnerSide"] = Value::Null;
    for set in 1..=4 {
        games[3][format!("set{set}HomeScore")] = Value::Null;
        games[3][format!("set{set}AwayScore")] = Value::Null;
    }
    games[3]["scoringUpdates"].as_array_mut().expect("a list").truncate(20);
    games.truncate(4);
    check(
        &file(&games),
        &expect![[r#"
        0 {"type":"nominate_line_up","side":"home","players":["ada","cy","eva"]}
        0 {"type":"nominate_line_up","side":"away","players":["di","bo","fe"]}
        0 {"type":"start_match","number":1}
        1 {"type":"record_result","number":1,"winner":"home","games":{"home":3,"away":1},"cards":{"home":[],"away":[]}}
        1 {"type":"start_match","number":2}
        2 {"type":"record_result","number":2,"winner":"away","games":{"home":1,"away":3},"cards":{"home":[],"away":[]}}
        2 {"type":"start_match","number":3}
        2 {"type":"record_result","number":3,"winner":"away","games":{"home":1,"away":3},"cards":{"home":[],"away":[]}}
        2 {"type":"start_match","number":4}
        1:2 disagree
        lineup_missing: the players are not known
        tie_result_missing: match 4 is over, and nobody says who won it
        tie_score_differs: official 3:2; laws 1:2
    "#]],
    );
}

#[test]
fn a_walkover_without_points_counts_for_the_tie() {
    let mut games = games();
    games[3]["scoringUpdates"] = json!([]);
    for set in 1..=4 {
        games[3][format!("set{set}HomeScore")] = Value::Null;
        games[3][format!("set{set}AwayScore")] = Value::Null;
    }
    let plan = plan(&file(&games));
    assert_eq!(plan.tie.as_ref().expect("a tie").agreement, TieAgreement::Exact, "{}", script(&plan));
}

#[test]
fn a_match_played_after_the_tie_is_decided_is_refused() {
    let mut games = games();
    for number in [2, 3] {
        games[number - 1] = game(number, SINGLES[number - 1], "Home");
    }
    let mut file = file(&games);
    file["awayGames"] = json!(0);
    check(
        &file,
        &expect![[r#"
        0 {"type":"nominate_line_up","side":"home","players":["ada","cy","eva"]}
        0 {"type":"nominate_line_up","side":"away","players":["di","bo","fe"]}
        0 {"type":"start_match","number":1}
        1 {"type":"record_result","number":1,"winner":"home","games":{"home":3,"away":1},"cards":{"home":[],"away":[]}}
        1 {"type":"start_match","number":2}
        2 {"type":"record_result","number":2,"winner":"home","games":{"home":3,"away":1},"cards":{"home":[],"away":[]}}
        2 {"type":"start_match","number":3}
        3 {"type":"record_result","number":3,"winner":"home","games":{"home":3,"away":1},"cards":{"home":[],"away":[]}}
        3 {"type":"start_match","number":4} refused: tie_decided
        4 {"type":"nominate_pair","side":"home","number":5,"pair":["cy","eva"]}
        4 {"type":"nominate_pair","side":"away","number":5,"pair":["bo","fe"]}
        4 {"type":"start_match","number":5} refused: tie_decided
        3:0 exact
        rejected_by_laws: the laws of ties, 3.7.6: the tie is decided
        rejected_by_laws: the laws of ties, 3.7.6: the tie is decided
    "#]],
    );
}

#[test]
fn a_score_of_the_tie_that_its_matches_do_not_give_is_told() {
    let mut file = file(&games());
    (file["homeGames"], file["awayGames"]) = (json!(2), json!(3));
    let plan = plan(&file);
    assert_eq!(plan.tie.as_ref().expect("a tie").agreement, TieAgreement::Disagree);
    assert!(told(&plan).contains("tie_score_differs: official 2:3; laws 3:2\n"), "{}", told(&plan));
}

#[test]
fn a_tie_without_line_ups_is_created_and_says_what_is_missing() {
    let mut file = file(&[]);
    file["games"] = json!([game(1, SINGLES[0], "Home")]);
    for field in ["homePlayerTwo", "homePlayerThree"] {
        file[field] = Value::Null;
    }
    file["homeGames"] = json!(1);
    file["awayGames"] = json!(0);
    check(
        &file,
        &expect![[r#"
        0 {"type":"nominate_line_up","side":"away","players":["di","bo","fe"]}
        0 {"type":"start_match","number":1} refused: line_up_missing
        0:0 disagree
        lineup_missing: the source does not say who holds every position of the line-up
        rejected_by_laws: the laws of ties, 3.7.6: home has no line-up yet
        tie_score_differs: official 1:0; laws 0:0
    "#]],
    );
}
