//! Rows with their weights.

use std::num::NonZeroI64;
use std::ops::Neg;

use serde::{Deserialize, Serialize};

use crate::error::Reason;

/// How often a row comes (positive) or goes (negative). Never zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Weight(NonZeroI64);

impl Weight {
    /// A row comes once.
    pub const ONE: Self = Self(NonZeroI64::new(1).expect("one is not zero"));

    /// `None` for zero: a row that neither comes nor goes is no row.
    pub fn new(weight: i64) -> Option<Self> {
        NonZeroI64::new(weight).map(Self)
    }

    /// The number, never zero.
    pub fn get(self) -> i64 {
        self.0.get()
    }

    pub(crate) fn times(self, other: Self) -> Result<Self, Reason> {
        self.0.checked_mul(other.0).map(Self).ok_or(OVERFLOW)
    }
}

/// Weights are counts of rows: a sum beyond 2^63 is a fault of the input.
pub(crate) const OVERFLOW: Reason = Reason::fixed("a weight left the range of 64 bits");

impl Neg for Weight {
    type Output = Self;

    /// The same row the other way round.
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

/// A value under a key that comes or goes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Row<K, V> {
    /// What belongs together: all rows of a key are on one partition, once partitioned.
    pub key: K,
    /// What the row says.
    pub value: V,
    /// How often it comes or goes.
    pub weight: Weight,
}

impl<K, V> Row<K, V> {
    /// A row that comes once.
    pub fn comes(key: K, value: V) -> Self {
        Self { key, value, weight: Weight::ONE }
    }

    /// A row that goes once.
    pub fn goes(key: K, value: V) -> Self {
        Self { key, value, weight: -Weight::ONE }
    }
}

/// Brings a change into its one form: ordered by key and value, each pair once, none that changes nothing.
///
/// # Errors
/// The weights of a row do not fit into 64 bits together.
pub fn consolidate<K: Ord, V: Ord>(rows: &mut Vec<Row<K, V>>) -> Result<(), Reason> {
    if rows.len() < 2 {
        return Ok(());
    }
    rows.sort_unstable_by(|a, b| (&a.key, &a.value).cmp(&(&b.key, &b.value)));
    let mut kept: Vec<Row<K, V>> = Vec::with_capacity(rows.len());
    let mut sum = 0_i64;
    for row in rows.drain(..) {
        match kept.last_mut() {
            Some(last) if last.key == row.key && last.value == row.value => {
                sum = sum.checked_add(row.weight.get()).ok_or(OVERFLOW)?;
                last.weight = Weight::new(sum).unwrap_or(last.weight);
            }
            Some(_) | None => {
                if sum == 0 {
                    kept.pop();
                }
                sum = row.weight.get();
                kept.push(row);
            }
        }
    }
    if sum == 0 {
        kept.pop();
    }
    *rows = kept;
    Ok(())
}
