//! One match in one subscription: what was sent of it, and what goes straight on.

use std::sync::Arc;
use std::time::Duration;

use topspin_event::{MatchSnapshot, Seq};

use super::outbox::Outbox;
use crate::message::{Corrected, CorrectionBegin, CorrectionEnd, Head, Matched, Message};
use crate::{Change, Kind, Kinds, Position};

/// What a subscription wants of each of its matches.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish {
    pub(super) subscription: u32,
    pub(super) kinds: Kinds,
    pub(super) conflate: Duration,
}

/// One piece of work for a subscription: where its messages go, and when it is.
pub(super) struct Turn<'a> {
    pub(super) wish: Wish,
    pub(super) out: &'a mut Outbox,
    pub(super) now: Duration,
}

/// Why events are missing, which says how many of them are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// The consumer asked for them: all.
    Resumed,
    /// The consumer is slow: a few.
    Lagging,
}

/// A match as one subscription has it.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own; all combinations occur")]
pub(super) struct Followed {
    /// The match as it was when the session last heard of it.
    pub(super) head: Arc<MatchSnapshot>,
    /// The consumer knew the match before it connected, and nothing has happened since.
    pub(super) is_listed: bool,
    /// It was shown in a heartbeat as it is.
    pub(super) is_shown: bool,
    /// When it is to be brought level.
    pub(super) due: Option<Duration>,
    /// The last event that was sent, or that a snapshot stands for.
    pub(super) events: Option<Position>,
    /// Later events are to be read for it.
    pub(super) events_behind: bool,
    pub(super) missing: Missing,
    /// The last state that was sent, with its text.
    pub(super) state: Option<(Position, Arc<str>)>,
    /// A later state is to be sent.
    pub(super) state_behind: bool,
    /// When one was sent last.
    pub(super) state_at: Duration,
    /// A snapshot is to be sent, and then nothing else of the state.
    pub(super) snapshot_due: bool,
    /// A correction was not sent as an event yet, or never will be: from where on.
    pub(super) passed: Option<Seq>,
    /// A correction has begun, and its end was not sent: from where on.
    open: Option<Seq>,
}

impl Followed {
    /// A match that begins with a snapshot.
    pub(super) fn from_snapshot(head: Arc<MatchSnapshot>) -> Self {
        Followed {
            head,
            is_listed: false,
            is_shown: false,
            due: None,
            events: None,
            events_behind: true,
            missing: Missing::Resumed,
            state: None,
            state_behind: true,
            state_at: Duration::ZERO,
            snapshot_due: true,
            passed: None,
            open: None,
        }
    }

    /// A match that goes on after an event, with a snapshot behind it if one is due.
    pub(super) fn after(head: Arc<MatchSnapshot>, at: Position, snapshot_due: bool) -> Self {
        Followed { events: Some(at), snapshot_due, ..Followed::from_snapshot(head) }
    }

    /// A match that the consumer knows, and of which nothing has happened.
    pub(super) fn listed(head: Arc<MatchSnapshot>) -> Self {
        let (events_behind, state_behind, snapshot_due) = (false, false, false);
        Followed {
            is_listed: true,
            events_behind,
            state_behind,
            snapshot_due,
            ..Followed::from_snapshot(head)
        }
    }

    /// Takes notice of a change, and sends what can be sent of it now.
    pub(super) fn observe(&mut self, change: &Change, turn: &mut Turn<'_>) {
        let (at, known) = (change.at(), Position::head(&self.head));
        if at <= known {
            return;
        }
        self.head = Arc::clone(&change.snapshot);
        self.is_shown = false;
        let corrected = if at.seq <= known.seq { Some(at.seq) } else { change.corrects() };
        self.passed = earlier(self.passed, corrected);
        if turn.wish.kinds.has(Kind::Events) {
            if !self.events_behind && follows(self.events, at) && turn.out.has_room() {
                self.send_event(change, turn);
            } else {
                self.events_behind = true;
            }
        }
        if turn.wish.kinds.has(Kind::State) {
            let last = self.state.as_ref().map(|(last, _)| *last);
            let can = !self.events_behind && !self.state_behind && follows(last, at) && turn.out.has_room();
            if can && self.state_due_at(turn.wish) <= turn.now {
                self.send_state(change, turn);
            } else {
                self.state_behind = true;
            }
        }
        if self.is_level() {
            self.end_correction(turn);
        }
    }

    /// Whether nothing is to be sent of it.
    pub(super) const fn is_level(&self) -> bool {
        !self.events_behind && !self.state_behind
    }

    /// When it can be brought level, if it is not.
    pub(super) fn level_at(&self, wish: Wish, now: Duration) -> Option<Duration> {
        if self.events_behind {
            return Some(now);
        }
        self.state_behind.then(|| self.state_due_at(wish).max(now))
    }

    /// When a state may follow the last: no sooner than is wished, but a correction at once.
    fn state_due_at(&self, wish: Wish) -> Duration {
        let at_once = self.snapshot_due || self.open.is_some() || self.passed.is_some();
        if at_once { Duration::ZERO } else { self.state_at + wish.conflate }
    }

    /// Sends an event; `self.events` is what it follows.
    pub(super) fn send_event(&mut self, change: &Change, turn: &mut Turn<'_>) {
        if let Some(from) = change.corrects() {
            self.begin_correction(from, turn);
        }
        if let Some(follows) = self.events {
            turn.out.push(change.event_message(turn.wish.subscription, follows));
            self.events = Some(change.at());
        }
    }

    fn send_state(&mut self, change: &Change, turn: &mut Turn<'_>) {
        let Some((last, before)) = self.state.take() else { return };
        self.begin_passed(turn);
        turn.out.push(change.delta_message(turn.wish.subscription, last, &before));
        self.hold_state(&change.snapshot, turn);
    }

    /// A state was sent.
    pub(super) fn hold_state(&mut self, of: &MatchSnapshot, turn: &Turn<'_>) {
        self.state = Some((Position::head(of), Arc::clone(&of.state)));
        self.state_at = turn.now;
    }

    /// What is sent next holds a correction that was not sent as an event.
    pub(super) fn begin_passed(&mut self, turn: &mut Turn<'_>) {
        if let Some(from) = self.passed {
            self.begin_correction(from, turn);
        }
    }

    pub(super) fn begin_correction(&mut self, from_seq: Seq, turn: &mut Turn<'_>) {
        if self.open.is_none() {
            let (subscription, match_id) = (turn.wish.subscription, self.head.meta.id);
            turn.out.say(&Message::CorrectionBegin(CorrectionBegin { subscription, match_id, from_seq }));
        }
        self.open = earlier(self.open, Some(from_seq));
    }

    /// Everything that a correction changes was sent, if there was one.
    pub(super) fn end_correction(&mut self, turn: &mut Turn<'_>) {
        self.passed = None;
        let Some(from_seq) = self.open.take() else { return };
        let (subscription, match_id) = (turn.wish.subscription, self.head.meta.id);
        let affected = vec![Kind::State.as_str().to_owned()];
        turn.out.say(&Message::Corrected(Corrected { subscription, match_id, from_seq, affected }));
        turn.out.say(&Message::CorrectionEnd(CorrectionEnd { subscription, match_id }));
    }

    /// What a heartbeat says of it.
    pub(super) fn head(&self) -> Head {
        let head = &self.head;
        Head {
            match_id: head.meta.id,
            at: Position::head(head),
            stable_seq: head.stable_seq,
            chain: head.chain,
            state_hash: head.state_hash.clone(),
            matched: Matched { events: self.events, state: self.state.as_ref().map(|(at, _)| *at) },
        }
    }
}

fn follows(last: Option<Position>, at: Position) -> bool {
    last.is_some_and(|last| last.epoch == at.epoch && last.seq.0 + 1 == at.seq.0)
}

fn earlier(one: Option<Seq>, other: Option<Seq>) -> Option<Seq> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}
