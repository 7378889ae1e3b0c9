//! What corrections have made of a match's events.

use std::collections::{BTreeMap, BTreeSet};

use topspin_event::{EventEnvelope, MatchEvent, Seq};
use topspin_laws::{Event, Outcome, Score, Setup, State, replay};

/// What became of an event after it was recorded.
#[derive(Default)]
pub struct Fate {
    /// The event that took it back, if it does not stand.
    pub retracted_by: Option<Seq>,
    /// The event that amended it last, and what it came to instead.
    pub amended: Option<(Seq, Outcome)>,
    /// The score of its game after it, counted again with every correction. `None` if it does not stand.
    pub score: Option<Score>,
    /// The game that was being played when it was recorded, from 1; 0 before the first.
    pub game: u8,
}

/// The fates of all events of a match, from the first on.
pub fn fates(events: &[EventEnvelope]) -> BTreeMap<Seq, Fate> {
    let mut fates = BTreeMap::new();
    let Some(setup) = events.iter().find_map(|envelope| setup(&envelope.recorded.event)) else {
        return fates;
    };
    let mut state = State::new(setup);
    for envelope in events {
        let at = envelope.recorded.seq;
        if let MatchEvent::Law(event) = &envelope.recorded.event {
            state = replay(state, at, event, envelope.recorded.laws_version);
        }
        fates.insert(at, Fate { game: state.facts().games.len() as u8, ..Fate::default() });
    }
    let live: BTreeSet<Seq> = state.live_actions().collect();
    for (at, event, _) in law_events(events) {
        if let Event::Retracted { seq } = event
            && !live.contains(seq)
        {
            change(&mut fates, *seq).retracted_by = Some(at);
        }
    }
    for line in state.sheet() {
        let fate = change(&mut fates, line.seq);
        fate.score = Some(line.after.score).filter(|_| line.after.game > 0);
        fate.amended = line.amended_by.zip(line.event.outcome());
    }
    fates
}

fn law_events(events: &[EventEnvelope]) -> impl Iterator<Item = (Seq, &Event, u32)> {
    events.iter().filter_map(|envelope| match &envelope.recorded.event {
        MatchEvent::Law(event) => Some((envelope.recorded.seq, event, envelope.recorded.laws_version)),
        MatchEvent::Created(_)
        | MatchEvent::Moved(_)
        | MatchEvent::ResultReported(_)
        | MatchEvent::StrokesRecorded(_)
        | MatchEvent::Unknown(_) => None,
    })
}

fn setup(event: &MatchEvent) -> Option<Setup> {
    match event {
        MatchEvent::Created(meta) => Some(meta.setup()),
        MatchEvent::Law(_)
        | MatchEvent::Moved(_)
        | MatchEvent::ResultReported(_)
        | MatchEvent::StrokesRecorded(_)
        | MatchEvent::Unknown(_) => None,
    }
}

fn change(fates: &mut BTreeMap<Seq, Fate>, seq: Seq) -> &mut Fate {
    fates.entry(seq).or_default()
}
