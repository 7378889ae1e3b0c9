//! Who serves, by the laws and by the file.

use topspin_laws::Side;

use super::rally::Rally;

/// Points from which on service changes with every point (Law 2.13.3).
const DEUCE_TOTAL: u32 = 20;

/// By how many rallies of a game the file must be better followed with the order of service turned round.
const MARGIN: usize = 3;

/// Who served first in the match, as most rallies have it; of two that are even, as the first has it.
pub(crate) fn first_server(rallies: &[Rally]) -> Option<Side> {
    let votes: Vec<Side> = rallies.iter().map(by_first_rally).collect();
    let first = *votes.first()?;
    let agree = votes.iter().filter(|side| **side == first).count();
    Some(if agree * 2 >= votes.len() { first } else { first.other() })
}

/// Who served first in the match if the laws and this rally are right.
fn by_first_rally(rally: &Rally) -> Side {
    let began = began(rally);
    if rally.game.is_multiple_of(2) { began.other() } else { began }
}

/// Who served first in the game, likewise.
fn began(rally: &Rally) -> Side {
    let total = rally.claim.total();
    let turn = if total < DEUCE_TOTAL { total / 2 } else { total };
    if turn.is_multiple_of(2) { rally.server } else { rally.server.other() }
}

/// Whether the rest of the game, from `rally` on, is followed better with the order of service turned round here.
pub(crate) fn turns_here(rally: &Rally, later: &[Rally]) -> bool {
    let game = later.iter().take_while(|later| later.game == rally.game);
    let with = began(rally);
    let (turned, straight): (Vec<Side>, Vec<Side>) =
        game.map(began).chain([with]).partition(|side| *side == with);
    turned.len() >= straight.len() + MARGIN
}
