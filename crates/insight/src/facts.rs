//! The facts of a match as rows, and the differences that an event makes among them.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use topspin_event::{MatchMeta, Seq, wire};
use topspin_laws::Side;
use topspin_stream::{Facts, Reason};

use crate::cards::{Candidate, Pace, Seen, Tonight, happened};
use crate::chronicle::{Chronicle, Rallies};
use crate::mark::{self, Mark};
use crate::payload::Payload;
use crate::profile::Played;
use crate::statistics::statistics;
use crate::strokes::Exchange;

/// An id as a key has it.
pub(crate) type Id = [u8; 16];

/// A fact of a match: a row under its id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Fact {
    /// What the match is: one row from its first event on.
    Subject(Subject),
    /// Its statistics, as they are on their topic: one row from its first event on.
    Statistics(Payload),
    /// What could be a record.
    Mark(Mark),
    /// What a singles comes to, once it is over.
    Played(Box<Played>),
    /// A rally of a singles whose strokes are recorded.
    Exchange(Box<Exchange>),
    /// What a singles comes to so far.
    Tonight(Box<Tonight>),
    /// What its narrator sees: how far it is, and what could be told of its course.
    Seen(Seen),
}

impl Fact {
    pub(crate) const fn subject(&self) -> Option<&Subject> {
        if let Fact::Subject(subject) = self { Some(subject) } else { None }
    }

    pub(crate) const fn statistics(&self) -> Option<&Payload> {
        if let Fact::Statistics(told) = self { Some(told) } else { None }
    }

    pub(crate) const fn mark(&self) -> Option<&Mark> {
        if let Fact::Mark(mark) = self { Some(mark) } else { None }
    }

    pub(crate) fn tonight(&self) -> Option<&Tonight> {
        if let Fact::Tonight(tonight) = self { Some(tonight) } else { None }
    }

    pub(crate) const fn seen(&self) -> Option<&Seen> {
        if let Fact::Seen(seen) = self { Some(seen) } else { None }
    }

    pub(crate) fn played(&self) -> Option<&Played> {
        if let Fact::Played(played) = self { Some(played) } else { None }
    }

    pub(crate) fn exchange(&self) -> Option<&Exchange> {
        if let Fact::Exchange(exchange) = self { Some(exchange) } else { None }
    }
}

/// What a match is, as far as records and profiles ask.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Subject {
    pub competition: Option<Id>,
    pub category: Option<String>,
    pub venue: Option<Id>,
    pub home: Vec<Id>,
    pub away: Vec<Id>,
}

impl Subject {
    pub(crate) fn of(meta: &MatchMeta) -> Self {
        let players = |side| meta.sides.of(side).players.iter().map(|id| id.0.into_bytes()).collect();
        Subject {
            competition: meta.competition_id.map(|id| id.0.into_bytes()),
            category: meta.category.clone(),
            venue: meta.venue_id.map(|id| id.0.into_bytes()),
            home: players(Side::Home),
            away: players(Side::Away),
        }
    }

    pub(crate) fn players(&self, side: Side) -> &[Id] {
        match side {
            Side::Home => &self.home,
            Side::Away => &self.away,
        }
    }
}

/// A match as far as it was told.
#[derive(Default)]
pub(crate) struct Told {
    chronicle: Chronicle,
    /// The facts that hold; `None` while it is replayed, when nobody asks for them.
    held: Option<Held>,
}

/// The facts that hold of a match.
#[derive(Default)]
struct Held {
    /// Of single rallies, in the order of the rallies.
    of_rallies: Vec<Fact>,
    /// Of the strokes of rallies, by their positions.
    exchanges: BTreeMap<Seq, Exchange>,
    /// Of the match and its games, in order.
    of_match: Vec<Fact>,
}

impl Told {
    /// Takes the next event, as it is on the log. A rally more costs its own facts and those of the match; a correction
    /// all, of which only those that differ come and go. An event whose predecessor is missing is refused: it is tried again
    /// when that has come. One that was taken before changes nothing, as does one of a match whose beginning is not read.
    pub(crate) fn take(&mut self, event: &Payload, changes: &mut Facts<Fact>) -> Result<(), Reason> {
        let recorded =
            wire::decode_recorded(event.as_bytes()).map_err(|error| Reason::from(error.to_string()))?;
        let next = match self.chronicle.head() {
            Some((_, seq)) if recorded.seq <= seq => return Ok(()),
            Some((_, seq)) => seq.0 + 1,
            None if recorded.seq.0 > 1 => return Ok(()),
            None => 1,
        };
        if recorded.seq.0 > next {
            return Err(Reason::from(format!("event {next} of the match was not read")));
        }
        if !changes.are_wanted() {
            self.held = None;
            self.chronicle.fold(&recorded);
            return Ok(());
        }
        let mut held = self.held.take().unwrap_or_else(|| self.facts());
        match self.chronicle.fold(&recorded) {
            Rallies::AsTheyWere => {}
            Rallies::Described(rally) => held.describe(&self.chronicle, rally, changes),
            Rallies::OneMore => {
                for fact in self.chronicle.rallies().last().into_iter().flat_map(of_rally) {
                    changes.comes(fact.clone());
                    held.of_rallies.push(fact);
                }
                held.describe(&self.chronicle, recorded.seq, changes);
            }
            Rallies::Changed => {
                let after: Vec<Fact> = self.chronicle.rallies().iter().flat_map(of_rally).collect();
                difference(sorted(held.of_rallies), sorted(after.clone()), changes);
                held.of_rallies = after;
                let after = self.exchanges();
                difference(rows(&held.exchanges), rows(&after), changes);
                held.exchanges = after;
            }
        }
        let after = self.facts_of_match();
        difference(std::mem::replace(&mut held.of_match, after.clone()), after, changes);
        self.held = Some(held);
        Ok(())
    }

    fn facts(&self) -> Held {
        Held {
            of_rallies: self.chronicle.rallies().iter().flat_map(of_rally).collect(),
            exchanges: self.exchanges(),
            of_match: self.facts_of_match(),
        }
    }

    fn exchanges(&self) -> BTreeMap<Seq, Exchange> {
        let rallies = self.chronicle.rallies().iter();
        rallies.filter_map(|rally| Some((rally.seq(), Exchange::of(&self.chronicle, rally)?))).collect()
    }

    fn facts_of_match(&self) -> Vec<Fact> {
        let told = statistics(&self.chronicle).map(|told| wire::encode_match_statistics(&told));
        let subject = self.chronicle.meta().map(|meta| Subject::of(meta));
        let marks = mark::of_match(&self.chronicle);
        let seen = happened(&self.chronicle, &marks).into_iter().map(Candidate::Course).map(Seen::Candidate);
        let seen = seen.chain(self.pace().map(Seen::Pace)).map(Fact::Seen);
        let tonight = Tonight::of(&self.chronicle).map(|tonight| Fact::Tonight(Box::new(tonight)));
        let told_by_match = marks.into_iter().map(Fact::Mark).chain(seen).chain(tonight);
        let told = told.map(|bytes| Fact::Statistics(Payload::from(bytes.as_ref())));
        let played = Played::of(&self.chronicle).map(|played| Fact::Played(Box::new(played)));
        sorted(
            subject.map(Fact::Subject).into_iter().chain(told).chain(told_by_match).chain(played).collect(),
        )
    }

    fn pace(&self) -> Option<Pace> {
        let (epoch, seq) = self.chronicle.head()?;
        let is_over = self.chronicle.state()?.moment().status.is_over();
        let rallies = u32::try_from(self.chronicle.rallies().len()).ok()?;
        Some(Pace { epoch: epoch.0, seq: seq.0, rallies, is_over })
    }
}

impl Held {
    /// The strokes of one rally may be others than before.
    fn describe(&mut self, chronicle: &Chronicle, rally: Seq, changes: &mut Facts<Fact>) {
        let after = chronicle.rally(rally).and_then(|rally| Exchange::of(chronicle, rally));
        let before = match &after {
            Some(after) => self.exchanges.insert(rally, after.clone()),
            None => self.exchanges.remove(&rally),
        };
        if before != after {
            if let Some(gone) = before {
                changes.goes(Fact::Exchange(Box::new(gone)));
            }
            if let Some(come) = after {
                changes.comes(Fact::Exchange(Box::new(come)));
            }
        }
    }
}

fn rows(exchanges: &BTreeMap<Seq, Exchange>) -> Vec<Fact> {
    sorted(exchanges.values().map(|one| Fact::Exchange(Box::new(one.clone()))).collect())
}

fn of_rally(rally: &crate::rally::Rally) -> impl Iterator<Item = Fact> + use<> {
    mark::of_rally(rally).map(Fact::Mark)
}

fn sorted(mut facts: Vec<Fact>) -> Vec<Fact> {
    facts.sort_unstable();
    facts
}

/// What goes and what comes between two lists in order.
fn difference(before: Vec<Fact>, after: Vec<Fact>, changes: &mut Facts<Fact>) {
    let (mut before, mut after) = (before.into_iter().peekable(), after.into_iter().peekable());
    loop {
        let order = match (before.peek(), after.peek()) {
            (None, None) => return,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(old), Some(new)) => old.cmp(new),
        };
        match order {
            Ordering::Less => before.next().into_iter().for_each(|fact| changes.goes(fact)),
            Ordering::Greater => after.next().into_iter().for_each(|fact| changes.comes(fact)),
            Ordering::Equal => {
                before.next();
                after.next();
            }
        }
    }
}
