//! Where a game ended, for games of which the laws saw no end.

use topspin_laws::{Format, Score, Standing, standing};

use super::claims::is_won;
use super::update::Update;
use crate::Reported;

/// Final scores by set.
pub(crate) struct Finals {
    claimed: Vec<(u8, Score)>,
    official: Vec<Score>,
}

impl Finals {
    /// From the claims of a stream, and the official scores where it has none.
    pub fn of_match(format: &Format, updates: &[Update], reported: Option<&Reported>) -> Self {
        let ends = updates.iter().filter_map(|update| update.claim).filter(|claim| is_won(format, *claim));
        let legal = |number: usize, score| matches!(standing(format, number, score), Standing::Won(_));
        let official = reported.map_or(&[][..], |reported| &reported.games);
        let legal_so_far = official.iter().enumerate().take_while(|(at, score)| legal(at + 1, **score));
        Finals {
            claimed: ends.filter_map(|claim| Some((claim.set, claim.score()?))).collect(),
            official: legal_so_far.map(|(_, score)| *score).collect(),
        }
    }

    /// The final score of a set, and whether only the official score says so.
    pub fn of(&self, set: u8) -> Option<(Score, bool)> {
        let claimed = self.claimed.iter().rev().find(|(claimed, _)| *claimed == set);
        let official = self.official.get(usize::from(set).checked_sub(1)?);
        claimed.map(|(_, score)| (*score, false)).or(official.map(|score| (*score, true)))
    }
}
