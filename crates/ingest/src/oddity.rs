//! What is odd in the fields of a file: counted, with the first example.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{Fault, Kind};

/// What was odd in a file's fields: kind and field, how often, the first value.
#[derive(Debug, Default)]
pub(crate) struct Oddities(BTreeMap<(Kind, String), (usize, Value)>);

impl Oddities {
    /// Counts one; the first is the example.
    pub fn note(&mut self, kind: Kind, field: String, value: &Value) {
        self.0.entry((kind, field)).or_insert_with(|| (0, value.clone())).0 += 1;
    }

    /// One line each: kind, what is wrong, the raw example.
    pub fn into_lines(self) -> impl Iterator<Item = Fault> {
        self.0.into_iter().map(|((kind, field), (count, example))| {
            let what = match kind {
                Kind::UnknownField => "this reader does not know the field",
                _ => "the field holds something else than it should",
            };
            let raw = json!({ "field": field, "count": count, "example": example });
            (kind, format!("{field}: {what} ({count} times)"), raw)
        })
    }
}
