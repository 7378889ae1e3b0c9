//! Fixtures of what comes before play and of endings without the last point; penalties at the end of a game; formats.

mod support;

use expect_test::expect;
use support::Match;
use topspin_laws::{Both, Card, CardsPolicy, Discipline, Format, Setup};

#[test]
fn statuses_before_play_follow_each_other() {
    let shown = Match::singles(5).score(
        r#"{"type":"abandon"}
         {"type":"call"}
         {"type":"call"}
         {"type":"start_warm_up"}
         {"type":"call"}
         {"type":"suspend","reason":"other"}
         {"type":"start_warm_up"}
         {"type":"resume"}
         choose a right
         {"type":"retire","side":"home"}
         start
         {"type":"start_warm_up"}
         {"type":"walk_over","side":"home"}
         choose h"#,
    );
    expect![[r#"
        {"type":"abandon"}       | ✗ T.1 wrong_status: a match that is scheduled does not allow this
        {"type":"call"}          | Called 0:0 [] ·Choose
        {"type":"call"}          | ✗ T.1 wrong_status: a match that is called does not allow this
        {"type":"start_warm_up"} | WarmUp 0:0 [] ·Choose
        {"type":"call"}          | ✗ T.1 wrong_status: a match that is in warm-up does not allow this
        {"type":"suspend","reason":"other"} | Suspended 0:0 [] Suspension { reason: Other, side: None }
        {"type":"start_warm_up"} | ✗ T.1 wrong_status: a match that is suspended does not allow this
        {"type":"resume"}        | WarmUp 0:0 [] ·Choose
        choose a right           | WarmUp 0:0 [] home Right ·StartGame
        {"type":"retire","side":"home"} | ✗ T.1 wrong_status: a match that is in warm-up does not allow this
        start                    | InPlay 0:0 [0:0] a1→h1 home Right
        {"type":"start_warm_up"} | ✗ T.1 wrong_status: a match that is in play does not allow this
        {"type":"walk_over","side":"home"} | ✗ T.1 wrong_status: a match that is in play does not allow this
        choose h                 | ✗ 2.13.1 choice_too_late: the choice of serve and ends cannot change once the first game has begun
    "#]].assert_eq(&shown);
}

#[test]
fn an_abandoned_match_has_no_winner_and_can_be_taken_back() {
    let shown = Match::singles(5).score(
        r#"choose h
         start
         h*3
         {"type":"abandon"}
         h
         {"type":"abandon"}
         {"type":"set_score","games":[{"home":3,"away":0}]}
         {"type":"confirm_result"}
         undo
         {"type":"reopen_result","reason":"goes on tomorrow"}
         undo"#,
    );
    expect![[r#"
        choose h                 | Scheduled 0:0 [] ·StartGame
        start                    | InPlay 0:0 [0:0] h1→a1
        h*3                      | InPlay 0:0 [3:0] a1→h1
        {"type":"abandon"}       | Abandoned 0:0 [3:0]
        h                        | ✗ 2.12.1 match_over: the match is over: undo, amend or set the score to correct it
        {"type":"abandon"}       | ✗ 2.12.1 match_over: the match is over: undo, amend or set the score to correct it
        {"type":"set_score","games":[{"home":3,"away":0}]} | ✗ 2.12.1 match_over: the match is over: undo, amend or set the score to correct it
        {"type":"confirm_result"} | Abandoned 0:0 [3:0]
        undo                     | ✗ T.5 result_official: the result is official: the referee must reopen it first
        {"type":"reopen_result","reason":"goes on tomorrow"} | Abandoned 0:0 [3:0]
        undo                     | InPlay 0:0 [3:0] a1→h1
    "#]].assert_eq(&shown);
}

#[test]
fn regulation_3_5_2_8_the_referee_disqualifies_at_any_time_before_the_end() {
    let before = r#"{"type":"disqualify","side":"home","reason":"racket"}"#;
    let shown =
        Match::singles(5).score(&format!("{before}\n{before}\nundo\nchoose h\nstart\nh*11\n{before}\nstart"));
    expect![[r#"
        {"type":"disqualify","side":"home","reason":"racket"} | Disqualified 0:0 [] winner Away (Unofficial)
        {"type":"disqualify","side":"home","reason":"racket"} | ✗ 2.12.1 match_over: the match is over: undo, amend or set the score to correct it
        undo                     | Scheduled 0:0 [] ·Choose
        choose h                 | Scheduled 0:0 [] ·StartGame
        start                    | InPlay 0:0 [0:0] h1→a1
        h*11                     | Interval 1:0 [11:0] ·StartGame
        {"type":"disqualify","side":"home","reason":"racket"} | Disqualified 1:0 [11:0] winner Away (Unofficial)
        start                    | ✗ 2.12.1 match_over: the match is over: undo, amend or set the score to correct it
    "#]].assert_eq(&shown);
}

#[test]
fn an_inconclusive_review_costs_no_challenge() {
    let format = Format { challenges: 1, ..Format::ittf(Discipline::Singles, 1) };
    let shown = Match::new(format.clone()).score(
        r#"choose h
         start
         h
         {"type":"request_review","side":"away"}
         {"type":"decide_review","outcome":"inconclusive"}
         {"type":"request_review","side":"away"}
         {"type":"decide_review","outcome":"upheld"}
         {"type":"request_review","side":"away"}"#,
    );
    expect![[r#"
        choose h                 | Scheduled 0:0 [] ·StartGame
        start                    | InPlay 0:0 [0:0] h1→a1
        h                        | InPlay 0:0 [1:0] h1→a1
        {"type":"request_review","side":"away"} | InPlay 0:0 [1:0] h1→a1 Review { side: Away }
        {"type":"decide_review","outcome":"inconclusive"} | InPlay 0:0 [1:0] h1→a1
        {"type":"request_review","side":"away"} | InPlay 0:0 [1:0] h1→a1 Review { side: Away }
        {"type":"decide_review","outcome":"upheld"} | InPlay 0:0 [1:0] h1→a1
        {"type":"request_review","side":"away"} | ✗ T.6 no_challenge_left: away has no challenge left
    "#]]
    .assert_eq(&shown);
}

#[test]
fn regulation_3_5_2_3_penalty_points_beyond_the_end_of_a_game_are_void() {
    let shown = Match::singles(3).score(
        r#"choose h left
         start
         {"type":"show_card","side":"home","card":"yellow"}
         {"type":"show_card","side":"home","card":"yellow_red"}
         a*9
         {"type":"show_card","side":"home","card":"yellow_red"}
         start
         h*11
         start
         a*10"#,
    );
    expect![[r#"
        choose h left            | Scheduled 0:0 [] home Left ·StartGame
        start                    | InPlay 0:0 [0:0] h1→a1 home Left
        {"type":"show_card","side":"home","card":"yellow"} | InPlay 0:0 [0:0] h1→a1 home Left
        {"type":"show_card","side":"home","card":"yellow_red"} | InPlay 0:0 [0:1] h1→a1 home Left
        a*9                      | InPlay 0:0 [0:10] a1→h1 home Left ·GamePointAway
        {"type":"show_card","side":"home","card":"yellow_red"} | Interval 0:1 [0:11] home Left ·StartGame
        start                    | InPlay 0:1 [0:11 0:0] a1→h1 home Right
        h*11                     | Interval 1:1 [0:11 11:0] home Right ·StartGame
        start                    | InPlay 1:1 [0:11 11:0 0:0] h1→a1 home Left
        a*10                     | InPlay 1:1 [0:11 11:0 0:10] a1→h1 home Right ·MatchPointAway
    "#]]
    .assert_eq(&shown);
    let shown = Match::singles(1).score(
        r#"choose h
         start
         {"type":"show_card","side":"home","card":"yellow"}
         h*10 a*10
         {"type":"show_card","side":"home","card":"yellow_red"}
         {"type":"show_card","side":"home","card":"yellow_red"}
         {"type":"show_card","side":"away","card":"yellow"}
         undo
         undo"#,
    );
    expect![[r#"
        choose h                 | Scheduled 0:0 [] ·StartGame
        start                    | InPlay 0:0 [0:0] h1→a1
        {"type":"show_card","side":"home","card":"yellow"} | InPlay 0:0 [0:0] h1→a1
        h*10 a*10                | InPlay 0:0 [10:10] h1→a1 ·Deuce
        {"type":"show_card","side":"home","card":"yellow_red"} | InPlay 0:0 [10:11] a1→h1 ·MatchPointAway
        {"type":"show_card","side":"home","card":"yellow_red"} | Finished 0:1 [10:12] winner Away (Unofficial)
        {"type":"show_card","side":"away","card":"yellow"} | ✗ 2.12.1 match_over: the match is over: undo, amend or set the score to correct it
        undo                     | InPlay 0:0 [10:11] a1→h1 ·MatchPointAway
        undo                     | InPlay 0:0 [10:10] h1→a1 ·Deuce
    "#]].assert_eq(&shown);
}

#[test]
fn a_policy_of_warnings_only_leaves_the_next_offence_to_the_referee() {
    let cards = CardsPolicy { penalty_points: Vec::new() };
    let shown = Match::new(Format { cards, ..Format::ittf(Discipline::Singles, 3) }).score(
        r#"{"type":"show_card","side":"home","card":"yellow"}
         {"type":"show_card","side":"home","card":"yellow_red"}
         {"type":"show_card","side":"home","card":"red"}"#,
    );
    expect![[r#"
        {"type":"show_card","side":"home","card":"yellow"} | Scheduled 0:0 [] ·Choose
        {"type":"show_card","side":"home","card":"yellow_red"} | ✗ 3.5.2 wrong_card: the next card is red, by the referee
        {"type":"show_card","side":"home","card":"red"} | Disqualified 0:0 [] winner Away (Unofficial)
    "#]].assert_eq(&shown);
}

#[test]
fn regulation_3_5_2_6_a_match_begins_with_the_cards_carried_into_it() {
    let format = Format::ittf(Discipline::Singles, 3);
    let carried_cards = Both::new(vec![Card::Yellow], vec![Card::Yellow, Card::YellowRed]);
    let shown = Match::of(Setup { format, carried_cards }).score(
        r#"choose h
         start
         {"type":"show_card","side":"home","card":"yellow"}
         {"type":"show_card","side":"home","card":"yellow_red"}
         {"type":"show_card","side":"away","card":"yellow_red"}"#,
    );
    expect![[r#"
        choose h                 | Scheduled 0:0 [] ·StartGame
        start                    | InPlay 0:0 [0:0] h1→a1
        {"type":"show_card","side":"home","card":"yellow"} | ✗ 3.5.2 wrong_card: the next card is yellow and red: the player was warned
        {"type":"show_card","side":"home","card":"yellow_red"} | InPlay 0:0 [0:1] h1→a1
        {"type":"show_card","side":"away","card":"yellow_red"} | InPlay 0:0 [2:1] a1→h1
    "#]].assert_eq(&shown);
}

#[test]
fn a_format_is_within_its_bounds() {
    let base = || Format::ittf(Discipline::Singles, 5);
    assert_eq!(base().validated(), Ok(base()));
    let policy = |penalty_points| CardsPolicy { penalty_points };
    let cases = [
        ("best_of", Format { best_of: 4, ..base() }),
        ("best_of", Format { best_of: 0, ..base() }),
        ("best_of", Format { best_of: 11, ..base() }),
        ("game_points", Format { game_points: 0, ..base() }),
        ("game_points", Format { game_points: 100, ..base() }),
        ("deciding_game_points", Format { deciding_game_points: 100, ..base() }),
        ("win_by", Format { win_by: 0, ..base() }),
        ("win_by", Format { win_by: 3, ..base() }),
        ("change_over_points", Format { change_over_points: 11, ..base() }),
        ("serves_per_turn", Format { serves_per_turn: 0, ..base() }),
        ("serves_per_turn", Format { serves_per_turn: 11, ..base() }),
        ("time_outs", Format { time_outs: 6, ..base() }),
        ("challenges", Format { challenges: 10, ..base() }),
        ("cards.penalty_points", Format { cards: policy(vec![1; 5]), ..base() }),
        ("cards.penalty_points", Format { cards: policy(vec![0]), ..base() }),
        ("cards.penalty_points", Format { cards: policy(vec![6]), ..base() }),
    ];
    for (field, format) in cases {
        assert_eq!(format.validated().expect_err("out of bounds").field, field);
    }
    let edges = Format {
        best_of: 9,
        game_points: 99,
        deciding_game_points: 99,
        win_by: 1,
        change_over_points: 98,
        serves_per_turn: 10,
        time_outs: 5,
        challenges: 9,
        cards: policy(vec![5; 4]),
        ..base()
    };
    assert!(edges.validated().is_ok());
}
