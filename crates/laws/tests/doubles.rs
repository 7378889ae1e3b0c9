//! Fixtures of doubles.

mod support;

use expect_test::expect;
use support::Match;

#[test]
fn law_2_13_5_the_order_of_four() {
    let shown = Match::doubles(3).score(
        "start
         start h2
         start h2 a1
         h a
         h a
         h a
         h a
         h a",
    );
    expect![[r#"
        start                    | ✗ 2.13.4 seat_missing: in doubles the serving pair names its first server, and in the first game the receivers theirs
        start h2                 | ✗ 2.13.4 seat_missing: in doubles the serving pair names its first server, and in the first game the receivers theirs
        start h2 a1              | InPlay 0:0 [0:0] h2→a1
        h a                      | InPlay 0:0 [1:1] a1→h1
        h a                      | InPlay 0:0 [2:2] h1→a2
        h a                      | InPlay 0:0 [3:3] a2→h2 ·Towel
        h a                      | InPlay 0:0 [4:4] h2→a1
        h a                      | InPlay 0:0 [5:5] a1→h1
    "#]].assert_eq(&shown);
}

#[test]
fn law_2_13_4_the_first_receiver_is_who_served_to_the_server_before() {
    let shown = Match::doubles(5).score(
        "choose h
         start h1 a2
         h*11
         start h1 a1
         start a1 h1
         start a1
         undo
         start a2",
    );
    expect![[r#"
        choose h                 | Scheduled 0:0 [] ·StartGame
        start h1 a2              | InPlay 0:0 [0:0] h1→a2
        h*11                     | Interval 1:0 [11:0] ·StartGame
        start h1 a1              | ✗ 2.13.6 not_due_to_serve: away serves first in this game
        start a1 h1              | ✗ 2.13.4 not_due_to_receive: the first receiver is the player who served to the server in the game before
        start a1                 | InPlay 1:0 [11:0 0:0] a1→h2
        undo                     | Interval 1:0 [11:0] ·StartGame
        start a2                 | InPlay 1:0 [11:0 0:0] a2→h1
    "#]].assert_eq(&shown);
}

#[test]
fn law_2_13_6_receivers_change_in_the_deciding_game() {
    let shown = Match::doubles(3).score(
        "choose h left
         start h1 a1
         h*11
         start a1
         a*11
         start h1
         h*4
         h
         a
         a
         a a
         h*6",
    );
    expect![[r#"
        choose h left            | Scheduled 0:0 [] home Left ·StartGame
        start h1 a1              | InPlay 0:0 [0:0] h1→a1 home Left
        h*11                     | Interval 1:0 [11:0] home Left ·StartGame
        start a1                 | InPlay 1:0 [11:0 0:0] a1→h1 home Right
        a*11                     | Interval 1:1 [11:0 0:11] home Right ·StartGame
        start h1                 | InPlay 1:1 [11:0 0:11 0:0] h1→a1 home Left
        h*4                      | InPlay 1:1 [11:0 0:11 4:0] h2→a2 home Left
        h                        | InPlay 1:1 [11:0 0:11 5:0] h2→a1 home Right ·EndsChanged ·Towel
        a                        | InPlay 1:1 [11:0 0:11 5:1] a1→h1 home Right ·Towel
        a                        | InPlay 1:1 [11:0 0:11 5:2] a1→h1 home Right
        a a                      | InPlay 1:1 [11:0 0:11 5:4] h1→a2 home Right
        h*6                      | Finished 2:1 [11:0 0:11 11:4] home Right winner Home (Unofficial)
    "#]]
    .assert_eq(&shown);
}

#[test]
fn law_2_14_1_a_wrong_pair_order_is_corrected() {
    let shown = Match::doubles(3).score(
        r#"start h1 a1
         h a h
         {"type":"correct_service","server":{"side":"away","place":"second"}}
         {"type":"correct_service","server":{"side":"away","place":"second"},"receiver":{"side":"home"}}
         h
         h*7
         h*2
         start a1
         undo
         start a2"#,
    );
    expect![[r#"
        start h1 a1              | InPlay 0:0 [0:0] h1→a1
        h a h                    | InPlay 0:0 [2:1] a1→h2
        {"type":"correct_service","server":{"side":"away","place":"second"}} | ✗ 2.13.4 seat_missing: in doubles the serving pair names its first server, and in the first game the receivers theirs
        {"type":"correct_service","server":{"side":"away","place":"second"},"receiver":{"side":"home"}} | InPlay 0:0 [2:1] a2→h1
        h                        | InPlay 0:0 [3:1] h1→a1
        h*7                      | InPlay 0:0 [10:1] a2→h1 ·GamePointHome
        h*2                      | ✗ 2.11.1 game_not_started: the game has not been started
        start a1                 | InPlay 1:0 [11:1 0:0] a1→h1
        undo                     | Interval 1:0 [11:1] ·StartGame
        start a2                 | InPlay 1:0 [11:1 0:0] a2→h2
    "#]].assert_eq(&shown);
}

#[test]
fn regulation_3_5_2_6_a_card_to_either_player_counts_for_the_pair() {
    let shown = Match::doubles(3).score(
        r#"start h1 a1
         {"type":"show_card","side":"home","card":"yellow"}
         {"type":"show_card","side":"home","to":"second_player","card":"yellow"}
         {"type":"show_card","side":"home","to":"second_player","card":"yellow_red"}"#,
    );
    expect![[r#"
        start h1 a1              | InPlay 0:0 [0:0] h1→a1
        {"type":"show_card","side":"home","card":"yellow"} | InPlay 0:0 [0:0] h1→a1
        {"type":"show_card","side":"home","to":"second_player","card":"yellow"} | ✗ 3.5.2 wrong_card: the next card is yellow and red: the player was warned
        {"type":"show_card","side":"home","to":"second_player","card":"yellow_red"} | InPlay 0:0 [0:1] h1→a1
    "#]].assert_eq(&shown);
}

#[test]
fn law_2_15_5_expedite_keeps_the_order_of_receiving_after_the_change_of_receivers() {
    let shown = Match::doubles(1).score(
        r#"start h1 a1
         h h h h a
         h
         {"type":"introduce_expedite","reason":"agreement"}
         a
         a
         a
         a"#,
    );
    expect![[r#"
        start h1 a1              | InPlay 0:0 [0:0] h1→a1
        h h h h a                | InPlay 0:0 [4:1] h2→a2
        h                        | InPlay 0:0 [5:1] a2→h2 ·EndsChanged ·Towel
        {"type":"introduce_expedite","reason":"agreement"} | InPlay 0:0 [5:1] a2→h2 expedite ·EndsChanged ·Towel
        a                        | InPlay 0:0 [5:2] h2→a1 expedite
        a                        | InPlay 0:0 [5:3] a1→h1 expedite
        a                        | InPlay 0:0 [5:4] h1→a2 expedite
        a                        | InPlay 0:0 [5:5] a2→h2 expedite
    "#]].assert_eq(&shown);
    let shown = Match::doubles(1).score(
        r#"start h1 a1
         h h h h
         h        # first service of the turn of h2
         {"type":"introduce_expedite","reason":"agreement"}
         a
         a
         a
         a"#,
    );
    expect![[r#"
        start h1 a1              | InPlay 0:0 [0:0] h1→a1
        h h h h                  | InPlay 0:0 [4:0] h2→a2
        h        # first service of the turn of h2 | InPlay 0:0 [5:0] h2→a1 ·EndsChanged ·Towel
        {"type":"introduce_expedite","reason":"agreement"} | InPlay 0:0 [5:0] a2→h2 expedite ·EndsChanged ·Towel
        a                        | InPlay 0:0 [5:1] h2→a1 expedite ·Towel
        a                        | InPlay 0:0 [5:2] a1→h1 expedite
        a                        | InPlay 0:0 [5:3] h1→a2 expedite
        a                        | InPlay 0:0 [5:4] a2→h2 expedite
    "#]].assert_eq(&shown);
}
