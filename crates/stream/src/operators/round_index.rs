//! The meetings of entities by round, and what they are worth after each.

use std::marker::PhantomData;
use std::ops::ControlFlow;

use crate::key::{Key, after_prefix};
use crate::node::Fault;
use crate::operators::rounds::{Meeting, Worth};
use crate::operators::store::Store;
use crate::state::{Direction, KeyRange, State};
use crate::value::{decode_value, encode_value};

type Row<W> = Meeting<<W as Worth>::Order, <W as Worth>::Entity, <W as Worth>::Outcome>;

/// What a round came to for an entity.
pub(crate) struct Entry<W: Worth> {
    pub after: W::Value,
    /// Its meetings in their order, each with what it was worth before.
    pub before: Vec<(Row<W>, W::Value)>,
}

impl<W: Worth> PartialEq for Entry<W> {
    fn eq(&self, other: &Self) -> bool {
        self.after == other.after && self.before == other.before
    }
}

pub(crate) struct RoundIndex<W> {
    /// (key, entity, round, order, meeting) to weight.
    meetings: Store,
    /// (key, entity, round) to [`Entry::after`]: all that others ask.
    values: Store,
    /// (key, entity, round) to [`Entry::before`].
    before: Store,
    kinds: PhantomData<fn() -> W>,
}

impl<W: Worth> RoundIndex<W> {
    pub fn new([meetings, values, before]: [usize; 3]) -> Self {
        let [meetings, values, before] = [meetings, values, before].map(Store::new);
        RoundIndex { meetings, values, before, kinds: PhantomData }
    }

    /// Whether a meeting is there that was not, or the other way round.
    pub fn change(
        &mut self,
        state: &mut dyn State,
        key: &[u8],
        meeting: &Row<W>,
        weight: i64,
    ) -> Result<bool, Fault> {
        let mut changed = false;
        for entity in &meeting.between {
            let mut entry = place(key, entity, meeting.round);
            meeting.order.encode(&mut entry);
            encode_value(meeting, &mut entry);
            let (before, after) = self.meetings.add(state, &entry, weight)?;
            changed |= (before == 0) != (after == 0);
        }
        Ok(changed)
    }

    /// The meetings of an entity in a round, in their order.
    pub fn meetings(
        &self,
        state: &dyn State,
        key: &[u8],
        entity: &W::Entity,
        round: i32,
    ) -> Result<Vec<Row<W>>, Fault> {
        let mut meetings = Vec::new();
        self.meetings.scan_prefix(
            state,
            &place(key, entity, round),
            Direction::Forward,
            |mut entry, _| {
                W::Order::decode(&mut entry)?;
                meetings.push(decode_value(entry)?);
                Ok(ControlFlow::Continue(()))
            },
        )?;
        Ok(meetings)
    }

    /// The first round after this one in which an entity meets somebody.
    pub fn next_round(
        &self,
        state: &dyn State,
        key: &[u8],
        entity: &W::Entity,
        round: i32,
    ) -> Result<Option<i32>, Fault> {
        let Some(from) = round.checked_add(1) else { return Ok(None) };
        let (prefix, from) = ([key, &entity.to_bytes()].concat(), place(key, entity, from));
        let (to, mut next) = (after_prefix(&prefix), None);
        let range = KeyRange { from: &from, to: to.as_deref() };
        self.meetings.scan(state, range, Direction::Forward, |entry, _| {
            next = Some(i32::decode(&mut &entry[prefix.len()..])?);
            Ok(ControlFlow::Break(()))
        })?;
        Ok(next)
    }

    /// What a round came to for an entity.
    pub fn at(
        &mut self,
        state: &dyn State,
        key: &[u8],
        entity: &W::Entity,
        round: i32,
    ) -> Result<Option<Entry<W>>, Fault> {
        let place = place(key, entity, round);
        let Some(after) = self.values.read(state, &place)? else { return Ok(None) };
        Ok(Some(Entry { after, before: self.before.read(state, &place)?.unwrap_or_default() }))
    }

    pub fn put(
        &mut self,
        state: &mut dyn State,
        key: &[u8],
        (entity, round): (&W::Entity, i32),
        entry: Option<&Entry<W>>,
    ) -> Result<(), Fault> {
        let place = place(key, entity, round);
        if let Some(Entry { after, before }) = entry {
            self.values.write(state, &place, after)?;
            Ok(self.before.write(state, &place, before)?)
        } else {
            self.values.remove(state, &place)?;
            Ok(self.before.remove(state, &place)?)
        }
    }

    /// The last round before this one in which an entity met somebody, and what it was worth after it.
    pub fn before(
        &self,
        state: &dyn State,
        key: &[u8],
        entity: &W::Entity,
        round: i32,
    ) -> Result<Option<(i32, W::Value)>, Fault> {
        self.last_until(state, &[key, &entity.to_bytes()].concat(), Some(&place(key, entity, round)))
    }

    /// The last round in which an entity met somebody, and what it was worth after it.
    pub fn last(
        &self,
        state: &dyn State,
        key: &[u8],
        entity: &W::Entity,
    ) -> Result<Option<(i32, W::Value)>, Fault> {
        let prefix = [key, &entity.to_bytes()].concat();
        self.last_until(state, &prefix, after_prefix(&prefix).as_deref())
    }

    fn last_until(
        &self,
        state: &dyn State,
        prefix: &[u8],
        to: Option<&[u8]>,
    ) -> Result<Option<(i32, W::Value)>, Fault> {
        let mut last = None;
        let range = KeyRange { from: prefix, to };
        self.values.scan(state, range, Direction::Backward, |entry, value| {
            last = Some((i32::decode(&mut &entry[prefix.len()..])?, decode_value(value)?));
            Ok(ControlFlow::Break(()))
        })?;
        Ok(last)
    }
}

fn place<E: Key>(key: &[u8], entity: &E, round: i32) -> Vec<u8> {
    let mut place = key.to_vec();
    entity.encode(&mut place);
    round.encode(&mut place);
    place
}
