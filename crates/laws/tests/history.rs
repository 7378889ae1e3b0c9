//! What laws version 1 recorded reads as it did: a fix of the laws never rewrites history.

mod support;

use expect_test::expect;
use support::Match;
use topspin_laws::{Both, Event, Seq, Setup, State, replay};

fn as_version_1(mut scored: Match, script: &str) -> String {
    scored.laws_version = 1;
    scored.score(script)
}

#[test]
fn version_1_set_the_score_by_the_first_game() {
    let shown = as_version_1(
        Match::singles(5),
        r#"choose h left
         start
         h*11
         start
         {"type":"correct_ends","home_end":"left"}
         {"type":"correct_service","server":{"side":"home"}}
         h h
         {"type":"set_score","games":[{"home":11,"away":0},{"home":3,"away":0}]}
         {"type":"set_score","games":[{"home":11,"away":0},{"home":11,"away":0},{"home":0,"away":0}]}"#,
    );
    expect![[r#"
        choose h left            | Scheduled 0:0 [] home Left ·StartGame
        start                    | InPlay 0:0 [0:0] h1→a1 home Left
        h*11                     | Interval 1:0 [11:0] home Left ·StartGame
        start                    | InPlay 1:0 [11:0 0:0] a1→h1 home Right
        {"type":"correct_ends","home_end":"left"} | InPlay 1:0 [11:0 0:0] a1→h1 home Left
        {"type":"correct_service","server":{"side":"home"}} | InPlay 1:0 [11:0 0:0] h1→a1 home Left
        h h                      | InPlay 1:0 [11:0 2:0] a1→h1 home Left
        {"type":"set_score","games":[{"home":11,"away":0},{"home":3,"away":0}]} | InPlay 1:0 [11:0 3:0] a1→h1 home Right
        {"type":"set_score","games":[{"home":11,"away":0},{"home":11,"away":0},{"home":0,"away":0}]} | InPlay 2:0 [11:0 11:0 0:0] h1→a1 home Left
    "#]].assert_eq(&shown);
}

#[test]
fn version_1_lost_penalty_points_and_the_introduction_of_expedite_with_a_score_set() {
    let shown = as_version_1(
        Match::singles(3),
        r#"choose h
         start
         {"type":"show_card","side":"away","card":"yellow"}
         h h
         {"type":"introduce_expedite","reason":"agreement"}
         {"type":"set_score","games":[{"home":1,"away":1}]}
         h*10
         {"type":"show_card","side":"away","card":"yellow_red"}
         {"type":"set_score","games":[{"home":11,"away":1}]}
         start
         undo
         undo
         start"#,
    );
    expect![[r#"
        choose h                 | Scheduled 0:0 [] ·StartGame
        start                    | InPlay 0:0 [0:0] h1→a1
        {"type":"show_card","side":"away","card":"yellow"} | InPlay 0:0 [0:0] h1→a1
        h h                      | InPlay 0:0 [2:0] a1→h1
        {"type":"introduce_expedite","reason":"agreement"} | InPlay 0:0 [2:0] a1→h1 expedite
        {"type":"set_score","games":[{"home":1,"away":1}]} | InPlay 0:0 [1:1] h1→a1 expedite
        h*10                     | Interval 1:0 [11:1] expedite ·StartGame
        {"type":"show_card","side":"away","card":"yellow_red"} | Interval 1:0 [11:1] pending 1:0 expedite ·StartGame
        {"type":"set_score","games":[{"home":11,"away":1}]} | Interval 1:0 [11:1] expedite ·StartGame
        start                    | InPlay 1:0 [11:1 0:0] a1→h1 expedite
        undo                     | Interval 1:0 [11:1] expedite ·StartGame
        undo                     | Interval 1:0 [11:1] pending 1:0 expedite ·StartGame
        start                    | InPlay 1:0 [11:1 1:0] h1→a1 expedite
    "#]].assert_eq(&shown);
}

#[test]
fn version_1_changed_the_order_with_expedite_and_left_the_ball_in_play() {
    let shown = as_version_1(
        Match::doubles(1),
        r#"start h1 a1
         {"type":"show_card","side":"home","card":"yellow"}
         h h h h a
         h
         {"type":"introduce_expedite","reason":"agreement"}
         a*9
         {"type":"start_rally"}
         {"type":"show_card","side":"home","card":"yellow_red"}"#,
    );
    expect![[r#"
        start h1 a1              | InPlay 0:0 [0:0] h1→a1
        {"type":"show_card","side":"home","card":"yellow"} | InPlay 0:0 [0:0] h1→a1
        h h h h a                | InPlay 0:0 [4:1] h2→a2
        h                        | InPlay 0:0 [5:1] a2→h2 ·EndsChanged ·Towel
        {"type":"introduce_expedite","reason":"agreement"} | InPlay 0:0 [5:1] a2→h1 expedite ·EndsChanged ·Towel
        a*9                      | InPlay 0:0 [5:10] h1→a1 expedite ·MatchPointAway
        {"type":"start_rally"}   | InPlay 0:0 [5:10] h1→a1 rally expedite ·MatchPointAway
        {"type":"show_card","side":"home","card":"yellow_red"} | Finished 0:1 [5:11] rally expedite winner Away (Unofficial)
    "#]].assert_eq(&shown);
    let shown = as_version_1(
        Match::singles(5),
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
        {"type":"introduce_expedite","reason":"agreement"} | InPlay 0:0 [2:1] h1→a1 expedite
    "#]]
    .assert_eq(&shown);
}

/// A match may go on under the next version: each event keeps the laws it was decided under, also when an undo folds
/// the match again.
#[test]
fn a_match_begun_under_version_1_goes_on_under_the_next() {
    let mut scored = Match::singles(3);
    scored.laws_version = 1;
    let card = r#"{"type":"show_card","side":"away","card":"yellow"}"#;
    let second = r#"{"type":"show_card","side":"away","card":"yellow_red"}"#;
    let set = r#"{"type":"set_score","games":[{"home":11,"away":1}]}"#;
    scored.score(&format!("choose h\nstart\n{card}\nh*11\n{second}\n{set}"));
    let recorded_by_first = scored.events.len();
    scored.laws_version = topspin_laws::LAWS_VERSION;
    let shown = scored.score("start\nh\nundo\nundo\nundo\nstart");
    expect![[r#"
        start                    | InPlay 1:0 [11:1 0:0] a1→h1
        h                        | InPlay 1:0 [11:1 1:0] a1→h1
        undo                     | InPlay 1:0 [11:1 0:0] a1→h1
        undo                     | Interval 1:0 [11:1] ·StartGame
        undo                     | Interval 1:0 [11:0] pending 1:0 ·StartGame
        start                    | InPlay 1:0 [11:0 1:0] a1→h1
    "#]]
    .assert_eq(&shown);
    let format = scored.state.format().clone();
    let setup = Setup { format, carried_cards: Both::default() };
    let again =
        scored.events.iter().enumerate().fold(State::new(setup), |state, (index, event): (_, &Event)| {
            let laws_version = if index < recorded_by_first { 1 } else { topspin_laws::LAWS_VERSION };
            replay(state, Seq(index as u64 + 1), event, laws_version)
        });
    assert_eq!(again, scored.state);
}
