//! Bringing a match level: reading from the world what a consumer is missing of it.

use std::sync::Arc;

use topspin_event::{MatchSnapshot, Seq};

use super::follow::{Followed, Missing, Turn};
use super::world::World;
use crate::change::delta;
use crate::limits::{LAG_FILLED, PAGE_OF_EVENTS};
use crate::message::{Forked, Lagged, Message, Range, Snapshot};
use crate::{Kind, Position};

impl Followed {
    /// Sends what is missing, a page of events at a time. Where that was not all, the match stays behind.
    pub(super) fn bring_level<W: World>(&mut self, world: &W, turn: &mut Turn<'_>) -> Result<(), W::Error> {
        let latest = world.head(self.head.meta.id)?;
        if let Some(latest) = latest.filter(|latest| Position::head(latest) > Position::head(&self.head)) {
            self.head = latest;
        }
        let head = Arc::clone(&self.head);
        if turn.wish.kinds.has(Kind::Events) && self.events.is_some() {
            self.bring_events_level(&head, world, turn)?;
            if self.events_behind {
                return Ok(());
            }
        }
        if self.snapshot_due {
            self.send_snapshot(&head, world, turn)?;
        } else {
            self.send_conflated(&head, turn);
        }
        (self.events_behind, self.state_behind) = (false, false);
        self.missing = Missing::Lagging;
        self.end_correction(turn);
        Ok(())
    }

    fn bring_events_level<W: World>(
        &mut self,
        head: &MatchSnapshot,
        world: &W,
        turn: &mut Turn<'_>,
    ) -> Result<(), W::Error> {
        let (id, to) = (head.meta.id, Position::head(head));
        let Some(mut at) = self.events else { return Ok(()) };
        if at.epoch != to.epoch || at.seq > to.seq {
            at = self.part(at, world, turn)?;
        }
        if self.missing == Missing::Lagging && to.seq.0.saturating_sub(at.seq.0) > LAG_FILLED {
            self.lag(at, head, turn);
        } else {
            let page = world.changes(id, at.seq, PAGE_OF_EVENTS)?;
            for change in page.iter().take_while(|change| change.at().seq <= to.seq) {
                self.send_event(change, turn);
            }
        }
        self.events_behind = self.events.is_some_and(|events| events.seq < to.seq);
        Ok(())
    }

    /// Says where the consumer's history parts from the match's, if it does. What both have last.
    fn part<W: World>(&mut self, at: Position, world: &W, turn: &mut Turn<'_>) -> Result<Position, W::Error> {
        let id = self.head.meta.id;
        let common = world.common(id, at, None)?.unwrap_or(Seq(0));
        if common == at.seq {
            return Ok(at);
        }
        let shared = world.position(id, common)?.unwrap_or(Position { seq: common, ..at });
        self.fork(shared, turn);
        Ok(shared)
    }

    /// The consumer's history is not the match's after `shared`: it goes on from there, and is sent the state anew.
    pub(super) fn fork(&mut self, shared: Position, turn: &mut Turn<'_>) {
        let (subscription, match_id) = (turn.wish.subscription, self.head.meta.id);
        turn.out.say(&Message::Forked(Forked { subscription, match_id, common_seq: shared.seq }));
        self.begin_correction(Seq(shared.seq.0 + 1), turn);
        self.events = Some(shared);
        self.snapshot_due = true;
    }

    fn lag(&mut self, at: Position, head: &MatchSnapshot, turn: &mut Turn<'_>) {
        self.begin_passed(turn);
        let to = Position::head(head);
        turn.out.say(&Message::Lagged(Lagged {
            subscription: turn.wish.subscription,
            match_id: head.meta.id,
            from: Seq(at.seq.0 + 1),
            to: to.seq,
            at: to,
            chain: head.chain,
        }));
        self.events = Some(to);
    }

    fn send_snapshot<W: World>(
        &mut self,
        head: &MatchSnapshot,
        world: &W,
        turn: &mut Turn<'_>,
    ) -> Result<(), W::Error> {
        let at = Position::head(head);
        turn.out.say(&Message::Snapshot(Snapshot {
            subscription: turn.wish.subscription,
            match_id: head.meta.id,
            at,
            chain: head.chain,
            state_hash: head.state_hash.clone(),
            resource: world.resource(head)?,
        }));
        self.events = turn.wish.kinds.has(Kind::Events).then_some(at);
        if turn.wish.kinds.has(Kind::State) {
            self.hold_state(head, turn);
        }
        self.snapshot_due = false;
        Ok(())
    }

    fn send_conflated(&mut self, head: &MatchSnapshot, turn: &mut Turn<'_>) {
        let to = Position::head(head);
        let Some((from, before)) = self.state.take_if(|(from, _)| *from != to) else { return };
        self.begin_passed(turn);
        let range = Range { from: Seq(from.seq.0 + 1), to: to.seq };
        let conflated = (range.from < range.to).then_some(range);
        turn.out.push(delta(turn.wish.subscription, from, &before, head, conflated));
        self.hold_state(head, turn);
    }
}
