//! Commands a second on one core: decide and evolve whole matches, beside the floor of only parsing the same commands.
//!
//! `cargo bench -p topspin-laws`

use std::hint::black_box;
use std::time::Instant;

use topspin_laws::{Both, Command, Discipline, Format, Seq, Setup, Side, State, decide, evolve};

const MATCHES: usize = 2_000;
const ROUNDS: usize = 5;

fn main() {
    let texts = match_commands();
    let commands: Vec<Command> =
        texts.iter().map(|text| serde_json::from_str(text).expect("a command")).collect();
    println!(
        "{} commands a match, {MATCHES} matches a round, best of {ROUNDS} rounds, one core",
        commands.len()
    );
    let decided = rate(commands.len(), || {
        let mut state = State::new(Setup {
            format: Format::ittf(Discipline::Singles, 5),
            carried_cards: Both::default(),
        });
        let mut seq = 0;
        for command in &commands {
            for event in decide(&state, command).expect("lawful") {
                seq += 1;
                state = evolve(state, Seq(seq), &event);
            }
        }
        black_box(state.facts());
    });
    let parsed = rate(commands.len(), || {
        for text in &texts {
            black_box(serde_json::from_str::<Command>(text).expect("a command"));
        }
    });
    println!("decide + evolve      {decided:>12.0} commands/s");
    println!("parse the JSON only  {parsed:>12.0} commands/s (the floor)");
    println!("ratio                {:>12.2}", decided / parsed);
}

/// A five-game match, as text: points alternate in runs of two, every 20th is undone and given again.
fn match_commands() -> Vec<String> {
    let mut state =
        State::new(Setup { format: Format::ittf(Discipline::Singles, 5), carried_cards: Both::default() });
    let mut commands = vec![Command::Choose { first_server: Side::Home, home_end: None }];
    for game in 0..5 {
        commands.push(Command::StartGame { server: None, receiver: None });
        let winner = if game % 2 == 0 { Side::Home } else { Side::Away };
        for point in 0..20 {
            let to = if point < 9 { winner.other() } else { winner };
            commands.push(Command::Point { to, how: None, strokes: Some(4) });
        }
        commands.extend([Command::Undo {}, Command::Redo {}]);
    }
    for (index, command) in commands.iter().enumerate() {
        for event in decide(&state, command).expect("the script is lawful") {
            state = evolve(state, Seq(index as u64 + 1), &event);
        }
    }
    commands.iter().map(|command| serde_json::to_string(command).expect("serialises")).collect()
}

fn rate(commands: usize, mut one_match: impl FnMut()) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        for _ in 0..MATCHES {
            one_match();
        }
        best = best.min(start.elapsed().as_secs_f64());
    }
    (commands * MATCHES) as f64 / best
}
