//! One subscription of a client: what is held for it, and what it goes on after.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use topspin_event::MatchId;

use super::held::Held;
use super::notice::Wanted;
use super::trust::Doubt;
use crate::limits::MAX_HELD;
use crate::message::Source;
use crate::{After, Cursor, Selection};

pub(super) struct Feed {
    pub(super) wanted: Wanted,
    pub(super) cursor: Option<Cursor>,
    /// The matches of which events came since.
    pub(super) since: BTreeSet<MatchId>,
    pub(super) is_synced: bool,
    pub(super) is_broken: bool,
    pub(super) source: Source,
    /// When a heartbeat named it last.
    pub(super) heard_at: Duration,
    pub(super) held: BTreeMap<MatchId, Held>,
    /// The matches of which something may be in doubt now that was not, or the other way round.
    pub(super) touched: BTreeSet<MatchId>,
    pub(super) told: Option<Doubt>,
}

impl Feed {
    pub(super) fn new(wanted: Wanted) -> Self {
        Feed {
            wanted,
            cursor: None,
            since: BTreeSet::new(),
            is_synced: false,
            is_broken: false,
            source: Source::Ok,
            heard_at: Duration::ZERO,
            held: BTreeMap::new(),
            touched: BTreeSet::new(),
            told: None,
        }
    }

    /// What is held of a match, to be changed.
    pub(super) fn touch(&mut self, id: MatchId) -> Option<&mut Held> {
        self.touched.insert(id);
        self.held.get_mut(&id)
    }

    /// The same; of a match that was not known, nothing.
    pub(super) fn touch_new(&mut self, id: MatchId) -> &mut Held {
        self.touched.insert(id);
        self.held.entry(id).or_default()
    }

    /// No correction is under way.
    pub(super) fn end_corrections(&mut self) {
        for (id, held) in self.held.iter_mut().filter(|(_, held)| held.is_correcting) {
            held.is_correcting = false;
            self.touched.insert(*id);
        }
    }

    /// What is held already.
    pub(super) fn after(&self) -> Option<After> {
        let events = |id: &MatchId| Some((*id, self.held.get(id)?.known.events?));
        let cursor = self.cursor.clone().map(|place| {
            let held = self.since.iter().filter_map(events).take(MAX_HELD).collect();
            After::Cursor { place, held }
        });
        let id = self.wanted.to.match_id.filter(|id| self.wanted.to == Selection::one(*id));
        let Some(id) = id else { return cursor };
        let known = &self.held.get(&id)?.known;
        Some(After::Match { at: known.events?, chain: known.chain })
    }
}
