//! What could not be taken from a foreign stream.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use topspin_event::{Anomaly, NewAnomaly};
use topspin_scoring::Replayed;
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::code::Code;
use crate::json::{Body, Params};
use crate::limits::MAX_ANOMALIES;
use crate::matches::page_size;
use crate::problem::Problem;

/// A report of anomalies.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnomalyReport {
    /// At most 100.
    items: Vec<NewAnomaly>,
}

/// What was kept.
#[derive(Serialize, ToSchema)]
pub struct AnomalyReceipt {
    /// New ones.
    recorded: usize,
    /// Known before, by their ids.
    known: usize,
}

/// A page of anomalies.
#[derive(Serialize, ToSchema)]
pub struct AnomalyPage {
    items: Vec<Anomaly>,
    /// Ask with it for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// Where a list goes on.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AnomalyQuery {
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Items on the page: 1 to 500; 50 if absent.
    limit: Option<usize>,
}

/// Keeps anomalies; one with a known id is kept once.
#[utoipa::path(post, path = "/v1/anomalies", operation_id = "report_anomalies", tag = "anomalies", request_body = AnomalyReport,
    responses((status = 200, description = "Kept", body = AnomalyReceipt)), security(("token" = [])))]
pub async fn report(
    State(app): State<App>,
    Body(report): Body<AnomalyReport>,
) -> Result<Json<AnomalyReceipt>, Problem> {
    if report.items.len() > MAX_ANOMALIES {
        let detail = format!("{} anomalies are more than {MAX_ANOMALIES}", report.items.len());
        return Err(Problem::new(Code::InvalidRequest, detail));
    }
    let mut receipt = AnomalyReceipt { recorded: 0, known: 0 };
    for fault in report.items {
        match app.home.record_anomaly(fault).await? {
            Replayed::No => receipt.recorded += 1,
            Replayed::Yes => receipt.known += 1,
        }
    }
    Ok(Json(receipt))
}

/// Anomalies, oldest first.
#[utoipa::path(get, path = "/v1/anomalies", operation_id = "list_anomalies", tag = "anomalies", params(AnomalyQuery),
    responses((status = 200, description = "A page", body = AnomalyPage)))]
pub async fn list(
    State(app): State<App>,
    Params(query): Params<AnomalyQuery>,
) -> Result<Json<AnomalyPage>, Problem> {
    let page = app.home.anomalies(query.cursor.as_deref(), page_size(query.limit)?)?;
    Ok(Json(AnomalyPage { items: page.items, next_cursor: page.next_cursor }))
}
