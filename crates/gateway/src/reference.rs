//! Reference data: what matches refer to by id. One set of handlers; the `OpenAPI` document names every kind.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use topspin_event::{ExternalId, NewReference, Reference, ReferenceId, ReferenceKind};
use topspin_scoring::Replayed;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::app::App;
use crate::code::Code;
use crate::json::{Body, Params, Segments};
use crate::matches::page_size;
use crate::problem::Problem;

/// Where a list goes on.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReferenceQuery {
    /// The one with an external id, `scheme:value`.
    external_id: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Items on the page: 1 to 500; 50 if absent.
    limit: Option<usize>,
}

/// A page of reference data.
#[derive(Serialize, ToSchema)]
pub struct ReferencePage {
    items: Vec<Reference>,
    /// Ask with it for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Creates an item; one with the same id or external id answers with that one.
#[utoipa::path(post, path = "/v1/{kind}", operation_id = "create", tag = "reference", params(("kind" = String, Path)),
    request_body = NewReference,
    responses((status = 201, description = "The item", body = Reference),
              (status = 200, description = "It existed: the item as it is", body = Reference)),
    security(("token" = [])))]
pub async fn create(
    State(app): State<App>,
    Segments(kind): Segments<String>,
    Body(mut new): Body<NewReference>,
) -> Result<(StatusCode, Json<Reference>), Problem> {
    let kind = kind_of(&kind)?;
    if new.id.is_none() && new.external_ids.is_empty() {
        new.id = Some(ReferenceId(Uuid::now_v7()));
    }
    let (item, replayed) = app.home.create_reference(kind, new).await?;
    let status = match replayed {
        Replayed::No => StatusCode::CREATED,
        Replayed::Yes => StatusCode::OK,
    };
    Ok((status, Json(item)))
}

/// A page of items, by id.
#[utoipa::path(get, path = "/v1/{kind}", operation_id = "list", tag = "reference", params(("kind" = String, Path), ReferenceQuery),
    responses((status = 200, description = "A page", body = ReferencePage)))]
pub async fn list(
    State(app): State<App>,
    Segments(kind): Segments<String>,
    Params(query): Params<ReferenceQuery>,
) -> Result<Json<ReferencePage>, Problem> {
    let kind = kind_of(&kind)?;
    if let Some(text) = query.external_id {
        let external_id: ExternalId =
            text.parse().map_err(|error| Problem::new(Code::InvalidQuery, format!("{error}")))?;
        let found = app.home.find_reference(kind, &external_id)?;
        let item = found.map(|id| app.home.reference(kind, id)).transpose()?.flatten();
        return Ok(Json(ReferencePage { items: item.into_iter().collect(), next_cursor: None }));
    }
    let page = app.home.references(kind, query.cursor.as_deref(), page_size(query.limit)?)?;
    Ok(Json(ReferencePage { items: page.items, next_cursor: page.next_cursor }))
}

/// An item.
#[utoipa::path(get, path = "/v1/{kind}/{id}", operation_id = "read", tag = "reference",
    params(("kind" = String, Path), ("id" = Uuid, Path)),
    responses((status = 200, description = "The item", body = Reference)))]
pub async fn read(
    State(app): State<App>,
    Segments((kind, id)): Segments<(String, String)>,
) -> Result<Json<Reference>, Problem> {
    let kind = kind_of(&kind)?;
    let id: ReferenceId =
        id.parse().map_err(|_| Problem::new(Code::InvalidId, format!("{id:.64} is not an id")))?;
    let found = app.home.reference(kind, id)?;
    found.map(Json).ok_or_else(|| Problem::new(Code::ItemNotFound, format!("there is no {kind} {id}")))
}

/// The path of a kind: its plural.
pub const fn plural(kind: ReferenceKind) -> &'static str {
    match kind {
        ReferenceKind::Organisation => "organisations",
        ReferenceKind::Competition => "competitions",
        ReferenceKind::Season => "seasons",
        ReferenceKind::Category => "categories",
        ReferenceKind::Venue => "venues",
        ReferenceKind::Player => "players",
    }
}

fn kind_of(path: &str) -> Result<ReferenceKind, Problem> {
    let found = ReferenceKind::ALL.into_iter().find(|kind| plural(*kind) == path);
    found.ok_or_else(|| Problem::new(Code::NotFound, format!("there is no /v1/{path:.64}")))
}
