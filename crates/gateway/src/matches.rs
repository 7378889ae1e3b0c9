//! Matches: create, read, list, and their events.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use topspin_event::openapi::EventForm;
use topspin_event::{
    CompetitionId, CreateMatch, EventEnvelope, ExternalId, MatchId, MatchSnapshot, Seq, TieId,
};
use topspin_laws::Status;
use topspin_scoring::{MatchFilter, MatchResource, Replayed, StatusFilter};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::app::{App, Gateway};
use crate::chronicles::AsOfQuery;
use crate::code::Code;
use crate::json::{Body, Id, Params};
use crate::limits::{DEFAULT_PAGE, MAX_PAGE};
use crate::problem::Problem;

/// Which matches a list holds, and where it goes on.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MatchQuery {
    /// A status, or `live` for all that are being played.
    status: Option<String>,
    /// A competition.
    competition: Option<Uuid>,
    /// A tie.
    tie: Option<Uuid>,
    /// The one with an external id, `scheme:value`.
    external_id: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Items on the page: 1 to 500; 50 if absent.
    limit: Option<usize>,
}

/// A page of matches.
#[derive(Serialize, ToSchema)]
pub struct MatchPage {
    items: Vec<MatchResource>,
    /// Ask with it for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Where a list of events begins.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventQuery {
    /// The first position wanted; 1 if absent.
    from: Option<u64>,
    /// Events wanted: 1 to 500; 50 if absent.
    limit: Option<usize>,
}

/// Events of a match.
#[derive(Serialize, ToSchema)]
pub struct EventPage {
    #[schema(value_type = Vec<EventForm>)]
    items: Vec<EventEnvelope>,
    /// Ask from here for more; absent at the head.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_from: Option<u64>,
    /// The position of the match's last event.
    head_seq: Seq,
}

/// Creates a match, with the players that are not known yet. The same request again answers with the match as it is.
#[utoipa::path(post, path = "/v1/matches", operation_id = "create_match", tag = "matches", request_body = CreateMatch,
    responses((status = 201, description = "The match", body = MatchResource),
              (status = 200, description = "It existed: the match as it is", body = MatchResource)),
    security(("token" = [])))]
pub async fn create(State(app): State<App>, Body(mut new): Body<CreateMatch>) -> Result<Response, Problem> {
    if new.id.is_none() && new.external_ids.is_empty() {
        new.id = Some(MatchId(Uuid::now_v7()));
    }
    let created = app.home.create_match(new).await?;
    let resource = app.home.resource(&created.snapshot)?;
    let status = match created.replayed {
        Replayed::No => StatusCode::CREATED,
        Replayed::Yes => StatusCode::OK,
    };
    let location = HeaderValue::try_from(format!("/v1/matches/{}", resource.id));
    let mut response = (status, Json(resource)).into_response();
    if let Ok(location) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// A match as it is, or as it was known at a time.
#[utoipa::path(get, path = "/v1/matches/{id}", operation_id = "read_match", tag = "matches",
    params(("id" = Uuid, Path), AsOfQuery),
    responses((status = 200, description = "The match", body = MatchResource)))]
pub async fn read(
    State(app): State<App>,
    Id(id): Id<MatchId>,
    Params(query): Params<AsOfQuery>,
) -> Result<Json<MatchResource>, Problem> {
    let snapshot = match query.time() {
        None => snapshot(&app, id)?,
        Some(time) => app.snapshot_as_of(id, time)?,
    };
    Ok(Json(app.home.resource(&snapshot)?))
}

/// Matches, latest first.
#[utoipa::path(get, path = "/v1/matches", operation_id = "list_matches", tag = "matches", params(MatchQuery),
    responses((status = 200, description = "A page", body = MatchPage)))]
pub async fn list(
    State(app): State<App>,
    Params(query): Params<MatchQuery>,
) -> Result<Json<MatchPage>, Problem> {
    let limit = page_size(query.limit)?;
    let page = app.home.matches(&query.filter()?, query.cursor.as_deref(), limit)?;
    let items = page.items.iter().map(|snapshot| app.home.resource(snapshot)).collect::<Result<_, _>>()?;
    Ok(Json(MatchPage { items, next_cursor: page.next_cursor }))
}

/// The events of a match, in order.
#[utoipa::path(get, path = "/v1/matches/{id}/events", operation_id = "list_events", tag = "matches",
    params(("id" = Uuid, Path), EventQuery),
    responses((status = 200, description = "The events", body = EventPage)))]
pub async fn events(
    State(app): State<App>,
    Id(id): Id<MatchId>,
    Params(query): Params<EventQuery>,
) -> Result<Json<EventPage>, Problem> {
    let limit = page_size(query.limit)?;
    let head_seq = snapshot(&app, id)?.seq;
    let items = app.home.events(id, query.from(), limit)?;
    let next_from =
        items.last().map(|last| last.recorded.seq.0).filter(|last| *last < head_seq.0).map(|last| last + 1);
    Ok(Json(EventPage { items, next_from, head_seq }))
}

/// The snapshot of a match that must be there.
pub fn snapshot(app: &Gateway, id: MatchId) -> Result<MatchSnapshot, Problem> {
    let found = app.home.match_snapshot(id)?;
    found.ok_or_else(|| Problem::new(Code::MatchNotFound, format!("there is no match {id}")))
}

/// A page's size within its bounds.
pub fn page_size(asked: Option<usize>) -> Result<usize, Problem> {
    match asked.unwrap_or(DEFAULT_PAGE) {
        size @ 1..=MAX_PAGE => Ok(size),
        size => Err(Problem::new(Code::InvalidQuery, format!("limit is 1 to {MAX_PAGE}, not {size}"))),
    }
}

/// The statuses that a query asks for.
pub fn status_filter(text: Option<&str>) -> Result<StatusFilter, Problem> {
    match text {
        None => Ok(StatusFilter::Any),
        Some("live") => Ok(StatusFilter::Live),
        Some(name) => serde_json::from_value::<Status>(serde_json::Value::from(name))
            .map(StatusFilter::Is)
            .map_err(|_| Problem::new(Code::InvalidQuery, format!("{name:.64} is no status"))),
    }
}

impl EventQuery {
    /// The first position wanted.
    pub fn from(&self) -> Seq {
        Seq(self.from.unwrap_or(1).max(1))
    }

    /// How many are wanted, if the request says.
    pub const fn limit(&self) -> Option<usize> {
        self.limit
    }
}

impl MatchQuery {
    fn filter(&self) -> Result<MatchFilter, Problem> {
        let external_id = self.external_id.as_deref().map(str::parse::<ExternalId>).transpose();
        Ok(MatchFilter {
            status: status_filter(self.status.as_deref())?,
            competition: self.competition.map(CompetitionId),
            tie: self.tie.map(TieId),
            external_id: external_id.map_err(|error| Problem::new(Code::InvalidQuery, error.to_string()))?,
        })
    }
}
