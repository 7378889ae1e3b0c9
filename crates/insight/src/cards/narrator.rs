//! Who tells the cards of a match: the best first, not too many, not too fast, and takes back what no longer holds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use topspin_stream::Time;

use super::candidate::{Candidate, Pace, Seen, Topic};
use crate::limits::{CARD_DISPLACES, CARD_EVERY_RALLIES, CARD_FRESH_MS, CARDS_OPEN};

/// A card that is told, or withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Told {
    /// From 1 on under each match, without gaps.
    pub id: u64,
    pub candidate: Candidate,
    /// When it was told.
    pub since: At,
    pub withdrawn: Option<(At, Reason)>,
}

/// How far the match was read, and the time of what it was decided by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct At {
    pub epoch: u32,
    pub seq: u64,
    pub millis: i64,
}

/// Why a card was withdrawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Reason {
    /// It does not hold any more.
    Untrue,
    /// It holds, and another took its place.
    Outdone,
    /// It compares a match that is over with history, and is not compared any more: the player has begun another match, or what
    /// is compared has changed.
    Past,
}

impl Reason {
    /// The name in records: never changed.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Reason::Untrue => "untrue",
            Reason::Outdone => "outdone",
            Reason::Past => "past",
        }
    }
}

/// What is remembered of a match.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Narrator {
    last_id: u64,
    open: Vec<Told>,
    pace: Option<Pace>,
    /// The time of the last event of the match.
    heard: i64,
    /// How many rallies there were when something new was told last.
    told_at: Option<u32>,
}

impl Narrator {
    /// Looks at what holds now, and decides.
    pub(crate) fn tell(&mut self, rows: &[(Seen, i64)], at: Time) -> Vec<Told> {
        let pace = rows.iter().find_map(|(seen, _)| match seen {
            Seen::Pace(pace) => Some(*pace),
            Seen::Candidate(_) => None,
        });
        if pace != self.pace {
            (self.pace, self.heard) = (pace, self.heard.max(at.0));
        }
        let holding: Vec<&Candidate> = rows.iter().filter_map(|(seen, _)| candidate(seen)).collect();
        let best = best(&holding);
        let now = self.now(at);
        let mut said = self.follow(&holding, &best, now);
        while let Some(next) = self.next(&best, at) {
            if self.open.len() >= CARDS_OPEN
                && let Some(least) = self.least()
            {
                said.push(self.withdraw(least, Reason::Outdone, now));
            }
            said.push(self.make(next.clone(), now));
            self.told_at = self.pace.map(|pace| pace.rallies).max(self.told_at);
        }
        said
    }

    /// What stands is withdrawn if it no longer holds; what says the same thing anew takes its place at once.
    fn follow(&mut self, holding: &[&Candidate], best: &BTreeMap<Topic, &Candidate>, now: At) -> Vec<Told> {
        let mut said = Vec::new();
        for index in (0..self.open.len()).rev() {
            let card = &self.open[index].candidate;
            let successor = best.get(&card.topic()).copied();
            if successor == Some(card) {
                continue;
            }
            let is_past =
                matches!(card, Candidate::Compared(_)) && self.pace.is_some_and(|pace| pace.is_over);
            let reason = match holding.contains(&card) {
                true => Reason::Outdone,
                false if is_past => Reason::Past,
                false => Reason::Untrue,
            };
            said.push(self.withdraw(index, reason, now));
            said.extend(successor.map(|next| self.make(next.clone(), now)));
        }
        said
    }

    /// What is told next, if it is time: the best of what nobody has heard of.
    fn next<'a>(&self, best: &BTreeMap<Topic, &'a Candidate>, at: Time) -> Option<&'a Candidate> {
        let pace = self.pace?;
        let is_time = pace.is_over
            || self.told_at.is_none_or(|told| pace.rallies >= told.saturating_add(CARD_EVERY_RALLIES));
        if !is_time || at.0 > self.heard.saturating_add(CARD_FRESH_MS) {
            return None;
        }
        let told = |topic: &Topic| self.open.iter().any(|card| card.candidate.topic() == *topic);
        let waiting = best.iter().filter(|(topic, _)| !told(topic)).map(|(_, candidate)| *candidate);
        let next = waiting.max_by_key(|candidate| candidate.rank())?;
        let has_room = self.open.len() < CARDS_OPEN;
        let least = self.least().map_or(i64::MIN, |least| self.open[least].candidate.rank());
        (has_room || next.rank() >= least.saturating_add(CARD_DISPLACES)).then_some(next)
    }

    /// The card that is least worth telling of those that stand.
    fn least(&self) -> Option<usize> {
        (0..self.open.len()).min_by_key(|index| self.open[*index].candidate.rank())
    }

    fn make(&mut self, candidate: Candidate, now: At) -> Told {
        self.last_id += 1;
        let card = Told { id: self.last_id, candidate, since: now, withdrawn: None };
        self.open.push(card.clone());
        card
    }

    fn withdraw(&mut self, index: usize, reason: Reason, now: At) -> Told {
        Told { withdrawn: Some((now, reason)), ..self.open.remove(index) }
    }

    fn now(&self, at: Time) -> At {
        let (epoch, seq) = self.pace.map_or((0, 0), |pace| (pace.epoch, pace.seq));
        At { epoch, seq, millis: at.0 }
    }
}

const fn candidate(seen: &Seen) -> Option<&Candidate> {
    match seen {
        Seen::Candidate(candidate) => Some(candidate),
        Seen::Pace(_) => None,
    }
}

/// The best of each topic.
fn best<'a>(holding: &[&'a Candidate]) -> BTreeMap<Topic, &'a Candidate> {
    let mut best: BTreeMap<Topic, &Candidate> = BTreeMap::new();
    for candidate in holding {
        let of_topic = best.entry(candidate.topic()).or_insert(candidate);
        if candidate.rank() > of_topic.rank() {
            *of_topic = candidate;
        }
    }
    best
}
