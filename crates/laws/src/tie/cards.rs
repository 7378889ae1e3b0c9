//! Cards that players carry from match to match of a tie (Regulation 3.5.2.6).

use super::{PlayerId, TieState};
use crate::{Both, Card, Side};

impl TieState {
    /// Cards with which the players of match `number` begin it: their own from earlier matches of the tie; a pair is
    /// regarded as having the higher of the warnings or penalties of either player.
    pub fn carried_cards(&self, number: u8) -> Both<Vec<Card>> {
        let carried = |side| {
            let players = self.players_of(number, side).unwrap_or_default();
            players.iter().map(|player| self.cards_of(side, player)).max_by_key(Vec::len).unwrap_or_default()
        };
        Both::new(carried(Side::Home), carried(Side::Away))
    }

    /// Every card a player was shown in the tie, in order.
    fn cards_of(&self, side: Side, player: &PlayerId) -> Vec<Card> {
        let shown = self.played.iter().flat_map(|played| played.cards.of(side));
        shown.filter(|shown| shown.player == *player).flat_map(|shown| shown.cards.iter().copied()).collect()
    }
}
