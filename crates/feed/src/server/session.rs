//! One connection of a consumer.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use topspin_event::{MatchId, Seq};

use super::follow::Wish;
use super::outbox::Outbox;
use super::subscription::Subscription;
use super::world::World;
use crate::limits::{
    BEHIND_AT_MOST, DEFAULT_HEARTBEAT_MS, HEARTBEAT_MS, HELLO_WITHIN, MAX_CONFLATE_MS, MAX_FOLLOWED,
    MAX_REQUEST_BYTES, MAX_SUBSCRIPTIONS,
};
use crate::message::{Answer, Closing, Fault, Heartbeat, Message, Subscribed, Welcome};
use crate::{
    After, Change, Cursor, Hello, Kind, Kinds, PROTOCOL, Position, Request, Selection, Subscribe, cursor,
};

/// What a consumer may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// The kinds.
    pub kinds: Kinds,
}

/// What a session has to be given before it can answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Needs {
    /// What has happened since a place: then call [`Session::resolved`].
    ChangedSince(Cursor),
}

enum Phase {
    /// Nobody has said hello, and will not after this.
    Waiting { until: Duration },
    /// It is served.
    Open,
    /// The last message is in the outbox.
    Closing,
}

/// One connection of a consumer, from its first message to the last.
///
/// Times are since any moment that the caller chooses, and never go back.
pub struct Session {
    policy: Policy,
    phase: Phase,
    conflate: Duration,
    beat_every: Duration,
    next_beat: Duration,
    subscriptions: BTreeMap<u32, Subscription>,
    /// A subscription that waits for what [`Needs`] asks.
    resolving: Option<Subscribe>,
    outbox: Outbox,
}

impl Session {
    /// A connection that was opened at `now`.
    pub fn new(policy: Policy, now: Duration) -> Self {
        Session {
            policy,
            phase: Phase::Waiting { until: now + HELLO_WITHIN },
            conflate: Duration::ZERO,
            beat_every: Duration::from_millis(u64::from(DEFAULT_HEARTBEAT_MS)),
            next_beat: now,
            subscriptions: BTreeMap::new(),
            resolving: None,
            outbox: Outbox::default(),
        }
    }

    /// Takes a message of the consumer. What cannot be done is answered with an `error`, and changes nothing. If something is
    /// needed, nothing else may be received before it was given.
    pub fn receive<W: World>(&mut self, text: &str, world: &W, now: Duration) -> Option<Needs> {
        if matches!(self.phase, Phase::Closing) {
            return None;
        }
        if text.len() > MAX_REQUEST_BYTES {
            let detail = format!("a message has at most {MAX_REQUEST_BYTES} bytes");
            self.refuse(None, "request_too_large", detail);
            return None;
        }
        match serde_json::from_str::<Request>(text) {
            Ok(Request::Hello(hello)) => self.hello(&hello, world, now),
            Ok(_) if matches!(self.phase, Phase::Waiting { .. }) => {
                self.close("hello_missing", false, None);
            }
            Ok(Request::Subscribe(subscribe)) => return self.subscribe(subscribe, world, now),
            Ok(Request::Unsubscribe { subscription }) => {
                if self.subscriptions.remove(&subscription).is_none() {
                    self.refuse(Some(subscription), "subscription_unknown", "there is no such subscription");
                }
            }
            Err(error) => self.refuse(None, "invalid_request", error.to_string()),
        }
        None
    }

    fn hello<W: World>(&mut self, hello: &Hello, world: &W, now: Duration) {
        if !matches!(self.phase, Phase::Waiting { .. }) {
            return self.refuse(None, "hello_repeated", "hello is said once");
        }
        if hello.protocol != PROTOCOL {
            return self.close("protocol_unknown", false, None);
        }
        let wished = hello.heartbeat_ms.unwrap_or(DEFAULT_HEARTBEAT_MS);
        let heartbeat_ms = wished.clamp(*HEARTBEAT_MS.start(), *HEARTBEAT_MS.end());
        let conflate_ms = hello.conflate_ms.unwrap_or(0).min(MAX_CONFLATE_MS);
        self.beat_every = Duration::from_millis(u64::from(heartbeat_ms));
        self.conflate = Duration::from_millis(u64::from(conflate_ms));
        self.next_beat = now + self.beat_every;
        self.phase = Phase::Open;
        self.outbox.say(&Message::Welcome(Welcome {
            protocol: PROTOCOL.to_owned(),
            log_id: world.log_id(),
            server_time: world.now(),
            heartbeat_ms,
            conflate_ms,
            delay_s: world.delay_s(),
        }));
    }

    fn subscribe<W: World>(&mut self, subscribe: Subscribe, world: &W, now: Duration) -> Option<Needs> {
        let number = subscribe.subscription;
        let kinds = self.granted(&subscribe.kinds);
        let refusal = if self.subscriptions.contains_key(&number) {
            Some(("subscription_taken", "this number is a subscription already: unsubscribe it first"))
        } else if self.subscriptions.len() >= MAX_SUBSCRIPTIONS {
            Some(("too_many_subscriptions", "unsubscribe another first"))
        } else if kinds.is_empty() {
            Some(("no_kind_granted", "none of these kinds can be had: events, state"))
        } else {
            None
        };
        if let Some((code, detail)) = refusal {
            self.refuse(Some(number), code, detail);
            return None;
        }
        if let Some(After::Cursor { place, .. }) = &subscribe.after
            && let Some(place) = place.place(&cursor::filter(&subscribe.to, kinds))
        {
            self.resolving = Some(subscribe);
            return Some(Needs::ChangedSince(place));
        }
        let outcome = self.open(&subscribe, kinds, world, now);
        self.unless_unreadable(outcome);
        None
    }

    fn open<W: World>(
        &mut self,
        subscribe: &Subscribe,
        kinds: Kinds,
        world: &W,
        now: Duration,
    ) -> Result<(), W::Error> {
        let number = subscribe.subscription;
        if let Some(id) = subscribe.to.match_id
            && world.head(id)?.is_none()
        {
            self.refuse(Some(number), "match_not_found", format!("there is no match {id}"));
            return Ok(());
        }
        match (&subscribe.after, subscribe.to.match_id) {
            (Some(After::Match { at, chain }), Some(id)) if subscribe.to == Selection::one(id) => {
                let common = world.common(id, *at, *chain)?.unwrap_or(Seq(0));
                if common.0 == 0 && at.seq.0 > 0 {
                    self.begin(subscribe, kinds, Answer::Snapshot);
                } else {
                    let shared = world.position(id, common)?.unwrap_or(Position { seq: common, ..*at });
                    self.begin(subscribe, kinds, Answer::Resumed);
                    if let Some(subscription) = self.subscriptions.get_mut(&number) {
                        subscription.go_on_after((id, shared), world, &mut self.outbox, now)?;
                        if shared != *at {
                            subscription.fork(id, shared, &mut self.outbox);
                        }
                    }
                }
            }
            (Some(After::Match { .. }), _) => {
                let detail = "a position is of one match, and nothing else can be selected with it";
                self.refuse(Some(number), "position_needs_match", detail);
            }
            (Some(After::Cursor { .. }) | None, _) => {
                self.begin(subscribe, kinds, Answer::Snapshot);
            }
        }
        Ok(())
    }

    /// What has happened since the cursor that was asked for: the matches with their first change after it, up to what is
    /// observed or further. `None` if it is no place in this log, which leads to snapshots.
    pub fn resolved<W: World>(&mut self, changed: Option<Vec<(MatchId, Seq)>>, world: &W, now: Duration) {
        let Some(subscribe) = self.resolving.take() else { return };
        let kinds = self.granted(&subscribe.kinds);
        let Some(changed) = changed else { return self.begin(&subscribe, kinds, Answer::Snapshot) };
        self.begin(&subscribe, kinds, Answer::Resumed);
        let Some(subscription) = self.subscriptions.get_mut(&subscribe.subscription) else { return };
        let held = match &subscribe.after {
            Some(After::Cursor { held, .. }) => held,
            Some(After::Match { .. }) | None => &BTreeMap::new(),
        };
        let outcome = changed.into_iter().try_for_each(|(id, first)| {
            let before = world.position(id, Seq(first.0.saturating_sub(1)))?;
            let Some(at) = held_after(id, before, held, world)? else { return Ok(()) };
            subscription.go_on_after((id, at), world, &mut self.outbox, now)
        });
        self.unless_unreadable(outcome);
    }

    fn begin(&mut self, subscribe: &Subscribe, kinds: Kinds, answer: Answer) {
        let number = subscribe.subscription;
        let names = kinds.iter().map(|kind| kind.as_str().to_owned()).collect();
        self.outbox.say(&Message::Subscribed(Subscribed { subscription: number, answer, kinds: names }));
        let wish = Wish { subscription: number, kinds, conflate: self.conflate };
        let subscription = match answer {
            Answer::Snapshot => Subscription::from_snapshots(wish, subscribe.to.clone()),
            Answer::Resumed => Subscription::resumed(wish, subscribe.to.clone()),
        };
        self.subscriptions.insert(number, subscription);
    }

    fn granted(&self, names: &[String]) -> Kinds {
        let known: Kinds = names.iter().filter_map(|name| name.parse::<Kind>().ok()).collect();
        known.and(self.policy.kinds)
    }

    /// Takes notice of a change of the world. Changes of a match come in their order, and none is left out.
    pub fn observe<W: World>(&mut self, change: &Arc<Change>, world: &W, now: Duration) {
        if matches!(self.phase, Phase::Closing) {
            return;
        }
        let outbox = &mut self.outbox;
        let mut subscriptions = self.subscriptions.values_mut();
        let outcome =
            subscriptions.try_for_each(|subscription| subscription.observe(change, world, outbox, now));
        self.unless_unreadable(outcome);
        self.end_overfull();
    }

    /// Ends subscriptions that select more than they can follow: a part of it would look like all.
    fn end_overfull(&mut self) {
        let overfull =
            |(number, subscription): (&u32, &Subscription)| subscription.is_overfull().then_some(*number);
        while let Some(number) = self.subscriptions.iter().find_map(overfull) {
            self.subscriptions.remove(&number);
            let detail =
                format!("more than {MAX_FOLLOWED} matches are selected: select fewer with each subscription");
            self.refuse(Some(number), "too_many_matches", detail);
        }
    }

    /// The time has come to [`Session::wake_at`]. `cursor` is a place up to which every change was observed.
    pub fn tick<W: World>(&mut self, world: &W, cursor: Option<&Cursor>, now: Duration) {
        match self.phase {
            Phase::Waiting { until } if now >= until => self.close("hello_missing", true, None),
            Phase::Open if now >= self.next_beat => {
                self.next_beat = now + self.beat_every;
                self.heartbeat(world, cursor, now);
            }
            Phase::Open => {
                self.beat(world, cursor, now, |subscription| subscription.is_beat_due(now));
            }
            Phase::Waiting { .. } | Phase::Closing => {}
        }
    }

    fn heartbeat<W: World>(&mut self, world: &W, cursor: Option<&Cursor>, now: Duration) {
        if self.subscriptions.values().any(|subscription| subscription.is_behind_for(BEHIND_AT_MOST, now)) {
            return self.close("too_slow", true, None);
        }
        if !self.outbox.has_room() {
            // Whoever does not take what waits would not take this: it is behind, and can tell by the silence.
            return;
        }
        if self.subscriptions.is_empty() {
            let (server_time, source) = (world.now(), world.source());
            let (subscription, sent_bytes, cursor, matches) = (None, self.outbox.pushed(), None, Vec::new());
            let complete = true;
            let beat = Heartbeat { subscription, server_time, source, sent_bytes, complete, cursor, matches };
            self.outbox.say(&Message::Heartbeat(beat));
        }
        self.beat(world, cursor, now, |_| true);
    }

    /// Says where the matches of those subscriptions stand.
    fn beat<W: World>(
        &mut self,
        world: &W,
        cursor: Option<&Cursor>,
        now: Duration,
        of: impl Fn(&Subscription) -> bool,
    ) {
        for subscription in self.subscriptions.values_mut().filter(|subscription| of(subscription)) {
            let beat = subscription.heartbeat(world, cursor, self.outbox.pushed(), now);
            self.outbox.say(&Message::Heartbeat(beat));
        }
    }

    /// The next message that the connection should take, if there is one now.
    pub fn next<W: World>(&mut self, world: &W, now: Duration) -> Option<Bytes> {
        while self.outbox.is_empty() && !matches!(self.phase, Phase::Closing) {
            let ready = |subscription: &&mut Subscription| subscription.wake_at().is_some_and(|at| at <= now);
            let Some(subscription) = self.subscriptions.values_mut().find(ready) else { break };
            let outcome = subscription.work(world, &mut self.outbox, now);
            self.unless_unreadable(outcome);
            self.end_overfull();
        }
        self.outbox.pop()
    }

    /// When to call [`Session::tick`] and [`Session::next`] at the latest, if nothing else happens and the connection can take
    /// a message.
    pub fn wake_at(&self, now: Duration) -> Option<Duration> {
        let tick = self.tick_at(now)?;
        if !matches!(self.phase, Phase::Open) {
            return Some(tick);
        }
        Some(self.subscriptions.values().filter_map(Subscription::wake_at).fold(tick, Duration::min))
    }

    /// When to call [`Session::tick`] at the latest: all that there is to do while the connection takes nothing.
    pub fn tick_at(&self, now: Duration) -> Option<Duration> {
        match self.phase {
            Phase::Waiting { until } => Some(until),
            Phase::Open if self.subscriptions.values().any(|subscription| subscription.is_beat_due(now)) => {
                Some(now)
            }
            Phase::Open => Some(self.next_beat),
            Phase::Closing => None,
        }
    }

    /// Whether the connection is to be closed once [`Session::next`] gives nothing more.
    pub fn is_closing(&self) -> bool {
        matches!(self.phase, Phase::Closing)
    }

    /// Ends the connection with a last message: why, whether to come back, and after how many milliseconds.
    pub fn close(&mut self, code: &str, retryable: bool, retry_after_ms: Option<u64>) {
        if !matches!(self.phase, Phase::Closing) {
            self.phase = Phase::Closing;
            self.outbox.say(&Message::Closing(Closing { code: code.to_owned(), retryable, retry_after_ms }));
        }
    }

    /// The matches whose changes it is to observe; `None` for all.
    pub fn scope(&self) -> Option<Vec<MatchId>> {
        let resolving = self.resolving.iter().map(|subscribe| subscribe.to.match_id);
        let all = self.subscriptions.values().map(Subscription::match_id).chain(resolving);
        all.collect()
    }

    fn refuse(&mut self, subscription: Option<u32>, code: &str, detail: impl Into<String>) {
        if !self.outbox.has_room() {
            return self.close("too_many_errors", true, None);
        }
        let (code, detail, retryable, retry_after_ms) = (code.to_owned(), detail.into(), false, None);
        self.outbox.say(&Message::Error(Fault { subscription, code, detail, retryable, retry_after_ms }));
    }

    /// What cannot be read now ends the connection: whatever was sent is whole, and the consumer comes back for the rest.
    fn unless_unreadable<E: std::error::Error>(&mut self, outcome: Result<(), E>) {
        if let Err(_unreadable) = outcome {
            self.close("unavailable", true, Some(1_000));
        }
    }
}

/// Where a consumer goes on in a match that it held at `before`, or further if it says so and the match has that position.
fn held_after<W: World>(
    id: MatchId,
    before: Option<Position>,
    held: &BTreeMap<MatchId, Position>,
    world: &W,
) -> Result<Option<Position>, W::Error> {
    let Some(further) = held.get(&id).copied().filter(|held| Some(*held) > before) else { return Ok(before) };
    let shares = world.common(id, further, None)? == Some(further.seq);
    Ok(if shares { Some(further) } else { before })
}
