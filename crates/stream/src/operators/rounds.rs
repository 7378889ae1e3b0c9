//! What entities are worth after rounds in which they met: ratings, for instance.
//!
//! Meetings stand in an index by key, entity, round and order, and beside each round of an entity what it is worth after it. What
//! changes is found again in the order of the rounds: the entities of a changed meeting in its round, then, of each whose
//! worth is another than before, its next round, and those whom it meets there. So a change costs what depends on it, and
//! dies out where nothing comes of it.

use std::collections::BTreeSet;
use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::ops::ControlFlow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::key::Key;
use crate::node::{Binary, Context, Fault};
use crate::operators::round_index::{Entry, RoundIndex};
use crate::operators::store::{Store, each_key, net, replace};
use crate::row::Row;
use crate::state::{Direction, State};
use crate::stream::{Described, Stream, Ticks};
use crate::time::Time;
use crate::value::Value;

/// Two entities that met in a round. One that is there more than once counts once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Meeting<O, E, D> {
    /// The number of its round.
    pub round: i32,
    /// Where it stands among the meetings of its round.
    pub order: O,
    /// Who met: two different ones.
    pub between: [E; 2],
    /// What came of it.
    pub outcome: D,
}

/// How meetings change what entities are worth. Everything is a function of its arguments.
pub trait Worth: Send + Sync + 'static {
    /// Under what the rows are: entities under different keys have nothing to do with each other.
    type Key: Key;
    /// Orders the meetings of a round.
    type Order: Key + Value;
    /// Who meets.
    type Entity: Key + Value;
    /// What comes of a meeting.
    type Outcome: Value;
    /// What an entity is worth.
    type Value: Value;

    /// Before the first round.
    fn first(&self, key: &Self::Key) -> Self::Value;

    /// After so many rounds, at least one, without a meeting.
    fn aged(&self, key: &Self::Key, value: &Self::Value, rounds: u32) -> Self::Value;

    /// After some meetings of a round, in their order: never none.
    fn after(
        &self,
        key: &Self::Key,
        before: &Self::Value,
        met: &[Met<Self::Value, Self::Outcome>],
    ) -> Self::Value;
}

/// A meeting as one of the two sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Met<A, D> {
    /// What the other was worth before the round.
    pub other: A,
    /// What came of it.
    pub outcome: D,
    /// The entity's own place in [`Meeting::between`], 0 or 1.
    pub place: usize,
}

/// What is known of the rounds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Valued<O, E, D, A> {
    /// What an entity is worth after the last round in which it met somebody. One row for each that ever did.
    Latest {
        /// Who.
        entity: E,
        /// The number of that round.
        round: i32,
        /// The worth.
        value: A,
    },
    /// What an entity was worth before a meeting: after those before it in the same round. One row for each of the two.
    Before {
        /// The meeting.
        meeting: Meeting<O, E, D>,
        /// The entity's place in [`Meeting::between`].
        place: u8,
        /// The worth.
        value: A,
    },
    /// So many rounds of entities are still to be found again: until then later ones are what they were before.
    Pending(u64),
}

type Rows<W> = Meeting<<W as Worth>::Order, <W as Worth>::Entity, <W as Worth>::Outcome>;
type Says<W> = Valued<<W as Worth>::Order, <W as Worth>::Entity, <W as Worth>::Outcome, <W as Worth>::Value>;

impl<K: Key, O: Key + Value, E: Key + Value, D: Value> Stream<K, Meeting<O, E, D>> {
    /// What the entities of these meetings are worth, before each meeting and after the last.
    ///
    /// A change finds at most `most` rounds of entities again at once. If more depend on it, ticks find the others,
    /// so many at a time, and the instance asks for the tick [again](crate::Progress::Again): nobody waits for all of
    /// them. [`Valued::Pending`] is there for as long, and what is there without it equals a recomputation.
    pub fn rounds<W: Worth<Key = K, Order = O, Entity = E, Outcome = D>>(
        &self,
        name: &str,
        ticks: &Ticks,
        most: NonZeroU32,
        worth: W,
    ) -> Stream<K, Says<W>> {
        let worth = Arc::new(worth);
        let described = Described::new(name, "rounds", &["meetings", "values", "before", "pending", "count"]);
        self.binary(&ticks.0, &described, move |stores| Rounds {
            index: RoundIndex::new([stores[0], stores[1], stores[2]]),
            pending: Store::new(stores[3]),
            count: Store::new(stores[4]),
            most: most.get() as usize,
            worth: Arc::clone(&worth),
            kinds: PhantomData,
        })
    }
}

struct Rounds<W: Worth> {
    index: RoundIndex<W>,
    /// (key, round, entity) of what is to be found again.
    pending: Store,
    /// For each key: how many of them there are.
    count: Store,
    most: usize,
    worth: Arc<W>,
    kinds: PhantomData<fn() -> W>,
}

/// Rounds of entities that are to be found again, in their order.
type Next<W> = BTreeSet<(i32, <W as Worth>::Entity)>;

impl<W: Worth> Binary for Rounds<W> {
    type LeftKey = W::Key;
    type Left = Rows<W>;
    type RightKey = ();
    type Right = Time;
    type OutKey = W::Key;
    type Out = Says<W>;

    fn apply(
        &mut self,
        rows: &mut Vec<Row<W::Key, Rows<W>>>,
        ticks: &mut Vec<Row<(), Time>>,
        out: &mut Vec<Row<W::Key, Says<W>>>,
        context: &mut Context<'_>,
    ) -> Result<(), Fault> {
        let mut left = self.most;
        each_key(rows, |key, rows| {
            let bytes = key.to_bytes();
            let before = self.count.read::<u64>(context.state, &bytes)?.unwrap_or(0);
            let changes = net(rows.iter().map(|row| (row.value.clone(), row.weight.get())).collect())?;
            let mut next = Next::<W>::new();
            for (meeting, weight) in &changes {
                if self.index.change(context.state, &bytes, meeting, *weight)? {
                    next.extend(meeting.between.iter().map(|entity| (meeting.round, entity.clone())));
                }
            }
            let waiting = self.work(context.state, key, (next, before, &mut left), out)?;
            self.tell(context.state, key, (before, waiting), out)
        })?;
        if ticks.is_empty() {
            return Ok(());
        }
        while left > 0
            && let Some(key) = self.first_pending(context.state)?
        {
            let before = self.count.read::<u64>(context.state, &key.to_bytes())?.unwrap_or(0);
            let waiting = self.work(context.state, &key, (Next::<W>::new(), before, &mut left), out)?;
            self.tell(context.state, &key, (before, waiting), out)?;
        }
        context.behind |= self.first_pending(context.state)?.is_some();
        Ok(())
    }
}

impl<W: Worth> Rounds<W> {
    /// The key of the first that waits.
    fn first_pending(&self, state: &dyn State) -> Result<Option<W::Key>, Fault> {
        let mut first = None;
        self.pending.scan_prefix(state, &[], Direction::Forward, |mut entry, _| {
            first = Some(W::Key::decode(&mut entry)?);
            Ok(ControlFlow::Break(()))
        })?;
        Ok(first)
    }

    /// Finds `next` rounds of a key again and those that wait already, earliest first, until none waits or nothing is `left` of
    /// the step; how many wait then. Only these go through the store.
    fn work(
        &mut self,
        state: &mut dyn State,
        key: &W::Key,
        (mut next, waiting, left): (Next<W>, u64, &mut usize),
        out: &mut Vec<Row<W::Key, Says<W>>>,
    ) -> Result<u64, Fault> {
        let bytes = key.to_bytes();
        let entry =
            |(round, entity): &(i32, W::Entity)| [&bytes[..], &round.to_bytes(), &entity.to_bytes()].concat();
        // More than these are not found in this step.
        let first = if waiting > 0 { self.first_of(state, &bytes, *left)? } else { Vec::new() };
        let mut waiting = waiting.saturating_sub(first.len() as u64);
        first.iter().try_for_each(|one| self.pending.remove(state, &entry(one)))?;
        next.extend(first);
        while *left > 0
            && let Some((round, entity)) = next.pop_first()
        {
            next.extend(self.find(state, key, (round, &entity), out)?);
            *left -= 1;
        }
        for one in &next {
            if self.pending.read::<()>(state, &entry(one))?.is_none() {
                self.pending.write(state, &entry(one), &())?;
                waiting += 1;
            }
        }
        Ok(waiting)
    }

    /// The first that wait, at most so many.
    fn first_of(&self, state: &dyn State, key: &[u8], most: usize) -> Result<Vec<(i32, W::Entity)>, Fault> {
        let mut first = Vec::new();
        self.pending.scan_prefix(state, key, Direction::Forward, |mut entry, _| {
            if first.len() == most {
                return Ok(ControlFlow::Break(()));
            }
            first.push((i32::decode(&mut entry)?, W::Entity::decode(&mut entry)?));
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(first)
    }

    /// Finds again what an entity is worth after a round; tells what depends on it.
    fn find(
        &mut self,
        state: &mut dyn State,
        key: &W::Key,
        (round, entity): (i32, &W::Entity),
        out: &mut Vec<Row<W::Key, Says<W>>>,
    ) -> Result<Next<W>, Fault> {
        let bytes = key.to_bytes();
        let entry = self.value(state, key, (round, entity))?;
        let old = self.index.at(state, &bytes, entity, round)?;
        if old == entry {
            return Ok(Next::<W>::new());
        }
        let last = self.index.last(state, &bytes, entity)?;
        self.index.put(state, &bytes, (entity, round), entry.as_ref())?;
        let latest = |last: Option<(i32, W::Value)>| {
            last.map(|(round, value)| Valued::Latest { entity: entity.clone(), round, value })
        };
        let now = self.index.last(state, &bytes, entity)?;
        replace(key, latest(last), latest(now), out);
        let before = |entry: Option<&Entry<W>>| entry.map(|entry| entry.before.clone()).unwrap_or_default();
        let (gone, come) = (before(old.as_ref()), before(entry.as_ref()));
        out.extend(gone.into_iter().map(|one| Row::goes(key.clone(), said::<W>(entity, one))));
        out.extend(come.into_iter().map(|one| Row::comes(key.clone(), said::<W>(entity, one))));
        if old.map(|entry| entry.after) == entry.map(|entry| entry.after) {
            return Ok(Next::<W>::new());
        }
        let Some(round) = self.index.next_round(state, &bytes, entity, round)? else {
            return Ok(Next::<W>::new());
        };
        // The entity is one of the two in each.
        let meetings = self.index.meetings(state, &bytes, entity, round)?;
        Ok(meetings.into_iter().flat_map(|meeting| meeting.between).map(|entity| (round, entity)).collect())
    }

    /// What an entity is worth after a round, from what all are worth before it; `None` if it met nobody there.
    fn value(
        &self,
        state: &dyn State,
        key: &W::Key,
        (round, entity): (i32, &W::Entity),
    ) -> Result<Option<Entry<W>>, Fault> {
        let meetings = self.index.meetings(state, &key.to_bytes(), entity, round)?;
        if meetings.is_empty() {
            return Ok(None);
        }
        let own = self.before(state, key, (round, entity))?;
        let (mut met, mut before, mut after) = (Vec::new(), Vec::new(), own.clone());
        for meeting in meetings {
            let place = usize::from(meeting.between[1] == *entity);
            let other = self.before(state, key, (round, &meeting.between[1 - place]))?;
            met.push(Met { other, outcome: meeting.outcome.clone(), place });
            before.push((meeting, after));
            after = self.worth.after(key, &own, &met);
        }
        Ok(Some(Entry { after, before }))
    }

    /// What an entity is worth when a round begins.
    fn before(
        &self,
        state: &dyn State,
        key: &W::Key,
        (round, entity): (i32, &W::Entity),
    ) -> Result<W::Value, Fault> {
        let Some((last, after)) = self.index.before(state, &key.to_bytes(), entity, round)? else {
            return Ok(self.worth.first(key));
        };
        let idle = u32::try_from(i64::from(round) - i64::from(last) - 1).unwrap_or(0);
        Ok(if idle == 0 { after } else { self.worth.aged(key, &after, idle) })
    }

    fn tell(
        &mut self,
        state: &mut dyn State,
        key: &W::Key,
        (before, after): (u64, u64),
        out: &mut Vec<Row<W::Key, Says<W>>>,
    ) -> Result<(), Fault> {
        let said = |count: u64| (count > 0).then_some(Valued::Pending(count));
        match after {
            _ if before == after => {}
            0 => self.count.remove(state, &key.to_bytes())?,
            after => self.count.write(state, &key.to_bytes(), &after)?,
        }
        replace(key, said(before), said(after), out);
        Ok(())
    }
}

fn said<W: Worth>(entity: &W::Entity, (meeting, value): (Rows<W>, W::Value)) -> Says<W> {
    let place = u8::from(meeting.between[1] == *entity);
    Valued::Before { meeting, place, value }
}
