//! A place across all matches, opaque to consumers.

use std::fmt;

use serde::{Deserialize, Serialize};
use topspin_event::BodyHash;

use crate::limits::MAX_CURSOR_BYTES;
use crate::{Kinds, Selection};

/// Hexadecimal digits of the hash of what a cursor was filtered by.
const FILTER_DIGITS: usize = 16;

/// A place in the log of a server, as its text. Only who made it can read it: it names the life of the log, how far each
/// partition was, and what it was filtered by. A consumer keeps the latest and hands it back.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cursor(String);

impl Cursor {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A place as the consumer of a subscription is told it: of another subscription it says nothing.
    pub(crate) fn bound(place: &Cursor, filter: &str) -> Cursor {
        Cursor(format!("{filter}.{place}"))
    }

    /// The place, if the cursor is of a subscription with this filter.
    pub(crate) fn place(&self, filter: &str) -> Option<Cursor> {
        let place = self.0.strip_prefix(filter)?.strip_prefix('.')?;
        Cursor::try_from(place.to_owned()).ok()
    }
}

/// What tells subscriptions apart that need not hold the same.
pub(crate) fn filter(selection: &Selection, kinds: Kinds) -> String {
    let names: Vec<_> = kinds.iter().map(crate::Kind::as_str).collect();
    let text = serde_json::to_string(&(selection, names)).expect("a selection is strings");
    BodyHash::of(text.as_bytes()).to_string()[..FILTER_DIGITS].to_owned()
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Cursor {
    type Error = CursorError;

    fn try_from(text: String) -> Result<Self, CursorError> {
        let fits = (1..=MAX_CURSOR_BYTES + FILTER_DIGITS + 1).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_graphic());
        if fits { Ok(Cursor(text)) } else { Err(CursorError) }
    }
}

impl From<Cursor> for String {
    fn from(cursor: Cursor) -> String {
        cursor.0
    }
}

/// The text is empty, too long or not of visible ASCII characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a cursor is 1 to {MAX_CURSOR_BYTES} visible ASCII characters that a server has named")]
pub struct CursorError;
