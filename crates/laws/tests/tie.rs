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
