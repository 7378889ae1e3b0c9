//! How many rallies the rest of a game takes, at every strength of a grid at once.

use std::collections::BTreeMap;

use topspin_laws::{Both, Side};

use super::prior::{Lanes, RallyLanes, add};
use super::rules::{Moment, Rules};

/// Probability of a game that goes on beyond what is looked at: it is taken to end there, for either side.
const TAIL: f64 = 1e-12;

/// Rallies of one game that are looked at, beyond those that take both sides to the last point.
///
/// Reached before [`TAIL`] only where two rallies at deuce leave it level more often than 3 times in 4: where the
/// server wins more than 85 rallies of 100, or the receiver does.
const DEUCE_RALLIES: usize = 200;

/// A number of rallies that is less likely than this is left out where games are put together: a match has at most
/// some thousand of them.
const NEGLIGIBLE: f64 = 1e-16;

/// A probability for each number of rallies, at every strength; empty lanes stand for zeros.
pub(super) type Lengths = Vec<Lanes>;

/// Games that go on: how likely each moment is.
type Open = BTreeMap<usize, (Moment, Lanes)>;

/// The rallies to come in one game, by its winner. Each of `starts` is as likely as the other.
pub(super) fn game_lengths(rules: Rules<'_>, rallies: &[RallyLanes], starts: &[Moment]) -> Both<Lengths> {
    let width = rallies[0].won.len();
    let share = vec![1.0 / starts.len() as f64; width];
    let mut open = Open::new();
    for start in starts {
        open.insert(rules.index(*start), (*start, share.clone()));
    }
    let mut lengths = Both::new(Lengths::new(), Lengths::new());
    let limit = 2 * usize::from(rules.target()) + DEUCE_RALLIES;
    for played in 1..=limit {
        open = after_rally(rules, rallies, open, &mut lengths, played);
        let left = open.values().flat_map(|(_, mass)| mass).copied().fold(0.0, f64::max);
        if left < TAIL {
            break;
        }
    }
    let played = lengths.home.len().max(lengths.away.len()).saturating_sub(1);
    for (_, mass) in open.into_values() {
        for side in Side::BOTH {
            add(lane(lengths.of_mut(side), played), mass.iter().map(|mass| mass / 2.0));
        }
    }
    lengths
}

/// Games that this rally decides leave `open` for `lengths`.
fn after_rally(
    rules: Rules<'_>,
    rallies: &[RallyLanes],
    open: Open,
    lengths: &mut Both<Lengths>,
    played: usize,
) -> Open {
    let mut later = Open::new();
    for (at, mass) in open.into_values() {
        let rally = &rallies[at.service.index()];
        for side in Side::BOTH {
            let won = |p: f64| match side {
                Side::Home => p,
                Side::Away => 1.0 - p,
            };
            let share = mass.iter().zip(&rally.won).map(|(mass, p)| mass * won(*p));
            let next = rules.after(at, side);
            match rules.winner(next.score) {
                Some(winner) => add(lane(lengths.of_mut(winner), played), share),
                None => add(&mut later.entry(rules.index(next)).or_insert((next, Lanes::new())).1, share),
            }
        }
    }
    later
}

/// Adds the lengths of a part and of the part that follows it.
pub(super) fn add_sequence(sum: &mut Lengths, first: &Lengths, second: &Lengths) {
    let second: Vec<_> = considerable(second).collect();
    for (before, first) in considerable(first) {
        for (after, second) in &second {
            add(lane(sum, before + after), first.iter().zip(*second).map(|(first, second)| first * second));
        }
    }
}

fn considerable(lengths: &Lengths) -> impl Iterator<Item = (usize, &Lanes)> {
    lengths.iter().enumerate().filter(|(_, lanes)| lanes.iter().any(|lane| *lane > NEGLIGIBLE))
}

fn lane(lengths: &mut Lengths, rallies: usize) -> &mut Lanes {
    lengths.resize(lengths.len().max(rallies + 1), Lanes::new());
    &mut lengths[rallies]
}
