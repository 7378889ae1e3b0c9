//! A match scored through the real laws.

use topspin_insight::forecast::{Position, Rally, Tally};
use topspin_laws::{
    Both, Command, Event, Facts, Format, Place, Rejection, Seat, Seq, Setup, Side, State, decide, evolve,
};

#[derive(Clone)]
pub struct Scored {
    pub state: State,
    pub tally: Tally,
    /// Who began the last game.
    pub began: Option<(Seat, Seat)>,
}

impl Scored {
    /// Players are called to the table.
    pub fn new(format: &Format) -> Self {
        let setup = Setup { format: format.clone(), carried_cards: Both::default() };
        let mut scored = Scored { state: State::new(setup), tally: Tally::default(), began: None };
        scored.give(&Command::Call {}).expect("lawful");
        scored
    }

    pub fn facts(&self) -> Facts {
        self.state.facts()
    }

    pub fn position(&self) -> Position {
        Position::of(&self.state).expect("the laws gave it")
    }

    pub fn give(&mut self, command: &Command) -> Result<(), Rejection> {
        for event in decide(&self.state, command)? {
            if let Event::GameStarted { server, receiver, .. } = event {
                self.began = Some((server, receiver));
            }
            self.state = evolve(self.state.clone(), Seq(1), &event);
        }
        Ok(())
    }

    /// A rally, if a game goes on.
    pub fn point(&mut self, to: Side) -> Result<(), Rejection> {
        let rally = Rally::of(&self.facts(), to);
        self.give(&Command::Point { to, how: None, strokes: None })?;
        self.tally = self.tally.after(rally).expect("few rallies");
        Ok(())
    }

    pub fn after_point(&self, to: Side) -> Self {
        let mut next = self.clone();
        next.point(to).expect("a game goes on");
        next
    }

    /// Every way in which the laws let the next game begin.
    pub fn starts(&self) -> Vec<Scored> {
        let seats = |side| [Place::First, Place::Second].map(|place| Seat { side, place });
        let pairs = Side::BOTH.into_iter().flat_map(|side| {
            seats(side)
                .into_iter()
                .flat_map(move |server| seats(side.other()).map(move |receiver| (server, receiver)))
        });
        let start = |(server, receiver)| {
            let mut next = self.clone();
            let command = Command::StartGame { server: Some(server), receiver: Some(receiver) };
            next.give(&command).is_ok().then_some(next)
        };
        pairs.filter_map(start).collect()
    }

    /// A rally, or before it the start of a game, in the way that `choice` picks.
    pub fn play(&mut self, to: Side, choice: usize) {
        if self.facts().server.is_none() && !self.facts().status.is_over() {
            let mut starts = self.starts();
            *self = starts.swap_remove(choice % starts.len());
        }
        // Penalty points may have ended the game at once.
        let _ = self.point(to);
    }
}
