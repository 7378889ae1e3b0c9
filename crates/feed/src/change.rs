//! A change of a match on its way to many consumers.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use serde_json::value::RawValue;
use topspin_event::{EventEnvelope, MatchEvent, MatchSnapshot, Seq};
use topspin_laws::Event as LawEvent;

use crate::cloud_event::cloud_event;
use crate::message::{Delta, Event, Message};
use crate::patch::diff;
use crate::{Position, Range};

/// The subscription whose messages are encoded once for all who have it.
const SHARED: u32 = 1;

/// An event with the match after it. What most consumers are sent of it is encoded by the first and shared by all.
pub struct Change {
    /// What happened.
    pub event: EventEnvelope,
    /// The match after it.
    pub snapshot: Arc<MatchSnapshot>,
    body: OnceLock<Box<RawValue>>,
    message: OnceLock<(Position, Bytes)>,
    delta: OnceLock<(Arc<str>, Position, Bytes)>,
}

impl Change {
    /// A change; `event` is the last of `snapshot`.
    pub fn new(event: EventEnvelope, snapshot: Arc<MatchSnapshot>) -> Self {
        let (body, message, delta) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Change { event, snapshot, body, message, delta }
    }

    /// Its position.
    pub const fn at(&self) -> Position {
        Position::of(&self.event.recorded)
    }

    /// Where the meaning of earlier events changes, if this corrects something.
    pub fn corrects(&self) -> Option<Seq> {
        match &self.event.recorded.event {
            MatchEvent::Law(event) => corrected_from(event, self.event.recorded.seq),
            MatchEvent::Created(_)
            | MatchEvent::Moved(_)
            | MatchEvent::ResultReported(_)
            | MatchEvent::StrokesRecorded(_)
            | MatchEvent::Unknown(_) => None,
        }
    }

    /// The event as a CloudEvent.
    pub fn cloud_event(&self) -> &RawValue {
        self.body.get_or_init(|| cloud_event(&self.event))
    }

    /// The message of its event.
    pub(crate) fn event_message(&self, subscription: u32, follows: Position) -> Bytes {
        let encode = || {
            let event = self.cloud_event().to_owned();
            Message::Event(Event { subscription, follows, event }).encode()
        };
        if subscription != SHARED {
            return encode();
        }
        let (known, message) = self.message.get_or_init(|| (follows, encode()));
        if *known == follows { message.clone() } else { encode() }
    }

    /// The message that makes its state of another, which was sent at `follows`.
    pub(crate) fn delta_message(&self, subscription: u32, follows: Position, before: &Arc<str>) -> Bytes {
        let encode = || delta(subscription, follows, before, &self.snapshot, None);
        if subscription != SHARED {
            return encode();
        }
        let (text, known, message) = self.delta.get_or_init(|| (Arc::clone(before), follows, encode()));
        let same = *known == follows && (Arc::ptr_eq(text, before) || text == before);
        if same { message.clone() } else { encode() }
    }
}

/// The message that makes the state of `after` of an earlier one. `conflated`: the positions in between.
pub(crate) fn delta(
    subscription: u32,
    follows: Position,
    before: &str,
    after: &MatchSnapshot,
    conflated: Option<Range>,
) -> Bytes {
    let read = |text: &str| serde_json::from_str(text).expect("the canonical text of a state is JSON");
    let patch = diff(&read(before), &read(&after.state));
    let patch = serde_json::value::to_raw_value(&patch).expect("a patch is JSON");
    Message::Delta(Delta {
        subscription,
        follows,
        match_id: after.meta.id,
        at: Position::head(after),
        chain: after.chain,
        state_hash: after.state_hash.clone(),
        conflated,
        patch,
    })
    .encode()
}

fn corrected_from(event: &LawEvent, seq: Seq) -> Option<Seq> {
    match event {
        LawEvent::Retracted { seq } | LawEvent::Reinstated { seq } | LawEvent::Amended { seq, .. } => {
            Some(*seq)
        }
        LawEvent::ScoreSet { .. } | LawEvent::ServiceCorrected { .. } | LawEvent::EndsCorrected { .. } => {
            Some(seq)
        }
        LawEvent::Called {}
        | LawEvent::WarmUpStarted {}
        | LawEvent::Chosen { .. }
        | LawEvent::GameStarted { .. }
        | LawEvent::RallyStarted {}
        | LawEvent::PointScored { .. }
        | LawEvent::LetCalled { .. }
        | LawEvent::ExpediteIntroduced { .. }
        | LawEvent::TimeOutTaken { .. }
        | LawEvent::TowelBreakTaken {}
        | LawEvent::Resumed {}
        | LawEvent::Suspended { .. }
        | LawEvent::CardShown { .. }
        | LawEvent::ReviewRequested { .. }
        | LawEvent::ReviewDecided { .. }
        | LawEvent::Retired { .. }
        | LawEvent::WalkedOver { .. }
        | LawEvent::Disqualified { .. }
        | LawEvent::Postponed {}
        | LawEvent::Rescheduled {}
        | LawEvent::Cancelled {}
        | LawEvent::Abandoned {}
        | LawEvent::HandedOver { .. }
        | LawEvent::ResultConfirmed {}
        | LawEvent::ResultProtested { .. }
        | LawEvent::ResultReopened { .. } => None,
    }
}
