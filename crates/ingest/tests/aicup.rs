//! Invented stroke tables, right and wrong in every way that the reader knows.

mod scorer;
mod strokes;

use scorer::Scorer;
use strokes::{
    GAME, HAND, HEADER, MATCH, OPPONENT, PLAYER, PLAYERS, Row, SCORE_OTHER, SCORE_SELF, SERVER_WON, STRIKE,
    STROKE, Table, kinds, points, recorded,
};
use topspin_event::{Hand, MatchCommand, Precision, ReferenceKind, Seq, Spin, Strength, StrokeClass};
use topspin_ingest::{Agreement, Kind, aicup};
use topspin_laws::{Both, Command, Side, Status};

/// Sends the plan of a table to a scorer, which finds every strokes' rally and verdict as the plan has it.
fn sent(table: &Table) -> topspin_ingest::MatchPlan {
    let plan = table.plan();
    let mut scorer = Scorer::default();
    scorer.send(&plan, plan.script.len());
    assert_eq!(scorer.facts(plan.id), plan.facts);
    plan
}

#[test]
fn a_match_without_a_fault_is_kept_rally_by_rally() {
    let table = Table::whole();
    let plan = sent(&table);
    assert_eq!(kinds(&plan), []);
    assert_eq!(plan.facts.games, [Both::new(11, 0); 3]);
    assert_eq!((plan.facts.status, plan.facts.winner), (Status::Finished, Some(Side::Home)));
    assert_eq!((plan.point_updates, points(&plan), recorded(&plan).len()), (33, 33, 33));
    assert_eq!(plan.agreement, Agreement::NoOfficial);
    assert_eq!(plan.create.category.as_deref(), Some("Women"));
    assert_eq!(plan.create.external_ids[0].to_string(), "aicup:match:7");
    let home = &plan.create.sides.home.players[0];
    assert_eq!(home.name.as_deref(), Some("Player 4 (AI CUP)"));
    assert_eq!(home.external_ids[0].to_string(), "aicup:player:4");
    let kinds: Vec<_> = table.plans()[0].references.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, [ReferenceKind::Player; 2]);
}

#[test]
fn strokes_say_what_the_row_says_and_follow_their_rally() {
    let plan = sent(&Table::whole());
    let first = recorded(&plan)[0];
    // Created, chosen and begun before it.
    assert_eq!((first.rally, first.strokes.len()), (Seq(4), 2));
    assert_eq!(recorded(&plan)[1].rally, Seq(6), "its strokes are an event of their own");
    let service = first.strokes[0];
    assert_eq!((service.side, service.hand), (Side::Home, Some(Hand::Forehand)));
    assert_eq!((service.strength, service.spin), (Some(Strength::Medium), Some(Spin::None)));
    assert_eq!(service.zone.map(topspin_event::Zone::number), Some(9));
    assert_eq!((service.class, service.position), (Some(StrokeClass::TraditionalService), None));
    let last = first.strokes[1];
    assert_eq!((last.side, last.zone, last.class), (Side::Away, None, Some(StrokeClass::Drive)));
}

#[test]
fn no_time_is_made_up() {
    let plan = sent(&Table::whole());
    for entry in &plan.script {
        assert_eq!((entry.envelope.occurred_at, entry.envelope.precision), (None, Precision::Unknown));
    }
    assert_eq!(plan.create.scheduled_at, None);
}

#[test]
fn missing_rallies_are_bridged_by_the_score() {
    let plan = sent(&Table::whole().without(&[1, 2, 5, 13]));
    assert_eq!(plan.facts.games, [Both::new(11, 0); 3]);
    assert_eq!(points(&plan), 29);
    assert_eq!(kinds(&plan), [Kind::MissingUpdates; 3]);
}

#[test]
fn a_missing_end_of_a_game_is_the_nearest_that_whoever_was_ahead_won() {
    let plan = sent(&Table::whole().without(&[10, 11]));
    assert_eq!(plan.facts.games, [Both::new(11, 0); 3]);
    assert_eq!(kinds(&plan), [Kind::GameEndInferred]);
    assert_eq!(points(&plan), 31);
}

#[test]
fn a_missing_end_of_the_match_leaves_it_open() {
    let plan = sent(&Table::whole().without(&[33]));
    assert_eq!(plan.facts.games.last(), Some(&Both::new(10, 0)));
    assert_eq!((plan.facts.winner, kinds(&plan)), (None, vec![Kind::EndedEarly]));
}

#[test]
fn a_game_that_is_not_in_the_file_ends_what_can_be_kept() {
    let second_game: Vec<i64> = (12..=22).collect();
    let plan = sent(&Table::whole().without(&second_game));
    assert_eq!(plan.facts.games, [Both::new(11, 0)]);
    assert_eq!((points(&plan), plan.point_updates), (11, 22));
    let left_out = kinds(&plan).iter().filter(|kind| **kind == Kind::ImpossibleClaim).count();
    assert_eq!(left_out, 11);
}

#[test]
fn a_rally_after_the_end_of_its_game_is_left_out() {
    let mut table = Table::default();
    (0..11).for_each(|point| table.rally(1, (point, 0), 0));
    table.rally(1, (11, 0), 0);
    table.rally(2, (0, 0), 1);
    let plan = sent(&table);
    assert_eq!(plan.facts.games, [Both::new(11, 0), Both::new(0, 1)]);
    assert_eq!(kinds(&plan), [Kind::ImpossibleClaim, Kind::EndedEarly]);
}

#[test]
fn a_rally_served_by_the_wrong_player_is_left_out() {
    let mut table = Table::default();
    table.rally(1, (0, 0), 0);
    table.rally_served_by(1, 1, (1, 0), 0);
    (2..11).for_each(|point| table.rally(1, (point, 0), 0));
    let plan = sent(&table);
    assert_eq!(kinds(&plan), [Kind::ServerDisagrees, Kind::MissingUpdates, Kind::EndedEarly]);
    assert_eq!((points(&plan), plan.facts.games[0]), (10, Both::new(11, 0)));
}

#[test]
fn an_order_of_service_that_stays_turned_round_is_corrected() {
    let mut table = Table::whole();
    table.rows.retain(|row| row[GAME] < 3);
    for point in 0..11 {
        table.rally_served_by(usize::from(point / 2 % 2 == 0), 3, (point, 0), 0);
    }
    let plan = sent(&table);
    assert_eq!(kinds(&plan), [Kind::ServiceOrderDiffers]);
    assert_eq!(points(&plan), 33);
    let corrected = plan.script.iter().any(|entry| {
        matches!(&entry.envelope.command, MatchCommand::Law(Command::SetScore { server: Some(_), .. }))
    });
    assert!(corrected);
}

#[test]
fn a_score_that_goes_back_or_contradicts_the_winner_is_left_out() {
    let mut table = Table::default();
    table.rally(1, (0, 0), 1);
    table.rally(1, (1, 0), 0);
    table.rally(1, (2, 0), 0);
    let plan = sent(&table);
    assert_eq!(kinds(&plan), [Kind::ContradictoryUpdate, Kind::MissingUpdates, Kind::EndedEarly]);
    table.rally(1, (2, 0), 0);
    assert!(kinds(&sent(&table)).contains(&Kind::Restarted));
}

/// What a change of one rally of a whole match leads to.
fn changed(change: impl Fn(&mut Table)) -> Vec<Kind> {
    let mut table = Table::whole();
    change(&mut table);
    let plan = sent(&table);
    let mut kinds = kinds(&plan);
    kinds.retain(|kind| *kind != Kind::MissingUpdates);
    kinds
}

fn set(uid: i64, column: usize, value: i64) -> impl Fn(&mut Table) {
    move |table| table.of(uid).for_each(|row| row[column] = value)
}

#[test]
fn a_rally_whose_rows_contradict_each_other_is_left_out() {
    let first_row = |column: usize, value: i64| {
        move |table: &mut Table| table.of(4).next().expect("a row")[column] = value
    };
    assert_eq!(changed(first_row(SERVER_WON, 1)), [Kind::ContradictoryUpdate]);
    assert_eq!(changed(first_row(SCORE_SELF, 2)), [Kind::ContradictoryUpdate]);
    assert_eq!(changed(first_row(STROKE, 9)), [Kind::IncompleteRally]);
    assert_eq!(changed(set(4, SERVER_WON, 5)), [Kind::IncompleteRally]);
    assert_eq!(changed(set(4, GAME, 0)), [Kind::ImpossibleClaim]);
    assert_eq!(changed(set(4, SCORE_OTHER, 5000)), [Kind::ImpossibleClaim]);
    assert_eq!(changed(set(4, PLAYER, 77)), [Kind::PlayerUnknown]);
    let lost = |table: &mut Table| table.rows.retain(|row| (row[0], row[STROKE]) != (4, 2));
    assert_eq!(changed(lost), [Kind::IncompleteRally]);
    let twice = |table: &mut Table| table.rows.insert(0, table.rows[0]);
    assert_eq!(changed(twice), [Kind::RepeatedRow]);
}

#[test]
fn strokes_that_were_not_filmed_leave_the_point_without_strokes() {
    let mut table = Table::whole();
    table.of(4).last().expect("a row")[STRIKE] = 8;
    let plan = sent(&table);
    assert_eq!(kinds(&plan), [Kind::NotFilmed]);
    assert_eq!((points(&plan), recorded(&plan).len()), (33, 32));
    let unknown = plan.script.iter().filter(|entry| {
        matches!(&entry.envelope.command, MatchCommand::Law(Command::Point { strokes: None, .. }))
    });
    assert_eq!(unknown.count(), 1);
}

#[test]
fn a_time_out_is_no_stroke_and_nobodys() {
    let mut table = Table::whole();
    let mut time_out: Row = *table.of(4).last().expect("a row");
    (time_out[STROKE], time_out[STRIKE]) = (time_out[STROKE] + 1, 16);
    table.rows.push(time_out);
    let plan = sent(&table);
    assert_eq!(kinds(&plan), [Kind::TimeOutOfNobody]);
    assert_eq!(points(&plan), 33);
    assert_eq!(recorded(&plan)[3].strokes, recorded(&Table::whole().plan())[3].strokes);
}

#[test]
fn a_number_without_a_meaning_is_not_recorded_and_said() {
    let mut table = Table::whole();
    table.of(1).next().expect("a row")[HAND] = 6;
    let plan = sent(&table);
    assert_eq!(kinds(&plan), [Kind::MalformedField]);
    assert_eq!(recorded(&plan)[0].strokes[0].hand, None);
}

#[test]
fn a_player_against_oneself_makes_no_match() {
    let mut table = Table::whole();
    for row in &mut table.rows {
        row[PLAYER] = PLAYERS[0];
        row[OPPONENT] = PLAYERS[0];
    }
    let plans = table.plans();
    assert_eq!(plans[0].matches, []);
    assert_eq!(plans[0].anomalies.iter().filter(|one| one.kind == Kind::LineupMissing).count(), 33);
}

#[test]
fn every_match_of_a_file_is_a_plan() {
    let mut table = Table::whole();
    let mut second = Table::whole();
    second.rows.iter_mut().for_each(|row| row[MATCH] = 8);
    table.rows.extend(second.rows);
    let ids: Vec<_> = table.plans().iter().flat_map(|plan| &plan.matches).map(|one| one.id).collect();
    assert_eq!(ids.len(), 2);
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn the_order_of_rows_and_columns_does_not_matter() {
    let table = Table::whole();
    let mut turned = table.clone();
    turned.rows.reverse();
    assert_eq!(turned.plans(), table.plans());
    let turned: Vec<String> =
        table.text().lines().map(|line| line.rsplit(',').collect::<Vec<_>>().join(",")).collect();
    assert_eq!(aicup::plans("x", turned.join("\r\n").as_bytes()), table.plans());
}

#[test]
fn a_longer_match_shows_itself() {
    let mut table = Table::default();
    for game in 1..=5 {
        let winner = usize::from(game == 4);
        for point in 0..11 {
            let score = if winner == 0 { (point, 0) } else { (0, point) };
            table.rally(game, score, winner);
        }
    }
    let plan = sent(&table);
    assert_eq!((plan.create.format.best_of, kinds(&plan)), (7, vec![]));
    assert_eq!(Table::whole().plan().create.format.best_of, 5);
}

#[test]
fn what_is_no_such_table_is_an_unreadable_file() {
    for text in ["", "a,b\n1,2\n", "{\"games\": []}"] {
        let plans = aicup::plans("other.csv", text.as_bytes());
        let kinds: Vec<_> = plans.iter().flat_map(|plan| &plan.anomalies).map(|one| one.kind).collect();
        assert_eq!(kinds, [Kind::UnreadableFile], "{text:?}");
    }
    assert_eq!(aicup::plans("empty.csv", format!("{HEADER}\n").as_bytes()), []);
}

#[test]
fn odd_rows_and_columns_are_said_once_a_file() {
    let mut text = Table::whole().text().replace(HEADER, &format!("{HEADER},colour"));
    text.push_str("1,2,3\n\"x\",2,7,1\n");
    let plans = aicup::plans("odd.csv", text.as_bytes());
    let kinds: Vec<_> = plans[0].anomalies.iter().map(|anomaly| anomaly.kind).collect();
    assert_eq!(kinds, [Kind::MalformedField, Kind::MalformedField, Kind::UnknownField]);
    assert_eq!(points(&plans[1].matches[0]), 33);
}
