//! Ties: create, read, list, commands and events.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use topspin_event::openapi::TieEventForm;
use topspin_event::{
    CommandId, CreateTie, Epoch, ExternalId, Seq, StateHash, TieCommandEnvelope, TieEventEnvelope, TieId,
    TieSnapshot,
};
use topspin_laws::Side;
use topspin_laws::tie::{PlayerId, TieMatch};
use topspin_scoring::{MatchResource, Replayed, TieAccepted, TieResource, TieVerdict};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::app::App;
use crate::code::Code;
use crate::commands::mark_replay;
use crate::json::{Body, Id, Params, RawBody, parse};
use crate::matches::{EventQuery, page_size};
use crate::problem::{Members, Problem};

/// Where a list goes on.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TieQuery {
    /// The one with an external id, `scheme:value`.
    external_id: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Items on the page: 1 to 500; 50 if absent.
    limit: Option<usize>,
}

/// A page of ties.
#[derive(Serialize, ToSchema)]
pub struct TiePage {
    items: Vec<TieResource>,
    /// Ask with it for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Events of a tie.
#[derive(Serialize, ToSchema)]
pub struct TieEventPage {
    #[schema(value_type = Vec<TieEventForm>)]
    items: Vec<TieEventEnvelope>,
    /// Ask from here for more; absent at the head.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_from: Option<u64>,
    /// The position of the tie's last event.
    head_seq: Seq,
}

/// The answer to a command to a tie that happened. It is durable.
#[derive(Serialize, ToSchema)]
pub struct TieCommandAnswer {
    /// Always `accepted`: a refusal is a problem.
    verdict: &'static str,
    command_id: CommandId,
    /// The position of its first event.
    from_seq: Seq,
    /// The position of its last event.
    seq: Seq,
    epoch: Epoch,
    /// The chain up to `seq`, hexadecimal.
    chain: String,
    state_hash: StateHash,
    /// Its events, in order.
    #[schema(value_type = Vec<TieEventForm>)]
    events: Vec<TieEventEnvelope>,
    /// The tie after them.
    tie: TieResource,
}

/// Creates a tie. The same request again answers with the tie as it is.
#[utoipa::path(post, path = "/v1/ties", operation_id = "create_tie", tag = "ties", request_body = CreateTie,
    responses((status = 201, description = "The tie", body = TieResource),
              (status = 200, description = "It existed: the tie as it is", body = TieResource)),
    security(("token" = [])))]
pub async fn create(State(app): State<App>, Body(mut new): Body<CreateTie>) -> Result<Response, Problem> {
    if new.id.is_none() && new.external_ids.is_empty() {
        new.id = Some(TieId(Uuid::now_v7()));
    }
    let created = app.home.create_tie(new).await?;
    let status = match created.replayed {
        Replayed::No => StatusCode::CREATED,
        Replayed::Yes => StatusCode::OK,
    };
    let location = HeaderValue::try_from(format!("/v1/ties/{}", created.snapshot.meta.id));
    let mut response = (status, Json(TieResource::from(&created.snapshot))).into_response();
    if let Ok(location) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// A tie as it is.
#[utoipa::path(get, path = "/v1/ties/{id}", operation_id = "read_tie", tag = "ties", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The tie", body = TieResource)))]
pub async fn read(State(app): State<App>, Id(id): Id<TieId>) -> Result<Json<TieResource>, Problem> {
    Ok(Json(TieResource::from(&snapshot(&app, id)?)))
}

/// Ties, by id.
#[utoipa::path(get, path = "/v1/ties", operation_id = "list_ties", tag = "ties", params(TieQuery),
    responses((status = 200, description = "A page", body = TiePage)))]
pub async fn list(State(app): State<App>, Params(query): Params<TieQuery>) -> Result<Json<TiePage>, Problem> {
    if let Some(text) = query.external_id {
        let external_id: ExternalId =
            text.parse().map_err(|error| Problem::new(Code::InvalidQuery, format!("{error}")))?;
        let found = app.home.find_tie(&external_id)?.map(|id| app.home.tie_snapshot(id)).transpose()?;
        let items = found.flatten().iter().map(TieResource::from).collect();
        return Ok(Json(TiePage { items, next_cursor: None }));
    }
    let page = app.home.ties(query.cursor.as_deref(), page_size(query.limit)?)?;
    Ok(Json(TiePage {
        items: page.items.iter().map(TieResource::from).collect(),
        next_cursor: page.next_cursor,
    }))
}

/// The events of a tie, in order.
#[utoipa::path(get, path = "/v1/ties/{id}/events", operation_id = "list_tie_events", tag = "ties",
    params(("id" = Uuid, Path), EventQuery),
    responses((status = 200, description = "The events", body = TieEventPage)))]
pub async fn events(
    State(app): State<App>,
    Id(id): Id<TieId>,
    Params(query): Params<EventQuery>,
) -> Result<Json<TieEventPage>, Problem> {
    let limit = page_size(query.limit())?;
    let head_seq = snapshot(&app, id)?.seq;
    let items = app.home.tie_events(id, query.from(), limit)?;
    let last = items.last().map(|last| last.recorded.seq);
    let next_from = last.filter(|last| *last < head_seq).map(|last| last.0 + 1);
    Ok(Json(TieEventPage { items, next_from, head_seq }))
}

/// Has a command to a tie decided; as with matches.
#[utoipa::path(post, path = "/v1/ties/{id}/commands", operation_id = "submit_tie_command", tag = "ties",
    params(("id" = Uuid, Path)), request_body = TieCommandEnvelope,
    responses((status = 200, description = "It happened, and is durable", body = TieCommandAnswer),
              (status = 409, description = "The laws refuse it", body = Members,
               content_type = "application/problem+json")),
    security(("token" = [])))]
pub async fn submit(
    State(app): State<App>,
    Id(id): Id<TieId>,
    RawBody(bytes): RawBody,
) -> Result<Response, Problem> {
    let envelope: TieCommandEnvelope = parse(&bytes, Code::InvalidCommand)?;
    let answer = app.home.submit_tie(id, envelope).await?;
    let response = match answer.verdict {
        TieVerdict::Accepted(accepted) => Json(accepted_answer(*accepted)).into_response(),
        TieVerdict::Refused(refusal) => Problem::from(refusal).into_response(),
    };
    Ok(mark_replay(response, answer.replayed))
}

fn accepted_answer(accepted: TieAccepted) -> TieCommandAnswer {
    let snapshot = &accepted.snapshot;
    TieCommandAnswer {
        verdict: "accepted",
        command_id: accepted.command_id,
        from_seq: accepted.from_seq,
        seq: snapshot.seq,
        epoch: snapshot.epoch,
        chain: snapshot.chain.to_string(),
        state_hash: snapshot.state_hash.clone(),
        tie: TieResource::from(snapshot),
        events: accepted.events,
    }
}

/// The snapshot of a tie that must be there.
pub fn snapshot(app: &App, id: TieId) -> Result<TieSnapshot, Problem> {
    let found = app.home.tie_snapshot(id)?;
    found.ok_or_else(|| Problem::new(Code::TieNotFound, format!("there is no tie {id}")))
}

/// Whether a match is scored for a place in the tie: it is one of the same players.
pub fn is_for(resource: &MatchResource, rubber: &TieMatch) -> bool {
    let same = |side| {
        let mut nominated: Vec<&str> = rubber.players.of(side).iter().map(PlayerId::as_str).collect();
        let mut playing: Vec<String> =
            resource.sides.of(side).players.iter().map(|player| player.id.to_string()).collect();
        nominated.sort_unstable();
        playing.sort_unstable();
        !nominated.is_empty() && nominated == playing
    };
    Side::BOTH.into_iter().all(same)
}
