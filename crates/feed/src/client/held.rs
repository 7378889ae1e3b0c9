//! What is held of one match, checked as it comes.

use std::collections::VecDeque;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use topspin_event::{Chain, Epoch, MatchId, PayloadHash, Seq, StateHash};

use super::trust::Doubt;
use crate::limits::{CHAINS_KEPT, MAX_WAITING};
use crate::message::{Delta, Head, Lagged, Range, Snapshot};
use crate::patch::apply;
use crate::{CloudEvent, Kind, Kinds, Position};

/// What a consumer knows of a match.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Known {
    /// The last event that was shown.
    pub events: Option<Position>,
    /// The chain up to it, as far as it could be checked.
    pub chain: Option<Chain>,
    /// The position of the state.
    pub state_at: Option<Position>,
    /// The state, as the member `state` of the match resource.
    pub state: Option<Value>,
    /// Its hash, as computed from it.
    pub state_hash: Option<StateHash>,
}

/// An event that can be shown.
pub(super) struct Shown {
    pub(super) at: Position,
    pub(super) event: Box<RawValue>,
}

/// What came of a message.
pub(super) enum Outcome {
    /// It was held before.
    Known,
    /// These are new.
    Events(Vec<Shown>),
    /// These are new, and others are still missing.
    Missing(Vec<Shown>, Range),
    /// The server is in another history than what is held after this.
    Parted(Seq),
    /// It cannot be right.
    Broken,
}

/// What came of a delta.
pub(super) enum Applied {
    /// Its state, or a later one, was held before.
    Known,
    /// Its state is held now.
    New,
    /// It does not follow what is held, or does not make what its hash says.
    Broken,
}

/// The parts of an event that are checked.
#[derive(Deserialize)]
struct Link {
    match_id: MatchId,
    epoch: Epoch,
    seq: Seq,
    payload_sha256: PayloadHash,
    chain: Chain,
}

#[derive(Default)]
pub(super) struct Held {
    pub(super) known: Known,
    /// The latest links, by position: what is gone back to when a history parts.
    chains: VecDeque<(Position, Chain)>,
    /// Events that wait for those before them.
    waiting: VecDeque<(Position, Box<RawValue>)>,
    pub(super) filling: Option<Range>,
    pub(super) is_correcting: bool,
    /// The position that the server has, as it last said.
    said: Option<Position>,
    pub(super) told: Option<Doubt>,
}

impl Held {
    pub(super) fn doubt(&self) -> Option<Doubt> {
        let doubts = [
            (self.filling.is_some(), Doubt::Filling),
            (self.is_correcting, Doubt::Correcting),
            (self.is_behind(), Doubt::CatchingUp),
        ];
        doubts.into_iter().find_map(|(holds, doubt)| holds.then_some(doubt))
    }

    /// Takes a snapshot; `false` if its state is not what its hash says.
    pub(super) fn snapshot(&mut self, snapshot: &Snapshot, kinds: Kinds) -> bool {
        #[derive(Deserialize)]
        struct Resource {
            state: Value,
        }
        let Ok(Resource { state }) = serde_json::from_str::<Resource>(snapshot.resource.get()) else {
            return false;
        };
        let Some(hash) = hash_of(&state).filter(|hash| *hash == snapshot.state_hash) else { return false };
        // A snapshot behind the last event says nothing new of the events.
        let is_later = self.known.events.is_none_or(|held| held < snapshot.at);
        if kinds.has(Kind::Events) && is_later {
            self.anchor(snapshot.at, snapshot.chain);
        }
        if kinds.has(Kind::State) {
            self.known.state_at = Some(snapshot.at);
            self.known.state = Some(state);
            self.known.state_hash = Some(hash);
        }
        true
    }

    /// Whether the server has said that it is further.
    fn is_behind(&self) -> bool {
        let behind = |held: Option<Position>| held.is_some_and(|held| Some(held) < self.said);
        behind(self.known.events) || behind(self.known.state_at)
    }

    fn anchor(&mut self, at: Position, chain: Chain) {
        self.known.events = Some(at);
        self.known.chain = Some(chain);
        self.chains.clear();
        self.chains.push_back((at, chain));
        self.waiting.clear();
        self.filling = None;
    }

    /// Takes an event that follows `follows`.
    pub(super) fn event(&mut self, follows: Position, event: &CloudEvent) -> Outcome {
        let Ok(link) = serde_json::from_str::<Link>(event.data.get()) else { return Outcome::Broken };
        let at = Position { epoch: link.epoch, seq: link.seq };
        if self.filling.is_some() {
            self.wait(at, &event.data);
            return Outcome::Known;
        }
        match self.known.events {
            Some(held) if at <= held => return Outcome::Known,
            Some(held) if follows.seq < held.seq => return Outcome::Parted(follows.seq),
            Some(held) if follows.seq > held.seq => {
                let range = Range { from: Seq(held.seq.0 + 1), to: follows.seq };
                self.filling = Some(range);
                self.wait(at, &event.data);
                return Outcome::Missing(Vec::new(), range);
            }
            Some(_) | None => {}
        }
        if !self.link(&link, at) {
            return Outcome::Broken;
        }
        Outcome::Events(vec![Shown { at, event: event.data.clone() }])
    }

    /// Keeps an event until those before it were read. Those that do not fit are read too.
    fn wait(&mut self, at: Position, data: &RawValue) {
        if self.waiting.len() >= MAX_WAITING {
            self.waiting.clear();
            self.filling = self.filling.map(|filling| Range { to: at.seq, ..filling });
        } else if self.waiting.back().is_none_or(|(last, _)| *last < at) {
            self.waiting.push_back((at, data.to_owned()));
        }
    }

    /// Whether an event is the next of the chain; then it is held.
    fn link(&mut self, link: &Link, at: Position) -> bool {
        let follows = self.known.events.is_none_or(|held| held.seq.0 + 1 == at.seq.0);
        let linked = self.known.chain.is_none_or(|chain| chain.link(link.payload_sha256) == link.chain);
        if !follows || !linked {
            return false;
        }
        self.known.events = Some(at);
        self.known.chain = Some(link.chain);
        self.chains.push_back((at, link.chain));
        if self.chains.len() > CHAINS_KEPT {
            self.chains.pop_front();
        }
        true
    }

    /// The server has left events out. What to read, if it is not held.
    pub(super) fn lagged(&mut self, lagged: &Lagged) -> Option<Range> {
        let held = self.known.events.map_or(Seq(0), |held| held.seq);
        if lagged.to <= held {
            return None;
        }
        let range = Range { from: Seq(held.0 + 1), to: lagged.to };
        self.filling =
            Some(self.filling.map_or(range, |filling| Range { to: filling.to.max(range.to), ..filling }));
        self.filling
    }

    /// Takes events that were read, and those that waited for them.
    pub(super) fn filled(&mut self, id: MatchId, events: Vec<Box<RawValue>>) -> Outcome {
        let Some(range) = self.filling else { return Outcome::Known };
        let mut shown = Vec::new();
        let came = !events.is_empty();
        if !events.into_iter().all(|event| self.hold(id, event, &mut shown)) {
            return Outcome::Broken;
        }
        if let Some(held) = self.known.events.filter(|held| held.seq < range.to) {
            let rest = Range { from: Seq(held.seq.0 + 1), to: range.to };
            self.filling = Some(rest);
            return if came { Outcome::Missing(shown, rest) } else { Outcome::Broken };
        }
        self.filling = None;
        let mut waiting = std::mem::take(&mut self.waiting).into_iter();
        let all = waiting.all(|(_, event)| self.hold(id, event, &mut shown));
        if all { Outcome::Events(shown) } else { Outcome::Broken }
    }

    /// Holds an event that was read; `false` if it is not the next. One that is held already is passed over.
    fn hold(&mut self, id: MatchId, event: Box<RawValue>, shown: &mut Vec<Shown>) -> bool {
        let Ok(link) = serde_json::from_str::<Link>(event.get()) else { return false };
        let at = Position { epoch: link.epoch, seq: link.seq };
        if self.known.events.is_some_and(|held| at <= held) {
            return true;
        }
        let holds = link.match_id == id && self.link(&link, at);
        if holds {
            shown.push(Shown { at, event });
        }
        holds
    }

    /// What is held after an event did not happen. What did is said next, as a correction.
    pub(super) fn part(&mut self, common: Seq) {
        self.is_correcting = true;
        self.waiting.clear();
        self.filling = None;
        if self.known.events.is_some_and(|held| held.seq <= common) {
            return;
        }
        while self.chains.back().is_some_and(|(at, _)| at.seq > common) {
            self.chains.pop_back();
        }
        let shared = self.chains.back().filter(|(at, _)| at.seq == common).copied();
        self.known.chain = shared.map(|(_, chain)| chain);
        self.known.events = match (shared, self.known.events) {
            (Some((at, _)), _) => Some(at),
            (None, Some(held)) if common.0 > 0 => Some(Position { seq: common, ..held }),
            (None, _) => None,
        };
    }

    /// Applies a delta.
    pub(super) fn delta(&mut self, delta: &Delta) -> Applied {
        let (Some(at), Some(state)) = (self.known.state_at, self.known.state.as_mut()) else {
            return Applied::Broken;
        };
        if delta.at <= at {
            return Applied::Known;
        }
        let Ok(patch) = serde_json::from_str(delta.patch.get()) else { return Applied::Broken };
        if delta.follows != at {
            return Applied::Broken;
        }
        apply(state, patch);
        let hash = hash_of(state);
        let agrees = hash.as_ref() == Some(&delta.state_hash);
        self.known.state_at = Some(delta.at);
        self.known.state_hash = hash;
        if agrees { Applied::New } else { Applied::Broken }
    }

    /// Compares with what the server says; `false` if they cannot both be right.
    pub(super) fn compare(&mut self, head: &Head) -> bool {
        let Known { events, chain, state_at, state_hash, .. } = &self.known;
        let sent =
            |held: Option<Position>, sent: Option<Position>| sent.is_none_or(|sent| held >= Some(sent));
        let is_filling = self.filling.is_some();
        if !(is_filling || sent(*events, head.matched.events)) || !sent(*state_at, head.matched.state) {
            return false;
        }
        let chains_agree = *events != Some(head.at) || chain.is_none_or(|chain| chain == head.chain);
        let states_agree = *state_at != Some(head.at) || state_hash.as_ref() == Some(&head.state_hash);
        self.said = Some(head.at);
        chains_agree && states_agree
    }
}

/// The hash of a state: of its RFC 8785 JSON.
fn hash_of(state: &Value) -> Option<StateHash> {
    serde_json_canonicalizer::to_string(state).ok().map(|canonical| StateHash::of(&canonical))
}
