//! Fixtures of team ties.

use topspin_laws::tie::{PlayerId, TieCommand, TieFormat, TieRejection, TieState, TieStatus, decide, evolve};
use topspin_laws::{Both, Card, Certainty, Side};

struct Tie(TieState);

impl Tie {
    fn new(format: TieFormat) -> Self {
        Tie(TieState::new(format))
    }

    fn give(&mut self, json: &str) -> Result<(), TieRejection> {
        let command: TieCommand = serde_json::from_str(json).expect("a command");
        for event in decide(&self.0, &command)? {
            let text = serde_json::to_string(&event).expect("serialises");
            assert_eq!(serde_json::from_str::<topspin_laws::tie::TieEvent>(&text).expect("parses"), event);
            self.0 = evolve(self.0.clone(), &event);
        }
        Ok(())
    }

    fn nominated(format: TieFormat) -> Self {
        let mut tie = Tie::new(format);
        tie.give(r#"{"type":"nominate_line_up","side":"home","players":["A","B","C"]}"#).expect("home");
        tie.give(r#"{"type":"nominate_line_up","side":"away","players":["X","Y","Z"]}"#).expect("away");
        tie
    }

    fn play(&mut self, number: u8, winner: &str, cards: &str) -> Result<(), TieRejection> {
        self.give(&format!(r#"{{"type":"start_match","number":{number}}}"#))?;
        self.give(&format!(
            r#"{{"type":"record_result","number":{number},"winner":"{winner}","games":{{"home":3,"away":1}},"cards":{cards}}}"#
        ))
    }
}

const NO_CARDS: &str = r#"{"home":[],"away":[]}"#;

fn id(text: &str) -> PlayerId {
    String::from(text).try_into().expect("an id")
}

#[test]
fn regulation_3_7_6_first_to_three_of_five() {
    let mut tie = Tie::nominated(TieFormat::bundesliga());
    tie.play(1, "home", NO_CARDS).expect("first");
    tie.play(2, "away", NO_CARDS).expect("second");
    tie.play(3, "home", NO_CARDS).expect("third");
    assert_eq!(tie.0.facts().status, TieStatus::InPlay);
    tie.play(4, "home", NO_CARDS).expect("fourth");
    let facts = tie.0.facts();
    assert_eq!(
        (facts.status, facts.score, facts.winner),
        (TieStatus::Finished, Both::new(3, 1), Some(Side::Home))
    );
    assert_eq!(facts.matches[0].players, Both::new(vec![id("A")], vec![id("Y")]));
    assert_eq!(tie.play(5, "home", NO_CARDS), Err(TieRejection::Decided));
    tie.give(r#"{"type":"confirm_result"}"#).expect("confirms");
    assert_eq!(tie.0.facts().certainty, Certainty::Official);
    assert_eq!(
        tie.give(r#"{"type":"retract_result","number":4,"reason":"wrong winner"}"#),
        Err(TieRejection::Official)
    );
    tie.give(r#"{"type":"reopen_result","reason":"wrong winner"}"#).expect("reopens");
    tie.give(r#"{"type":"retract_result","number":4,"reason":"wrong winner"}"#).expect("retracts");
    assert_eq!(tie.0.facts().winner, None);
}

#[test]
fn line_ups_pairs_and_substitutions() {
    let mut tie = Tie::new(TieFormat::corbillon());
    assert_eq!(
        tie.give(r#"{"type":"start_match","number":1}"#),
        Err(TieRejection::LineUpMissing { side: Side::Home })
    );
    assert_eq!(
        tie.give(r#"{"type":"nominate_line_up","side":"home","players":["A","A"]}"#),
        Err(TieRejection::LineUpSize { positions: 2 })
    );
    tie.give(r#"{"type":"nominate_line_up","side":"home","players":["A","B"]}"#).expect("home");
    tie.give(r#"{"type":"nominate_line_up","side":"away","players":["X","Y"]}"#).expect("away");
    tie.play(1, "home", NO_CARDS).expect("first");
    assert_eq!(
        tie.give(r#"{"type":"nominate_line_up","side":"home","players":["A","B"]}"#),
        Err(TieRejection::AlreadyBegun)
    );
    assert_eq!(
        tie.give(r#"{"type":"start_match","number":3}"#),
        Err(TieRejection::PairMissing { side: Side::Home })
    );
    assert_eq!(
        tie.give(r#"{"type":"nominate_pair","side":"home","number":2,"pair":["A","B"]}"#),
        Err(TieRejection::NoPair)
    );
    tie.give(r#"{"type":"nominate_pair","side":"home","number":3,"pair":["A","B"]}"#).expect("pair");
    tie.give(r#"{"type":"nominate_pair","side":"away","number":3,"pair":["X","Y"]}"#).expect("pair");
    assert_eq!(
        tie.give(r#"{"type":"substitute","side":"home","position":1,"player":"B"}"#),
        Err(TieRejection::NoSubstitution)
    );
    tie.give(r#"{"type":"substitute","side":"home","position":1,"player":"S"}"#).expect("substitutes");
    let facts = tie.0.facts();
    assert_eq!(facts.matches[0].players.home, vec![id("A")], "a match already begun keeps its player");
    assert_eq!(facts.matches[3].players.home, vec![id("S")]);
    assert_eq!(
        tie.give(r#"{"type":"start_match","number":9}"#),
        Err(TieRejection::NoSuchMatch { matches: 5 })
    );
}

#[test]
fn regulation_3_5_2_6_cards_are_carried_and_a_pair_has_the_higher_of_either() {
    let mut tie = Tie::nominated(TieFormat::bundesliga());
    tie.play(1, "home", r#"{"home":[{"player":"A","cards":["yellow"]}],"away":[]}"#).expect("first");
    tie.play(2, "away", r#"{"home":[{"player":"B","cards":["yellow","yellow_red"]}],"away":[]}"#)
        .expect("second");
    assert_eq!(tie.0.carried_cards(4).home, vec![Card::Yellow], "A's own");
    tie.give(r#"{"type":"nominate_pair","side":"home","number":5,"pair":["A","B"]}"#).expect("pair");
    assert_eq!(tie.0.carried_cards(5).home, vec![Card::Yellow, Card::YellowRed]);
    assert_eq!(tie.0.carried_cards(3).home, vec![], "C has none");
}

#[test]
fn formats_are_validated() {
    let parse = serde_json::from_str::<TieFormat>;
    assert_eq!(parse(r#""olympic""#).expect("a preset"), TieFormat::olympic());
    for bad in [
        r#"{"rubbers":[],"to_win":1,"positions":3}"#,
        r#"{"rubbers":[{"type":"doubles"}],"to_win":2,"positions":3}"#,
        r#"{"rubbers":[{"type":"singles","home":4,"away":1}],"to_win":1,"positions":3}"#,
    ] {
        assert!(parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_result_that_no_match_can_have_is_refused() {
    let mut tie = Tie::nominated(TieFormat::bundesliga());
    tie.give(r#"{"type":"start_match","number":1}"#).expect("starts");
    let record = |winner: &str, home: u8, away: u8, cards: &str| {
        format!(
            r#"{{"type":"record_result","number":1,"winner":"{winner}","games":{{"home":{home},"away":{away}}},"cards":{cards}}}"#
        )
    };
    for (winner, home, away) in [("home", 0, 250), ("home", 3, 5), ("home", 6, 0), ("away", 5, 4)] {
        let given = tie.give(&record(winner, home, away, NO_CARDS));
        assert_eq!(given, Err(TieRejection::ImpossibleGames), "{winner} {home}:{away}");
    }
    let stranger = r#"{"home":[{"player":"Y","cards":["yellow"]}],"away":[]}"#;
    assert_eq!(tie.give(&record("home", 3, 1, stranger)), Err(TieRejection::NotInMatch), "Y plays for away");
    assert_eq!(tie.0.facts().score, Both::new(0, 0));
    tie.give(&record("home", 1, 2, NO_CARDS)).expect("away retired when it led");
}

#[test]
fn nobody_plays_for_both_teams() {
    let mut tie = Tie::new(TieFormat::bundesliga());
    tie.give(r#"{"type":"nominate_line_up","side":"home","players":["A","B","C"]}"#).expect("home");
    for command in [
        r#"{"type":"nominate_line_up","side":"away","players":["X","A","Z"]}"#,
        r#"{"type":"nominate_pair","side":"away","number":5,"pair":["X","B"]}"#,
    ] {
        assert_eq!(tie.give(command), Err(TieRejection::BothTeams), "{command}");
    }
    tie.give(r#"{"type":"nominate_line_up","side":"away","players":["X","Y","Z"]}"#).expect("away");
    tie.give(r#"{"type":"nominate_pair","side":"away","number":5,"pair":["V","W"]}"#).expect("pair");
    tie.play(1, "home", NO_CARDS).expect("A against Y");
    tie.give(r#"{"type":"substitute","side":"away","position":2,"player":"S"}"#).expect("for Y");
    for player in ["C", "A"] {
        let command = format!(r#"{{"type":"substitute","side":"away","position":2,"player":"{player}"}}"#);
        assert_eq!(tie.give(&command), Err(TieRejection::BothTeams), "{player}");
    }
    for player in ["Y", "V"] {
        let command = format!(r#"{{"type":"substitute","side":"home","position":2,"player":"{player}"}}"#);
        assert_eq!(tie.give(&command), Err(TieRejection::BothTeams), "{player}");
    }
}

#[test]
fn a_reopened_tie_is_provisional_until_a_result_is_recorded_again() {
    let mut tie = Tie::nominated(TieFormat::bundesliga());
    for number in 1..=3 {
        tie.play(number, "home", NO_CARDS).expect("plays");
    }
    assert_eq!(tie.0.facts().certainty, Certainty::Unofficial);
    tie.give(r#"{"type":"confirm_result"}"#).expect("confirms");
    let official = tie.0.clone();
    tie.give(r#"{"type":"reopen_result","reason":"protest"}"#).expect("reopens");
    assert_eq!((tie.0.facts().winner, tie.0.facts().certainty), (Some(Side::Home), Certainty::Provisional));
    tie.give(r#"{"type":"retract_result","number":3,"reason":"protest"}"#).expect("retracts");
    tie.give(r#"{"type":"record_result","number":3,"winner":"home","games":{"home":3,"away":2}}"#)
        .expect("again");
    assert_eq!(tie.0.facts().certainty, Certainty::Unofficial);
    let reopened: topspin_laws::tie::TieEvent =
        serde_json::from_str(r#"{"type":"result_reopened","reason":"protest"}"#).expect("an event");
    let first = topspin_laws::tie::replay(official, &reopened, 1);
    assert_eq!(first.facts().certainty, Certainty::Unofficial, "what version 1 recorded reads as it did");
}

#[test]
fn a_concession_decides_a_tie_and_reopening_takes_it_back() {
    let mut tie = Tie::nominated(TieFormat::bundesliga());
    tie.play(1, "home", NO_CARDS).expect("first");
    tie.give(r#"{"type":"concede","side":"home","reason":"injury"}"#).expect("concedes");
    let facts = tie.0.facts();
    assert_eq!(
        (facts.status, facts.certainty, facts.winner, facts.score),
        (TieStatus::Conceded, Certainty::Unofficial, Some(Side::Away), Both::new(1, 0))
    );
    assert_eq!(tie.give(r#"{"type":"concede","side":"away"}"#), Err(TieRejection::Decided));
    assert_eq!(tie.play(2, "home", NO_CARDS), Err(TieRejection::Decided));
    tie.give(r#"{"type":"reopen_result","reason":"both agree"}"#).expect("reopens");
    let facts = tie.0.facts();
    assert_eq!(
        (facts.status, facts.certainty, facts.winner),
        (TieStatus::InPlay, Certainty::Provisional, None)
    );
    assert_eq!(tie.give(r#"{"type":"confirm_result"}"#), Err(TieRejection::NotDecided));
    tie.play(2, "home", NO_CARDS).expect("goes on");
}
