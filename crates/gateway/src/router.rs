//! Every path, once.

use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Router, middleware};
use serde_json::Value;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi as _;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::App;
use crate::code::Code;
use crate::limits::{MAX_ANOMALIES_BODY_BYTES, MAX_BODY_BYTES};
use crate::pages::{self, handlers};
use crate::problem::Problem;
use crate::{
    anomalies, cards, commands, compared, devices, feed, forecast, live, matches, openapi, players, probes,
    ratings, records, reference, statistics, strokes, ties,
};

/// The router of a gateway.
pub fn router(app: &App) -> Router {
    let (api, document) = api().split_for_parts();
    let document = Arc::new(openapi::finish(&document));
    let page = pages::docs::docs(&document);
    let pages = Router::new()
        .route("/", get(handlers::front))
        .route("/matches/{id}", get(handlers::one_match))
        .route("/ties/{id}", get(pages::tie::one_tie))
        .route("/players/{id}", get(pages::player::player))
        .route("/players/{id}/versus/{opponent}", get(pages::player::versus))
        .route("/records", get(pages::records::records))
        .route("/ratings", get(pages::ratings::ratings))
        .route("/umpire", get(handlers::umpire))
        .route("/umpire/{id}", get(handlers::umpire))
        .route("/board", get(handlers::board))
        .route("/board/{id}", get(handlers::board))
        .route("/assets/{*name}", get(handlers::asset))
        .route("/static/{name}", get(pages::statics::file))
        .route("/docs", get(async move || page.clone()))
        .route("/openapi.json", get(async move || served(&document)))
        .fallback(handlers::fallback);
    api.merge(pages)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(CatchPanicLayer::custom(panicked))
        .layer(middleware::from_fn_with_state(Arc::clone(app), crate::middleware::guard))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(Arc::clone(app))
}

/// The finished `OpenAPI` document.
pub fn document() -> Value {
    let (_, document) = api().split_for_parts();
    openapi::finish(&document)
}

fn api() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(openapi::Api::openapi())
        .routes(routes!(matches::create, matches::list))
        .routes(routes!(matches::read))
        .routes(routes!(matches::events))
        .routes(routes!(statistics::read))
        .routes(routes!(strokes::of_match))
        .routes(routes!(forecast::read))
        .routes(routes!(cards::list))
        .routes(routes!(compared::read))
        .routes(routes!(players::read))
        .routes(routes!(players::versus))
        .routes(routes!(strokes::of_player))
        .routes(routes!(records::list))
        .routes(routes!(ratings::list))
        .routes(routes!(live::follow_insights))
        .routes(routes!(commands::submit))
        .routes(routes!(commands::read))
        .routes(routes!(live::follow_one))
        .routes(routes!(live::follow_all))
        .routes(routes!(live::follow_tie))
        .routes(routes!(feed::connect))
        .routes(routes!(ties::create, ties::list))
        .routes(routes!(ties::read))
        .routes(routes!(ties::events))
        .routes(routes!(ties::submit))
        .routes(routes!(reference::create, reference::list))
        .routes(routes!(reference::read))
        .routes(routes!(devices::heartbeat))
        .routes(routes!(devices::list))
        .merge(
            OpenApiRouter::new()
                .routes(routes!(anomalies::report, anomalies::list))
                .layer(DefaultBodyLimit::max(MAX_ANOMALIES_BODY_BYTES)),
        )
        .routes(routes!(probes::status))
        .routes(routes!(probes::livez))
        .routes(routes!(probes::readyz))
        .routes(routes!(probes::metrics))
}

fn served(document: &Value) -> impl IntoResponse + use<> {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], document.to_string())
}

async fn method_not_allowed() -> Problem {
    Problem::new(Code::MethodNotAllowed, "see /docs for what this path takes")
}

#[allow(clippy::needless_pass_by_value, reason = "the layer's signature")]
fn panicked(cause: Box<dyn std::any::Any + Send>) -> axum::response::Response {
    let text = cause.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| cause.downcast_ref::<&str>().copied()).unwrap_or("unknown");
    tracing::error!(cause = text, "a handler panicked");
    Problem::new(Code::Internal, "a defect of this server; it is logged").into_response()
}
