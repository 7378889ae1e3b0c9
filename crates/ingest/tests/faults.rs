//! Every kind of fault, with what becomes of it.

mod invented;
mod scorer;

use expect_test::{Expect, expect};
use invented::{AWAY, GAMES, HOME, Tablet, only, plan, player, tie, told};
use scorer::Scorer;
use serde_json::{Value, json};
use topspin_event::MatchCommand;
use topspin_laws::{Command, How};

fn check(tablet: &Tablet, expect: &Expect) {
    expect.assert_eq(&told(&tablet.plan()));
}

/// A match of which the first game is played by `first`; the rest goes without a fault.
fn after(first: impl FnOnce(&mut Tablet)) -> Tablet {
    let mut tablet = Tablet::opened();
    tablet.start_set(HOME);
    first(&mut tablet);
    tablet.end_set();
    for (at, game) in GAMES.iter().enumerate().skip(1) {
        tablet.start_set(if at % 2 == 0 { HOME } else { AWAY });
        tablet.rallies(game);
        tablet.end_set();
    }
    tablet.end();
    tablet
}

fn commands(tablet: &Tablet) -> Vec<Command> {
    let plan = tablet.plan();
    let laws = only(&plan).script.iter().filter_map(|entry| match &entry.envelope.command {
        MatchCommand::Law(command) => Some(command.clone()),
        _ => None,
    });
    laws.collect()
}

#[test]
fn a_point_taken_back_is_undone() {
    let tablet = after(|tablet| {
        tablet.rallies("hah");
        tablet.take_back(HOME);
        tablet.rallies("hhhhhhhhhh");
    });
    check(
        &tablet,
        &expect![[r#"
        exact 11:1 4:11 11:4 11:6 Finished
    "#]],
    );
    assert!(commands(&tablet).contains(&Command::Undo {}));
}

#[test]
fn a_point_taken_back_after_a_time_out_leaves_the_time_out() {
    let tablet = after(|tablet| {
        tablet.rallies("hah");
        tablet.push("EventTimeoutStart", Some(AWAY));
        tablet.push("EventTimeoutEnd", Some(AWAY));
        tablet.take_back(HOME);
        tablet.rallies("hhhhhhhhhh");
    });
    check(
        &tablet,
        &expect![[r#"
        exact 11:1 4:11 11:4 11:6 Finished
    "#]],
    );
    assert_eq!(only(&tablet.plan()).facts.time_outs_left.away, 0);
}

#[test]
fn a_point_of_the_other_side_taken_back_makes_its_last_rally_a_let() {
    let tablet = after(|tablet| {
        tablet.rallies("hahh");
        tablet.take_back(AWAY);
        tablet.rallies("hhhhhhhh");
    });
    check(
        &tablet,
        &expect![[r#"
        exact 11:0 4:11 11:4 11:6 Finished
    "#]],
    );
    assert!(commands(&tablet).iter().any(|command| matches!(command, Command::Amend { .. })));
}

#[test]
fn a_point_taken_back_after_the_end_of_the_game_reopens_it() {
    let tablet = after(|tablet| {
        tablet.rallies("hhhhhhhhhhh");
        tablet.take_back(HOME);
        tablet.rallies("ah");
    });
    check(
        &tablet,
        &expect![[r#"
        exact 11:1 4:11 11:4 11:6 Finished
    "#]],
    );
}

#[test]
fn below_zero_is_no_score() {
    let tablet = after(|tablet| {
        tablet.take_back(HOME);
        tablet.rallies("hhhhhhhhhhhh");
    });
    check(
        &tablet,
        &expect![[r#"
            exact 11:0 4:11 11:4 11:6 Finished
            impossible_claim: the laws do not lead to -1:0 in set 1 from 0:0 in set 1
            repeated_update: the score that this point leads to stands already
        "#]],
    );
}

#[test]
fn a_gap_that_one_side_made_is_filled_with_points() {
    let tablet = after(|tablet| {
        tablet.rallies("ha");
        tablet.score.0 += 2;
        tablet.rallies("hhhhhhhh");
    });
    check(
        &tablet,
        &expect![[r#"
            exact 11:1 4:11 11:4 11:6 Finished
            missing_updates: from 1:1 in set 1 to 3:1 in set 1
        "#]],
    );
}

#[test]
fn a_gap_of_both_sides_sets_the_score() {
    let tablet = after(|tablet| {
        tablet.score = (6, 5);
        tablet.rallies("hhhhh");
    });
    check(
        &tablet,
        &expect![[r#"
            exact 11:5 4:11 11:4 11:6 Finished
            missing_updates: from 0:0 in set 1 to 6:5 in set 1
        "#]],
    );
    assert!(commands(&tablet).iter().any(|command| matches!(command, Command::SetScore { .. })));
}

#[test]
fn a_whole_game_without_updates_is_taken_from_the_official_score() {
    let mut tablet = Tablet::whole();
    tablet.updates.retain(|update| update["set"] != json!(2));
    check(
        &tablet,
        &expect![[r#"
            exact 11:4 4:11 11:4 11:6 Finished
            missing_updates: from 11:4 in set 1, which is over to 0:0 in set 3
            filled_from_official: the end of sets [2] is taken from the official score
        "#]],
    );
}

#[test]
fn a_stream_that_joins_late_begins_where_it_joins() {
    let mut tablet = Tablet::whole();
    tablet.updates.retain(|update| update["set"].as_i64() > Some(2));
    check(
        &tablet,
        &expect![[r#"
            exact 11:4 4:11 11:4 11:6 Finished
            missing_updates: from before the first game to 0:0 in set 3
            filled_from_official: the end of sets [1, 2] is taken from the official score
        "#]],
    );
}

#[test]
fn a_match_entered_again_from_the_start_starts_again() {
    let mut tablet = Tablet::opened();
    tablet.start_set(HOME);
    tablet.rallies("hahahahh");
    tablet.score = (0, 0);
    tablet.push("EventGameStart", None);
    tablet.start_set(AWAY);
    tablet.rallies("hhhhhhhhhhh");
    tablet.end_set();
    check(
        &tablet,
        &expect![[r#"
            exact 11:0 Interval
            tie_result_missing: match 1 is over, and nobody says who won it
            restarted: back to 0:0 in set 1 without points taken back
            server_disagrees: 11 of 19 points
        "#]],
    );
}

#[test]
fn a_second_tablet_in_between_is_left_out() {
    let tablet = after(|tablet| {
        tablet.rallies("hhhah");
        let stood = tablet.score;
        tablet.score = (0, 0);
        tablet.rallies("ha");
        tablet.score = stood;
        tablet.rallies("hhhhhhh");
    });
    check(
        &tablet,
        &expect![[r#"
        exact 11:1 4:11 11:4 11:6 Finished
        contradictory_update: the updates around it contradict its score
        contradictory_update: the updates around it contradict its score
    "#]],
    );
}

#[test]
fn a_point_after_the_end_is_refused_and_the_source_keeps_its_claim() {
    let mut tablet = Tablet::whole();
    tablet.point(AWAY);
    tablet.official[3] = (11, 7);
    check(
        &tablet,
        &expect![[r#"
            disagree 11:4 4:11 11:4 11:6 Finished
            rejected_by_laws: law 2.12.1: the match is over: undo, amend or set the score to correct it
            official_disagrees: official 11:4 4:11 11:4 11:7, without a winner; laws 11:4 4:11 11:4 11:6, won by home
        "#]],
    );
    let plan = tablet.plan();
    let mut scorer = Scorer::default();
    scorer.send(only(&plan), only(&plan).script.len());
    assert_eq!(scorer.reported(only(&plan).id), Some("official_disagrees"));
}

#[test]
fn an_official_score_that_no_rallies_lead_to_is_illegal() {
    let mut tablet = Tablet::whole();
    tablet.official[1] = (4, 14);
    check(
        &tablet,
        &expect![[r#"
            official_illegal 11:4 4:11 11:4 11:6 Finished
            official_illegal: official 11:4 4:14 11:4 11:6, without a winner; laws 11:4 4:11 11:4 11:6, won by home
        "#]],
    );
}

#[test]
fn the_player_and_the_score_say_different_things() {
    let mut tablet = Tablet::whole();
    tablet.updates[3]["playerId"] = json!(AWAY);
    check(
        &tablet,
        &expect![[r#"
            exact 11:4 4:11 11:4 11:6 Finished
            contradictory_update: the updates around it contradict its score
            missing_updates: from 0:0 in set 1 to 1:0 in set 1
        "#]],
    );
}

#[test]
fn a_player_whom_nobody_knows_is_known_by_the_score() {
    let mut tablet = Tablet::whole();
    for update in &mut tablet.updates {
        if update["playerId"] == json!(AWAY) {
            update["playerId"] = json!("p-stranger");
        }
    }
    check(
        &tablet,
        &expect![[r#"
            exact 11:4 4:11 11:4 11:6 Finished
            player_unknown: nobody known serves
            player_unknown: nobody known serves
            player_unknown: points of a player of neither side: the score says whose
        "#]],
    );
}

#[test]
fn another_player_of_the_team_plays_for_the_team() {
    let mut tablet = Tablet::whole();
    for update in &mut tablet.updates {
        if update["playerId"] == json!(AWAY) {
            update["playerId"] = json!("p-di");
        }
    }
    check(
        &tablet,
        &expect![[r#"
        exact 11:4 4:11 11:4 11:6 Finished
        player_differs: a player of the side, who is not in the match as the source has it
    "#]],
    );
}

#[test]
fn time_outs_are_taken_once_and_end_once() {
    let tablet = after(|tablet| {
        tablet.rallies("h");
        tablet.push("EventTimeoutEnd", Some(AWAY));
        tablet.push("EventTimeoutStart", Some(AWAY));
        tablet.push("EventTimeoutStart", Some(AWAY));
        tablet.push("EventTimeoutEnd", Some(AWAY));
        tablet.push("EventTimeoutEnd", Some(AWAY));
        tablet.rallies("h");
        tablet.push("EventTimeoutStart", Some(AWAY));
        tablet.rallies("hhhhhhhhh");
    });
    check(
        &tablet,
        &expect![[r#"
            exact 11:0 4:11 11:4 11:6 Finished
            stray_time_out_end: no time-out is going on
            repeated_update: the time-out is going on already
            stray_time_out_end: no time-out is going on
            rejected_by_laws: law 3.4.4.2: away has no time-out left
        "#]],
    );
}

#[test]
fn a_card_brings_the_penalty_point_that_the_tablet_counts() {
    let mut tablet = after(|tablet| {
        tablet.rallies("h");
        tablet.push("EventYellowCard", Some(AWAY));
        tablet.score.0 += 1;
        tablet.push("EventYellowRedCard", Some(AWAY));
        tablet.rallies("hhhhhhhhh");
    });
    check(
        &tablet,
        &expect![[r#"
        exact 11:0 4:11 11:4 11:6 Finished
        cards_differ: 0 cards are listed, 2 were shown
    "#]],
    );
    tablet.updates.retain(|update| update["type"] != json!("EventYellowCard"));
    check(
        &tablet,
        &expect![[r#"
        exact 11:0 4:11 11:4 11:6 Finished
        rejected_by_laws: law 3.5.2: the next card is yellow
    "#]],
    );
}

#[test]
fn service_is_announced_corrected_and_inferred() {
    let late = after(|tablet| {
        tablet.push("EventService", Some(AWAY));
        tablet.rallies("hhh");
        tablet.push("EventService", Some(AWAY));
        tablet.rallies("hhhhhhhh");
    });
    check(
        &late,
        &expect![[r#"
        exact 11:0 4:11 11:4 11:6 Finished
        server_disagrees: 3 of 58 points
    "#]],
    );
    let mut silent = Tablet::whole();
    silent.updates.retain(|update| update["type"] != json!("EventSetStart"));
    check(
        &silent,
        &expect![[r#"
        exact 11:4 4:11 11:4 11:6 Finished
        first_server_inferred: who serves first is taken from the flags of the points
    "#]],
    );
}

#[test]
fn luck_is_kept_as_net_edge_or_one_of_the_two() {
    let mut tablet = Tablet::whole();
    let said = [(json!(true), json!(false)), (json!(false), json!(true)), (Value::Null, Value::Null)];
    for (at, (net, edge)) in (3..).zip(said) {
        tablet.updates[at]["isLuckyShot"] = json!(true);
        (tablet.updates[at]["isNetRoller"], tablet.updates[at]["isEdgeBall"]) = (net, edge);
    }
    check(
        &tablet,
        &expect![[r#"
        exact 11:4 4:11 11:4 11:6 Finished
    "#]],
    );
    let lucky = commands(&tablet).into_iter().filter_map(|command| match command {
        Command::Point { how, .. } => how,
        _ => None,
    });
    assert_eq!(lucky.collect::<Vec<_>>(), [How::NetRoller, How::Edge, How::NetOrEdge]);
}

#[test]
fn unknown_types_and_fields_are_counted_and_kept() {
    let mut tablet = Tablet::whole();
    tablet.push("EventTowel", None);
    for update in &mut tablet.updates {
        update["humidity"] = json!(40);
    }
    tablet.updates.push(json!("no update"));
    check(
        &tablet,
        &expect![[r#"
        exact 11:4 4:11 11:4 11:6 Finished
        unknown_field: update.humidity: this reader does not know the field (74 times)
        incomplete_update: an update that is no object with a type
        unknown_type: an update of type EventTowel
    "#]],
    );
}

#[test]
fn a_batch_sent_again_under_its_submission_is_one_batch() {
    let mut tablet = Tablet::whole();
    let mut again = tablet.updates[6].clone();
    (again["ts"], again["id"]) = (json!(1_700_000_900_000_i64), json!(999));
    tablet.updates[6]["submissionID"] = json!("s-1");
    again["submissionID"] = json!("s-1");
    tablet.updates.push(again);
    check(
        &tablet,
        &expect![[r#"
        exact 11:4 4:11 11:4 11:6 Finished
        repeated_update: said before
    "#]],
    );
}

#[test]
fn a_match_without_points_keeps_the_source_s_result_and_one_not_played_is_cancelled() {
    let mut silent = Tablet::whole();
    silent.updates.truncate(1);
    let mut unplayed = silent.game("game-2");
    unplayed["gameState"] = json!("Inactive");
    for set in 1..=4 {
        unplayed[format!("set{set}HomeScore")] = Value::Null;
        unplayed[format!("set{set}AwayScore")] = Value::Null;
    }
    expect![[r#"
        no_points  Scheduled
        unplayed  Cancelled
        no_points: official 11:4 4:11 11:4 11:6, without a winner; laws none, without a winner
    "#]]
    .assert_eq(&told(&plan(&tie(&[silent.game("game-1"), unplayed]))));
}

#[test]
fn a_match_that_ends_early_says_so() {
    let mut early = after(|tablet| tablet.rallies("hhhhhhhhhhh"));
    early.updates.retain(|update| update["set"].as_i64() < Some(3));
    early.official.truncate(2);
    (early.set, early.score) = (2, (4, 11));
    early.push("EventGameEnd", None);
    check(
        &early,
        &expect![[r#"
            exact 11:0 4:11 Interval
            tie_result_missing: match 1 is over, and nobody says who won it
            ended_early: the laws do not say that the match is over
        "#]],
    );
}

/// A match of the whole one's first three games, won 2:1 by home.
fn of_three_games(id: &str) -> Value {
    let mut short = Tablet::whole().game(id);
    let updates = short["scoringUpdates"].as_array_mut().expect("a list");
    updates.retain(|update| update["set"].as_i64() < Some(4));
    updates.push(
        json!({ "id": 900, "type": "EventGameEnd", "ts": 1_700_001_000_000_i64, "set": 3, "result": "11:4" }),
    );
    short["winnerSide"] = json!("Home");
    short["set4HomeScore"] = Value::Null;
    short["set4AwayScore"] = Value::Null;
    short
}

#[test]
fn a_retirement_is_no_finished_match_of_a_shorter_format() {
    expect![[r#"
        exact 11:4 4:11 11:4 Interval
        ended_early: the laws do not say that the match is over
        winner_differs: official 11:4 4:11 11:4, won by home; laws 11:4 4:11 11:4, without a winner
    "#]]
    .assert_eq(&told(&plan(&tie(&[of_three_games("game-1")]))));
    let others = [of_three_games("game-1"), of_three_games("game-2"), Tablet::whole().game("game-3")];
    let beside_a_whole_one = told(&plan(&tie(&others)));
    assert_eq!(beside_a_whole_one.matches("11:4 Interval").count(), 2, "{beside_a_whole_one}");
    assert!(!beside_a_whole_one.contains("format_inferred"), "{beside_a_whole_one}");
    assert_eq!(beside_a_whole_one.matches("ended_early").count(), 2, "{beside_a_whole_one}");
}

#[test]
fn a_shorter_format_is_inferred_from_two_matches_and_a_longer_one_from_one() {
    expect![[r#"
        exact 11:4 4:11 11:4 Finished
        exact 11:4 4:11 11:4 Finished
        rejected_by_laws: the laws of ties, 3.7.6: a substitute takes one of the positions, and holds no other
        rejected_by_laws: the laws of ties, 3.7.6: a substitute takes one of the positions, and holds no other
        tie_line_up_differs: by the line-ups, others play match 2
        format_inferred: the official result is that of a best of 3
        format_inferred: the official result is that of a best of 3
    "#]]
    .assert_eq(&told(&plan(&tie(&[of_three_games("game-1"), of_three_games("game-2")]))));
    let mut long = Tablet::opened();
    for (at, game) in GAMES.iter().chain(&GAMES[..1]).enumerate() {
        long.start_set(if at % 2 == 0 { HOME } else { AWAY });
        long.rallies(game);
        long.end_set();
    }
    let mut long = long.game("game-1");
    long["winnerSide"] = json!("Home");
    expect![[r#"
        exact 11:4 4:11 11:4 11:6 11:4 Finished
        format_inferred: the official result is that of a best of 7
    "#]]
    .assert_eq(&told(&plan(&tie(&[long]))));
}

#[test]
fn doubles_know_pairs_only() {
    let mut game = Tablet::whole().game("game-5");
    game["index"] = json!(5);
    let pair = |one: &str, two: &str| json!({ "id": format!("{one}|{two}"), "leaguePlayerOne": player(one), "leaguePlayerTwo": player(two) });
    (game["homePlayer"], game["awayPlayer"]) = (Value::Null, Value::Null);
    (game["homeDouble"], game["awayDouble"]) = (pair(HOME, "p-cy"), pair(AWAY, "p-di"));
    for update in game["scoringUpdates"].as_array_mut().unwrap() {
        if update["playerId"] == json!(HOME) {
            update["playerId"] = json!("p-ada|p-cy");
        }
    }
    expect![[r#"
        exact 11:4 4:11 11:4 11:6 Finished
        doubles_order_unknown: the source names pairs: who of a pair serves is not known
    "#]]
    .assert_eq(&told(&plan(&tie(&[game]))));
    let nobody = json!({ "id": "game-4", "index": 4, "gameState": "Finished", "scoringUpdates": [{ "type": "Point" }] });
    expect![[r#"
        lineup_missing: the players are not known
        tie_result_missing: match 4 is over, and nobody says who won it
    "#]]
    .assert_eq(&told(&plan(&tie(&[nobody]))));
}

#[test]
fn ids_of_players_can_be_numbers() {
    let named = |ids: [Value; 2]| {
        let mut tablet = Tablet::whole();
        for update in &mut tablet.updates {
            let side = [HOME, AWAY].into_iter().position(|id| update["playerId"] == json!(id));
            update["playerId"] = side.map_or(Value::Null, |side| ids[side].clone());
        }
        let mut game = tablet.game("game-1");
        for (field, id) in ["homePlayer", "awayPlayer"].into_iter().zip(ids) {
            game[field] = json!({ "id": id, "firstName": "Player", "lastName": "Number" });
        }
        plan(&tie(&[game]))
    };
    let numbers = named([json!(17), json!(18)]);
    assert_eq!(told(&numbers), "exact 11:4 4:11 11:4 11:6 Finished\n");
    let texts = named([json!("17"), json!("18")]);
    assert_eq!(only(&numbers).create, only(&texts).create);
}

#[test]
fn a_file_that_is_no_tie_is_an_anomaly() {
    for file in [&b""[..], b"{", b"[]", b"{\"games\": 7}", b"{\"games\": []}", b"\xff\xfe", b"null"] {
        let plan = topspin_ingest::ttbl::plan("odd.json", file, &topspin_ingest::ttbl::Formats::default());
        assert!(told(&plan).starts_with("unreadable_file: odd.json: "), "{}", told(&plan));
    }
}
