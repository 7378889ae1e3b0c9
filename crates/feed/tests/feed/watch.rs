//! Somebody who uses the client library, and believes what it shows.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use topspin_event::{Chain, MatchId, Seq};
use topspin_feed::Position;
use topspin_feed::client::{Notice, Session};

use crate::hall::Hall;

/// How old what is held may be while it is not in doubt: a heartbeat may be late by two, the next is missed after two more, and
/// something is always on its way.
pub const STALE_AT_MOST: Duration = Duration::from_millis(4 * 500 + 500);

#[derive(Default)]
pub struct Watcher {
    /// The last event shown of each match, since the last snapshot.
    shown: BTreeMap<(u32, MatchId), Position>,
    pub events: usize,
    pub resets: usize,
    pub forks: usize,
    pub corrections: usize,
    pub suspensions: usize,
}

#[derive(Deserialize)]
struct Event {
    match_id: MatchId,
    chain: Chain,
}

impl Watcher {
    pub fn see(&mut self, notice: Notice, hall: &Hall) {
        match notice {
            Notice::Event { subscription, match_id, at, event } => {
                self.events += 1;
                let shown = self.shown.insert((subscription, match_id), at);
                if let Some(before) = shown {
                    assert_eq!(at.seq.0, before.seq.0 + 1, "a gap or a duplicate in {match_id}");
                }
                let event: Event = serde_json::from_str(event.get()).expect("an event");
                let truth = &hall.truth[&(match_id, at)];
                assert_eq!((event.match_id, event.chain), (match_id, truth.0), "an event that never was");
            }
            Notice::Snapshot { subscription, match_id, at, .. } => {
                let shown = self.shown.entry((subscription, match_id)).or_insert(at);
                *shown = (*shown).max(at);
            }
            Notice::Forked { subscription, match_id, common_seq } => {
                self.forks += 1;
                self.rewind(subscription, match_id, common_seq);
            }
            Notice::Reset { subscription } => {
                self.resets += 1;
                self.shown.retain(|(of, _), _| *of != subscription);
            }
            Notice::Left { subscription, match_id } => {
                self.shown.remove(&(subscription, match_id));
            }
            Notice::Corrected { .. } => self.corrections += 1,
            Notice::Suspend { .. } => self.suspensions += 1,
            Notice::State { .. } | Notice::Resume { .. } | Notice::Refused(_) => {}
        }
    }

    fn rewind(&mut self, subscription: u32, match_id: MatchId, common: Seq) {
        if let Some(shown) = self.shown.get_mut(&(subscription, match_id)) {
            shown.seq = shown.seq.min(common);
        }
    }

    /// What is not in doubt is true, and was the latest not long ago.
    pub fn check(
        client: &Session,
        hall: &Hall,
        heads: &BTreeMap<(MatchId, Position), Duration>,
        now: Duration,
    ) {
        for id in client.matches(1) {
            if client.doubt(1, id).is_some() {
                continue;
            }
            let known = client.known(1, id).expect("it is listed");
            for at in [known.events, known.state_at].into_iter().flatten() {
                let (_, state) = hall.truth.get(&(id, at)).expect("a position that was");
                if known.state_at == Some(at) {
                    let text = serde_json_canonicalizer::to_string(&known.state).expect("JSON");
                    assert_eq!(text.as_str(), &**state, "another state than was at {at}");
                }
                // When the next position replaced it as the head.
                let replaced = heads.get(&(id, at));
                let stale = replaced.map_or(Duration::ZERO, |replaced| now.saturating_sub(*replaced));
                assert!(
                    stale <= STALE_AT_MOST,
                    "{id} is held at {at}, {stale:?} after the next, and not in doubt"
                );
            }
        }
    }
}
