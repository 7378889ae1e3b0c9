//! Fixtures of singles: one test a law, named for what it says.

mod support;

use expect_test::expect;
use support::Match;

#[test]
fn law_2_13_3_two_services_in_turn_then_one_from_ten_all() {
    let shown = Match::singles(5).score(
        "choose h left
         start
         h
         h
         a a
         h*6 a*7
         a
         h
         h
         a
         h h",
    );
    expect![[r#"
        choose h left            | Scheduled 0:0 [] home Left ·StartGame
        start                    | InPlay 0:0 [0:0] h1→a1 home Left
        h                        | InPlay 0:0 [1:0] h1→a1 home Left
        h                        | InPlay 0:0 [2:0] a1→h1 home Left
        a a                      | InPlay 0:0 [2:2] h1→a1 home Left
        h*6 a*7                  | InPlay 0:0 [8:9] h1→a1 home Left
        a                        | InPlay 0:0 [8:10] a1→h1 home Left ·GamePointAway ·Towel
        h                        | InPlay 0:0 [9:10] a1→h1 home Left ·GamePointAway
        h                        | InPlay 0:0 [10:10] h1→a1 home Left ·Deuce
        a                        | InPlay 0:0 [10:11] a1→h1 home Left ·GamePointAway
        h h                      | InPlay 0:0 [12:11] a1→h1 home Left ·GamePointHome
    "#]]
    .assert_eq(&shown);
}

#[test]
fn laws_2_13_6_and_2_13_7_first_server_and_ends_alternate_by_game() {
    let shown = Match::singles(5).score(
        "choose a right
         start
         h*11
         start h1 a1
         start
         a*11
         start
         h*11
         start
         a*11
         start
         h*4 a*4
         h        # five first: ends change
         h*6",
    );
    expect![[r#"
        choose a right           | Scheduled 0:0 [] home Right ·StartGame
        start                    | InPlay 0:0 [0:0] a1→h1 home Right
        h*11                     | Interval 1:0 [11:0] home Right ·StartGame
        start h1 a1              | InPlay 1:0 [11:0 0:0] h1→a1 home Left
        start                    | ✗ T.1 wrong_status: a match that is in play does not allow this
        a*11                     | Interval 1:1 [11:0 0:11] home Left ·StartGame
        start                    | InPlay 1:1 [11:0 0:11 0:0] a1→h1 home Right
        h*11                     | Interval 2:1 [11:0 0:11 11:0] home Right ·StartGame
        start                    | InPlay 2:1 [11:0 0:11 11:0 0:0] h1→a1 home Left
        a*11                     | Interval 2:2 [11:0 0:11 11:0 0:11] home Left ·StartGame
        start                    | InPlay 2:2 [11:0 0:11 11:0 0:11 0:0] a1→h1 home Right
        h*4 a*4                  | InPlay 2:2 [11:0 0:11 11:0 0:11 4:4] a1→h1 home Right
        h        # five first: ends change | InPlay 2:2 [11:0 0:11 11:0 0:11 5:4] a1→h1 home Left ·EndsChanged ·Towel
        h*6                      | Finished 3:2 [11:0 0:11 11:0 0:11 11:4] home Left winner Home (Unofficial)
    "#]].assert_eq(&shown);
}

#[test]
fn law_2_14_a_wrong_server_is_corrected_and_the_points_stand() {
    let shown = Match::singles(5).score(
        r#"choose h left
         start
         h a h
         {"type":"correct_service","server":{"side":"home"}}
         {"type":"correct_service","server":{"side":"home"}}
         h
         h*8
         start
         {"type":"correct_ends","home_end":"left"}
         {"type":"correct_ends","home_end":"left"}"#,
    );
    expect![[r#"
        choose h left            | Scheduled 0:0 [] home Left ·StartGame
        start                    | InPlay 0:0 [0:0] h1→a1 home Left
        h a h                    | InPlay 0:0 [2:1] a1→h1 home Left
        {"type":"correct_service","server":{"side":"home"}} | InPlay 0:0 [2:1] h1→a1 home Left
        {"type":"correct_service","server":{"side":"home"}} | ✗ 2.14.1 nothing_to_correct: that is how it is recorded already
        h                        | InPlay 0:0 [3:1] a1→h1 home Left
        h*8                      | Interval 1:0 [11:1] home Left ·StartGame
        start                    | InPlay 1:0 [11:1 0:0] h1→a1 home Right
        {"type":"correct_ends","home_end":"left"} | InPlay 1:0 [11:1 0:0] h1→a1 home Left
        {"type":"correct_ends","home_end":"left"} | ✗ 2.14.2 nothing_to_correct: that is how it is recorded already
    "#]].assert_eq(&shown);
}

#[test]
fn law_2_15_3_time_limit_with_the_ball_in_play_is_a_let_and_the_same_server() {
    let shown = Match::singles(5).score(
        r#"choose h
         start
         h a h
         {"type":"start_rally"}
         {"type":"introduce_expedite","reason":"time_limit"}
         {"type":"introduce_expedite","reason":"time_limit","ball_in_play":"yes","played_ms":599999}
         {"type":"introduce_expedite","reason":"time_limit","ball_in_play":"yes","played_ms":600000}
         {"type":"introduce_expedite","reason":"agreement"}
         h
         h
         {"type":"point","to":"home","how":"thirteenth_return"}
         {"type":"point","to":"away","how":"thirteenth_return","strokes":26}
         {"type":"point","to":"home","strokes":27}
         h*6
         start
         h
         a"#,
    );
    expect![[r#"
        choose h                 | Scheduled 0:0 [] ·StartGame
        start                    | InPlay 0:0 [0:0] h1→a1
        h a h                    | InPlay 0:0 [2:1] a1→h1
        {"type":"start_rally"}   | InPlay 0:0 [2:1] a1→h1 rally
        {"type":"introduce_expedite","reason":"time_limit"} | ✗ 2.5.1 ball_in_play: the ball is in play
        {"type":"introduce_expedite","reason":"time_limit","ball_in_play":"yes","played_ms":599999} | ✗ 2.15.1 expedite_too_early: 600 seconds of play in the game are not reached
        {"type":"introduce_expedite","reason":"time_limit","ball_in_play":"yes","played_ms":600000} | InPlay 0:0 [2:1] a1→h1 expedite
        {"type":"introduce_expedite","reason":"agreement"} | ✗ 2.15.6 expedite_already: the expedite system is in operation already
        h                        | InPlay 0:0 [3:1] h1→a1 expedite
        h                        | InPlay 0:0 [4:1] a1→h1 expedite
        {"type":"point","to":"home","how":"thirteenth_return"} | InPlay 0:0 [5:1] h1→a1 expedite ·Towel
        {"type":"point","to":"away","how":"thirteenth_return","strokes":26} | InPlay 0:0 [5:2] a1→h1 expedite
        {"type":"point","to":"home","strokes":27} | ✗ 2.8.1 impossible_strokes: the number of strokes contradicts how the point was won
        h*6                      | Interval 1:0 [11:2] expedite ·StartGame
        start                    | InPlay 1:0 [11:2 0:0] a1→h1 expedite
        h                        | InPlay 1:0 [11:2 1:0] h1→a1 expedite
        a                        | InPlay 1:0 [11:2 1:1] a1→h1 expedite
    "#]].assert_eq(&shown);
}

#[test]
fn law_2_15_3_between_rallies_the_previous_receiver_serves() {
    let shown = Match::singles(5).score(
        r#"choose h
         start
         h
         {"type":"introduce_expedite","reason":"agreement"}
         h
         a"#,
    );
    expect![[r#"
        choose h                 | Scheduled 0:0 [] ·StartGame
        start                    | InPlay 0:0 [0:0] h1→a1
        h                        | InPlay 0:0 [1:0] h1→a1
        {"type":"introduce_expedite","reason":"agreement"} | InPlay 0:0 [1:0] a1→h1 expedite
        h                        | InPlay 0:0 [2:0] h1→a1 expedite
        a                        | InPlay 0:0 [2:1] a1→h1 expedite
    "#]]
    .assert_eq(&shown);
}

#[test]
fn law_2_15_2_no_expedite_from_eighteen_points_on() {
    let shown = Match::singles(5).score(
        r#"choose h
         start
         h*9 a*8
         h a
         {"type":"introduce_expedite","reason":"time_limit"}
         {"type":"introduce_expedite","reason":"agreement"}
         a*2
         {"type":"introduce_expedite","reason":"agreement"}"#,
    );
    expect![[r#"
        choose h                 | Scheduled 0:0 [] ·StartGame
        start                    | InPlay 0:0 [0:0] h1→a1
        h*9 a*8                  | InPlay 0:0 [9:8] h1→a1
        h a                      | InPlay 0:0 [10:9] a1→h1 ·GamePointHome
        {"type":"introduce_expedite","reason":"time_limit"} | ✗ 2.15.2 expedite_too_late: the expedite system is not introduced once 18 points are scored in the game
        {"type":"introduce_expedite","reason":"agreement"} | ✗ 2.15.2 expedite_too_late: the expedite system is not introduced once 18 points are scored in the game
        a*2                      | InPlay 0:0 [10:11] a1→h1 ·GamePointAway
        {"type":"introduce_expedite","reason":"agreement"} | ✗ 2.15.2 expedite_too_late: the expedite system is not introduced once 18 points are scored in the game
    "#]].assert_eq(&shown);
}

#[test]
fn law_2_10_how_a_point_was_won_must_fit_the_server() {
    let shown = Match::singles(3).score(
        r#"choose h
         start
         {"type":"point","to":"away","how":"ace"}
         {"type":"point","to":"home","how":"service_error"}
         {"type":"point","to":"home","how":"ace","strokes":3}
         {"type":"point","to":"home","how":"ace","strokes":1}
         {"type":"point","to":"away","how":"service_error"}
         {"type":"point","to":"away","how":"edge","strokes":0}
         {"type":"point","to":"away","how":"net_roller","strokes":12}"#,
    );
    expect![[r#"
        choose h                 | Scheduled 0:0 [] ·StartGame
        start                    | InPlay 0:0 [0:0] h1→a1
        {"type":"point","to":"away","how":"ace"} | ✗ 2.10.1.2 ace_by_receiver: an ace is won by the server
        {"type":"point","to":"home","how":"service_error"} | ✗ 2.10.1.1 service_error_by_receiver: a service error gives the point to the receiver
        {"type":"point","to":"home","how":"ace","strokes":3} | ✗ 2.8.1 impossible_strokes: the number of strokes contradicts how the point was won
        {"type":"point","to":"home","how":"ace","strokes":1} | InPlay 0:0 [1:0] h1→a1
        {"type":"point","to":"away","how":"service_error"} | InPlay 0:0 [1:1] a1→h1
        {"type":"point","to":"away","how":"edge","strokes":0} | ✗ 2.8.1 impossible_strokes: the number of strokes contradicts how the point was won
        {"type":"point","to":"away","how":"net_roller","strokes":12} | InPlay 0:0 [1:2] a1→h1
    "#]].assert_eq(&shown);
}

#[test]
fn regulation_3_4_4_time_outs_towels_and_suspension() {
    let shown = Match::singles(3).score(
        r#"{"type":"take_time_out","side":"home"}
         choose h
         start
         {"type":"take_towel_break"}
         {"type":"start_rally"}
         {"type":"take_time_out","side":"home"}
         h
         {"type":"take_time_out","side":"home"}
         {"type":"take_time_out","side":"away"}
         {"type":"resume"}
         {"type":"resume"}
         {"type":"take_time_out","side":"home"}
         h*5
         {"type":"take_towel_break"}
         let
         {"type":"suspend","reason":"injury","side":"away"}
         h
         {"type":"resume"}
         h"#,
    );
    expect![[r#"
        {"type":"take_time_out","side":"home"} | ✗ 2.11.1 game_not_started: the game has not been started
        choose h                 | Scheduled 0:0 [] ·StartGame
        start                    | InPlay 0:0 [0:0] h1→a1
        {"type":"take_towel_break"} | ✗ 3.4.4.1 no_towel_now: towelling is allowed after every 6 points and at the change of ends in the deciding game
        {"type":"start_rally"}   | InPlay 0:0 [0:0] h1→a1 rally
        {"type":"take_time_out","side":"home"} | ✗ 2.5.1 ball_in_play: the ball is in play
        h                        | InPlay 0:0 [1:0] h1→a1
        {"type":"take_time_out","side":"home"} | InPlay 0:0 [1:0] h1→a1 TimeOut { side: Home }
        {"type":"take_time_out","side":"away"} | ✗ 3.4.4.1 break_going_on: a break is going on: resume play first
        {"type":"resume"}        | InPlay 0:0 [1:0] h1→a1
        {"type":"resume"}        | ✗ 3.4.4.1 no_break: play is not interrupted
        {"type":"take_time_out","side":"home"} | ✗ 3.4.4.2 no_time_out_left: home has no time-out left
        h*5                      | InPlay 0:0 [6:0] a1→h1 ·Towel
        {"type":"take_towel_break"} | InPlay 0:0 [6:0] a1→h1 Towel ·Towel
        let                      | InPlay 0:0 [6:0] a1→h1 ·Towel
        {"type":"suspend","reason":"injury","side":"away"} | Suspended 0:0 [6:0] a1→h1 Suspension { reason: Injury, side: Some(Away) }
        h                        | ✗ T.1 wrong_status: a match that is suspended does not allow this
        {"type":"resume"}        | InPlay 0:0 [6:0] a1→h1 ·Towel
        h                        | InPlay 0:0 [7:0] a1→h1
    "#]].assert_eq(&shown);
}

#[test]
fn regulation_3_5_2_cards_and_penalty_points() {
    let shown = Match::singles(3).score(
        r#"choose h
         start
         {"type":"show_card","side":"home","card":"yellow_red"}
         {"type":"show_card","side":"home","card":"yellow"}
         {"type":"show_card","side":"home","card":"yellow"}
         a*9
         {"type":"show_card","side":"home","card":"yellow_red"}
         {"type":"show_card","side":"home","card":"yellow_red"}
         {"type":"show_card","side":"home","card":"yellow_red"}
         {"type":"show_card","side":"away","card":"yellow"}
         {"type":"show_card","side":"away","card":"yellow_red"}
         start
         {"type":"show_card","side":"away","to":"bench","card":"red"}
         {"type":"show_card","side":"away","to":"bench","card":"yellow"}
         {"type":"show_card","side":"away","to":"bench","card":"red"}
         {"type":"show_card","side":"home","card":"red"}"#,
    );
    expect![[r#"
        choose h                 | Scheduled 0:0 [] ·StartGame
        start                    | InPlay 0:0 [0:0] h1→a1
        {"type":"show_card","side":"home","card":"yellow_red"} | ✗ 3.5.2 wrong_card: the next card is yellow
        {"type":"show_card","side":"home","card":"yellow"} | InPlay 0:0 [0:0] h1→a1
        {"type":"show_card","side":"home","card":"yellow"} | ✗ 3.5.2 wrong_card: the next card is yellow and red: the player was warned
        a*9                      | InPlay 0:0 [0:9] h1→a1
        {"type":"show_card","side":"home","card":"yellow_red"} | InPlay 0:0 [0:10] a1→h1 ·GamePointAway
        {"type":"show_card","side":"home","card":"yellow_red"} | Interval 0:1 [0:11] ·StartGame
        {"type":"show_card","side":"home","card":"yellow_red"} | ✗ 3.5.2 wrong_card: the next card is red, by the referee
        {"type":"show_card","side":"away","card":"yellow"} | Interval 0:1 [0:11] ·StartGame
        {"type":"show_card","side":"away","card":"yellow_red"} | Interval 0:1 [0:11] pending 1:0 ·StartGame
        start                    | InPlay 0:1 [0:11 1:0] a1→h1
        {"type":"show_card","side":"away","to":"bench","card":"red"} | ✗ 3.5.2 wrong_card: the next card is yellow
        {"type":"show_card","side":"away","to":"bench","card":"yellow"} | InPlay 0:1 [0:11 1:0] a1→h1
        {"type":"show_card","side":"away","to":"bench","card":"red"} | InPlay 0:1 [0:11 1:0] a1→h1
        {"type":"show_card","side":"home","card":"red"} | Disqualified 0:1 [0:11 1:0] winner Away (Unofficial)
    "#]].assert_eq(&shown);
}

#[test]
fn endings_and_the_referees_word() {
    let shown = Match::singles(1).score(
        r#"{"type":"confirm_result"}
         {"type":"retire","side":"home"}
         choose h
         start
         h*10
         {"type":"retire","side":"home"}
         undo
         h
         {"type":"confirm_result"}
         undo
         {"type":"protest_result","side":"away"}
         {"type":"reopen_result","reason":"last point on a broken ball"}
         undo
         a
         h"#,
    );
    expect![[r#"
        {"type":"confirm_result"} | ✗ T.5 no_result: the match has no result yet
        {"type":"retire","side":"home"} | ✗ T.1 wrong_status: a match that is scheduled does not allow this
        choose h                 | Scheduled 0:0 [] ·StartGame
        start                    | InPlay 0:0 [0:0] h1→a1
        h*10                     | InPlay 0:0 [10:0] a1→h1 ·MatchPointHome
        {"type":"retire","side":"home"} | Retired 0:0 [10:0] winner Away (Unofficial)
        undo                     | InPlay 0:0 [10:0] a1→h1 ·MatchPointHome
        h                        | Finished 1:0 [11:0] winner Home (Unofficial)
        {"type":"confirm_result"} | Finished 1:0 [11:0] winner Home (Official)
        undo                     | ✗ T.5 result_official: the result is official: the referee must reopen it first
        {"type":"protest_result","side":"away"} | Finished 1:0 [11:0] winner Home (Protested)
        {"type":"reopen_result","reason":"last point on a broken ball"} | Finished 1:0 [11:0] winner Home (Provisional)
        undo                     | InPlay 0:0 [10:0] a1→h1 ·MatchPointHome
        a                        | InPlay 0:0 [10:1] a1→h1 ·MatchPointHome
        h                        | Finished 1:0 [11:1] winner Home (Unofficial)
    "#]].assert_eq(&shown);
    let shown = Match::singles(1).score(
        r#"{"type":"walk_over","side":"away"}
         undo
         {"type":"postpone"}
         start
         {"type":"reschedule"}
         {"type":"cancel"}"#,
    );
    expect![[r#"
        {"type":"walk_over","side":"away"} | Walkover 0:0 [] winner Home (Unofficial)
        undo                     | Scheduled 0:0 [] ·Choose
        {"type":"postpone"}      | Postponed 0:0 []
        start                    | ✗ T.1 wrong_status: a match that is postponed does not allow this
        {"type":"reschedule"}    | Scheduled 0:0 [] ·Choose
        {"type":"cancel"}        | Cancelled 0:0 []
    "#]]
    .assert_eq(&shown);
}

#[test]
fn undo_redo_and_amendment() {
    let shown = Match::singles(3).score(
        r#"undo
         choose h
         start
         h*3
         undo
         undo
         redo
         a
         redo
         {"type":"amend","seq":3,"outcome":{"type":"point","to":"away"}}
         {"type":"amend","seq":3,"outcome":{"type":"point","to":"away"}}
         {"type":"amend","seq":5,"outcome":{"type":"point","to":"away"}}
         undo
         h*9
         start
         {"type":"amend","seq":3,"outcome":{"type":"let"}}"#,
    );
    expect![[r#"
        undo                     | ✗ T.2 nothing_to_undo: there is nothing to undo
        choose h                 | Scheduled 0:0 [] ·StartGame
        start                    | InPlay 0:0 [0:0] h1→a1
        h*3                      | InPlay 0:0 [3:0] a1→h1
        undo                     | InPlay 0:0 [2:0] a1→h1
        undo                     | InPlay 0:0 [1:0] h1→a1
        redo                     | InPlay 0:0 [2:0] a1→h1
        a                        | InPlay 0:0 [2:1] a1→h1
        redo                     | ✗ T.2 nothing_to_redo: there is nothing to redo
        {"type":"amend","seq":3,"outcome":{"type":"point","to":"away"}} | InPlay 0:0 [1:2] a1→h1
        {"type":"amend","seq":3,"outcome":{"type":"point","to":"away"}} | ✗ T.3 same_outcome: event 3 has this outcome already
        {"type":"amend","seq":5,"outcome":{"type":"point","to":"away"}} | ✗ T.3 not_a_live_rally: event 5 is not a live rally
        undo                     | InPlay 0:0 [2:1] a1→h1
        h*9                      | Interval 1:0 [11:1] ·StartGame
        start                    | InPlay 1:0 [11:1 0:0] a1→h1
        {"type":"amend","seq":3,"outcome":{"type":"let"}} | ✗ T.3 later_impossible: event 21 could not have happened then: retract back to it first
    "#]].assert_eq(&shown);
}

#[test]
fn only_reachable_scores_can_be_set() {
    let shown = Match::singles(5).score(
        r#"choose h left
         {"type":"set_score","games":[{"home":11,"away":10}]}
         {"type":"set_score","games":[{"home":14,"away":11}]}
         {"type":"set_score","games":[{"home":9,"away":3},{"home":0,"away":0}]}
         {"type":"set_score","games":[{"home":11,"away":3},{"home":11,"away":0},{"home":11,"away":0},{"home":1,"away":0}]}
         {"type":"set_score","games":[{"home":11,"away":3},{"home":10,"away":12},{"home":2,"away":1}]}
         {"type":"set_score","games":[{"home":11,"away":3},{"home":10,"away":12},{"home":2,"away":1}],"server":{"side":"away"}}
         h
         undo
         undo
         {"type":"set_score","games":[{"home":11,"away":3},{"home":11,"away":0},{"home":11,"away":0}]}
         undo"#,
    );
    expect![[r#"
        choose h left            | Scheduled 0:0 [] home Left ·StartGame
        {"type":"set_score","games":[{"home":11,"away":10}]} | InPlay 0:0 [11:10] a1→h1 home Left ·GamePointHome
        {"type":"set_score","games":[{"home":14,"away":11}]} | ✗ T.4 unreachable_score: game 1 cannot have this score
        {"type":"set_score","games":[{"home":9,"away":3},{"home":0,"away":0}]} | ✗ T.4 unreachable_score: game 1 cannot have this score
        {"type":"set_score","games":[{"home":11,"away":3},{"home":11,"away":0},{"home":11,"away":0},{"home":1,"away":0}]} | ✗ T.4 unreachable_score: game 4 cannot have this score
        {"type":"set_score","games":[{"home":11,"away":3},{"home":10,"away":12},{"home":2,"away":1}]} | InPlay 1:1 [11:3 10:12 2:1] a1→h1 home Left
        {"type":"set_score","games":[{"home":11,"away":3},{"home":10,"away":12},{"home":2,"away":1}],"server":{"side":"away"}} | InPlay 1:1 [11:3 10:12 2:1] a1→h1 home Left
        h                        | InPlay 1:1 [11:3 10:12 3:1] h1→a1 home Left
        undo                     | InPlay 1:1 [11:3 10:12 2:1] a1→h1 home Left
        undo                     | InPlay 1:1 [11:3 10:12 2:1] a1→h1 home Left
        {"type":"set_score","games":[{"home":11,"away":3},{"home":11,"away":0},{"home":11,"away":0}]} | Finished 3:0 [11:3 11:0 11:0] home Left winner Home (Unofficial)
        undo                     | InPlay 1:1 [11:3 10:12 2:1] a1→h1 home Left
    "#]].assert_eq(&shown);
}

#[test]
fn a_challenge_is_lost_only_when_the_decision_stands() {
    let mut format = topspin_laws::Format::ittf(topspin_laws::Discipline::Singles, 1);
    format.challenges = 1;
    let shown = Match::new(format).score(
        r#"choose h
         start
         h
         {"type":"decide_review","outcome":"upheld"}
         {"type":"request_review","side":"away"}
         h
         {"type":"decide_review","outcome":"overturned"}
         {"type":"amend","seq":3,"outcome":{"type":"point","to":"away"}}
         {"type":"request_review","side":"away"}
         {"type":"decide_review","outcome":"upheld"}
         {"type":"request_review","side":"away"}"#,
    );
    expect![[r#"
        choose h                 | Scheduled 0:0 [] ·StartGame
        start                    | InPlay 0:0 [0:0] h1→a1
        h                        | InPlay 0:0 [1:0] h1→a1
        {"type":"decide_review","outcome":"upheld"} | ✗ T.6 no_review: no review is going on
        {"type":"request_review","side":"away"} | InPlay 0:0 [1:0] h1→a1 Review { side: Away }
        h                        | ✗ 3.4.4.1 break_going_on: a break is going on: resume play first
        {"type":"decide_review","outcome":"overturned"} | InPlay 0:0 [1:0] h1→a1
        {"type":"amend","seq":3,"outcome":{"type":"point","to":"away"}} | InPlay 0:0 [0:1] h1→a1
        {"type":"request_review","side":"away"} | InPlay 0:0 [0:1] h1→a1 Review { side: Away }
        {"type":"decide_review","outcome":"upheld"} | InPlay 0:0 [0:1] h1→a1
        {"type":"request_review","side":"away"} | ✗ T.6 no_challenge_left: away has no challenge left
    "#]]
    .assert_eq(&shown);
}

#[test]
fn a_challenge_can_be_about_the_last_point() {
    let mut format = topspin_laws::Format::ittf(topspin_laws::Discipline::Singles, 1);
    format.challenges = 2;
    let shown = Match::new(format).score(
        r#"choose h
         start
         h*11
         {"type":"request_review","side":"away"}
         {"type":"confirm_result"}
         {"type":"decide_review","outcome":"overturned"}
         undo
         undo
         undo
         a"#,
    );
    expect![[r#"
        choose h                 | Scheduled 0:0 [] ·StartGame
        start                    | InPlay 0:0 [0:0] h1→a1
        h*11                     | Finished 1:0 [11:0] winner Home (Unofficial)
        {"type":"request_review","side":"away"} | Finished 1:0 [11:0] Review { side: Away } winner Home (Unofficial)
        {"type":"confirm_result"} | ✗ 3.4.4.1 break_going_on: a break is going on: resume play first
        {"type":"decide_review","outcome":"overturned"} | Finished 1:0 [11:0] winner Home (Unofficial)
        undo                     | Finished 1:0 [11:0] Review { side: Away } winner Home (Unofficial)
        undo                     | Finished 1:0 [11:0] winner Home (Unofficial)
        undo                     | InPlay 0:0 [10:0] a1→h1 ·MatchPointHome
        a                        | InPlay 0:0 [10:1] a1→h1 ·MatchPointHome
    "#]].assert_eq(&shown);
}

#[test]
fn a_score_set_without_an_order_goes_on_in_the_middle_of_a_turn() {
    let shown = Match::singles(5).score(
        r#"{"type":"set_score","games":[{"home":3,"away":2}],"server":{"side":"home"}}
         h
         h
         a
         h*6
         start"#,
    );
    expect![[r#"
        {"type":"set_score","games":[{"home":3,"away":2}],"server":{"side":"home"}} | InPlay 0:0 [3:2] h1→a1
        h                        | InPlay 0:0 [4:2] a1→h1 ·Towel
        h                        | InPlay 0:0 [5:2] a1→h1
        a                        | InPlay 0:0 [5:3] h1→a1
        h*6                      | Interval 1:0 [11:3] ·StartGame
        start                    | InPlay 1:0 [11:3 0:0] a1→h1
    "#]]
    .assert_eq(&shown);
}

#[test]
fn law_2_15_3_the_previous_receiver_is_known_after_a_score_was_set() {
    let shown = Match::singles(5).score(
        r#"choose a
         start
         {"type":"set_score","games":[{"home":3,"away":2}]}
         {"type":"introduce_expedite","reason":"agreement"}"#,
    );
    expect![[r#"
        choose a                 | Scheduled 0:0 [] ·StartGame
        start                    | InPlay 0:0 [0:0] a1→h1
        {"type":"set_score","games":[{"home":3,"away":2}]} | InPlay 0:0 [3:2] a1→h1
        {"type":"introduce_expedite","reason":"agreement"} | InPlay 0:0 [3:2] h1→a1 expedite
    "#]]
    .assert_eq(&shown);
}

#[test]
fn no_score_is_set_beyond_what_play_could_reach() {
    let mut format = topspin_laws::Format::ittf(topspin_laws::Discipline::Singles, 5);
    let shown = Match::new(format.clone()).score(
        r#"{"type":"set_score","games":[{"home":65535,"away":65535}]}
         {"type":"set_score","games":[{"home":1000,"away":1000}]}
         {"type":"set_score","games":[{"home":999,"away":999}]}
         h"#,
    );
    expect![[r#"
        {"type":"set_score","games":[{"home":65535,"away":65535}]} | ✗ T.4 unreachable_score: game 1 cannot have this score
        {"type":"set_score","games":[{"home":1000,"away":1000}]} | ✗ T.4 unreachable_score: game 1 cannot have this score
        {"type":"set_score","games":[{"home":999,"away":999}]} | InPlay 0:0 [999:999] ·Deuce ·Towel
        h                        | InPlay 0:0 [1000:999] ·GamePointHome
    "#]].assert_eq(&shown);
    format.win_by = 1;
    let shown = Match::new(format).score(
        r#"{"type":"set_score","games":[{"home":12,"away":11}]}
         {"type":"set_score","games":[{"home":11,"away":10}]}"#,
    );
    expect![[r#"
        {"type":"set_score","games":[{"home":12,"away":11}]} | ✗ T.4 unreachable_score: game 1 cannot have this score
        {"type":"set_score","games":[{"home":11,"away":10}]} | Interval 1:0 [11:10] ·StartGame
    "#]].assert_eq(&shown);
}

#[test]
fn law_2_5_1_the_ball_is_not_in_play_once_a_penalty_point_ended_the_game() {
    let shown = Match::singles(1).score(
        r#"choose h
         start
         {"type":"show_card","side":"home","card":"yellow"}
         a*10
         {"type":"start_rally"}
         {"type":"show_card","side":"home","card":"yellow_red"}"#,
    );
    expect![[r#"
        choose h                 | Scheduled 0:0 [] ·StartGame
        start                    | InPlay 0:0 [0:0] h1→a1
        {"type":"show_card","side":"home","card":"yellow"} | InPlay 0:0 [0:0] h1→a1
        a*10                     | InPlay 0:0 [0:10] a1→h1 ·MatchPointAway
        {"type":"start_rally"}   | InPlay 0:0 [0:10] a1→h1 rally ·MatchPointAway
        {"type":"show_card","side":"home","card":"yellow_red"} | Finished 0:1 [0:11] winner Away (Unofficial)
    "#]]
    .assert_eq(&shown);
}

#[test]
fn law_2_15_3_the_previous_receiver_is_that_of_the_corrected_record() {
    let shown = Match::singles(5).score(
        r#"choose h
         start
         h a h
         {"type":"correct_service","server":{"side":"home"}}
         {"type":"introduce_expedite","reason":"agreement"}"#,
    );
    expect![[r#"
        choose h                 | Scheduled 0:0 [] ·StartGame
        start                    | InPlay 0:0 [0:0] h1→a1
        h a h                    | InPlay 0:0 [2:1] a1→h1
        {"type":"correct_service","server":{"side":"home"}} | InPlay 0:0 [2:1] h1→a1
        {"type":"introduce_expedite","reason":"agreement"} | InPlay 0:0 [2:1] a1→h1 expedite
    "#]]
    .assert_eq(&shown);
}

#[test]
fn a_protest_does_not_unlock_an_official_result() {
    let shown = Match::singles(1).score(
        r#"choose h
         start
         h*11
         {"type":"confirm_result"}
         {"type":"protest_result","side":"home"}
         {"type":"set_score","games":[{"home":0,"away":11}]}
         undo
         {"type":"amend","seq":3,"outcome":{"type":"point","to":"away"}}
         {"type":"protest_result","side":"away"}
         undo
         {"type":"confirm_result"}
         undo
         {"type":"protest_result","side":"home"}
         {"type":"reopen_result","reason":"upheld"}
         {"type":"set_score","games":[{"home":0,"away":11}]}"#,
    );
    expect![[r#"
        choose h                 | Scheduled 0:0 [] ·StartGame
        start                    | InPlay 0:0 [0:0] h1→a1
        h*11                     | Finished 1:0 [11:0] winner Home (Unofficial)
        {"type":"confirm_result"} | Finished 1:0 [11:0] winner Home (Official)
        {"type":"protest_result","side":"home"} | Finished 1:0 [11:0] winner Home (Protested)
        {"type":"set_score","games":[{"home":0,"away":11}]} | ✗ T.5 result_official: the result is official: the referee must reopen it first
        undo                     | ✗ T.5 result_official: the result is official: the referee must reopen it first
        {"type":"amend","seq":3,"outcome":{"type":"point","to":"away"}} | ✗ T.5 result_official: the result is official: the referee must reopen it first
        {"type":"protest_result","side":"away"} | Finished 1:0 [11:0] winner Home (Protested)
        undo                     | ✗ T.5 result_official: the result is official: the referee must reopen it first
        {"type":"confirm_result"} | Finished 1:0 [11:0] winner Home (Official)
        undo                     | ✗ T.5 result_official: the result is official: the referee must reopen it first
        {"type":"protest_result","side":"home"} | Finished 1:0 [11:0] winner Home (Protested)
        {"type":"reopen_result","reason":"upheld"} | Finished 1:0 [11:0] winner Home (Provisional)
        {"type":"set_score","games":[{"home":0,"away":11}]} | Finished 0:1 [0:11] winner Away (Unofficial)
    "#]].assert_eq(&shown);
    let shown = Match::singles(1).score(
        r#"choose h
         start
         h*11
         {"type":"protest_result","side":"home"}
         {"type":"set_score","games":[{"home":0,"away":11}]}
         {"type":"confirm_result"}
         {"type":"confirm_result"}"#,
    );
    expect![[r#"
        choose h                 | Scheduled 0:0 [] ·StartGame
        start                    | InPlay 0:0 [0:0] h1→a1
        h*11                     | Finished 1:0 [11:0] winner Home (Unofficial)
        {"type":"protest_result","side":"home"} | Finished 1:0 [11:0] winner Home (Protested)
        {"type":"set_score","games":[{"home":0,"away":11}]} | Finished 0:1 [0:11] winner Away (Unofficial)
        {"type":"confirm_result"} | Finished 0:1 [0:11] winner Away (Official)
        {"type":"confirm_result"} | ✗ T.5 result_official: the result is official: the referee must reopen it first
    "#]].assert_eq(&shown);
}
