//! Tablets: their signs of life.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use topspin_event::{Device, Heartbeat, Label, Timestamp};
use utoipa::ToSchema;

use crate::app::App;
use crate::json::{Body, Id};
use crate::problem::Problem;

/// What a tablet learns from its heartbeat.
#[derive(Serialize, ToSchema)]
pub struct HeartbeatAnswer {
    /// The server's clock.
    server_time: Timestamp,
    /// The server's clock minus the tablet's, milliseconds; includes the way of the message.
    clock_offset_ms: i64,
}

/// The tablets.
#[derive(Serialize, ToSchema)]
pub struct DeviceList {
    items: Vec<Device>,
}

/// Records a tablet's sign of life.
#[utoipa::path(post, path = "/v1/devices/{device}/heartbeat", operation_id = "send_heartbeat", tag = "devices",
    params(("device" = String, Path, description = "The tablet's label: 1 to 64 of [a-zA-Z0-9._:-]")),
    request_body = Heartbeat,
    responses((status = 200, description = "Heard", body = HeartbeatAnswer)), security(("token" = [])))]
pub async fn heartbeat(
    State(app): State<App>,
    Id(device): Id<Label>,
    Body(heartbeat): Body<Heartbeat>,
) -> Result<Json<HeartbeatAnswer>, Problem> {
    let heard = app.home.heartbeat(device, heartbeat).await?;
    Ok(Json(HeartbeatAnswer { server_time: heard.heard_at, clock_offset_ms: heard.clock_offset_ms }))
}

/// Every tablet that was heard of in the last seven days.
#[utoipa::path(get, path = "/v1/devices", operation_id = "list_devices", tag = "devices",
    responses((status = 200, description = "The tablets", body = DeviceList)))]
pub async fn list(State(app): State<App>) -> Result<Json<DeviceList>, Problem> {
    Ok(Json(DeviceList { items: app.home.devices()? }))
}
