//! The addresses of the streams.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{Stream, stream};
use serde::Deserialize;
use tokio::sync::OwnedSemaphorePermit;
use topspin_event::{CompetitionId, MatchId};
use utoipa::IntoParams;
use uuid::Uuid;

use super::across::{AcrossStream, Wanted};
use super::cursor;
use super::one::{OneStream, parse_place};
use crate::app::{App, Gateway};
use crate::code::Code;
use crate::json::{Id, Params};
use crate::matches::status_filter;
use crate::metrics::Metrics;
use crate::problem::Problem;

/// Which matches a stream follows, and after what.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LiveQuery {
    /// Only matches of a competition.
    competition: Option<Uuid>,
    /// Only matches with a status, or `live`. A match that leaves it is shown once more.
    status: Option<String>,
    /// As the header `Last-Event-ID`, for clients that cannot set it.
    last_event_id: Option<String>,
}

/// Where the stream of one match goes on.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ResumeQuery {
    /// As the header `Last-Event-ID`, for clients that cannot set it: `<epoch>-<seq>`.
    last_event_id: Option<String>,
}

/// Follows one match. First `event: snapshot` (the match), unless `Last-Event-ID` names a place in it; then
/// `event: match` with `{event, match}` for every event, its place as id; `event: heartbeat` when there is nothing else
/// for two seconds; `event: lagged` or `event: stopping` with `{resume}` before the server closes.
#[utoipa::path(get, path = "/v1/matches/{id}/live", operation_id = "follow_match", tag = "live", params(("id" = Uuid, Path), ResumeQuery),
    responses((status = 200, description = "Server-sent events", content_type = "text/event-stream", body = String)))]
pub async fn follow_one(
    State(app): State<App>,
    Id(id): Id<MatchId>,
    Params(query): Params<ResumeQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let last = last_event_id(&headers, query.last_event_id.as_deref()).and_then(parse_place);
    let stream = OneStream::open(&app, id, last, permit(&app)?)?;
    let open = Open::new(&app);
    let pieces = stream::unfold((stream, open), |(mut stream, open)| async move {
        let piece = stream.next().await?;
        Some((Ok::<Bytes, Infallible>(piece), (stream, open)))
    });
    Ok(answer(pieces))
}

/// Follows all matches. First `event: snapshot` for every live match that is wanted (2,000 at most), unless
/// `Last-Event-ID` is a cursor of this log; then as with one match. Ids are opaque cursors. A change that a snapshot
/// held already can come again after a resume: compare `seq`.
#[utoipa::path(get, path = "/v1/live", operation_id = "follow_all", tag = "live", params(LiveQuery),
    responses((status = 200, description = "Server-sent events", content_type = "text/event-stream", body = String)))]
pub async fn follow_all(
    State(app): State<App>,
    Params(query): Params<LiveQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let wanted = Wanted {
        competition: query.competition.map(CompetitionId),
        status: status_filter(query.status.as_deref())?,
    };
    let last = last_event_id(&headers, query.last_event_id.as_deref())
        .and_then(|text| cursor::decode(app.log_id, text));
    let stream = AcrossStream::open(&app, wanted, last, permit(&app)?)?;
    let open = Open::new(&app);
    let pieces = stream::unfold((stream, open), |(mut stream, open)| async move {
        let piece = stream.next().await?;
        Some((Ok::<Bytes, Infallible>(piece), (stream, open)))
    });
    Ok(answer(pieces))
}

/// Counts a stream while it is open.
struct Open(Arc<Metrics>);

impl Open {
    fn new(app: &Gateway) -> Self {
        app.metrics.streams.inc();
        Open(Arc::clone(&app.metrics))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.streams.dec();
    }
}

fn permit(app: &Gateway) -> Result<OwnedSemaphorePermit, Problem> {
    let permit = Arc::clone(&app.streams).try_acquire_owned();
    permit.map_err(|_| Problem::new(Code::TooManyStreams, "come back in a moment"))
}

fn last_event_id<'a>(headers: &'a HeaderMap, query: Option<&'a str>) -> Option<&'a str> {
    // A browser that reconnects sends the header beside the address it was opened with: the header is newer.
    headers.get("last-event-id").and_then(|value| value.to_str().ok()).or(query)
}

fn answer(pieces: impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // Proxies that buffer would hold events back.
        (header::HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    (headers, Body::from_stream(pieces)).into_response()
}
