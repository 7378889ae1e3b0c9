//! What a client is asked, and what it says.

use serde_json::value::RawValue;
use topspin_event::{MatchId, Seq};

use super::trust::Doubt;
use crate::message::{Fault, Range};
use crate::{Kind, Position, Selection};

/// A subscription that is to be kept up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Which matches.
    pub to: Selection,
    /// Which kinds.
    pub kinds: Vec<Kind>,
}

/// What the caller is to do next.
#[derive(Debug)]
pub enum Action {
    /// Open a connection; then [`super::Session::connected`] or [`super::Session::disconnected`].
    Connect,
    /// Close the connection, if there is one.
    Disconnect,
    /// Send a message.
    Send(String),
    /// Read events of a match at `/v1/matches/{id}/events`; then [`super::Session::filled`] or [`super::Session::not_filled`].
    Fill {
        /// For this subscription.
        subscription: u32,
        /// Of this match.
        match_id: MatchId,
        /// These.
        range: Range,
    },
    /// Show something to whoever uses the feed.
    Show(Notice),
}

/// What whoever uses the feed is shown, in order, of each subscription.
#[derive(Debug)]
pub enum Notice {
    /// Nothing should be decided by a match, or by anything that the subscription holds, until `Resume`.
    Suspend {
        /// The subscription.
        subscription: u32,
        /// The match; absent: all of them.
        match_id: Option<MatchId>,
        /// Why.
        doubt: Doubt,
    },
    /// What is held is complete again, and its hashes agree with the server's.
    Resume {
        /// The subscription.
        subscription: u32,
        /// The match; absent: all of them, but for those with a suspension of their own.
        match_id: Option<MatchId>,
    },
    /// Everything known of the subscription's matches is void: what holds follows.
    Reset {
        /// The subscription.
        subscription: u32,
    },
    /// A match as it is.
    Snapshot {
        /// The subscription.
        subscription: u32,
        /// The match.
        match_id: MatchId,
        /// Its position.
        at: Position,
        /// The match resource.
        resource: Box<RawValue>,
    },
    /// An event of a match, in order, none left out.
    Event {
        /// The subscription.
        subscription: u32,
        /// The match.
        match_id: MatchId,
        /// Its position.
        at: Position,
        /// The event, as in the `data` of its CloudEvent.
        event: Box<RawValue>,
    },
    /// The state of a match has changed: see [`super::Session::known`].
    State {
        /// The subscription.
        subscription: u32,
        /// The match.
        match_id: MatchId,
        /// The position of the state.
        at: Position,
    },
    /// What was shown of a match after an event did not happen.
    Forked {
        /// The subscription.
        subscription: u32,
        /// The match.
        match_id: MatchId,
        /// The last event that did.
        common_seq: Seq,
    },
    /// A correction is complete.
    Corrected {
        /// The subscription.
        subscription: u32,
        /// The match.
        match_id: MatchId,
        /// The first event whose meaning has changed.
        from_seq: Seq,
        /// What else may read differently now.
        affected: Vec<String>,
    },
    /// A match is no longer selected.
    Left {
        /// The subscription.
        subscription: u32,
        /// The match.
        match_id: MatchId,
    },
    /// The server refused something.
    Refused(Fault),
}
