//! A simulated tournament stays within the laws, comes to an end, and is the same for the same seed.

use topspin_laws::{
    Both, Certainty, Event, Expedite, Facts, Format, Seq, Setup, State, Status, decide, evolve,
};
use topspin_sim::Tournament;

/// Plays one match to its official result: its last facts, its events, and its length in simulated milliseconds.
fn played(seed: u64, table: u32, round: u32) -> (Facts, Vec<Event>, u64) {
    let (fixture, mut umpire) = Tournament::new(seed).fixture(table, round, 8);
    let format = Format::ittf(fixture.discipline, fixture.best_of);
    let mut state = State::new(Setup { format, carried_cards: Both::default() });
    let (mut events, mut clock_ms) = (Vec::new(), 0);
    while let Some(press) = umpire.next(&state.facts()) {
        clock_ms += press.after_ms;
        let decided = decide(&state, &press.command);
        for event in decided.unwrap_or_else(|refused| unreachable!("{:?}: {refused}", press.command)) {
            events.push(event);
            state = evolve(state, Seq(events.len() as u64), events.last().expect("just pushed"));
        }
        assert!(events.len() < 4000, "a match comes to an end");
    }
    (state.facts(), events, clock_ms)
}

#[test]
fn every_press_is_lawful_and_every_match_ends_official() {
    let (mut expedite, mut retracted, mut cards, mut time_outs) = (0, 0, 0, 0);
    for round in 0..60 {
        for table in 1..=8 {
            let (facts, events, clock_ms) = played(7, table, round);
            assert_eq!((facts.status, facts.certainty), (Status::Finished, Certainty::Official));
            assert!((300_000..14_400_000).contains(&clock_ms), "five minutes to four hours: {clock_ms}");
            expedite += usize::from(facts.expedite == Expedite::On);
            retracted += events.iter().filter(|event| matches!(event, Event::Retracted { .. })).count();
            cards += events.iter().filter(|event| matches!(event, Event::CardShown { .. })).count();
            time_outs += events.iter().filter(|event| matches!(event, Event::TimeOutTaken { .. })).count();
        }
    }
    assert!(retracted > 0 && cards > 0 && time_outs > 0, "{retracted} {cards} {time_outs}");
    assert!(expedite > 0, "some matches of defenders come under expedite");
}

#[test]
fn one_seed_is_one_tournament() {
    assert_eq!(played(1, 3, 2).1, played(1, 3, 2).1);
    assert_ne!(played(1, 3, 2).1, played(2, 3, 2).1);
}
