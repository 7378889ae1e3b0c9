//! What a consumer says.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use topspin_event::{Chain, MatchId};

use crate::{Cursor, Position, Selection};

/// The protocol and its version, as `hello` and `welcome` name it.
pub const PROTOCOL: &str = "topspin.feed/1";

/// A message of a consumer. JSON: `{"type": "subscribe", …}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Request {
    /// Always first, and only once.
    Hello(Hello),
    /// Follow matches from now on, or from a position.
    Subscribe(Subscribe),
    /// No longer.
    Unsubscribe {
        /// Which subscription.
        subscription: u32,
    },
}

/// Who speaks, and how it would like to be served. Unknown members are ignored: a later client may have more.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Hello {
    /// [`PROTOCOL`].
    pub protocol: String,
    /// What the client is called, for the server's operators: at most 64 bytes are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// The token of the consumer's contract; absent for what anybody may read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// Milliseconds between heartbeats that are wanted: see [`crate::limits::HEARTBEAT_MS`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heartbeat_ms: Option<u32>,
    /// State deltas of one match are to come at most every so many milliseconds; 0 or absent for every change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflate_ms: Option<u32>,
}

/// A wish to follow matches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subscribe {
    /// The client's number for it, unique in the connection. Every message about it carries it; who has only one should
    /// say 1, which the server has ready.
    pub subscription: u32,
    /// Which matches.
    pub to: Selection,
    /// Names of [`crate::Kind`]s. Those that the server does not have are not granted.
    pub kinds: Vec<String>,
    /// After what; absent: from a snapshot on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<After>,
}

/// What a consumer holds already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum After {
    /// Everything up to a place across matches that the server has named, and some events after it.
    Cursor {
        /// The place.
        place: Cursor,
        /// The last event held of matches of which events came after the place, at most [`crate::limits::MAX_HELD`]: over a network
        /// that breaks before the next place is named, they are what is gained.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        held: BTreeMap<MatchId, Position>,
    },
    /// One match up to an event; only where the selection is of one match.
    Match {
        /// The position of the last event held.
        at: Position,
        /// The chain there: with it another history is always seen.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        chain: Option<Chain>,
    },
}
