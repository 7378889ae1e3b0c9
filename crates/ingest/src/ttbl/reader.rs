//! Reading JSON that may hold anything: what is not as it should be is counted, with the first example.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use topspin_event::Timestamp;

use crate::Kind;
use crate::oddity::Oddities;

/// One JSON object, read field by field; fields never asked for are unknown.
pub(crate) struct Reader<'a> {
    object: &'a Map<String, Value>,
    place: &'static str,
    asked: BTreeSet<&'a str>,
    odd: &'a mut Oddities,
}

impl<'a> Reader<'a> {
    /// A reader of `object`, called `place` in anomalies.
    pub fn new(object: &'a Map<String, Value>, place: &'static str, odd: &'a mut Oddities) -> Self {
        Reader { object, place, asked: BTreeSet::new(), odd }
    }

    /// A value that is not null.
    pub fn value(&mut self, key: &str) -> Option<&'a Value> {
        let (key, value) = self.object.get_key_value(key)?;
        self.asked.insert(key);
        Some(value).filter(|value| !value.is_null())
    }

    /// A value by what `read` makes of it; what it cannot read is odd.
    fn read<T>(&mut self, key: &str, read: impl Fn(&'a Value) -> Option<T>) -> Option<T> {
        let value = self.value(key)?;
        let read = read(value);
        if read.is_none() {
            self.odd.note(Kind::MalformedField, format!("{}.{key}", self.place), value);
        }
        read
    }

    /// A text; a number reads as its digits, an empty text as nothing.
    pub fn text(&mut self, key: &str) -> Option<String> {
        self.read(key, text).filter(|text| !text.is_empty())
    }

    /// A whole number, also as text.
    pub fn integer(&mut self, key: &str) -> Option<i64> {
        self.read(key, integer)
    }

    /// A whole number that the type can hold, also as text.
    pub fn number<T: TryFrom<i64>>(&mut self, key: &str) -> Option<T> {
        self.read(key, |value| T::try_from(integer(value)?).ok())
    }

    /// A time in seconds or milliseconds, also as text.
    pub fn time(&mut self, key: &str) -> Option<Timestamp> {
        self.read(key, |value| timestamp(integer(value)?))
    }

    /// A truth value, also as 0 and 1.
    pub fn flag(&mut self, key: &str) -> Option<bool> {
        self.read(key, flag)
    }

    /// Something read by its own rules.
    pub fn parsed<T>(&mut self, key: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.read(key, |value| text(value).and_then(|text| parse(text.trim())))
    }

    /// An object.
    pub fn object(&mut self, key: &str) -> Option<&'a Map<String, Value>> {
        self.read(key, Value::as_object)
    }

    /// A list.
    pub fn list(&mut self, key: &str) -> Option<&'a Vec<Value>> {
        self.read(key, Value::as_array)
    }

    /// The keys of the object.
    pub fn keys(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.object.keys().map(String::as_str)
    }

    /// Notes a value that is not what it should be.
    pub fn note_malformed(&mut self, key: &str, value: &Value) {
        self.odd.note(Kind::MalformedField, format!("{}.{key}", self.place), value);
    }

    /// The oddities, to read an object within this one.
    pub fn odd(&mut self) -> &mut Oddities {
        self.odd
    }

    /// Counts every field that holds something and that nobody asked for.
    pub fn finish(self) {
        for (key, value) in self.object {
            if !value.is_null() && !self.asked.contains(key.as_str()) {
                self.odd.note(Kind::UnknownField, format!("{}.{key}", self.place), value);
            }
        }
    }
}

/// A text; a number reads as its digits.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A whole number, also as text.
pub(super) fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?)),
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A float that holds a whole number exactly.
fn whole(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
}

fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => match number.as_i64() {
            Some(0) => Some(false),
            Some(1) => Some(true),
            _ => None,
        },
        Value::String(text) => text.trim().to_ascii_lowercase().parse().ok(),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Seconds since 1970, or milliseconds where the number can only be that.
fn timestamp(number: i64) -> Option<Timestamp> {
    const LAST_AS_SECONDS: i64 = 100_000_000_000;
    let millis = if number.abs() < LAST_AS_SECONDS { number * 1000 } else { number };
    Timestamp::from_millis(millis)
}
