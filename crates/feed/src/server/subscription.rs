//! A subscription: the matches that it follows, and which of them are behind.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use topspin_event::{MatchId, Seq};

use super::follow::{Followed, Turn, Wish};
use super::outbox::Outbox;
use super::world::World;
use crate::limits::{MAX_FOLLOWED, PAGE_OF_MATCHES, READ_AGAIN};
use crate::message::{Heartbeat, Left, Message};
use crate::{Change, Cursor, Kind, Position, Selection, cursor};

/// How far the answer to the subscription is.
enum Opening {
    /// Matches are still to be listed, after this place.
    Pages { after: Option<String> },
    /// All are followed; the last of them may be behind.
    Followed,
    /// All was said, but not that it was.
    Said,
    /// It is complete, and the consumer knows.
    Complete,
}

pub(super) struct Subscription {
    wish: Wish,
    selection: Selection,
    filter: String,
    opening: Opening,
    followed: BTreeMap<MatchId, Followed>,
    /// Of a subscription that goes on, the matches that it has said are not selected: until then the consumer may hold any. Absent
    /// where it holds only what this connection has sent.
    strangers: Option<BTreeSet<MatchId>>,
    /// The matches that are behind, by when they are to be brought level.
    due: BTreeSet<(Duration, MatchId)>,
    is_overfull: bool,
    /// Since when some match could have been brought level, and was not.
    behind_since: Option<Duration>,
}

impl Subscription {
    /// A subscription that begins with a snapshot of each match.
    pub(super) fn from_snapshots(wish: Wish, selection: Selection) -> Self {
        let opening = Opening::Pages { after: None };
        let (followed, due) = (BTreeMap::new(), BTreeSet::new());
        let (is_overfull, behind_since) = (false, None);
        let strangers = None;
        let filter = cursor::filter(&selection, wish.kinds);
        Subscription { wish, selection, filter, opening, followed, strangers, due, is_overfull, behind_since }
    }

    /// A subscription that goes on.
    pub(super) fn resumed(wish: Wish, selection: Selection) -> Self {
        let strangers = Some(BTreeSet::new());
        Subscription { strangers, ..Subscription::from_snapshots(wish, selection) }
    }

    /// The match that it is about, where it is about one.
    pub(super) const fn match_id(&self) -> Option<MatchId> {
        self.selection.match_id
    }

    /// Whether there are more matches than a subscription can follow.
    pub(super) const fn is_overfull(&self) -> bool {
        self.is_overfull
    }

    /// Goes on with a match after the event at `at`; says that it is not selected, if it is not.
    pub(super) fn go_on_after<W: World>(
        &mut self,
        (id, at): (MatchId, Position),
        world: &W,
        out: &mut Outbox,
        now: Duration,
    ) -> Result<(), W::Error> {
        let Some(head) = world.head(id)? else { return Ok(()) };
        if self.selection.covers(&head.meta) {
            self.follow(id, Followed::after(head, at, self.wish.kinds.has(Kind::State)), now);
            return Ok(());
        }
        // The consumer may hold it: from before, or from a part of its history that did not stay.
        if let Some(strangers) = &mut self.strangers {
            strangers.insert(id);
        }
        self.leave(id, out);
        Ok(())
    }

    /// The consumer's history of a match is not the server's after `shared`.
    pub(super) fn fork(&mut self, id: MatchId, shared: Position, out: &mut Outbox) {
        if let Some(followed) = self.followed.get_mut(&id) {
            followed.fork(shared, &mut Turn { wish: self.wish, out, now: Duration::ZERO });
        }
    }

    /// Takes notice of a change of any match.
    pub(super) fn observe<W: World>(
        &mut self,
        change: &Change,
        world: &W,
        out: &mut Outbox,
        now: Duration,
    ) -> Result<(), W::Error> {
        let id = change.snapshot.meta.id;
        let covers = self.selection.covers(&change.snapshot.meta);
        match self.followed.get_mut(&id) {
            Some(_) if !covers => self.leave(id, out),
            Some(followed) if !followed.is_listed => {
                followed.observe(change, &mut Turn { wish: self.wish, out, now });
                self.schedule(id, now);
            }
            None if !covers => {
                let is_new = self.strangers.as_mut().is_some_and(|strangers| strangers.insert(id));
                if is_new {
                    self.leave(id, out);
                }
            }
            Some(_) | None => self.join(id, change, world, now)?,
        }
        Ok(())
    }

    /// The first change of a match that the session was not following: from its event on.
    fn join<W: World>(
        &mut self,
        id: MatchId,
        change: &Change,
        world: &W,
        now: Duration,
    ) -> Result<(), W::Error> {
        let before = Seq(change.at().seq.0.saturating_sub(1));
        let at = world.position(id, before)?.unwrap_or(Position { seq: before, ..change.at() });
        self.follow(id, Followed::after(Arc::clone(&change.snapshot), at, true), now);
        Ok(())
    }

    fn follow(&mut self, id: MatchId, followed: Followed, now: Duration) {
        if let Some(strangers) = &mut self.strangers {
            strangers.remove(&id);
        }
        self.followed.insert(id, followed);
        self.is_overfull |= self.followed.len() > MAX_FOLLOWED;
        self.schedule(id, now);
    }

    fn leave(&mut self, id: MatchId, out: &mut Outbox) {
        if let Some(due) = self.followed.remove(&id).and_then(|followed| followed.due) {
            self.due.remove(&(due, id));
        }
        out.say(&Message::Left(Left { subscription: self.wish.subscription, match_id: id }));
    }

    fn schedule(&mut self, id: MatchId, now: Duration) {
        let Some(followed) = self.followed.get_mut(&id) else { return };
        let Some(at) = followed.level_at(self.wish, now) else { return };
        if followed.due.is_some_and(|due| due <= at) {
            return;
        }
        if let Some(later) = followed.due.replace(at) {
            self.due.remove(&(later, id));
        }
        self.due.insert((at, id));
    }

    /// When it has something to send, if it has.
    pub(super) fn wake_at(&self) -> Option<Duration> {
        match self.opening {
            Opening::Pages { .. } | Opening::Followed => Some(Duration::ZERO),
            Opening::Said | Opening::Complete => self.due.first().map(|(due, _)| *due),
        }
    }

    /// Does one piece of work, whose messages are then in the outbox: brings a match level, or lists some more.
    pub(super) fn work<W: World>(
        &mut self,
        world: &W,
        out: &mut Outbox,
        now: Duration,
    ) -> Result<(), W::Error> {
        if let Some((due, id)) = self.due.first().copied().filter(|(due, _)| *due <= now) {
            self.behind_since.get_or_insert(now);
            self.due.remove(&(due, id));
            if let Some(followed) = self.followed.get_mut(&id) {
                followed.due = None;
                followed.bring_level(world, &mut Turn { wish: self.wish, out, now })?;
                // A world that knows of a change and does not have it yet is asked again, but not at once.
                let again = if out.is_empty() { now + READ_AGAIN } else { now };
                self.schedule(id, again);
            }
            return Ok(());
        }
        self.behind_since = None;
        match &self.opening {
            Opening::Pages { after } => {
                let after = after.clone();
                self.list(after.as_deref(), world, now)
            }
            Opening::Followed => {
                self.opening = Opening::Said;
                Ok(())
            }
            Opening::Said | Opening::Complete => Ok(()),
        }
    }

    fn list<W: World>(&mut self, after: Option<&str>, world: &W, now: Duration) -> Result<(), W::Error> {
        let page = world.matches(&self.selection, after, PAGE_OF_MATCHES)?;
        for head in page.matches {
            let id = head.meta.id;
            if self.followed.contains_key(&id) {
                continue;
            }
            // Whoever goes on knows what was not sent again.
            let followed = match self.strangers {
                Some(_) => Followed::listed(head),
                None => Followed::from_snapshot(head),
            };
            self.follow(id, followed, now);
        }
        self.opening = match page.next {
            Some(next) => Opening::Pages { after: Some(next) },
            None => Opening::Followed,
        };
        Ok(())
    }

    /// Whether it has been behind for so long without a break.
    pub(super) fn is_behind_for(&self, long: Duration, now: Duration) -> bool {
        self.behind_since.is_some_and(|since| now.saturating_sub(since) >= long)
    }

    /// Whether a heartbeat should say at once that all was said.
    pub(super) fn is_beat_due(&self, now: Duration) -> bool {
        matches!(self.opening, Opening::Said) && self.is_complete(now)
    }

    /// Whether everything was sent that can be sent now.
    fn is_complete(&self, now: Duration) -> bool {
        let answered = matches!(self.opening, Opening::Said | Opening::Complete);
        answered && self.due.first().is_none_or(|(due, _)| *due > now)
    }

    /// Where its matches stand. `cursor`: a place that every change up to which was observed.
    pub(super) fn heartbeat<W: World>(
        &mut self,
        world: &W,
        cursor: Option<&Cursor>,
        sent_bytes: u64,
        now: Duration,
    ) -> Heartbeat {
        let complete = self.is_complete(now);
        let place = cursor.filter(|_| complete && self.due.is_empty());
        if complete {
            self.opening = Opening::Complete;
        }
        let mut matches = Vec::new();
        for followed in self.followed.values_mut() {
            if !followed.is_shown || followed.head.facts.status.is_live() {
                followed.is_shown = followed.is_level();
                matches.push(followed.head());
            }
        }
        Heartbeat {
            subscription: Some(self.wish.subscription),
            server_time: world.now(),
            source: world.source(),
            sent_bytes,
            complete,
            cursor: place.map(|place| Cursor::bound(place, &self.filter)),
            matches,
        }
    }
}
