//! The score sheet: what stands, with where the match stood around it.

mod support;

use std::fmt::Write as _;

use expect_test::expect;
use support::Match;
use topspin_laws::{Both, Event, Outcome, Seat, Side, State};

/// `seq game score→score server outcome` for each line that changed the score, and the names of others.
fn shown(state: &State) -> String {
    let mut out = String::new();
    for line in state.sheet() {
        let (before, after) = (line.before, line.after);
        let what = match (&line.event, line.event.outcome()) {
            (_, Some(Outcome::Point { to, .. })) => format!("point {to}"),
            (_, Some(Outcome::Let { .. })) => "let".to_owned(),
            (Event::CardShown { penalty_points, .. }, None) => format!("card +{penalty_points}"),
            (event, None) => format!("{event:?}").split([' ', '{']).next().unwrap_or_default().to_owned(),
        };
        let seat = |seat: Option<Seat>| seat.map_or("?".to_owned(), |seat| seat.side.to_string());
        let amended = line.amended_by.map_or(String::new(), |by| format!(" amended by {}", by.0));
        let _ = writeln!(
            out,
            "{} game {} {}:{}→{}:{} {} serves: {what}{amended}",
            line.seq.0,
            after.game,
            before.score.home,
            before.score.away,
            after.score.home,
            after.score.away,
            seat(before.server),
        );
    }
    out
}

#[test]
fn retracted_rallies_are_no_lines_and_amended_ones_are_what_they_came_to() {
    let mut scored = Match::singles(3);
    scored.score(
        r#"choose h
         start
         h h h
         undo
         a
         {"type":"amend","seq":3,"outcome":{"type":"point","to":"away"}}
         {"type":"let"}
         a"#,
    );
    expect![[r#"
        1 game 0 0:0→0:0 ? serves: Chosen
        2 game 1 0:0→0:0 ? serves: GameStarted
        3 game 1 0:0→0:1 home serves: point away amended by 8
        4 game 1 0:1→1:1 home serves: point home
        7 game 1 1:1→1:2 away serves: point away
        9 game 1 1:2→1:2 away serves: let
        10 game 1 1:2→1:3 away serves: point away
    "#]]
    .assert_eq(&shown(&scored.state));
}

#[test]
fn a_correction_of_service_says_who_served_the_rally_before() {
    let mut scored = Match::singles(3);
    scored.score(
        r#"choose h
         start
         h h h
         {"type":"correct_service","server":{"side":"home"}}
         h"#,
    );
    let servers: Vec<_> =
        scored.state.sheet().iter().filter_map(|line| line.event.outcome().and(line.before.server)).collect();
    let sides: Vec<Side> = servers.iter().map(|seat| seat.side).collect();
    assert_eq!(sides, [Side::Home, Side::Home, Side::Home, Side::Home]);
}

#[test]
fn penalty_points_and_scores_that_are_set_are_lines() {
    let mut scored = Match::singles(3);
    scored.score(
        r#"choose a
         start
         h
         {"type":"show_card","side":"away","card":"yellow"}
         {"type":"show_card","side":"away","card":"yellow_red"}
         {"type":"set_score","games":[{"home":11,"away":4},{"home":0,"away":2}]}
         a"#,
    );
    expect![[r#"
         1 game 0 0:0→0:0 ? serves: Chosen
         2 game 1 0:0→0:0 ? serves: GameStarted
         3 game 1 0:0→1:0 away serves: point home
         4 game 1 1:0→1:0 away serves: card +0
         5 game 1 1:0→2:0 away serves: card +1
         6 game 2 2:0→0:2 home serves: ScoreSet
         7 game 2 0:2→0:3 away serves: point away
    "#]]
    .assert_eq(&shown(&scored.state));
}

#[test]
fn the_sheet_ends_where_the_match_stands() {
    let mut scored = Match::doubles(3);
    scored.score("choose h\nstart h1 a1\nh*11\nstart a2\na*4 h*3\nundo\nundo\nredo\na*7\nstart h1\nh*11");
    let sheet = scored.state.sheet();
    assert_eq!(sheet.last().map(|line| line.after), Some(scored.state.moment()));
    assert_eq!(scored.state.moment().games, Both::new(2, 1));
    for pair in sheet.windows(2) {
        assert_eq!(pair[0].after, pair[1].before, "after {:?}", pair[0].seq);
    }
}

#[test]
fn a_correction_of_service_after_a_score_was_set_leaves_the_rallies_before_it() {
    let mut scored = Match::singles(3);
    scored.score(
        r#"choose h
         start
         h h h h h h h h h h h
         {"type":"set_score","games":[{"home":11,"away":9},{"home":3,"away":2}]}"#,
    );
    let before = scored.state.sheet();
    scored.score(r#"{"type":"correct_service","server":{"side":"home"}}"#);
    let after = scored.state.sheet();
    assert_eq!(before[..], after[..before.len()]);
    assert_eq!(after.len(), before.len() + 1, "it was corrected");
}
