//! The record of a match as a script leads it: the fold of its commands, at the positions that they will have.

use topspin_laws::{Both, Command, Event, Format, Rejection, Seq, Setup, State, decide, evolve};

/// A match so far. Its positions are those of the match log, where the creation is 1.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    setup: Setup,
    state: State,
    seq: Seq,
}

impl Record {
    /// A match of two sides without cards.
    pub fn new(format: Format) -> Self {
        Record::of(Setup { format, carried_cards: Both::default() })
    }

    /// A match before its first event.
    pub fn of(setup: Setup) -> Self {
        Record { state: State::new(setup.clone()), setup, seq: Seq(1) }
    }

    /// The state.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// The position of the last event.
    pub fn seq(&self) -> Seq {
        self.seq
    }

    /// Decides a command and folds what happens: the events with their positions.
    pub fn apply(&mut self, command: &Command) -> Result<Vec<(Seq, Event)>, Rejection> {
        let events = decide(&self.state, command)?;
        let mut placed = Vec::with_capacity(events.len());
        for event in events {
            self.pass();
            let before = std::mem::replace(&mut self.state, State::new(self.setup.clone()));
            self.state = evolve(before, self.seq, &event);
            placed.push((self.seq, event));
        }
        Ok(placed)
    }

    /// An event beside the laws takes the next position.
    pub fn pass(&mut self) {
        self.seq = Seq(self.seq.0 + 1);
    }
}
