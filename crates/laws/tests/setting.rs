//! Fixtures of setting the score (rule of record T.4): what a score set keeps of the match before it.

mod support;

use expect_test::expect;
use support::Match;

#[test]
fn a_score_set_keeps_the_ends_that_were_corrected_in_a_later_game() {
    let shown = Match::singles(5).score(
        r#"choose h left
         start
         h*11
         start
         {"type":"correct_ends","home_end":"left"}
         h h
         {"type":"set_score","games":[{"home":11,"away":0},{"home":3,"away":0}]}
         {"type":"set_score","games":[{"home":11,"away":0},{"home":11,"away":0},{"home":0,"away":0}]}
         {"type":"set_score","games":[{"home":11,"away":0}]}
         start"#,
    );
    expect![[r#"
        choose h left            | Scheduled 0:0 [] home Left ·StartGame
        start                    | InPlay 0:0 [0:0] h1→a1 home Left
        h*11                     | Interval 1:0 [11:0] home Left ·StartGame
        start                    | InPlay 1:0 [11:0 0:0] a1→h1 home Right
        {"type":"correct_ends","home_end":"left"} | InPlay 1:0 [11:0 0:0] a1→h1 home Left
        h h                      | InPlay 1:0 [11:0 2:0] h1→a1 home Left
        {"type":"set_score","games":[{"home":11,"away":0},{"home":3,"away":0}]} | InPlay 1:0 [11:0 3:0] h1→a1 home Left
        {"type":"set_score","games":[{"home":11,"away":0},{"home":11,"away":0},{"home":0,"away":0}]} | InPlay 2:0 [11:0 11:0 0:0] h1→a1 home Right
        {"type":"set_score","games":[{"home":11,"away":0}]} | Interval 1:0 [11:0] home Left ·StartGame
        start                    | InPlay 1:0 [11:0 0:0] a1→h1 home Right
    "#]].assert_eq(&shown);
}

#[test]
fn a_score_set_ends_where_play_would_have_ended() {
    let shown = Match::singles(1).score(
        r#"choose h left
         start
         h*3
         {"type":"set_score","games":[{"home":11,"away":0}]}
         undo
         h*8"#,
    );
    expect![[r#"
        choose h left            | Scheduled 0:0 [] home Left ·StartGame
        start                    | InPlay 0:0 [0:0] h1→a1 home Left
        h*3                      | InPlay 0:0 [3:0] a1→h1 home Left
        {"type":"set_score","games":[{"home":11,"away":0}]} | Finished 1:0 [11:0] home Right winner Home (Unofficial)
        undo                     | InPlay 0:0 [3:0] a1→h1 home Left
        h*8                      | Finished 1:0 [11:0] home Right winner Home (Unofficial)
    "#]].assert_eq(&shown);
}

#[test]
fn law_2_15_3_a_score_set_at_love_all_keeps_who_serves_under_expedite_after_a_let() {
    let commands = |server: &str| {
        format!(
            r#"{server}
               let
               {{"type":"introduce_expedite","reason":"agreement"}}
               {{"type":"set_score","games":[{{"home":0,"away":0}}]}}
               {{"type":"set_score","games":[{{"home":2,"away":1}}]}}"#
        )
    };
    expect![[r#"
        choose h                 | Scheduled 0:0 [] ·StartGame
        start                    | InPlay 0:0 [0:0] h1→a1
        let                      | InPlay 0:0 [0:0] h1→a1
        {"type":"introduce_expedite","reason":"agreement"} | InPlay 0:0 [0:0] a1→h1 expedite
        {"type":"set_score","games":[{"home":0,"away":0}]} | InPlay 0:0 [0:0] a1→h1 expedite
        {"type":"set_score","games":[{"home":2,"away":1}]} | InPlay 0:0 [2:1] h1→a1 expedite
    "#]]
    .assert_eq(&Match::singles(5).score(&commands("choose h\nstart")));
    expect![[r#"
        start h1 a1              | InPlay 0:0 [0:0] h1→a1
        let                      | InPlay 0:0 [0:0] h1→a1
        {"type":"introduce_expedite","reason":"agreement"} | InPlay 0:0 [0:0] a1→h2 expedite
        {"type":"set_score","games":[{"home":0,"away":0}]} | InPlay 0:0 [0:0] a1→h2 expedite
        {"type":"set_score","games":[{"home":2,"away":1}]} | InPlay 0:0 [2:1] h1→a1 expedite
    "#]]
    .assert_eq(&Match::doubles(5).score(&commands("start h1 a1")));
}

#[test]
fn who_serves_in_a_game_that_began_under_expedite_is_kept_once_it_is_said() {
    let shown = Match::doubles(5).score(
        r#"start h1 a1
           {"type":"introduce_expedite","reason":"agreement"}
           {"type":"set_score","games":[{"home":11,"away":0},{"home":2,"away":1}],"server":{"side":"away"},"receiver":{"side":"home"}}
           {"type":"set_score","games":[{"home":11,"away":0},{"home":2,"away":1}]}
           {"type":"set_score","games":[{"home":11,"away":0},{"home":0,"away":0}]}"#,
    );
    expect![[r#"
        start h1 a1              | InPlay 0:0 [0:0] h1→a1
        {"type":"introduce_expedite","reason":"agreement"} | InPlay 0:0 [0:0] h1→a1 expedite
        {"type":"set_score","games":[{"home":11,"away":0},{"home":2,"away":1}],"server":{"side":"away"},"receiver":{"side":"home"}} | InPlay 1:0 [11:0 2:1] a1→h1 expedite
        {"type":"set_score","games":[{"home":11,"away":0},{"home":2,"away":1}]} | InPlay 1:0 [11:0 2:1] a1→h1 expedite
        {"type":"set_score","games":[{"home":11,"away":0},{"home":0,"away":0}]} | InPlay 1:0 [11:0 0:0] h1→a2 expedite
    "#]].assert_eq(&shown);
}

#[test]
fn law_2_15_3_a_score_set_under_expedite_goes_on_from_its_introduction() {
    let shown = Match::singles(5).score(
        r#"choose h
         start
         h h
         {"type":"introduce_expedite","reason":"agreement"}
         {"type":"set_score","games":[{"home":1,"away":1}]}
         {"type":"set_score","games":[{"home":2,"away":1}]}
         {"type":"set_score","games":[{"home":5,"away":1}]}
         {"type":"set_score","games":[{"home":1,"away":0}]}
         {"type":"set_score","games":[{"home":1,"away":0}],"server":{"side":"home"}}
         h
         {"type":"set_score","games":[{"home":2,"away":1}]}
         {"type":"set_score","games":[{"home":0,"away":0}]}
         h
         {"type":"set_score","games":[{"home":11,"away":1},{"home":2,"away":1}]}"#,
    );
    expect![[r#"
        choose h                 | Scheduled 0:0 [] ·StartGame
        start                    | InPlay 0:0 [0:0] h1→a1
        h h                      | InPlay 0:0 [2:0] a1→h1
        {"type":"introduce_expedite","reason":"agreement"} | InPlay 0:0 [2:0] a1→h1 expedite
        {"type":"set_score","games":[{"home":1,"away":1}]} | InPlay 0:0 [1:1] a1→h1 expedite
        {"type":"set_score","games":[{"home":2,"away":1}]} | InPlay 0:0 [2:1] h1→a1 expedite
        {"type":"set_score","games":[{"home":5,"away":1}]} | InPlay 0:0 [5:1] a1→h1 expedite ·Towel
        {"type":"set_score","games":[{"home":1,"away":0}]} | InPlay 0:0 [1:0] expedite
        {"type":"set_score","games":[{"home":1,"away":0}],"server":{"side":"home"}} | InPlay 0:0 [1:0] h1→a1 expedite
        h                        | InPlay 0:0 [2:0] a1→h1 expedite
        {"type":"set_score","games":[{"home":2,"away":1}]} | InPlay 0:0 [2:1] h1→a1 expedite
        {"type":"set_score","games":[{"home":0,"away":0}]} | InPlay 0:0 [0:0] h1→a1 expedite
        h                        | InPlay 0:0 [1:0] a1→h1 expedite
        {"type":"set_score","games":[{"home":11,"away":1},{"home":2,"away":1}]} | InPlay 1:0 [11:1 2:1] h1→a1 expedite
    "#]].assert_eq(&shown);
    let shown = Match::doubles(1).score(
        r#"start h1 a1
         h h h h a
         h
         {"type":"introduce_expedite","reason":"agreement"}
         {"type":"set_score","games":[{"home":5,"away":1}]}
         {"type":"set_score","games":[{"home":5,"away":2}]}
         {"type":"set_score","games":[{"home":4,"away":2}]}
         {"type":"set_score","games":[{"home":4,"away":2}],"server":{"side":"home"},"receiver":{"side":"away"}}
         h"#,
    );
    expect![[r#"
        start h1 a1              | InPlay 0:0 [0:0] h1→a1
        h h h h a                | InPlay 0:0 [4:1] h2→a2
        h                        | InPlay 0:0 [5:1] a2→h2 ·EndsChanged ·Towel
        {"type":"introduce_expedite","reason":"agreement"} | InPlay 0:0 [5:1] a2→h2 expedite ·EndsChanged ·Towel
        {"type":"set_score","games":[{"home":5,"away":1}]} | InPlay 0:0 [5:1] a2→h2 expedite ·EndsChanged ·Towel
        {"type":"set_score","games":[{"home":5,"away":2}]} | InPlay 0:0 [5:2] expedite ·EndsChanged ·Towel
        {"type":"set_score","games":[{"home":4,"away":2}]} | InPlay 0:0 [4:2] expedite ·Towel
        {"type":"set_score","games":[{"home":4,"away":2}],"server":{"side":"home"},"receiver":{"side":"away"}} | InPlay 0:0 [4:2] h1→a1 expedite ·Towel
        h                        | InPlay 0:0 [5:2] a1→h1 expedite ·EndsChanged ·Towel
    "#]].assert_eq(&shown);
}

#[test]
fn expedite_agreed_in_an_interval_that_was_none_leaves_the_server_to_the_umpire() {
    let shown = Match::singles(5).score(
        r#"choose h
         start
         h*11
         {"type":"introduce_expedite","reason":"agreement"}
         {"type":"set_score","games":[{"home":10,"away":0}]}
         {"type":"correct_service","server":{"side":"home"}}
         h
         start
         {"type":"set_score","games":[{"home":11,"away":0},{"home":1,"away":0}]}"#,
    );
    expect![[r#"
        choose h                 | Scheduled 0:0 [] ·StartGame
        start                    | InPlay 0:0 [0:0] h1→a1
        h*11                     | Interval 1:0 [11:0] ·StartGame
        {"type":"introduce_expedite","reason":"agreement"} | Interval 1:0 [11:0] expedite ·StartGame
        {"type":"set_score","games":[{"home":10,"away":0}]} | InPlay 0:0 [10:0] expedite ·GamePointHome
        {"type":"correct_service","server":{"side":"home"}} | InPlay 0:0 [10:0] h1→a1 expedite ·GamePointHome
        h                        | Interval 1:0 [11:0] expedite ·StartGame
        start                    | InPlay 1:0 [11:0 0:0] a1→h1 expedite
        {"type":"set_score","games":[{"home":11,"away":0},{"home":1,"away":0}]} | InPlay 1:0 [11:0 1:0] h1→a1 expedite
    "#]].assert_eq(&shown);
}

#[test]
fn penalty_points_wait_for_the_next_game_when_the_score_is_set_in_the_interval() {
    let shown = Match::singles(3).score(
        r#"choose h
         start
         {"type":"show_card","side":"away","card":"yellow"}
         h*11
         {"type":"show_card","side":"away","card":"yellow_red"}
         {"type":"set_score","games":[{"home":11,"away":1}]}
         start
         undo
         {"type":"set_score","games":[{"home":11,"away":1},{"home":1,"away":0}]}
         undo
         {"type":"set_score","games":[{"home":11,"away":1},{"home":11,"away":1}]}"#,
    );
    expect![[r#"
        choose h                 | Scheduled 0:0 [] ·StartGame
        start                    | InPlay 0:0 [0:0] h1→a1
        {"type":"show_card","side":"away","card":"yellow"} | InPlay 0:0 [0:0] h1→a1
        h*11                     | Interval 1:0 [11:0] ·StartGame
        {"type":"show_card","side":"away","card":"yellow_red"} | Interval 1:0 [11:0] pending 1:0 ·StartGame
        {"type":"set_score","games":[{"home":11,"away":1}]} | Interval 1:0 [11:1] pending 1:0 ·StartGame
        start                    | InPlay 1:0 [11:1 1:0] a1→h1
        undo                     | Interval 1:0 [11:1] pending 1:0 ·StartGame
        {"type":"set_score","games":[{"home":11,"away":1},{"home":1,"away":0}]} | InPlay 1:0 [11:1 1:0] a1→h1
        undo                     | Interval 1:0 [11:1] pending 1:0 ·StartGame
        {"type":"set_score","games":[{"home":11,"away":1},{"home":11,"away":1}]} | Finished 2:0 [11:1 11:1] winner Home (Unofficial)
    "#]].assert_eq(&shown);
}

#[test]
fn law_2_13_6_a_game_set_and_a_game_started_begin_alike_after_a_correction() {
    let shown = Match::singles(5).score(
        r#"choose h left
         start
         h*11
         start
         {"type":"correct_service","server":{"side":"home"}}
         {"type":"set_score","games":[{"home":11,"away":0},{"home":11,"away":0},{"home":0,"away":0}]}
         undo
         h*11
         start"#,
    );
    expect![[r#"
        choose h left            | Scheduled 0:0 [] home Left ·StartGame
        start                    | InPlay 0:0 [0:0] h1→a1 home Left
        h*11                     | Interval 1:0 [11:0] home Left ·StartGame
        start                    | InPlay 1:0 [11:0 0:0] a1→h1 home Right
        {"type":"correct_service","server":{"side":"home"}} | InPlay 1:0 [11:0 0:0] h1→a1 home Right
        {"type":"set_score","games":[{"home":11,"away":0},{"home":11,"away":0},{"home":0,"away":0}]} | InPlay 2:0 [11:0 11:0 0:0] a1→h1 home Left
        undo                     | InPlay 1:0 [11:0 0:0] h1→a1 home Right
        h*11                     | Interval 2:0 [11:0 11:0] home Right ·StartGame
        start                    | InPlay 2:0 [11:0 11:0 0:0] a1→h1 home Left
    "#]].assert_eq(&shown);
}
