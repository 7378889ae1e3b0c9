//! The order of a match's updates, and which of them to believe.
//!
//! A stream can be in the order of its times, its ids, its indexes, its file, or none of them. Every order is tried and
//! read; the reading that leaves out and jumps least wins, the earlier order on a tie.

use std::collections::BTreeSet;

use topspin_laws::Format;

use super::claims::follows;
use super::update::{Claim, Type, Update};
use crate::limits::MAX_LOOK_BACK;

/// What a reading pays for a score that does not follow from the one before.
const JUMP: u32 = 4;

/// What it pays at least if the score can follow in the same set once updates are missing.
const GAP: u32 = 1;

/// What a reading pays for leaving an update out.
const OMISSION: u32 = 1;

/// What an order was taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Basis {
    Time,
    Index,
    Id,
    File,
    Score,
}

impl Basis {
    const ALL: [Basis; 5] = [Basis::Time, Basis::Index, Basis::Id, Basis::File, Basis::Score];

    pub const fn as_str(self) -> &'static str {
        match self {
            Basis::Time => "time",
            Basis::Index => "index",
            Basis::Id => "id",
            Basis::File => "place in the file",
            Basis::Score => "score",
        }
    }
}

/// The order found. Positions are those of the slice that was arranged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Arrangement {
    pub basis: Basis,
    /// All updates in order.
    pub order: Vec<usize>,
    /// Those that the others contradict.
    pub left_out: BTreeSet<usize>,
    /// Those that scores moved against the basis.
    pub moved: Vec<usize>,
    cost: u32,
}

/// Finds the order of `updates`.
pub(crate) fn arrange(updates: &[Update], format: &Format) -> Arrangement {
    let mut best: Option<Arrangement> = None;
    for basis in Basis::ALL {
        let usable = match basis {
            Basis::Time => updates.iter().any(|update| update.ts.is_some()),
            Basis::Index => updates.iter().any(|update| update.index.is_some()),
            Basis::Id => updates.iter().any(|update| update.id.is_some()),
            Basis::File | Basis::Score => true,
        };
        if !usable {
            continue;
        }
        let found = arranged(updates, format, basis);
        let better = best.as_ref().is_none_or(|best| found.cost < best.cost);
        if better {
            best = Some(found);
        }
        if best.as_ref().is_some_and(|best| best.cost == 0) {
            break;
        }
    }
    best.unwrap_or_else(|| arranged(updates, format, Basis::File))
}

fn arranged(updates: &[Update], format: &Format, basis: Basis) -> Arrangement {
    let mut order = sorted(updates, basis);
    let scoring: Vec<usize> = (0..order.len()).filter(|at| counts(&updates[order[*at]])).collect();
    let before: Vec<usize> = scoring.iter().map(|at| order[*at]).collect();
    let after = repaired(updates, format, &before);
    let moved = before.iter().zip(&after).filter(|(a, b)| a != b).map(|(_, b)| *b).collect();
    for (at, update) in scoring.iter().zip(&after) {
        order[*at] = *update;
    }
    let (cost, believed) = reading(updates, format, &after);
    let left_out = after.iter().copied().filter(|at| !believed.contains(at)).collect();
    Arrangement { basis, order, left_out, moved, cost }
}

/// Whether an update takes part in the reading.
fn counts(update: &Update) -> bool {
    update.kind.scores() && update.claim.is_some()
}

fn sorted(updates: &[Update], basis: Basis) -> Vec<usize> {
    let mut order: Vec<usize> = (0..updates.len()).collect();
    match basis {
        Basis::File => {}
        Basis::Time => {
            let times = carried(updates.iter().map(|update| update.ts));
            order.sort_by_key(|at| (times[*at], updates[*at].set, updates[*at].kind.rank()));
        }
        Basis::Index => {
            let indexes = carried(updates.iter().map(|update| update.index));
            order.sort_by_key(|at| indexes[*at]);
        }
        Basis::Id => {
            let ids = carried(updates.iter().map(|update| update.id));
            order.sort_by_key(|at| ids[*at]);
        }
        Basis::Score => order.sort_by_key(|at| {
            let update = &updates[*at];
            let points = update.claim.map(|claim| claim.home + claim.away);
            (update.set, update.kind.rank() > 3, points, update.kind.rank())
        }),
    }
    order
}

/// Each value, or where it is missing the one before it.
fn carried(values: impl Iterator<Item = Option<i64>>) -> Vec<i64> {
    let mut last = i64::MIN;
    values
        .map(|value| {
            last = value.unwrap_or(last);
            last
        })
        .collect()
}

/// Puts runs of points of one set in the order of their scores where that breaks fewer links.
fn repaired(updates: &[Update], format: &Format, order: &[usize]) -> Vec<usize> {
    let of_set = |at: &usize| match updates[*at] {
        Update { kind: Type::Point, claim: Some(claim), .. } => Some(claim.set),
        _ => None,
    };
    let mut repaired = Vec::with_capacity(order.len());
    for run in order.chunk_by(|a, b| of_set(a).is_some() && of_set(a) == of_set(b)) {
        let mut by_score = run.to_vec();
        by_score.sort_by_key(|at| updates[*at].claim.map(|claim| claim.home + claim.away));
        let better = breaks(updates, format, &by_score) < breaks(updates, format, run);
        repaired.extend_from_slice(if better { &by_score } else { run });
    }
    repaired
}

fn breaks(updates: &[Update], format: &Format, order: &[usize]) -> usize {
    order.windows(2).filter(|pair| !follows(format, updates[pair[0]].claim, &updates[pair[1]])).count()
}

/// The cheapest reading of the updates in `order`: what it pays, and the updates that it believes.
///
/// A shortest path: from update to later update, free where the score follows, else a [`GAP`] or a [`JUMP`]; every update passed
/// over is an [`OMISSION`].
fn reading(updates: &[Update], format: &Format, order: &[usize]) -> (u32, BTreeSet<usize>) {
    let count = order.len();
    let mut paid: Vec<u32> = Vec::with_capacity(count);
    let mut from: Vec<Option<usize>> = Vec::with_capacity(count);
    let link = |before: Option<Claim>, at: usize| {
        let update = &updates[order[at]];
        if follows(format, before, update) { 0 } else { gap(before, update) }
    };
    for at in 0..count {
        let mut best = (omissions(at) + link(None, at), None);
        for earlier in (at.saturating_sub(MAX_LOOK_BACK)..at).rev() {
            let passed = omissions(at - earlier - 1);
            if passed >= best.0 {
                break;
            }
            let cost = paid[earlier] + passed + link(updates[order[earlier]].claim, at);
            if cost < best.0 || (cost == best.0 && best.1.is_none()) {
                best = (cost, Some(earlier));
            }
        }
        paid.push(best.0);
        from.push(best.1);
    }
    let total = |at: usize| paid[at] + omissions(count - at - 1);
    let Some(last) = (0..count).rev().min_by_key(|at| total(*at)) else { return (0, BTreeSet::new()) };
    let believed = std::iter::successors(Some(last), |at| from[*at]).map(|at| order[at]).collect();
    (total(last), believed)
}

/// What a score that does not follow costs: more with every point that is missing.
fn gap(before: Option<Claim>, update: &Update) -> u32 {
    let (Some(before), Some(claim)) = (before, update.claim) else { return JUMP };
    let (home, away) = (claim.home - before.home, claim.away - before.away);
    let own = i64::from(update.kind == Type::Point);
    let forward = before.set == claim.set && home >= 0 && away >= 0 && home + away > own;
    let missing = u32::try_from(home + away - own).unwrap_or(JUMP);
    if forward { GAP.saturating_add(missing).min(JUMP) } else { JUMP }
}

fn omissions(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX / 4).min(u32::MAX / 4).saturating_mul(OMISSION)
}

/// Positions of updates that say again what an earlier one said.
pub(crate) fn repeated(updates: &[Update]) -> Vec<usize> {
    let mut seen = BTreeSet::new();
    let mut sent = BTreeSet::new();
    let mut repeated = Vec::new();
    for (at, update) in updates.iter().enumerate() {
        let said = (&update.kind, update.set, update.claim, &update.player, &update.line_up);
        let by_time = update.ts.map(|ts| (said, ts, None));
        let by_id = update.id.filter(|_| update.ts.is_none()).map(|id| (said, id, Some(())));
        let again = [by_time, by_id].into_iter().flatten().any(|key| !seen.insert(key));
        let resent = update.submission.as_ref().is_some_and(|submission| !sent.insert((said, submission)));
        if again || resent {
            repeated.push(at);
        }
    }
    repeated
}
