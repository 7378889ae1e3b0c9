//! Messages that wait until the connection can take them.

use std::collections::VecDeque;

use bytes::Bytes;

use crate::Message;
use crate::limits::{OUTBOX_BYTES, OUTBOX_MESSAGES};

/// A bounded queue: who adds without asking for room first adds little.
#[derive(Default)]
pub(super) struct Outbox {
    waiting: VecDeque<Bytes>,
    bytes: usize,
    pushed: u64,
}

impl Outbox {
    pub(super) fn push(&mut self, message: Bytes) {
        self.bytes += message.len();
        self.pushed += message.len() as u64;
        self.waiting.push_back(message);
    }

    pub(super) fn say(&mut self, message: &Message) {
        self.push(message.encode());
    }

    pub(super) fn pop(&mut self) -> Option<Bytes> {
        let message = self.waiting.pop_front()?;
        self.bytes -= message.len();
        if self.waiting.is_empty() {
            // An idle connection keeps nothing of its busiest moment.
            self.waiting = VecDeque::new();
        }
        Some(message)
    }

    /// Bytes of all messages that were ever added.
    pub(super) const fn pushed(&self) -> u64 {
        self.pushed
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn has_room(&self) -> bool {
        self.waiting.len() < OUTBOX_MESSAGES && self.bytes < OUTBOX_BYTES
    }
}
