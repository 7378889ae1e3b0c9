//! An event of a match as a CloudEvent (1.0.2, JSON format).

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use topspin_event::{EventEnvelope, MatchId, Timestamp};

use crate::Position;

/// Where events come from: their ids are unique under it.
const SOURCE: &str = "/topspin/matches";

/// The attributes with the event as `data`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CloudEvent {
    /// `1.0`.
    pub specversion: String,
    /// `<match>/<epoch>-<seq>`: the same for every consumer, for ever.
    pub id: String,
    /// `/topspin/matches`.
    pub source: String,
    /// `topspin.match.` with the event's own type, such as `point_scored`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The match.
    pub subject: MatchId,
    /// When it happened, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<Timestamp>,
    /// `application/json`.
    pub datacontenttype: String,
    /// The position as a text that sorts as positions do (extension `sequence`).
    pub sequence: String,
    /// The match: events with the same are ordered (extension `partitioning`).
    pub partitionkey: MatchId,
    /// When the home's log took it (extension `recordedtime`).
    pub recordedtime: Timestamp,
    /// The event: recorded part, hashes and delivery part, as `/v1/matches/{id}/events` has it.
    pub data: Box<RawValue>,
}

/// An event as a CloudEvent.
///
/// # Panics
/// Never: events are strings, numbers and JSON.
pub(crate) fn cloud_event(event: &EventEnvelope) -> Box<RawValue> {
    let recorded = &event.recorded;
    let position = Position::of(recorded);
    let data = serde_json::value::to_raw_value(event).expect("events are strings and numbers");
    let attributes = CloudEvent {
        specversion: "1.0".to_owned(),
        id: format!("{}/{position}", recorded.match_id),
        source: SOURCE.to_owned(),
        kind: format!("topspin.match.{}", type_of(&data)),
        subject: recorded.match_id,
        time: recorded.occurred_at,
        datacontenttype: "application/json".to_owned(),
        sequence: format!("{:010}-{:010}", position.epoch.0, position.seq.0),
        partitionkey: recorded.match_id,
        recordedtime: recorded.recorded_at,
        data,
    };
    serde_json::value::to_raw_value(&attributes).expect("attributes are strings and JSON")
}

/// The event's own type, as it was written: no second list of names can differ from it.
fn type_of(data: &RawValue) -> String {
    #[derive(Deserialize)]
    struct Data {
        event: Tag,
    }
    #[derive(Deserialize)]
    struct Tag {
        #[serde(rename = "type")]
        tag: String,
    }
    serde_json::from_str::<Data>(data.get()).map_or("unknown".to_owned(), |data| data.event.tag)
}
