//! The match as the laws have it so far: the fold of the commands that the script holds already.

use topspin_laws::{
    Command, Event, Facts, Format, Outcome, Rejection, Seat, Seq, Setup, Side, Standing, decide, standing,
};

use super::update::Claim;
use crate::record::Record;

/// A fold of the match, kept beside the script. Its positions are those of the match log, where the creation is 1.
#[derive(Debug, Clone)]
pub(crate) struct Shadow {
    record: Record,
    events: Vec<(Seq, Event)>,
}

/// Where play stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    /// No game has begun.
    Before,
    /// A game is being played.
    Playing(Claim),
    /// A game is over and the next has not begun.
    Between(Claim),
    /// The match is over, by play or otherwise.
    Over(Option<Claim>),
}

impl std::fmt::Display for Stage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Stage::Before => f.write_str("before the first game"),
            Stage::Playing(now) => now.fmt(f),
            Stage::Between(last) => write!(f, "{last}, which is over"),
            Stage::Over(Some(last)) => write!(f, "{last}, the end of the match"),
            Stage::Over(None) => f.write_str("a match that is over without play"),
        }
    }
}

impl Shadow {
    pub fn new(setup: Setup) -> Self {
        Shadow { record: Record::of(setup), events: Vec::new() }
    }

    /// Decides a command and folds what happens.
    pub fn apply(&mut self, command: &Command) -> Result<(), Rejection> {
        self.events.extend(self.record.apply(command)?);
        Ok(())
    }

    /// The match after `commands`, if the laws take them all.
    pub fn after(&self, commands: &[Command]) -> Option<Shadow> {
        let mut next = self.clone();
        commands.iter().all(|command| next.apply(command).is_ok()).then_some(next)
    }

    pub fn facts(&self) -> Facts {
        self.record.state().facts()
    }

    pub fn format(&self) -> &Format {
        self.record.state().format()
    }

    /// Where play stands.
    pub fn stage(&self) -> Stage {
        let facts = self.facts();
        let number = facts.games.len();
        let last = facts.games.last().map(|score| Claim {
            set: number as u8,
            home: i64::from(score.home),
            away: i64::from(score.away),
        });
        let won = |score| matches!(standing(self.format(), number, score), Standing::Won(_));
        match (last, facts.games.last()) {
            _ if facts.status.is_over() => Stage::Over(last),
            (Some(last), Some(score)) if won(*score) => Stage::Between(last),
            (Some(last), _) => Stage::Playing(last),
            (None, _) => Stage::Before,
        }
    }

    /// Whether the match stands at a claimed score.
    pub fn is_at(&self, claim: Claim) -> bool {
        match self.stage() {
            Stage::Before => claim == Claim::START,
            Stage::Playing(now) => now == claim,
            Stage::Between(last) => last == claim || Claim::nil(last.set + 1) == claim,
            Stage::Over(last) => last == Some(claim),
        }
    }

    /// The actions that stand, latest first.
    pub fn live_events(&self) -> impl Iterator<Item = &(Seq, Event)> {
        let live: Vec<Seq> = self.record.state().live_actions().collect();
        live.into_iter().rev().filter_map(|seq| {
            let at = self.events.binary_search_by_key(&seq, |(seq, _)| *seq).ok()?;
            self.events.get(at)
        })
    }

    /// Who won the rally at a position, amendments included.
    pub fn rally_winner(&self, seq: Seq) -> Option<Side> {
        match self.record.state().outcome(seq)? {
            Outcome::Point { to, .. } => Some(to),
            Outcome::Let { .. } => None,
        }
    }

    /// Who serves first in the next game, where that follows from the games before.
    pub fn due_to_serve(&self) -> Option<Side> {
        Side::BOTH.into_iter().find(|side| {
            let start = Command::StartGame { server: Some(Seat::first(*side)), receiver: None };
            matches!(decide(self.record.state(), &start), Err(Rejection::NotDueToServe { due }) if due == side.other())
        })
        .map(Side::other)
    }

    /// Who serves first by the draw, if it was entered.
    pub fn chosen(&self) -> Option<Side> {
        self.live_events().find_map(|(_, event)| match event {
            Event::Chosen { first_server, .. } => Some(*first_server),
            _ => None,
        })
    }
}
