//! A match from JSON: the first line is its setup, every further line a command. Whatever arrives, nothing
//! panics, JSON round trips, and a replay of the events gives the state that deciding gave.
#![no_main]

use libfuzzer_sys::fuzz_target;
use topspin_laws::{Command, Discipline, Event, Format, Seq, Setup, State, decide, evolve};

const MAX_COMMANDS: usize = 300;

fuzz_target!(|text: &str| {
    let mut lines = text.lines();
    let setup = lines.next().and_then(|line| serde_json::from_str(line).ok()).unwrap_or_else(ordinary);
    let mut state = State::new(setup.clone());
    let mut history = Vec::new();
    for command in lines.take(MAX_COMMANDS).filter_map(|line| serde_json::from_str::<Command>(line).ok()) {
        let written = serde_json::to_string(&command).expect("a command is written");
        assert_eq!(serde_json::from_str::<Command>(&written).ok(), Some(command.clone()));
        for event in decide(&state, &command).into_iter().flatten() {
            state = next(state, &mut history, event);
        }
    }
    assert_eq!(replay(setup, &history).facts(), state.facts());
});

fn next(state: State, history: &mut Vec<Event>, event: Event) -> State {
    let state = evolve(state, seq(history.len()), &event);
    history.push(event);
    state
}

/// Folds the events again, each through its JSON.
fn replay(setup: Setup, history: &[Event]) -> State {
    history.iter().enumerate().fold(State::new(setup), |state, (at, event)| {
        let written = serde_json::to_string(event).expect("an event is written");
        let read = serde_json::from_str(&written).expect("a written event is read");
        evolve(state, seq(at), &read)
    })
}

/// The creation of the match has seq 1.
fn seq(at: usize) -> Seq {
    Seq(u64::try_from(at).expect("few events") + 2)
}

fn ordinary() -> Setup {
    Setup { format: Format::ittf(Discipline::Singles, 5), carried_cards: Default::default() }
}
