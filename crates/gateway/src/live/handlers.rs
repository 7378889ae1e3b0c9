//! The addresses of the streams.

use std::convert::Infallible;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use serde::Deserialize;
use tokio::sync::OwnedSemaphorePermit;
use topspin_event::{CompetitionId, MatchId, TieId};
use utoipa::IntoParams;
use uuid::Uuid;

use super::across::{AcrossStream, Wanted};
use super::cursor;
use super::insights::{InsightStream, Told};
use super::one::OneStream;
use super::tie::TieStream;
use crate::app::{App, Gateway};
use crate::code::Code;
use crate::json::{Id, Params};
use crate::limits::MAX_NEWS;
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
    let last = last_event_id(&headers, query.last_event_id.as_deref()).and_then(|text| text.parse().ok());
    let stream = OneStream::open(&app, id, last, permit(&app)?)?;
    Ok(answer(stream::unfold((stream, Open::new(&app)), |(mut stream, open)| async move {
        Some((stream.next().await?, (stream, open)))
    })))
}

/// Follows one tie, as `/v1/matches/{id}/live` follows a match; every event is `event: tie` with `{event, tie}`.
#[utoipa::path(get, path = "/v1/ties/{id}/live", operation_id = "follow_tie", tag = "live", params(("id" = Uuid, Path), ResumeQuery),
    responses((status = 200, description = "Server-sent events", content_type = "text/event-stream", body = String)))]
pub async fn follow_tie(
    State(app): State<App>,
    Id(id): Id<TieId>,
    Params(query): Params<ResumeQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let last = last_event_id(&headers, query.last_event_id.as_deref()).and_then(|text| text.parse().ok());
    let stream = TieStream::open(&app, id, last, permit(&app)?)?;
    Ok(answer(stream::unfold((stream, Open::new(&app)), |(mut stream, open)| async move {
        Some((stream.next().await?, (stream, open)))
    })))
}

/// Follows all matches. First `event: reset` and `event: snapshot` for every live match that is wanted (2,000 at most):
/// of other matches a reader then knows nothing. If `Last-Event-ID` is a place in this log, it goes on from there
/// instead; then as with one match. Ids are opaque cursors. The snapshots, and what happens while they are read, have
/// none: a reader cut off before the first id begins again. `lagged` without a `resume` says the same.
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
    Ok(answer(stream::unfold((stream, Open::new(&app)), |(mut stream, open)| async move {
        Some((stream.next().await?, (stream, open)))
    })))
}

/// How the stream of insights begins.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct InsightQuery {
    /// Decisions that were taken before, sent first: at most 100; none if absent.
    last: Option<usize>,
    /// Only cards, and only those of one match.
    #[param(rename = "match")]
    #[serde(rename = "match")]
    of_match: Option<Uuid>,
}

/// Follows what the numbers say. `event: record` for every decision on a record: who holds it from now on, or, with
/// `withdrawn`, no longer does; of one change what is withdrawn comes first. `event: card` for every commentary card that is told, and
/// again when it is withdrawn, with its sentence in every language. `event: heartbeat` when there is nothing else for two
/// seconds; `event: lagged` when decisions were missed: `/v1/records` and `/v1/matches/{id}/cards` say what holds.
#[utoipa::path(get, path = "/v1/insights", operation_id = "follow_insights", tag = "insight", params(InsightQuery),
    responses((status = 200, description = "Server-sent events", content_type = "text/event-stream", body = String)))]
pub async fn follow_insights(
    State(app): State<App>,
    Params(query): Params<InsightQuery>,
) -> Result<Response, Problem> {
    let count = query.last.unwrap_or(0);
    if count > MAX_NEWS {
        return Err(Problem::new(Code::InvalidQuery, format!("last is 0 to {MAX_NEWS}, not {count}")));
    }
    let wanted = query.of_match.map_or(Told::All, |id| Told::CardsOf(MatchId(id)));
    let stream = InsightStream::open(&app, wanted, count, permit(&app)?)?;
    Ok(answer(stream::unfold((stream, Open::new(&app)), |(mut stream, open)| async move {
        Some((stream.next().await?, (stream, open)))
    })))
}

/// Counts a stream while it is open.
pub struct Open(Arc<Metrics>);

impl Open {
    /// Counts one more.
    pub fn new(app: &Gateway) -> Self {
        app.metrics.streams.inc();
        Open(Arc::clone(&app.metrics))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.streams.dec();
    }
}

/// Room for one more stream.
pub fn permit(app: &Gateway) -> Result<OwnedSemaphorePermit, Problem> {
    let permit = Arc::clone(&app.streams).try_acquire_owned();
    permit.map_err(|_| Problem::new(Code::TooManyStreams, "come back in a moment"))
}

fn last_event_id<'a>(headers: &'a HeaderMap, query: Option<&'a str>) -> Option<&'a str> {
    // A browser that reconnects sends the header beside the address it was opened with: the header is newer.
    headers.get("last-event-id").and_then(|value| value.to_str().ok()).or(query)
}

fn answer(pieces: impl Stream<Item = Bytes> + Send + 'static) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // Proxies that buffer would hold events back.
        (header::HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    (headers, Body::from_stream(pieces.map(Ok::<Bytes, Infallible>))).into_response()
}
