//! Tablets.

use serde::{Deserialize, Serialize};

use crate::{Label, MatchId, Timestamp};

/// A tablet's sign of life: the body of `POST /v1/devices/{device}/heartbeat`, without the device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Heartbeat {
    /// Charge, 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub battery_percent: Option<u8>,
    /// Whether it is being charged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charging: Option<bool>,
    /// The tablet's clock.
    pub client_time: Timestamp,
    /// The match that it scores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub match_id: Option<MatchId>,
}

/// A tablet as it was heard of last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Device {
    /// Its label.
    pub device: Label,
    /// What it said.
    #[serde(flatten)]
    pub heartbeat: Heartbeat,
    /// When it was heard.
    pub heard_at: Timestamp,
    /// The node's clock minus the tablet's, milliseconds; includes the way of the message.
    pub clock_offset_ms: i64,
}
