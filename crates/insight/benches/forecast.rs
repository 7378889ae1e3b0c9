//! The forecast after every point of a match on one core, beside the same made anew from the start each time.
//!
//! `cargo bench -p topspin-insight`

use std::hint::black_box;
use std::time::Instant;

use topspin_insight::forecast::{Model, Position, Prior, RATED_SD, Rally, Rates, Tally, elo};
use topspin_laws::{Both, Command, Discipline, Facts, Format, Seat, Seq, Setup, Side, State, decide, evolve};

const ROUNDS: usize = 5;

/// What a view has after each point: the facts, and the rallies so far.
type Moments = Vec<(Facts, Tally)>;

fn main() {
    for (name, discipline) in [("singles", Discipline::Singles), ("doubles", Discipline::Doubles)] {
        let format = Format::ittf(discipline, 7);
        let base = Rates::even(0.1).expect("small");
        let prior = Prior::rated(&format, elo(80.0), RATED_SD, &base).expect("within bounds");
        let model = Model::new(&format, &prior);
        let moments = full_match(&format);
        println!("{name}, best of 7: {} points, best of {ROUNDS} rounds, one core", moments.len());
        let prepared = per_point(&moments, 50, |facts, tally| one(&format, &model, facts, tally));
        report("forecast", prepared, prepared);
        let naive = per_point(&moments, 1, |facts, tally| {
            one(&format, &Model::new(&format, &prior), facts, tally);
        });
        report("the same, every game solved anew", naive, prepared);
        let points = per_point(&moments, 1, |facts, tally| {
            let position = Position::new(&format, facts).expect("lawful");
            black_box(model.total_points(&position, &model.belief(tally)));
        });
        report("total points", points, prepared);
        let rated = per_point(&moments[..1], 1, |_, _| {
            black_box(Prior::rated(&format, elo(80.0), RATED_SD, &base).expect("within bounds"));
        });
        report("prior from a rating, once a match", rated, prepared);
    }
}

fn one(format: &Format, model: &Model, facts: &Facts, tally: &Tally) {
    let position = Position::new(format, facts).expect("lawful");
    black_box(model.forecast(black_box(&position), &model.belief(black_box(tally))));
}

/// Seven games, 11:9 to each side in turn.
fn full_match(format: &Format) -> Moments {
    let mut state = State::new(Setup { format: format.clone(), carried_cards: Both::default() });
    let (mut moments, mut tally) = (Moments::new(), Tally::default());
    give(&mut state, &Command::Choose { first_server: Side::Home, home_end: None });
    for game in 0..7 {
        moments.push((state.facts(), tally));
        start(&mut state);
        let winner = if game % 2 == 0 { Side::Home } else { Side::Away };
        for point in 0..20 {
            let facts = state.facts();
            let to = if point % 2 == 0 && point < 18 { winner.other() } else { winner };
            moments.push((facts.clone(), tally));
            tally = tally.after(Rally::of(&facts, to)).expect("few");
            give(&mut state, &Command::Point { to, how: None, strokes: None });
        }
    }
    moments
}

/// With whichever players may begin.
fn start(state: &mut State) {
    let services = Side::BOTH.into_iter().flat_map(|side| {
        let receivers = [Seat::first(side.other()), Seat::second(side.other())];
        receivers.map(|receiver| (Seat::first(side), receiver))
    });
    for (server, receiver) in services {
        let command = Command::StartGame { server: Some(server), receiver: Some(receiver) };
        if decide(state, &command).is_ok() {
            return give(state, &command);
        }
    }
}

fn give(state: &mut State, command: &Command) {
    for event in decide(state, command).expect("lawful") {
        *state = evolve(state.clone(), Seq(1), &event);
    }
}

/// Microseconds.
fn per_point(moments: &[(Facts, Tally)], times: usize, mut work: impl FnMut(&Facts, &Tally)) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        for _ in 0..times {
            for (facts, tally) in moments {
                work(facts, tally);
            }
        }
        best = best.min(start.elapsed().as_secs_f64());
    }
    best * 1e6 / (moments.len() * times) as f64
}

fn report(what: &str, micros: f64, prepared: f64) {
    println!("  {what:<36}{micros:>10.1} µs a point {:>8.1} times as long", micros / prepared);
}
