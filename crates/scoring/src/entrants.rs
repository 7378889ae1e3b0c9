//! The players of a match to be created: who is known, and who is new.

use std::collections::{HashMap, HashSet};

use topspin_event::{
    Entry, ExternalId, MatchId, NewEntry, NewPlayer, NewReference, OrgId, PlayerId, ReferenceDetails,
    ReferenceId, ReferenceKind,
};
use topspin_laws::Both;
use topspin_runtime::Store;

use crate::answer::{CreateError, UnknownReference};
use crate::{claims, referents};

/// Who plays, without anything recorded yet.
pub(crate) struct Entrants {
    /// The sides, each player by id.
    pub(crate) sides: Both<Entry>,
    /// Those with a name who are not known by an external id: to be recorded if there is none with their id.
    pub(crate) named: Vec<NewReference>,
    /// Why no new match can have these sides: a player who is not known, or who is entered twice.
    pub(crate) refused: Option<CreateError>,
}

/// The external ids of all players.
pub(crate) fn external_ids(sides: &Both<NewEntry>) -> Vec<ExternalId> {
    let players = sides.home.players.iter().chain(&sides.away.players);
    players.flat_map(|player| player.external_ids.iter().cloned()).collect()
}

/// Finds out who plays. Whoever records them holds their external ids meanwhile.
pub(crate) fn resolve(
    store: &Store,
    (org, id): (OrgId, MatchId),
    sides: Both<NewEntry>,
) -> Result<Entrants, CreateError> {
    let mut resolution = Resolution {
        store,
        org,
        claimed: HashMap::new(),
        named: Vec::new(),
        entered: HashSet::new(),
        refused: None,
    };
    let home = resolution.enter(id, ("home", sides.home))?;
    let away = resolution.enter(id, ("away", sides.away))?;
    let Resolution { named, refused, .. } = resolution;
    Ok(Entrants { sides: Both::new(home, away), named, refused })
}

struct Resolution<'store> {
    store: &'store Store,
    org: OrgId,
    /// The external ids of those in `named`.
    claimed: HashMap<ExternalId, PlayerId>,
    named: Vec<NewReference>,
    entered: HashSet<PlayerId>,
    refused: Option<CreateError>,
}

impl Resolution<'_> {
    fn enter(&mut self, id: MatchId, (side, entry): (&str, NewEntry)) -> Result<Entry, CreateError> {
        let mut players = Vec::with_capacity(entry.players.len());
        for (place, player) in entry.players.into_iter().enumerate() {
            // A player of whom nothing but the name is known is a player of this match only.
            let alone = PlayerId::derived(id.0, &format!("{side}/{place}"));
            let field = format!("sides.{side}.players[{place}]");
            let problem = |problem| CreateError::Invalid { field: field.clone(), problem };
            let (is_named, external) = (player.name.is_some(), player.external_ids.first().cloned());
            let id = self.player(player, alone, problem)?;
            if !self.entered.insert(id) {
                let twice = problem(format!("player {id} is in this match already"));
                self.refused.get_or_insert(twice);
            } else if !is_named && !referents::is_there(self.store, ReferenceKind::Player, id.0)? {
                let what = external.map_or(format!("player {id}"), |id| format!("player with {id}"));
                let what = format!("{what}: give a new one's name");
                self.refused.get_or_insert(UnknownReference { field, what }.into());
            }
            players.push(id);
        }
        Ok(Entry { name: entry.name, players })
    }

    fn player(
        &mut self,
        player: NewPlayer,
        alone: PlayerId,
        problem: impl Fn(String) -> CreateError,
    ) -> Result<PlayerId, CreateError> {
        let mut known = None;
        for external in &player.external_ids {
            let Some(found) = self.find(external)? else { continue };
            if let Some(other) = player.id.or(known).filter(|other| *other != found) {
                return Err(problem(format!("{external} is player {found}, not {other}")));
            }
            known = Some(found);
        }
        if let Some(known) = known {
            return Ok(known);
        }
        let kind = ReferenceKind::Player.as_str();
        let derived = player.external_ids.first().map(|external| claims::derived(self.org, kind, external));
        let id = player.id.or(derived.map(PlayerId)).unwrap_or(alone);
        if let Some(name) = player.name {
            self.claimed.extend(player.external_ids.iter().map(|external| (external.clone(), id)));
            self.named.push(NewReference {
                id: Some(ReferenceId::from(id)),
                external_ids: player.external_ids,
                details: ReferenceDetails { name, ..ReferenceDetails::default() },
            });
        }
        Ok(id)
    }

    fn find(&self, external: &ExternalId) -> Result<Option<PlayerId>, CreateError> {
        if let Some(claimed) = self.claimed.get(external) {
            return Ok(Some(*claimed));
        }
        let found = claims::find(self.store, ReferenceKind::Player.as_str(), external)?;
        Ok(found.map(PlayerId))
    }
}
