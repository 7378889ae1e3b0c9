//! What stands in a list of records.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};
use topspin_stream::{Key, key::DecodeError};

use super::scope::Scope;
use super::window::Window;
use crate::facts::Id;
use crate::mark::Mark;
use crate::metric::Metric;

/// What a list is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKey {
    /// What is measured.
    pub metric: Metric,
    /// Among whom.
    pub scope: Scope,
    /// Since when.
    pub window: Window,
}

impl Key for RecordKey {
    fn encode(&self, out: &mut Vec<u8>) {
        self.metric.encode(out);
        self.scope.encode(out);
        self.window.encode(out);
    }

    fn decode(input: &mut &[u8]) -> Result<Self, DecodeError> {
        let metric = Metric::decode(input)?;
        Ok(RecordKey { metric, scope: Scope::decode(input)?, window: Window::decode(input)? })
    }
}

/// One place of a list: a mark, and the match in which it was set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub match_id: Id,
    pub mark: Mark,
}

/// The greatest first; of equal ones the earliest, and then those whose time nobody knows.
pub(crate) type Order = (Reverse<i64>, (bool, i64), Id, (u64, u8));

impl Entry {
    pub(crate) fn order(&self) -> Order {
        let mark = &self.mark;
        (Reverse(mark.value), when(mark), self.match_id, (mark.seq, mark.game))
    }
}

/// The order of the marks of one match.
pub(crate) fn order_in_match(mark: &Mark) -> (Reverse<i64>, (bool, i64), u64) {
    (Reverse(mark.value), when(mark), mark.seq)
}

fn when(mark: &Mark) -> (bool, i64) {
    (mark.at.is_none(), mark.at.unwrap_or(0))
}
