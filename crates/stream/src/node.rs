//! Operators as an instance runs them.

use crate::cause::Cause;
use crate::error::{Reason, StateError};
use crate::key::DecodeError;
use crate::outbox::Outbox;
use crate::record::Input;
use crate::row::Row;
use crate::slots::{Slot, Slots};
use crate::state::State;

/// What a node works with, for one cause.
pub(crate) struct Context<'a> {
    pub(crate) slots: &'a mut Slots,
    pub(crate) state: &'a mut dyn State,
    pub(crate) outbox: &'a mut Outbox,
    pub(crate) input: &'a Input<'a>,
    pub(crate) cause: Cause,
    /// Set by an operator that could not come to the end of what the record changes within its bound.
    pub(crate) behind: bool,
}

/// Why a node stopped. The instance adds which one it was.
pub(crate) enum Fault {
    Bad(Reason),
    State(StateError),
    Corrupt,
}

impl From<Reason> for Fault {
    fn from(reason: Reason) -> Self {
        Self::Bad(reason)
    }
}

impl From<StateError> for Fault {
    fn from(error: StateError) -> Self {
        Self::State(error)
    }
}

/// Operators decode only what is stored, except where they say so.
impl From<DecodeError> for Fault {
    fn from(DecodeError: DecodeError) -> Self {
        Self::Corrupt
    }
}

/// Runs at most once a cause, after all that it reads from. Remembers nothing between causes but in the state.
pub(crate) trait Node: Send {
    fn run(&mut self, context: &mut Context<'_>) -> Result<(), Fault>;
}

/// Turns the rows of one stream into those of another.
pub(crate) trait Unary: Send {
    type InKey: Send + 'static;
    type In: Send + 'static;
    type OutKey: Send + 'static;
    type Out: Send + 'static;

    fn apply(
        &mut self,
        rows: &mut Vec<Row<Self::InKey, Self::In>>,
        out: &mut Vec<Row<Self::OutKey, Self::Out>>,
        context: &mut Context<'_>,
    ) -> Result<(), Fault>;
}

pub(crate) struct UnaryNode<U: Unary> {
    pub(crate) input: Slot<U::InKey, U::In>,
    pub(crate) output: Slot<U::OutKey, U::Out>,
    pub(crate) unary: U,
}

impl<U: Unary> Node for UnaryNode<U> {
    fn run(&mut self, context: &mut Context<'_>) -> Result<(), Fault> {
        let mut rows = context.slots.take(self.input);
        let mut out = context.slots.take(self.output);
        let done = self.unary.apply(&mut rows, &mut out, context);
        context.slots.put(self.input, rows);
        context.slots.put(self.output, out);
        done
    }
}

/// Turns the rows of two streams into those of a third. Both at once: no half change is seen.
pub(crate) trait Binary: Send {
    type LeftKey: Send + 'static;
    type Left: Send + 'static;
    type RightKey: Send + 'static;
    type Right: Send + 'static;
    type OutKey: Send + 'static;
    type Out: Send + 'static;

    fn apply(
        &mut self,
        left: &mut Vec<Row<Self::LeftKey, Self::Left>>,
        right: &mut Vec<Row<Self::RightKey, Self::Right>>,
        out: &mut Vec<Row<Self::OutKey, Self::Out>>,
        context: &mut Context<'_>,
    ) -> Result<(), Fault>;
}

pub(crate) struct BinaryNode<B: Binary> {
    pub(crate) left: Slot<B::LeftKey, B::Left>,
    pub(crate) right: Slot<B::RightKey, B::Right>,
    pub(crate) output: Slot<B::OutKey, B::Out>,
    pub(crate) binary: B,
}

impl<B: Binary> Node for BinaryNode<B> {
    fn run(&mut self, context: &mut Context<'_>) -> Result<(), Fault> {
        let mut left = context.slots.take(self.left);
        let mut right = context.slots.take(self.right);
        let mut out = context.slots.take(self.output);
        let done = self.binary.apply(&mut left, &mut right, &mut out, context);
        context.slots.put(self.left, left);
        context.slots.put(self.right, right);
        context.slots.put(self.output, out);
        done
    }
}
