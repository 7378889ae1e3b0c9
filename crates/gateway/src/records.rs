//! Records: lists of the best, and what becomes of them.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use topspin_event::{MatchId, RecordDecision, RecordEntry, RecordList, wire};
use topspin_insight::{Metric, RECORD_NEWS, RECORDS, RecordKey, Scope, Window, marks, record_key};
use topspin_laws::{Both, Side};
use topspin_scoring::MatchFilter;
use utoipa::{IntoParams, ToSchema};

use crate::app::{App, Gateway};
use crate::code::Code;
use crate::json::Params;
use crate::limits::{MAX_PAGE, RECORD_PLACES};
use crate::problem::Problem;

/// Which records.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RecordQuery {
    /// What is measured, such as `longest_rally_strokes`; all metrics if absent.
    metric: Option<String>,
    /// Among whom: `everything` (if absent), `competition:<id>`, `category:<competition>:<name>`, `player:<id>`,
    /// `pair:<id>+<id>` or `association:<code>`.
    scope: Option<String>,
    /// Since when: `all_time` (if absent), `24_months`, `season:<year in which it begins>`, `match:<id>` or `tie:<id>`.
    window: Option<String>,
}

/// Lists of records.
#[derive(Serialize, ToSchema)]
pub struct RecordPage {
    /// A list for each metric of which there are any.
    items: Vec<RecordListResource>,
    /// How far the view was read: its topic, and for each partition the offset of the last record. Absent where it was
    /// computed from the events of the matches.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<String>,
}

/// The best of a metric, with names.
#[derive(Serialize, ToSchema)]
#[schema(as = NamedRecordList)]
pub struct RecordListResource {
    pub metric: String,
    pub scope: String,
    pub window: String,
    /// The best first, ten at most; of equal ones the earliest first.
    pub entries: Vec<RecordResource>,
}

/// One place of a list, with names.
#[derive(Serialize, ToSchema)]
#[schema(as = NamedRecord)]
pub struct RecordResource {
    #[serde(flatten)]
    pub entry: RecordEntry,
    /// What the sides of the match are called.
    pub sides: Both<String>,
}

/// What became of a record, with names.
#[derive(Serialize)]
pub struct RecordNews {
    #[serde(flatten)]
    pub decision: RecordDecision,
    /// Of the holders, in their order.
    pub sides: Vec<Both<String>>,
}

/// Where records are looked for.
enum Source {
    View(Window),
    Matches(Vec<MatchId>),
}

/// The best of each metric: with the matches and events behind them.
#[utoipa::path(get, path = "/v1/records", operation_id = "list_records", tag = "insight", params(RecordQuery),
    responses((status = 200, description = "The lists", body = RecordPage)))]
pub async fn list(
    State(app): State<App>,
    Params(query): Params<RecordQuery>,
) -> Result<Json<RecordPage>, Problem> {
    let wrong = |error: &dyn std::fmt::Display| Problem::new(Code::InvalidQuery, error.to_string());
    let metric =
        query.metric.as_deref().map(str::parse::<Metric>).transpose().map_err(|error| wrong(&error))?;
    let scope = query.scope.as_deref().map_or(Ok(Scope::Everything), str::parse::<Scope>);
    let scope = scope.map_err(|error| wrong(&error))?;
    let window = query.window.as_deref().unwrap_or("all_time");
    let metrics = metric.map_or_else(|| Metric::ALL.to_vec(), |metric| vec![metric]);
    match source(&app, window)? {
        Source::View(window) => {
            let lists = lists(&app, &metrics, &scope, window)?;
            let items = lists.into_iter().map(|list| app.named_list(list)).collect::<Result<_, _>>()?;
            Ok(Json(RecordPage { items, as_of: app.replica()?.position(RECORDS)? }))
        }
        Source::Matches(_) if scope != Scope::Everything => Err(Problem::new(
            Code::InvalidQuery,
            "the records of a match or tie have no other scope than everything",
        )),
        Source::Matches(matches) => {
            let lists = of_matches(&app, &matches, (&metrics, window))?;
            let items = lists.into_iter().map(|list| app.named_list(list)).collect::<Result<_, _>>()?;
            Ok(Json(RecordPage { items, as_of: None }))
        }
    }
}

fn source(app: &Gateway, window: &str) -> Result<Source, Problem> {
    let unknown = || {
        Problem::new(
            Code::InvalidQuery,
            "a window is all_time, 24_months, season:<year>, match:<id> or tie:<id>",
        )
    };
    if let Some(id) = window.strip_prefix("match:") {
        return Ok(Source::Matches(vec![id.parse().map_err(|_| unknown())?]));
    }
    if let Some(id) = window.strip_prefix("tie:") {
        let filter = MatchFilter { tie: Some(id.parse().map_err(|_| unknown())?), ..MatchFilter::default() };
        let page = app.home.matches(&filter, None, MAX_PAGE)?;
        return Ok(Source::Matches(page.items.iter().map(|one| one.meta.id).collect()));
    }
    window.parse().map(Source::View).map_err(|_| unknown())
}

/// The lists of a view that there are.
pub fn lists(
    app: &Gateway,
    metrics: &[Metric],
    scope: &Scope,
    window: Window,
) -> Result<Vec<RecordList>, Problem> {
    let mut lists = Vec::new();
    for metric in metrics {
        let key = record_key(&RecordKey { metric: *metric, scope: scope.clone(), window });
        lists.extend(app.view(RECORDS, key.as_bytes(), wire::decode_record_list)?);
    }
    Ok(lists)
}

/// The lists of some matches, from their events.
fn of_matches(
    app: &Gateway,
    matches: &[MatchId],
    (metrics, window): (&[Metric], &str),
) -> Result<Vec<RecordList>, Problem> {
    let mut all: Vec<(Metric, RecordEntry)> = Vec::new();
    for id in matches {
        all.extend(marks(&*app.chronicle(*id, None)?));
    }
    let list = |metric: &Metric| {
        let mut entries: Vec<RecordEntry> =
            all.iter().filter(|(of, _)| of == metric).map(|(_, entry)| *entry).collect();
        entries.sort_by_key(|entry| (-entry.value, entry.at.is_none(), entry.at, entry.match_id, entry.seq));
        entries.truncate(RECORD_PLACES);
        RecordList {
            metric: metric.as_str().to_owned(),
            scope: Scope::Everything.to_string(),
            window: window.to_owned(),
            entries,
        }
    };
    Ok(metrics.iter().map(list).filter(|list| !list.entries.is_empty()).collect())
}

impl Gateway {
    pub(crate) fn named_list(&self, list: RecordList) -> Result<RecordListResource, Problem> {
        let RecordList { metric, scope, window, entries } = list;
        let named = |entry: RecordEntry| Ok(RecordResource { sides: self.names_of(entry.match_id)?, entry });
        let entries = entries.into_iter().map(named).collect::<Result<_, Problem>>()?;
        Ok(RecordListResource { metric, scope, window, entries })
    }

    pub(crate) fn named_news(&self, decision: RecordDecision) -> Result<RecordNews, Problem> {
        let sides = decision.holders.iter().map(|holder| self.names_of(holder.match_id));
        Ok(RecordNews { sides: sides.collect::<Result<_, _>>()?, decision })
    }

    /// The latest decisions on records, the newest first.
    pub(crate) fn latest_news(&self, count: usize) -> Result<Vec<RecordDecision>, Problem> {
        self.latest(RECORD_NEWS, count, wire::decode_record_decision)
    }

    /// What the sides of a match are called; empty where it is not here.
    pub(crate) fn names_of(&self, id: MatchId) -> Result<Both<String>, Problem> {
        let Some(snapshot) = self.home.match_snapshot(id)? else { return Ok(Both::default()) };
        let resource = self.home.resource(&snapshot)?;
        let [home, away] = Side::BOTH.map(|side| crate::pages::side_name(&resource, side));
        Ok(Both::new(home, away))
    }
}
