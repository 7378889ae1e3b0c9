//! The rows of one cause between the operators.

use std::any::Any;
use std::marker::PhantomData;

use crate::row::Row;

trait Rows: Any + Send {
    fn clear(&mut self);
    fn is_empty(&self) -> bool;
}

impl<K: Send + 'static, V: Send + 'static> Rows for Vec<Row<K, V>> {
    fn clear(&mut self) {
        Vec::clear(self);
    }

    fn is_empty(&self) -> bool {
        Vec::is_empty(self)
    }
}

/// Names the place where one operator leaves its rows for others.
pub(crate) struct Slot<K, V> {
    pub(crate) index: usize,
    kinds: PhantomData<fn() -> (K, V)>,
}

impl<K, V> Slot<K, V> {
    pub(crate) fn new(index: usize) -> Self {
        Self { index, kinds: PhantomData }
    }
}

impl<K, V> Clone for Slot<K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for Slot<K, V> {}

/// Makes an empty slot.
pub(crate) type MakeSlot = fn() -> AnySlot;

pub(crate) struct AnySlot(Box<dyn Rows>);

pub(crate) fn make_slot<K: Send + 'static, V: Send + 'static>() -> AnySlot {
    AnySlot(Box::new(Vec::<Row<K, V>>::new()))
}

pub(crate) struct Slots(Vec<AnySlot>);

impl Slots {
    pub(crate) fn new(slots: impl Iterator<Item = MakeSlot>) -> Self {
        Self(slots.map(|make| make()).collect())
    }

    /// Takes the rows out, so that others can be written meanwhile. They are put back by [`Slots::put`].
    pub(crate) fn take<K: Send + 'static, V: Send + 'static>(&mut self, slot: Slot<K, V>) -> Vec<Row<K, V>> {
        std::mem::take(self.rows(slot))
    }

    pub(crate) fn put<K: Send + 'static, V: Send + 'static>(
        &mut self,
        slot: Slot<K, V>,
        rows: Vec<Row<K, V>>,
    ) {
        *self.rows(slot) = rows;
    }

    pub(crate) fn is_empty(&self, index: usize) -> bool {
        self.0[index].0.is_empty()
    }

    pub(crate) fn clear(&mut self, index: usize) {
        self.0[index].0.clear();
    }

    fn rows<K: Send + 'static, V: Send + 'static>(&mut self, slot: Slot<K, V>) -> &mut Vec<Row<K, V>> {
        let rows: &mut dyn Any = self.0[slot.index].0.as_mut();
        rows.downcast_mut().expect("a slot is made for the kinds of rows that its stream has")
    }
}
