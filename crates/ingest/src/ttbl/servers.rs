//! Who serves, as the source says it: at the start of sets, and with every point.

use serde_json::Value;
use topspin_laws::{Format, Seat, Side};

use super::shadow::Shadow;
use super::update::{Claim, Type, Update};
use crate::limits::MAX_SETS;

/// What is known of the servers of a match.
pub(crate) struct Servers {
    announced: [Option<Side>; MAX_SETS as usize],
    first: Side,
    inferred: Option<&'static str>,
    /// Points whose server the source knew, those where the laws disagree, and the first of these.
    compared: usize,
    differing: usize,
    example: Option<Value>,
}

impl Servers {
    /// Looks through a match for who served first.
    pub fn of_match(format: &Format, updates: &[Update]) -> Self {
        let (first, inferred) = first_server(format, updates);
        Servers { announced: Default::default(), first, inferred, compared: 0, differing: 0, example: None }
    }

    /// Notes who serves first in a set.
    pub fn announce(&mut self, set: u8, side: Side) {
        if let Some(slot) = usize::from(set).checked_sub(1).and_then(|at| self.announced.get_mut(at)) {
            *slot = Some(side);
        }
    }

    /// Notes it unless something later was said.
    pub fn announce_if_unknown(&mut self, set: u8, side: Side) {
        if self.of(set).is_none() {
            self.announce(set, side);
        }
    }

    /// Who was announced to serve first in a set.
    pub fn of(&self, set: u8) -> Option<Side> {
        *self.announced.get(usize::from(set).checked_sub(1)?)?
    }

    /// Who serves first in the match.
    pub fn first(&self) -> Side {
        self.of(1).unwrap_or(self.first)
    }

    /// How the first server was found, if nobody announced one.
    pub fn inferred(&self) -> Option<&'static str> {
        if self.of(1).is_some() { None } else { self.inferred }
    }

    /// Who serves first in the next game by the laws, or as announced where they cannot say.
    pub fn due(&self, shadow: &Shadow, set: u8) -> Side {
        let by_turns = if set % 2 == 1 { self.first() } else { self.first().other() };
        shadow.due_to_serve().or(self.of(set)).unwrap_or(by_turns)
    }

    /// Compares the server by the laws with the one that the source counted a point for.
    pub fn compare(&mut self, server: Option<Seat>, winner: Side, update: &Update) {
        let Some((server, said)) = server.zip(said_server(update, winner)) else { return };
        self.compared += 1;
        if server.side != said {
            self.differing += 1;
            self.example.get_or_insert_with(|| update.raw.clone());
        }
    }

    /// What differs, and the first example.
    pub fn disagreement(&self) -> Option<(String, Value)> {
        let detail = format!("{} of {} points", self.differing, self.compared);
        self.example.clone().map(|example| (detail, example))
    }
}

/// The server of a point by its flags, if exactly one is set.
fn said_server(update: &Update, winner: Side) -> Option<Side> {
    match (update.server_won, update.receiver_won) {
        (Some(true), Some(false) | None) => Some(winner),
        (Some(false) | None, Some(true)) => Some(winner.other()),
        _ => None,
    }
}

/// The first server, and how it was found where nobody announced it: from later sets, from the points' flags, or not.
fn first_server(format: &Format, updates: &[Update]) -> (Side, Option<&'static str>) {
    let starts = updates.iter().filter(|update| update.kind == Type::SetStart);
    let mut starts = starts.filter_map(|update| Some((update.claim?.set, update.side?)));
    if let Some((set, side)) = starts.next() {
        let first = if set % 2 == 1 { side } else { side.other() };
        return (first, Some("who serves first is taken from the start of a later set"));
    }
    let votes = updates.iter().filter(|update| update.kind == Type::Point).filter_map(|update| {
        let (claim, winner) = (update.claim?, update.side?);
        let before = claim.plus(winner, -1);
        let server = said_server(update, winner)?;
        Some(first_of_match(format, before, server))
    });
    let balance: i32 = votes.map(|side| if side == Side::Home { 1 } else { -1 }).sum();
    match balance.signum() {
        1 => (Side::Home, Some("who serves first is taken from the flags of the points")),
        -1 => (Side::Away, Some("who serves first is taken from the flags of the points")),
        _ => (Side::Home, Some("who serves first is not known: home is assumed")),
    }
}

/// The first server of the match, from who serves at a score (Law 2.13.3).
fn first_of_match(format: &Format, before: Claim, server: Side) -> Side {
    let played = before.home + before.away;
    let target = i64::from(format.points_to_win(usize::from(before.set)));
    let alternating = before.home.min(before.away) >= target - 1;
    let turns = if alternating { played } else { played / i64::from(format.serves_per_turn) };
    let changes = turns + i64::from(before.set) - 1;
    if changes % 2 == 0 { server } else { server.other() }
}
