//! Which side a player id of an update belongs to.

use std::collections::BTreeMap;

use topspin_laws::{Both, Side};

use super::document::{Game, Team};
use super::update::{Type, Update};

/// The sides of all player ids that a game can hold.
pub(crate) struct LineUp {
    sides: BTreeMap<String, Side>,
}

impl LineUp {
    /// From the most general to the most specific: the teams, the updates that name a line-up, the game's players.
    pub fn of(game: &Game, teams: &Both<Team>) -> Self {
        let mut sides = BTreeMap::new();
        for side in Side::BOTH {
            sides.extend(teams.of(side).players.iter().map(|player| (player.id.clone(), side)));
        }
        for update in &game.updates {
            for (ids, side) in update.line_up.iter().zip(Side::BOTH) {
                let ids = ids.iter().flat_map(|ids| ids.split('|'));
                sides.extend(ids.map(|id| (id.to_owned(), side)));
            }
        }
        for side in Side::BOTH {
            sides.extend(game.line_up.of(side).iter().map(|player| (player.id.clone(), side)));
        }
        LineUp { sides }
    }

    /// The side of a player or a pair (`a|b`); `None` if unknown, or if the pair's players are of both sides.
    pub fn side(&self, player: &str) -> Option<Side> {
        let mut sides = player.split('|').filter_map(|id| self.sides.get(id.trim()));
        let first = *sides.next()?;
        sides.all(|side| *side == first).then_some(first)
    }

    /// Notes the side of every update's player.
    pub fn place(&self, updates: &mut [Update]) {
        for update in updates {
            update.side = update.player.as_deref().and_then(|player| self.side(player));
        }
    }
}

/// The first point of a player who is not in the match as the source has it: of one of the teams, and of neither.
pub(crate) fn foreign_players<'a>(
    game: &Game,
    updates: &'a [Update],
) -> (Option<&'a Update>, Option<&'a Update>) {
    let named =
        |id: &str| Side::BOTH.iter().any(|side| game.line_up.of(*side).iter().any(|player| player.id == id));
    let foreign = |update: &&Update| {
        update.kind == Type::Point
            && update.player.as_deref().is_some_and(|player| !player.split('|').all(named))
    };
    let of_team = updates.iter().filter(foreign).find(|update| update.side.is_some());
    let of_nobody = updates.iter().filter(foreign).find(|update| update.side.is_none());
    (of_team, of_nobody)
}
