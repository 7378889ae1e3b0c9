//! Which claim can follow which.

use topspin_laws::{Format, Side, Standing, standing};

use super::update::{CardColour, Claim, Type, Update};

/// Penalty points that one card can bring.
const MAX_PENALTY: i64 = 2;

/// Whether `update` can come next after the score `before`; `None` is before the first update.
pub(crate) fn follows(format: &Format, before: Option<Claim>, update: &Update) -> bool {
    let Some(claim) = update.claim else { return true };
    match &update.kind {
        Type::Point => match update.side {
            Some(side) => same(format, before, claim.plus(side, -1)),
            None => Side::BOTH.into_iter().any(|side| same(format, before, claim.plus(side, -1))),
        },
        Type::DecrementPoint => match update.side {
            Some(side) => before == Some(claim.plus(side, 1)),
            None => Side::BOTH.into_iter().any(|side| before == Some(claim.plus(side, 1))),
        },
        Type::Card(CardColour::YellowRed | CardColour::Red) => {
            let gains =
                |side| (0..=MAX_PENALTY).any(|points| same(format, before, claim.plus(side, -points)));
            match update.side {
                Some(side) => gains(side.other()),
                None => Side::BOTH.into_iter().any(gains),
            }
        }
        Type::Other(_) => {
            let step = |side| [-1, 0, 1].iter().any(|by| same(format, before, claim.plus(side, *by)));
            Side::BOTH.into_iter().any(step)
        }
        _ => same(format, before, claim),
    }
}

/// Whether two claims are one moment: equal, or the end of a game and the start of the next.
fn same(format: &Format, before: Option<Claim>, claim: Claim) -> bool {
    match before {
        None => claim == Claim::START,
        Some(before) => {
            before == claim
                || (claim.is_nil() && claim.set == before.set.saturating_add(1) && is_won(format, before))
        }
    }
}

/// Whether a claim ends its game.
pub(crate) fn is_won(format: &Format, claim: Claim) -> bool {
    let number = usize::from(claim.set);
    claim.score().is_some_and(|score| matches!(standing(format, number, score), Standing::Won(_)))
}

/// Gives points and points taken back that state no score the one that follows from the update before, where set and
/// side are known. Returns the positions in `updates` of those that were given one.
pub(crate) fn fill(updates: &mut [Update]) -> Vec<usize> {
    let mut filled = Vec::new();
    let mut last: Option<Claim> = None;
    for (at, update) in updates.iter_mut().enumerate() {
        let by = match update.kind {
            Type::Point => 1,
            Type::DecrementPoint => -1,
            _ => 0,
        };
        if update.claim.is_none() && by != 0 {
            let before = match (update.set, last) {
                (Some(set), Some(last)) if last.set == set => Some(last),
                (Some(set), _) => Some(Claim::nil(set)),
                (None, last) => last,
            };
            update.claim = before.zip(update.side).map(|(before, side)| before.plus(side, by));
            filled.extend(update.claim.map(|_| at));
        }
        if update.kind.scores() && update.claim.is_some() {
            last = update.claim;
        }
    }
    filled
}
