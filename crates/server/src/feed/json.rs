//! Notices as JSON.

use serde_json::{Value, json};
use topspin_client::Notice;

/// A notice as one line.
pub fn line(notice: &Notice) -> String {
    let raw = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    let value = match notice {
        Notice::Suspend { match_id, doubt, .. } => {
            json!({ "type": "suspend", "match": match_id, "doubt": doubt })
        }
        Notice::Resume { match_id, .. } => json!({ "type": "resume", "match": match_id }),
        Notice::Reset { .. } => json!({ "type": "reset" }),
        Notice::Snapshot { match_id, at, resource, .. } => {
            json!({ "type": "snapshot", "match": match_id, "at": at, "resource": raw(resource.get()) })
        }
        Notice::Event { match_id, at, event, .. } => {
            json!({ "type": "event", "match": match_id, "at": at, "event": raw(event.get()) })
        }
        Notice::State { match_id, at, .. } => json!({ "type": "state", "match": match_id, "at": at }),
        Notice::Forked { match_id, common_seq, .. } => {
            json!({ "type": "forked", "match": match_id, "common_seq": common_seq })
        }
        Notice::Corrected { match_id, from_seq, affected, .. } => {
            json!({ "type": "corrected", "match": match_id, "from_seq": from_seq, "affected": affected })
        }
        Notice::Left { match_id, .. } => json!({ "type": "left", "match": match_id }),
        Notice::Refused(fault) => json!({ "type": "refused", "fault": fault }),
    };
    value.to_string()
}
