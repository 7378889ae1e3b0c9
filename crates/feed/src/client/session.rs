//! A consumer's end, over as many connections as it takes.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use serde_json::value::RawValue;
use topspin_event::{MatchId, Seq, Timestamp};

use super::backoff::Backoff;
use super::held::{Applied, Held, Known, Outcome, Shown};
use super::notice::{Action, Notice, Wanted};
use super::subscription::Feed;
use super::trust::Doubt;
use crate::limits::{BEATS_MISSED, DEFAULT_HEARTBEAT_MS, HELLO_WITHIN};
use crate::message::{Answer, Event, Heartbeat, Message, Source};
use crate::{CloudEvent, Hello, Request, Subscribe};

enum Link {
    Down {
        until: Duration,
    },
    Connecting,
    /// Hello was said; welcome has to come by then.
    Greeting {
        until: Duration,
    },
    Up,
}

/// A consumer's end. Times are since any moment that the caller chooses, and never go back.
pub struct Session {
    hello: Hello,
    feeds: BTreeMap<u32, Feed>,
    link: Link,
    backoff: Backoff,
    beat: Duration,
    heard_at: Duration,
    is_silent: bool,
    /// Bytes of the messages that this connection has brought.
    received: u64,
    /// The quickest way of a message so far, milliseconds, by two clocks that need not agree.
    quickest_ms: Option<i64>,
    /// What arrives was said too long ago.
    is_late: bool,
    actions: VecDeque<Action>,
}

impl Session {
    /// A consumer that wants these subscriptions, numbered from 1. `seed` should differ between clients.
    pub fn new(hello: Hello, wanted: Vec<Wanted>, seed: u64, now: Duration) -> Self {
        let feeds = (1..).zip(wanted).map(|(number, wanted)| (number, Feed::new(wanted))).collect();
        let mut session = Session {
            hello,
            feeds,
            link: Link::Down { until: now },
            backoff: Backoff::new(seed),
            beat: Duration::from_millis(u64::from(DEFAULT_HEARTBEAT_MS)),
            heard_at: now,
            is_silent: false,
            received: 0,
            quickest_ms: None,
            is_late: false,
            actions: VecDeque::new(),
        };
        session.tick(now);
        session
    }

    /// What to do next; `None` until something happens or [`Session::wake_at`].
    pub fn poll(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// What is known of a match.
    pub fn known(&self, subscription: u32, id: MatchId) -> Option<&Known> {
        Some(&self.feeds.get(&subscription)?.held.get(&id)?.known)
    }

    /// The matches of a subscription.
    pub fn matches(&self, subscription: u32) -> impl Iterator<Item = MatchId> {
        self.feeds.get(&subscription).into_iter().flat_map(|feed| feed.held.keys().copied())
    }

    /// Why a match should not be relied on; `None` if what is held of it is complete.
    pub fn doubt(&self, subscription: u32, id: MatchId) -> Option<Doubt> {
        let Some(feed) = self.feeds.get(&subscription) else { return Some(Doubt::Disconnected) };
        self.doubt_of(feed).or_else(|| feed.held.get(&id).map_or(Some(Doubt::CatchingUp), Held::doubt))
    }

    /// The connection is open.
    pub fn connected(&mut self, now: Duration) {
        self.link = Link::Greeting { until: now + HELLO_WITHIN };
        self.heard_at = now;
        self.is_silent = false;
        self.received = 0;
        (self.quickest_ms, self.is_late) = (None, false);
        for feed in self.feeds.values_mut() {
            feed.heard_at = now;
        }
        self.send(&Request::Hello(self.hello.clone()));
        self.tell();
    }

    /// There is no connection, or none any more.
    pub fn disconnected(&mut self, now: Duration) {
        self.link = Link::Down { until: now + self.backoff.next() };
        for feed in self.feeds.values_mut() {
            feed.is_synced = false;
            feed.end_corrections();
        }
        self.tell();
    }

    /// When to call [`Session::tick`] at the latest.
    pub fn wake_at(&self) -> Option<Duration> {
        match self.link {
            Link::Down { until } | Link::Greeting { until } => Some(until),
            Link::Connecting => None,
            Link::Up if self.is_silent => Some(self.given_up_at()),
            Link::Up => Some(self.silent_at().min(self.given_up_at())),
        }
    }

    /// When nothing was heard for long enough to doubt everything.
    fn silent_at(&self) -> Duration {
        self.heard_at + self.beat * BEATS_MISSED
    }

    /// When nothing was heard, or nothing of some subscription, for long enough to connect again.
    fn given_up_at(&self) -> Duration {
        let heard_at = self.feeds.values().map(|feed| feed.heard_at).fold(self.heard_at, Duration::min);
        heard_at + self.beat * (2 * BEATS_MISSED)
    }

    /// Time has passed.
    pub fn tick(&mut self, now: Duration) {
        match self.link {
            Link::Down { until } if now >= until => {
                self.link = Link::Connecting;
                self.actions.push_back(Action::Connect);
            }
            Link::Greeting { until } if now >= until => self.give_up(now),
            Link::Up if now >= self.given_up_at() => self.give_up(now),
            Link::Up if now >= self.silent_at() => self.is_silent = true,
            Link::Down { .. } | Link::Connecting | Link::Greeting { .. } | Link::Up => {}
        }
        self.tell();
    }

    fn give_up(&mut self, now: Duration) {
        self.actions.push_back(Action::Disconnect);
        self.disconnected(now);
    }

    /// Takes a message of the server. What is no message of this protocol ends the connection.
    pub fn receive(&mut self, text: &str, now: Duration) {
        if !matches!(self.link, Link::Greeting { .. } | Link::Up) {
            return;
        }
        match Message::parse(text) {
            Ok(message) => self.take(message, now),
            Err(_) => return self.give_up(now),
        }
        self.received += text.len() as u64;
        self.tell();
    }

    fn take(&mut self, message: Message, now: Duration) {
        if !self.is_silent {
            self.heard_at = now;
        }
        let feed = message.subscription().and_then(|number| self.feeds.get(&number));
        if feed.is_some_and(|feed| feed.is_broken)
            && !matches!(message, Message::Subscribed(_) | Message::Error(_))
        {
            // What was on its way when the subscription was begun anew.
            return;
        }
        match message {
            Message::Welcome(welcome) => {
                self.link = Link::Up;
                self.backoff.succeeded();
                self.beat = Duration::from_millis(u64::from(welcome.heartbeat_ms));
                self.time(welcome.server_time, now);
                let numbers: Vec<u32> = self.feeds.keys().copied().collect();
                for number in numbers {
                    self.subscribe(number);
                }
            }
            Message::Subscribed(subscribed) => {
                if let Some(feed) = self.feeds.get_mut(&subscribed.subscription) {
                    (feed.is_broken, feed.is_synced) = (false, false);
                }
                if subscribed.answer == Answer::Snapshot {
                    self.reset(subscribed.subscription);
                }
            }
            Message::Heartbeat(beat) if beat.sent_bytes != self.received => self.give_up(now),
            Message::Heartbeat(beat) => {
                self.heard_at = now;
                self.is_silent = false;
                self.time(beat.server_time, now);
                self.heartbeat(beat, now);
            }
            Message::Closing(closing) => {
                self.actions.push_back(Action::Disconnect);
                self.disconnected(now);
                if let (Some(wait), Link::Down { until }) = (closing.retry_after_ms, &mut self.link) {
                    *until += Duration::from_millis(wait);
                }
            }
            Message::Error(fault) => self.actions.push_back(Action::Show(Notice::Refused(fault))),
            Message::Event(event) => self.event(&event),
            Message::Unknown => {}
            Message::Snapshot(_)
            | Message::Delta(_)
            | Message::CorrectionBegin(_)
            | Message::Corrected(_)
            | Message::CorrectionEnd(_)
            | Message::Forked(_)
            | Message::Lagged(_)
            | Message::Left(_) => self.of_match(message),
        }
    }

    /// What is said of one match, other than its events.
    fn of_match(&mut self, message: Message) {
        match message {
            Message::Snapshot(snapshot) => {
                let (subscription, match_id) = (snapshot.subscription, snapshot.match_id);
                let Some(feed) = self.feeds.get_mut(&subscription) else { return };
                let kinds = feed.wanted.kinds.iter().copied().collect();
                if !feed.touch_new(match_id).snapshot(&snapshot, kinds) {
                    return self.broken(subscription);
                }
                let (at, resource) = (snapshot.at, snapshot.resource);
                self.show(Notice::Snapshot { subscription, match_id, at, resource });
            }
            Message::Delta(delta) => {
                let (subscription, match_id) = (delta.subscription, delta.match_id);
                let applied = self.held(subscription, match_id).map(|held| held.delta(&delta));
                match applied {
                    Some(Applied::New) => self.show(Notice::State { subscription, match_id, at: delta.at }),
                    Some(Applied::Broken) | None => self.broken(subscription),
                    Some(Applied::Known) => {}
                }
            }
            Message::CorrectionBegin(begin) => self.correcting(begin.subscription, begin.match_id, true),
            Message::CorrectionEnd(end) => self.correcting(end.subscription, end.match_id, false),
            Message::Corrected(corrected) => {
                let (subscription, match_id) = (corrected.subscription, corrected.match_id);
                let (from_seq, affected) = (corrected.from_seq, corrected.affected);
                self.show(Notice::Corrected { subscription, match_id, from_seq, affected });
            }
            Message::Forked(forked) => self.part(forked.subscription, forked.match_id, forked.common_seq),
            Message::Lagged(lagged) => {
                let (subscription, match_id) = (lagged.subscription, lagged.match_id);
                let range = self.held(subscription, match_id).and_then(|held| held.lagged(&lagged));
                if let Some(range) = range {
                    self.actions.push_back(Action::Fill { subscription, match_id, range });
                }
            }
            Message::Left(left) => {
                let (subscription, match_id) = (left.subscription, left.match_id);
                if self.feeds.get_mut(&subscription).is_some_and(|feed| feed.held.remove(&match_id).is_some())
                {
                    self.show(Notice::Left { subscription, match_id });
                }
            }
            Message::Welcome(_)
            | Message::Subscribed(_)
            | Message::Event(_)
            | Message::Heartbeat(_)
            | Message::Error(_)
            | Message::Closing(_)
            | Message::Unknown => {}
        }
    }

    fn event(&mut self, message: &Event) {
        let subscription = message.subscription;
        let Ok(event) = serde_json::from_str::<CloudEvent>(message.event.get()) else {
            return self.broken(subscription);
        };
        let Some(feed) = self.feeds.get_mut(&subscription) else { return };
        let match_id = event.subject;
        let mut outcome = feed.touch_new(match_id).event(message.follows, &event);
        if let Outcome::Parted(common) = outcome {
            self.part(subscription, match_id, common);
            outcome = self
                .held(subscription, match_id)
                .map_or(Outcome::Broken, |held| held.event(message.follows, &event));
        }
        self.came_of(subscription, match_id, outcome);
    }

    fn came_of(&mut self, subscription: u32, match_id: MatchId, outcome: Outcome) {
        match outcome {
            Outcome::Known => {}
            Outcome::Events(events) => self.show_events(subscription, match_id, events),
            Outcome::Missing(events, range) => {
                self.show_events(subscription, match_id, events);
                self.actions.push_back(Action::Fill { subscription, match_id, range });
            }
            Outcome::Parted(_) | Outcome::Broken => self.broken(subscription),
        }
    }

    fn show_events(&mut self, subscription: u32, match_id: MatchId, events: Vec<Shown>) {
        if let Some(feed) = self.feeds.get_mut(&subscription) {
            feed.since.insert(match_id);
        }
        for Shown { at, event } in events {
            self.show(Notice::Event { subscription, match_id, at, event });
        }
    }

    /// Events that [`Action::Fill`] asked for, each as the items of `/v1/matches/{id}/events` are.
    pub fn filled(&mut self, subscription: u32, match_id: MatchId, events: Vec<Box<RawValue>>) {
        let outcome = self.held(subscription, match_id).map(|held| held.filled(match_id, events));
        if let Some(outcome) = outcome {
            self.came_of(subscription, match_id, outcome);
        }
        self.tell();
    }

    /// They could not be read: the subscription begins anew.
    pub fn not_filled(&mut self, subscription: u32, match_id: MatchId) {
        if self.held(subscription, match_id).is_some_and(|held| held.filling.is_some()) {
            self.broken(subscription);
        }
        self.tell();
    }

    /// How long ago something was said, beyond the quickest way that any message of this connection took: where a connection is
    /// slower than what is said on it, heartbeats come as often as they should, and late.
    fn time(&mut self, said_at: Timestamp, now: Duration) {
        let way = i64::try_from(now.as_millis()).unwrap_or(i64::MAX).saturating_sub(said_at.as_millis());
        let quickest = self.quickest_ms.map_or(way, |quickest| quickest.min(way));
        self.quickest_ms = Some(quickest);
        let late = Duration::from_millis(u64::try_from(way.saturating_sub(quickest)).unwrap_or(0));
        self.is_late = late > self.beat * BEATS_MISSED;
    }

    fn heartbeat(&mut self, beat: Heartbeat, now: Duration) {
        let Some(number) = beat.subscription else { return };
        let Some(feed) = self.feeds.get_mut(&number) else { return };
        (feed.source, feed.heard_at) = (beat.source, now);
        let mut agrees = true;
        for head in &beat.matches {
            match feed.touch(head.match_id) {
                Some(held) => agrees &= held.compare(head),
                None => agrees &= head.matched == crate::Matched::default(),
            }
        }
        if !agrees {
            return self.broken(number);
        }
        if beat.complete {
            feed.is_synced = true;
            feed.end_corrections();
        }
        if beat.cursor.is_some() {
            feed.cursor = beat.cursor;
            feed.since.clear();
        }
    }

    /// What is held cannot be right: the subscription begins anew.
    fn broken(&mut self, number: u32) {
        let Some(feed) = self.feeds.get_mut(&number) else { return };
        if std::mem::replace(&mut feed.is_broken, true) {
            return;
        }
        (feed.cursor, feed.is_synced) = (None, false);
        feed.held.clear();
        self.send(&Request::Unsubscribe { subscription: number });
        self.subscribe(number);
    }

    fn reset(&mut self, number: u32) {
        let Some(feed) = self.feeds.get_mut(&number) else { return };
        feed.held.clear();
        feed.cursor = None;
        self.show(Notice::Reset { subscription: number });
    }

    fn part(&mut self, subscription: u32, match_id: MatchId, common_seq: Seq) {
        if let Some(held) = self.held(subscription, match_id) {
            held.part(common_seq);
            self.show(Notice::Forked { subscription, match_id, common_seq });
        }
    }

    fn correcting(&mut self, subscription: u32, match_id: MatchId, is_correcting: bool) {
        if let Some(feed) = self.feeds.get_mut(&subscription) {
            feed.touch_new(match_id).is_correcting = is_correcting;
        }
    }

    fn subscribe(&mut self, number: u32) {
        let Some(feed) = self.feeds.get(&number) else { return };
        let subscribe = Subscribe {
            subscription: number,
            to: feed.wanted.to.clone(),
            kinds: feed.wanted.kinds.iter().map(|kind| kind.as_str().to_owned()).collect(),
            after: feed.after(),
        };
        self.send(&Request::Subscribe(subscribe));
    }

    fn held(&mut self, subscription: u32, id: MatchId) -> Option<&mut Held> {
        self.feeds.get_mut(&subscription)?.touch(id)
    }

    fn send(&mut self, request: &Request) {
        let text = serde_json::to_string(request).expect("requests are strings and numbers");
        self.actions.push_back(Action::Send(text));
    }

    fn show(&mut self, notice: Notice) {
        self.actions.push_back(Action::Show(notice));
    }

    fn doubt_of(&self, feed: &Feed) -> Option<Doubt> {
        let doubts = [
            (!matches!(self.link, Link::Up), Doubt::Disconnected),
            (self.is_silent, Doubt::Silent),
            (self.is_late, Doubt::CatchingUp),
            (feed.is_broken, Doubt::Broken),
            (!feed.is_synced, Doubt::CatchingUp),
            (feed.source == Source::VenueLost, Doubt::VenueLost),
            (feed.source == Source::Late, Doubt::SourceLate),
        ];
        doubts.into_iter().find_map(|(holds, doubt)| holds.then_some(doubt))
    }

    /// Says what is in doubt now and was not, and the other way round.
    fn tell(&mut self) {
        let mut notices = Vec::new();
        let doubts: Vec<Option<Doubt>> = self.feeds.values().map(|feed| self.doubt_of(feed)).collect();
        for ((subscription, feed), doubt) in self.feeds.iter_mut().zip(doubts) {
            let subscription = *subscription;
            let mut change = |told: &mut Option<Doubt>, doubt: Option<Doubt>, match_id| {
                let before = std::mem::replace(told, doubt);
                match (before, doubt) {
                    (before, Some(doubt)) if before != Some(doubt) => {
                        notices.push(Notice::Suspend { subscription, match_id, doubt });
                    }
                    (Some(_), None) => notices.push(Notice::Resume { subscription, match_id }),
                    (_, _) => {}
                }
            };
            for id in std::mem::take(&mut feed.touched) {
                if let Some(held) = feed.held.get_mut(&id) {
                    let doubt = held.doubt();
                    change(&mut held.told, doubt, Some(id));
                }
            }
            change(&mut feed.told, doubt, None);
        }
        self.actions.extend(notices.into_iter().map(Action::Show));
    }
}
