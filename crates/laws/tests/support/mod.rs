//! A match scored from a short text, so that a fixture reads like an umpire's score sheet.
#![allow(dead_code, reason = "each test binary uses a part")]

use std::fmt::Write;

use topspin_laws::{
    BallInPlay, Both, Command, Discipline, End, Event, Expedite, Facts, Format, LAWS_VERSION, Rejection,
    Seat, Seq, Setup, Side, State, decide, replay,
};

/// A match being scored, with every event so far.
pub struct Match {
    pub state: State,
    pub events: Vec<Event>,
    /// The laws version that its events are recorded with.
    pub laws_version: u32,
}

impl Match {
    pub fn new(format: Format) -> Self {
        Match::of(Setup { format, carried_cards: Both::default() })
    }

    pub fn of(setup: Setup) -> Self {
        Match { state: State::new(setup), events: Vec::new(), laws_version: LAWS_VERSION }
    }

    pub fn singles(best_of: u8) -> Self {
        Match::new(Format::ittf(Discipline::Singles, best_of))
    }

    pub fn doubles(best_of: u8) -> Self {
        Match::new(Format::ittf(Discipline::Doubles, best_of))
    }

    pub fn give(&mut self, command: &Command) -> Result<(), Rejection> {
        for event in decide(&self.state, command)? {
            let seq = Seq(self.events.len() as u64 + 1);
            self.state = replay(self.state.clone(), seq, &event, self.laws_version);
            self.events.push(event);
        }
        Ok(())
    }

    /// Runs a script and shows the board after every line.
    ///
    /// A line holds words: `h` or `a` a point (`h*3` three), `start`, `start h1 a2`, `choose h left`, or one JSON
    /// command. `#` begins a comment.
    pub fn score(&mut self, script: &str) -> String {
        let mut out = String::new();
        for line in script.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let text = line.split('#').next().unwrap_or_default().trim();
            let outcome = commands(text).iter().try_for_each(|command| self.give(command));
            let shown = match outcome {
                Ok(()) => board(&self.state.facts()),
                Err(rejection) => format!("✗ {} {}: {rejection}", rejection.law().0, rejection.code()),
            };
            let _ = writeln!(out, "{line:<24} | {shown}");
        }
        out
    }
}

fn commands(line: &str) -> Vec<Command> {
    if line.starts_with('{') {
        return vec![serde_json::from_str(line).expect("a JSON command")];
    }
    let words: Vec<&str> = line.split_whitespace().collect();
    match words.as_slice() {
        ["choose", first, rest @ ..] => vec![Command::Choose {
            first_server: side(first),
            home_end: rest.first().map(|end| if *end == "left" { End::Left } else { End::Right }),
        }],
        ["start", seats @ ..] => {
            vec![Command::StartGame {
                server: seats.first().map(|s| seat(s)),
                receiver: seats.get(1).map(|s| seat(s)),
            }]
        }
        ["undo"] => vec![Command::Undo {}],
        ["redo"] => vec![Command::Redo {}],
        ["let"] => vec![Command::Let { reason: None }],
        points => points.iter().flat_map(|word| rally(word)).collect(),
    }
}

fn rally(word: &str) -> Vec<Command> {
    let (who, times) = word.split_once('*').unwrap_or((word, "1"));
    let times = times.parse().expect("a number of points");
    vec![Command::Point { to: side(who), how: None, strokes: None }; times]
}

fn side(word: &str) -> Side {
    let first = word.chars().next().expect("a word");
    assert!(['h', 'a'].contains(&first), "no such word: {word}");
    if first == 'h' { Side::Home } else { Side::Away }
}

fn seat(word: &str) -> Seat {
    if word.ends_with('2') { Seat::second(side(word)) } else { Seat::first(side(word)) }
}

/// One line of what a scoreboard shows.
pub fn board(facts: &Facts) -> String {
    let games: Vec<String> =
        facts.games.iter().map(|score| format!("{}:{}", score.home, score.away)).collect();
    let mut out =
        format!("{:?} {}:{} [{}]", facts.status, facts.score.home, facts.score.away, games.join(" "));
    if let (Some(server), Some(receiver)) = (facts.server, facts.receiver) {
        let _ = write!(out, " {}→{}", short(server), short(receiver));
    }
    if facts.ball_in_play == BallInPlay::Yes {
        out.push_str(" rally");
    }
    if facts.pending_points != Both::default() {
        let _ = write!(out, " pending {}:{}", facts.pending_points.home, facts.pending_points.away);
    }
    if let Some(end) = facts.home_end {
        let _ = write!(out, " home {end:?}");
    }
    if facts.expedite == Expedite::On {
        out.push_str(" expedite");
    }
    if let Some(pause) = &facts.pause {
        let _ = write!(out, " {pause:?}");
    }
    if let Some(winner) = facts.winner {
        let _ = write!(out, " winner {winner:?} ({:?})", facts.certainty);
    }
    for notice in &facts.notices {
        let _ = write!(out, " ·{notice:?}");
    }
    out
}

fn short(seat: Seat) -> String {
    let side = if seat.side == Side::Home { 'h' } else { 'a' };
    format!("{side}{}", if seat == Seat::first(seat.side) { 1 } else { 2 })
}
