//! The bytes of server-sent events.

use std::sync::{Arc, OnceLock};

use bytes::{BufMut, Bytes, BytesMut};
use serde::Serialize;
use topspin_event::{EventEnvelope, Timestamp};
use topspin_feed::Change;
use topspin_log::{Offset, Partition};
use topspin_scoring::{self as scoring, Home, MatchResource, ReadError};

use crate::limits::RECONNECT_MS;

/// A change on its way to the streams, encoded by the first that needs it and shared by all.
pub struct Published {
    /// Where it is.
    pub partition: Partition,
    /// The place of its event.
    pub offset: Offset,
    /// What it is.
    pub change: Arc<Change>,
    body: OnceLock<Bytes>,
}

#[derive(Serialize)]
struct MatchData<'a> {
    event: &'a EventEnvelope,
    #[serde(rename = "match")]
    resource: &'a MatchResource,
}

impl Published {
    /// A change at its place, published now.
    pub fn new(partition: Partition, offset: Offset, change: scoring::Change, now: Timestamp) -> Self {
        Published { partition, offset, change: published(change, now), body: OnceLock::new() }
    }

    /// Everything of the event but its id.
    ///
    /// # Errors
    /// [`ReadError`] if names cannot be read. Whoever asks next tries again.
    pub fn body(&self, home: &Home) -> Result<Bytes, ReadError> {
        if let Some(body) = self.body.get() {
            return Ok(body.clone());
        }
        let resource = home.resource(&self.change.snapshot)?;
        Ok(self.body.get_or_init(|| match_event(&self.change.event, &resource)).clone())
    }
}

/// A change that leaves this node now.
pub fn published(change: scoring::Change, now: Timestamp) -> Arc<Change> {
    let scoring::Change { mut event, snapshot } = change;
    event.delivery.published_at = Some(now);
    Arc::new(Change::new(event, Arc::new(snapshot)))
}

/// A change without its id.
pub fn match_event(envelope: &EventEnvelope, resource: &MatchResource) -> Bytes {
    event("match", &MatchData { event: envelope, resource })
}

/// An event without an id.
pub fn event(name: &str, data: &impl Serialize) -> Bytes {
    let mut frame = BytesMut::new().writer();
    // JSON has no raw line breaks, so that the data is one line. Writing to memory cannot fail.
    let _ = std::io::Write::write_all(&mut frame, format!("event: {name}\ndata: ").as_bytes());
    let _ = serde_json::to_writer(&mut frame, data);
    let mut frame = frame.into_inner();
    frame.put_slice(b"\n\n");
    frame.freeze()
}

/// An event with its id; `body` is what [`event`] made.
pub fn placed(id: &str, body: &[u8]) -> Bytes {
    let mut frame = BytesMut::with_capacity(body.len() + id.len() + 8);
    frame.put_slice(b"id: ");
    frame.put_slice(id.as_bytes());
    frame.put_slice(b"\n");
    frame.put_slice(body);
    frame.freeze()
}

/// What a stream begins with: how long a client waits before it comes back.
pub fn opening() -> Bytes {
    Bytes::from(format!("retry: {RECONNECT_MS}\n\n"))
}
