//! A match as its events tell it: the score sheet with its times. Everything else that is said of a match is a function of it.

use std::collections::BTreeMap;
use std::sync::Arc;

use topspin_event::{Epoch, MatchEvent, MatchMeta, Precision, Recorded, Seq, Stroke, Timestamp};
use topspin_laws::{Both, Discipline, Event, Format, Line, Score, Side, State, replay};

use crate::facts::Id;
use crate::rally::Rally;

/// The fold of a match's events. Total: what cannot follow changes nothing, as in the laws.
#[derive(Debug, Clone, Default)]
pub struct Chronicle {
    meta: Option<Arc<MatchMeta>>,
    state: Option<State>,
    head: Option<(Epoch, Seq)>,
    stamps: BTreeMap<Seq, Stamp>,
    /// The laws that each event was decided under.
    versions: BTreeMap<Seq, u32>,
    lines: Vec<Line>,
    rallies: Vec<Rally>,
    /// As they were recorded last, by their rally, whether that stands or not.
    strokes: BTreeMap<Seq, Arc<[Stroke]>>,
}

/// What an event made of the rallies of a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rallies {
    /// Nothing.
    AsTheyWere,
    /// One was played.
    OneMore,
    /// Any of them may be another than before.
    Changed,
    /// The strokes of one were told, the one at this position.
    Described(Seq),
}

/// When an event happened, as far as anybody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    /// The moment, to [`Stamp::precision`]; `None` if it is not known at all.
    pub at: Option<Timestamp>,
    /// How exactly.
    pub precision: Precision,
}

impl Stamp {
    /// What a sender does not time happens as it is recorded, unless it says that it does not know.
    pub fn of(recorded: &Recorded) -> Self {
        let at = match recorded.precision {
            Precision::Ms => Some(recorded.occurred_at.unwrap_or(recorded.recorded_at)),
            Precision::Day => recorded.occurred_at,
            Precision::Unknown => None,
        };
        Stamp { at, precision: recorded.precision }
    }

    /// The moment, if it is known to the millisecond.
    pub fn exactly(self) -> Option<Timestamp> {
        self.at.filter(|_| self.precision == Precision::Ms)
    }
}

impl Chronicle {
    /// The chronicle of these events, from the first on.
    pub fn of<'a>(events: impl IntoIterator<Item = &'a Recorded>) -> Self {
        let mut chronicle = Chronicle::default();
        for event in events {
            chronicle.fold(event);
        }
        chronicle
    }

    /// Takes the next event, and says what became of the rallies. O(1), or a fold of the match for a correction. One that
    /// was taken before changes nothing.
    pub fn fold(&mut self, recorded: &Recorded) -> Rallies {
        if self.head.is_some_and(|(_, seq)| recorded.seq <= seq) {
            return Rallies::AsTheyWere;
        }
        self.head = Some((recorded.epoch, recorded.seq));
        match &recorded.event {
            MatchEvent::Created(meta) => {
                self.state = Some(State::new(meta.setup()));
                self.meta = Some(Arc::clone(meta));
                Rallies::AsTheyWere
            }
            MatchEvent::Moved(to) => {
                self.meta = self.meta.take().map(|meta| Arc::new(Arc::unwrap_or_clone(meta).moved(to)));
                Rallies::AsTheyWere
            }
            MatchEvent::Law(event) => self.fold_law(recorded, event),
            MatchEvent::StrokesRecorded(told) => {
                self.strokes.insert(told.rally, told.strokes.as_slice().into());
                Rallies::Described(told.rally)
            }
            MatchEvent::ResultReported(_) | MatchEvent::Unknown(_) => Rallies::AsTheyWere,
        }
    }

    fn fold_law(&mut self, recorded: &Recorded, event: &Event) -> Rallies {
        let Some(state) = self.state.take() else { return Rallies::AsTheyWere };
        self.stamps.insert(recorded.seq, Stamp::of(recorded));
        self.versions.insert(recorded.seq, recorded.laws_version);
        let (before, standing) = (state.moment(), state.live_actions().len());
        let state = replay(state, recorded.seq, event, recorded.laws_version);
        let count = self.rallies.len();
        let changed = match event {
            Event::Retracted { .. }
            | Event::Reinstated { .. }
            | Event::Amended { .. }
            | Event::ServiceCorrected { .. } => {
                self.lines = state.sheet();
                self.rallies.clear();
                (0..self.lines.len()).for_each(|index| self.add_rally(&state, index));
                Rallies::Changed
            }
            event if state.live_actions().len() > standing => {
                let (seq, after) = (recorded.seq, state.moment());
                self.lines.push(Line { seq, event: event.clone(), amended_by: None, before, after });
                self.add_rally(&state, self.lines.len() - 1);
                if self.rallies.len() > count { Rallies::OneMore } else { Rallies::AsTheyWere }
            }
            // The referee's word, another tablet, or what could not follow.
            _ => Rallies::AsTheyWere,
        };
        self.state = Some(state);
        changed
    }

    fn add_rally(&mut self, state: &State, index: usize) {
        let (before, line) = (index.checked_sub(1).map(|before| &self.lines[before]), &self.lines[index]);
        let stamp = |line: &Line| self.stamps.get(&line.seq).copied();
        let began = before.filter(|line| matches!(line.event, Event::RallyStarted {})).and_then(stamp);
        let ended = stamp(line).unwrap_or(Stamp { at: None, precision: Precision::Unknown });
        self.rallies.extend(Rally::of(state.format(), line, began, ended));
    }

    /// What the match is; `None` before its first event.
    pub fn meta(&self) -> Option<&Arc<MatchMeta>> {
        self.meta.as_ref()
    }

    /// The players of a singles; `None` of doubles, and where one is not named.
    pub(crate) fn singles(&self) -> Option<Both<Id>> {
        let meta = self.meta.as_ref().filter(|meta| meta.format.discipline == Discipline::Singles)?;
        let player = |side| match meta.sides.of(side).players.as_slice() {
            [player] => Some(player.0.into_bytes()),
            _ => None,
        };
        Some(Both::new(player(Side::Home)?, player(Side::Away)?))
    }

    /// The state of the laws.
    pub fn state(&self) -> Option<&State> {
        self.state.as_ref()
    }

    /// How it is played.
    pub fn format(&self) -> Option<&Format> {
        self.state.as_ref().map(State::format)
    }

    /// The position of the last event; `None` before the first.
    pub fn head(&self) -> Option<(Epoch, Seq)> {
        self.head
    }

    /// The score of every game begun, in order.
    pub fn scores(&self) -> Vec<Score> {
        self.state.as_ref().map(|state| state.facts().games).unwrap_or_default()
    }

    /// The score sheet.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The rallies that were scored and stand, oldest first.
    pub fn rallies(&self) -> &[Rally] {
        &self.rallies
    }

    /// The rally at a position, if it stands.
    pub(crate) fn rally(&self, seq: Seq) -> Option<&Rally> {
        let place = self.rallies.binary_search_by_key(&seq, Rally::seq).ok()?;
        self.rallies.get(place)
    }

    /// The strokes of a rally that stands; `None` where they are not recorded, or no longer as many as it had.
    pub fn strokes(&self, rally: &Rally) -> Option<&[Stroke]> {
        let strokes = self.strokes.get(&rally.seq())?;
        (rally.strokes.map(usize::from) == Some(strokes.len())).then_some(strokes)
    }

    /// Plays the sheet once more: shows each line with the state of the match before it.
    pub fn replayed(&self, mut visit: impl FnMut(&State, &Line)) {
        let Some(meta) = &self.meta else { return };
        let setup = meta.setup();
        let mut state = State::new(setup);
        for line in &self.lines {
            visit(&state, line);
            let version = self.versions.get(&line.seq).copied().unwrap_or(topspin_laws::LAWS_VERSION);
            state = replay(state, line.seq, &line.event, version);
        }
    }

    /// When the event at a position happened.
    pub fn stamp(&self, seq: Seq) -> Option<Stamp> {
        self.stamps.get(&seq).copied()
    }
}
