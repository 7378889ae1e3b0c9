//! How a match was played, as far as its games say.

use std::collections::BTreeMap;

use topspin_laws::{Discipline, Format, Score, Side, Standing, standing};

use super::rally::Rally;

/// The lengths of a match, shortest first.
const BEST_OF: [u8; 3] = [5, 7, 9];

/// Who won each game as the file has it, by its number.
pub(crate) type Winners = BTreeMap<u8, Side>;

/// Who is ahead after the last rally of each game; level games have nobody.
pub(crate) fn winners(rallies: &[Rally]) -> Winners {
    let games = rallies.chunk_by(|a, b| a.game == b.game);
    games.filter_map(|game| game.last().and_then(|last| Some((last.game, last.after().leader()?)))).collect()
}

/// The shortest of the usual formats in which every game of the file could be played.
pub(crate) fn format(rallies: &[Rally]) -> Format {
    let last = rallies.last().map_or(0, |last| last.game);
    let winners = winners(rallies);
    let fits = |best_of: &u8| {
        let to_win = usize::from(best_of / 2 + 1);
        let before_last = || winners.range(..last).map(|(_, winner)| *winner);
        let won = |side| before_last().filter(|winner| *winner == side).count();
        last <= *best_of && Side::BOTH.into_iter().all(|side| won(side) < to_win)
    };
    let best_of = BEST_OF.into_iter().find(fits).unwrap_or(BEST_OF[BEST_OF.len() - 1]);
    Format::ittf(Discipline::Singles, best_of)
}

/// The nearest end of an open game that `winner` won.
pub(crate) fn nearest_end(format: &Format, game: usize, open: Score, winner: Side) -> Option<Score> {
    let mut end = open;
    // As many points as anybody can be behind, and those that a game needs.
    for _ in 0..=u32::from(format.points_to_win(game)) + open.total() {
        *end.of_mut(winner) += 1;
        if standing(format, game, end) == Standing::Won(winner) {
            return Some(end);
        }
    }
    None
}
