//! What a consumer is told.

use std::borrow::Cow;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use topspin_event::{Chain, MatchId, Seq, StateHash, Timestamp};
use uuid::Uuid;

use crate::{Cursor, Position};

/// A message to a consumer. JSON: `{"type": "event", …}`; all but `welcome`, `closing` and some faults name their subscription.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type")]
pub enum Message {
    /// The answer to hello.
    #[serde(rename = "welcome")]
    Welcome(Welcome),
    /// A subscription begins.
    #[serde(rename = "subscribed")]
    Subscribed(Subscribed),
    /// A match as it is.
    #[serde(rename = "snapshot")]
    Snapshot(Snapshot),
    /// What happened in a match.
    #[serde(rename = "event")]
    Event(Event),
    /// What became of a match's state.
    #[serde(rename = "state")]
    Delta(Delta),
    /// What follows corrects what was said before: nothing should be decided by it until the end.
    #[serde(rename = "correction.begin")]
    CorrectionBegin(CorrectionBegin),
    /// What the correction has changed.
    #[serde(rename = "corrected")]
    Corrected(Corrected),
    /// All that the correction changes has been said.
    #[serde(rename = "correction.end")]
    CorrectionEnd(CorrectionEnd),
    /// The consumer's position is not in the match's history.
    #[serde(rename = "forked")]
    Forked(Forked),
    /// The consumer was too slow for some events of a match.
    #[serde(rename = "lagged")]
    Lagged(Lagged),
    /// A match is no longer selected.
    #[serde(rename = "left")]
    Left(Left),
    /// Where everything stands.
    #[serde(rename = "heartbeat")]
    Heartbeat(Heartbeat),
    /// A request was refused. The connection goes on.
    #[serde(rename = "error")]
    Error(Fault),
    /// The last message.
    #[serde(rename = "closing")]
    Closing(Closing),
    /// Of a later version: to be ignored.
    #[serde(rename = "unknown")]
    Unknown,
}

/// What was granted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// [`crate::PROTOCOL`].
    pub protocol: String,
    /// One life of the server's log: cursors of another lead to snapshots.
    pub log_id: Uuid,
    /// The server's time.
    pub server_time: Timestamp,
    /// Milliseconds between heartbeats.
    pub heartbeat_ms: u32,
    /// Milliseconds between state deltas of one match; 0 for every change.
    pub conflate_ms: u32,
    /// Seconds that everything is held back.
    pub delay_s: u32,
}

/// The beginning of a subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscribed {
    /// The client's number for it.
    pub subscription: u32,
    /// How it goes on.
    pub answer: Answer,
    /// The kinds that are granted.
    pub kinds: Vec<String>,
}

/// How a subscription begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// With the missing events of every match that has some, and a snapshot of it where its state is wanted.
    Resumed,
    /// With a snapshot of every match that is being played: what the consumer held before, it forgets.
    Snapshot,
}

/// A match as it is after the event at `at`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Snapshot {
    /// The subscription.
    pub subscription: u32,
    /// The match.
    #[serde(rename = "match")]
    pub match_id: MatchId,
    /// Its position.
    pub at: Position,
    /// The chain there.
    pub chain: Chain,
    /// The hash of the member `state` of `resource`.
    pub state_hash: StateHash,
    /// The match resource, as `/v1/matches/{id}` answers.
    pub resource: Box<RawValue>,
}

/// An event of a match.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Event {
    /// The subscription.
    pub subscription: u32,
    /// The position that it follows: of the event of this match that came before it in this subscription.
    pub follows: Position,
    /// The event as a [`crate::CloudEvent`].
    pub event: Box<RawValue>,
}

/// A change of a match's state.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Delta {
    /// The subscription.
    pub subscription: u32,
    /// The position of the state that it is to be applied to.
    pub follows: Position,
    /// The match.
    #[serde(rename = "match")]
    pub match_id: MatchId,
    /// The position of the state that it makes.
    pub at: Position,
    /// The chain there.
    pub chain: Chain,
    /// The hash of the state that it makes.
    pub state_hash: StateHash,
    /// The positions that this one delta stands for, where it stands for more than one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conflated: Option<Range>,
    /// The change as a merge patch (RFC 7396).
    pub patch: Box<RawValue>,
}

/// Positions of a match, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// The first.
    pub from: Seq,
    /// The last.
    pub to: Seq,
}

/// The beginning of a correction. Until its end the client library says `suspend`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectionBegin {
    /// The subscription.
    pub subscription: u32,
    /// The match.
    #[serde(rename = "match")]
    pub match_id: MatchId,
    /// The first event whose meaning changes.
    pub from_seq: Seq,
}

/// What a correction has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Corrected {
    /// The subscription.
    pub subscription: u32,
    /// The match.
    #[serde(rename = "match")]
    pub match_id: MatchId,
    /// The first event whose meaning changed.
    pub from_seq: Seq,
    /// What is derived from the events and may read differently now: names of kinds.
    pub affected: Vec<String>,
}

/// The end of a correction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CorrectionEnd {
    /// The subscription.
    pub subscription: u32,
    /// The match.
    #[serde(rename = "match")]
    pub match_id: MatchId,
}

/// Where a consumer's history parts from the match's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forked {
    /// The subscription.
    pub subscription: u32,
    /// The match.
    #[serde(rename = "match")]
    pub match_id: MatchId,
    /// The last event that both have; 0 if it is not known that they share any. What the consumer holds after it did not
    /// happen.
    pub common_seq: Seq,
}

/// Events that were left out. They can be read at `/v1/matches/{id}/events`; what follows goes on after them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lagged {
    /// The subscription.
    pub subscription: u32,
    /// The match.
    #[serde(rename = "match")]
    pub match_id: MatchId,
    /// The first that is missing.
    pub from: Seq,
    /// The last that is missing.
    pub to: Seq,
    /// The position of the last.
    pub at: Position,
    /// The chain there.
    pub chain: Chain,
}

/// A match that is no longer selected: it was moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// The subscription.
    pub subscription: u32,
    /// The match.
    #[serde(rename = "match")]
    pub match_id: MatchId,
}

/// Whether what comes from the halls is current.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// As far as anybody knows.
    #[default]
    Ok,
    /// The server may be behind the log.
    Late,
    /// A hall is not reached.
    VenueLost,
}

/// Where the matches of a subscription stand. It names those that changed since the last one and those that are being
/// played; of all others the last word holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heartbeat {
    /// The subscription; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription: Option<u32>,
    /// The server's time.
    pub server_time: Timestamp,
    /// Whether it is current.
    #[serde(default)]
    pub source: Source,
    /// Bytes of all messages that this connection was sent before this one: whoever has received another number has lost some,
    /// or was given some twice.
    pub sent_bytes: u64,
    /// Whether everything was said that is to be said by now: the answer to the subscription is complete, the consumer is not behind,
    /// and no correction is open. The first that says so comes as soon as it is so.
    #[serde(default)]
    pub complete: bool,
    /// Where to go on after, should the connection break. Absent unless all is said, and while states are held back on request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<Cursor>,
    /// The heads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub matches: Vec<Head>,
}

/// Where a match stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The match.
    #[serde(rename = "match")]
    pub match_id: MatchId,
    /// Its last position.
    pub at: Position,
    /// Up to here nothing can fork any more.
    pub stable_seq: Seq,
    /// The chain at `at`.
    pub chain: Chain,
    /// The hash of the state at `at`.
    pub state_hash: StateHash,
    /// What the consumer was sent last.
    pub matched: Matched,
}

/// The last positions that were sent of a match, by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Matched {
    /// Of its events; absent where they are not subscribed to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Position>,
    /// Of its state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<Position>,
}

/// Why a request was refused (as RFC 9457 problems, with a stable code).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The subscription that it is about, if one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription: Option<u32>,
    /// A stable code, such as `invalid_request`.
    pub code: String,
    /// What is wrong, for people.
    pub detail: String,
    /// Whether the same request can succeed later.
    pub retryable: bool,
    /// When it is worth trying, milliseconds from now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

/// Why the connection ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// A stable code, such as `stopping` or `too_slow`.
    pub code: String,
    /// Whether to come back.
    pub retryable: bool,
    /// When, milliseconds from now; with a jitter of as much again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

impl Message {
    /// The subscription that it is about, if one.
    pub fn subscription(&self) -> Option<u32> {
        match self {
            Message::Subscribed(Subscribed { subscription, .. })
            | Message::Snapshot(Snapshot { subscription, .. })
            | Message::Event(Event { subscription, .. })
            | Message::Delta(Delta { subscription, .. })
            | Message::CorrectionBegin(CorrectionBegin { subscription, .. })
            | Message::Corrected(Corrected { subscription, .. })
            | Message::CorrectionEnd(CorrectionEnd { subscription, .. })
            | Message::Forked(Forked { subscription, .. })
            | Message::Lagged(Lagged { subscription, .. })
            | Message::Left(Left { subscription, .. }) => Some(*subscription),
            Message::Heartbeat(Heartbeat { subscription, .. })
            | Message::Error(Fault { subscription, .. }) => *subscription,
            Message::Welcome(_) | Message::Closing(_) | Message::Unknown => None,
        }
    }

    /// The message as JSON, one line.
    ///
    /// # Panics
    /// Never: messages are strings, numbers and JSON.
    pub fn encode(&self) -> Bytes {
        Bytes::from(serde_json::to_vec(self).expect("messages are strings, numbers and JSON"))
    }

    /// Reads a message. A type that is not known is [`Message::Unknown`], and members that are not known are passed over.
    ///
    /// # Errors
    /// [`MessageError`] if it is no message.
    pub fn parse(text: &str) -> Result<Message, MessageError> {
        #[derive(Deserialize)]
        struct Tag<'a> {
            #[serde(rename = "type", borrow)]
            tag: Cow<'a, str>,
        }
        // Raw JSON cannot be read from inside a tagged enum: so the tag is read first.
        let Tag { tag } = serde_json::from_str(text)?;
        Ok(match tag.as_ref() {
            "welcome" => Message::Welcome(serde_json::from_str(text)?),
            "subscribed" => Message::Subscribed(serde_json::from_str(text)?),
            "snapshot" => Message::Snapshot(serde_json::from_str(text)?),
            "event" => Message::Event(serde_json::from_str(text)?),
            "state" => Message::Delta(serde_json::from_str(text)?),
            "correction.begin" => Message::CorrectionBegin(serde_json::from_str(text)?),
            "corrected" => Message::Corrected(serde_json::from_str(text)?),
            "correction.end" => Message::CorrectionEnd(serde_json::from_str(text)?),
            "forked" => Message::Forked(serde_json::from_str(text)?),
            "lagged" => Message::Lagged(serde_json::from_str(text)?),
            "left" => Message::Left(serde_json::from_str(text)?),
            "heartbeat" => Message::Heartbeat(serde_json::from_str(text)?),
            "error" => Message::Error(serde_json::from_str(text)?),
            "closing" => Message::Closing(serde_json::from_str(text)?),
            _ => Message::Unknown,
        })
    }
}

/// The text is no message of this protocol.
#[derive(Debug, thiserror::Error)]
#[error("not a message of the feed: {0}")]
pub struct MessageError(#[from] serde_json::Error);
