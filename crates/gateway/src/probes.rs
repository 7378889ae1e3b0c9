//! Whether the server lives, is ready, and what it counts.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use topspin_event::Timestamp;
use topspin_scoring::Condition;
use utoipa::ToSchema;

use crate::app::App;
use crate::code::Code;
use crate::problem::Problem;
use crate::staleness;

/// How the server is.
#[derive(Serialize, ToSchema)]
pub struct ServerStatus {
    /// The version of the software.
    version: &'static str,
    /// The laws that it decides by.
    laws_version: u32,
    /// The server's clock.
    server_time: Timestamp,
    /// One life of the log.
    log_id: uuid::Uuid,
    /// Live streams that are open.
    streams: i64,
    /// Streams closed because their reader was too slow.
    streams_lagged: u64,
    /// Whether writing needs no token.
    open: bool,
}

/// The process runs.
#[utoipa::path(get, path = "/livez", operation_id = "livez", tag = "server", responses((status = 200, description = "It lives")))]
pub async fn livez() -> &'static str {
    "ok\n"
}

/// The server takes commands.
#[utoipa::path(get, path = "/readyz", operation_id = "readyz", tag = "server", responses((status = 200, description = "It is ready")))]
pub async fn readyz(State(app): State<App>) -> Result<&'static str, Problem> {
    if app.is_stopping() {
        return Err(Problem::new(Code::Stopping, "the server is stopping"));
    }
    match app.home.condition() {
        Condition::Running => {}
        Condition::Fenced => return Err(Problem::new(Code::LogFailed, "another node owns the log")),
        Condition::Failed { reason } => return Err(Problem::new(Code::LogFailed, reason)),
    }
    if let Some(stale) = app.home.stale(None) {
        let detail = format!("not at the end of the log for {}", staleness::seconds(stale));
        return Err(Problem::new(Code::Stale, detail));
    }
    // One read of the store tells a server that has lost its disk.
    app.home.devices()?;
    Ok("ok\n")
}

/// What the server counts, for Prometheus.
#[utoipa::path(get, path = "/metrics", operation_id = "metrics", tag = "server",
    responses((status = 200, description = "OpenMetrics text", content_type = "application/openmetrics-text", body = String)))]
pub async fn metrics(State(app): State<App>) -> Response {
    let kind = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
    app.metrics.look_at(&app.home);
    let views = app.views.borrow().clone();
    app.metrics.look_at_views(&views).await;
    ([(header::CONTENT_TYPE, kind)], app.metrics.text()).into_response()
}

/// How the server is.
#[utoipa::path(get, path = "/v1/status", operation_id = "read_status", tag = "server",
    responses((status = 200, description = "How it is", body = ServerStatus)))]
pub async fn status(State(app): State<App>) -> Json<ServerStatus> {
    Json(ServerStatus {
        version: env!("CARGO_PKG_VERSION"),
        laws_version: topspin_laws::LAWS_VERSION,
        server_time: (app.clock)(),
        log_id: app.log_id,
        streams: app.metrics.streams.get(),
        streams_lagged: app.metrics.lagged.get(),
        open: matches!(app.access, crate::access::Access::Open),
    })
}
