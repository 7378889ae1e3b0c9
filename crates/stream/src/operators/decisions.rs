//! What was said once stays said, and is withdrawn by another record.

use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

use crate::key::Key;
use crate::node::{Context, Fault, Unary};
use crate::operators::store::{Store, changes, each_key};
use crate::row::{OVERFLOW, Row};
use crate::stream::{Described, Stream};
use crate::value::{Value, encode_value};

/// A record about a row that came, or one that withdraws it. Decisions are numbered under each key from 1 on, without
/// gaps. Of one change those that are withdrawn come first, as their order says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Decision<V> {
    /// The row went.
    Withdrawn {
        /// The number under which it was made.
        id: u64,
        /// The row.
        value: V,
    },
    /// The row came.
    Made {
        /// Its number under the key.
        id: u64,
        /// The row.
        value: V,
    },
}

impl<K: Key, V: Value> Stream<K, V> {
    /// Turns rows that come and go into records that only come: each row that is there after it was not is a decision, made
    /// once, and withdrawn when the row is no longer there. Weights above one make no difference. A row that comes again
    /// is a new decision with a new number.
    ///
    /// The numbers, and what was decided and withdrawn in between, depend on arrival: they are outside what a
    /// recomputation gives. What is made and not withdrawn is always exactly what is there.
    pub fn decisions(&self, name: &str) -> Stream<K, Decision<V>> {
        self.unary(&Described::new(name, "decisions", &["open", "last"]), |stores| Decisions {
            open: Store::new(stores[0]),
            last: Store::new(stores[1]),
            kinds: PhantomData,
        })
    }
}

struct Decisions<T> {
    /// (key, value) to weight and number.
    open: Store,
    /// The last number of each key.
    last: Store,
    kinds: PhantomData<fn() -> T>,
}

impl<K: Key, V: Value> Unary for Decisions<(K, V)> {
    type InKey = K;
    type In = V;
    type OutKey = K;
    type Out = Decision<V>;

    fn apply(
        &mut self,
        rows: &mut Vec<Row<K, V>>,
        out: &mut Vec<Row<K, Decision<V>>>,
        context: &mut Context<'_>,
    ) -> Result<(), Fault> {
        each_key(rows, |key, rows| {
            let bytes = key.to_bytes();
            for (value, weight) in changes(rows)? {
                let mut entry = bytes.clone();
                encode_value(&value, &mut entry);
                let open: Option<(i64, u64)> = self.open.read(context.state, &entry)?;
                let (before, id) = open.unwrap_or((0, 0));
                let after = before.checked_add(weight).ok_or(OVERFLOW)?;
                match (open, after) {
                    (_, ..0) => return Err(crate::operators::store::GONE.into()),
                    (None, _) => {
                        let id = self.last.read::<u64>(context.state, &bytes)?.unwrap_or(0) + 1;
                        self.last.write(context.state, &bytes, &id)?;
                        self.open.write(context.state, &entry, &(after, id))?;
                        out.push(Row::comes(key.clone(), Decision::Made { id, value }));
                    }
                    (Some(_), 0) => {
                        self.open.remove(context.state, &entry)?;
                        out.push(Row::comes(key.clone(), Decision::Withdrawn { id, value }));
                    }
                    (Some(_), 1..) => self.open.write(context.state, &entry, &(after, id))?,
                }
            }
            Ok(())
        })
    }
}
