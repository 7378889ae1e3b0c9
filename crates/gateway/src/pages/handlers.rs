//! The addresses of the pages and of the built screens.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use serde::Deserialize;
use topspin_event::{MatchId, MatchSnapshot, Seq, TieId};
use topspin_laws::Status;
use topspin_laws::tie::TieStatus;
use topspin_scoring::{MatchFilter, StatusFilter, TieResource};

use super::home::{Listed, Lists, home, parts};
use super::layout::message;
use super::match_page::{Shown, match_page, story};
use super::scoreline::reported_only;
use crate::app::{App, Gateway};
use crate::cards::{CardResource, Language};
use crate::code::Code;
use crate::compared::compared;
use crate::json::{Params, Segments};
use crate::problem::Problem;

const LIVE_SHOWN: usize = 200;
const OTHERS_SHOWN: usize = 12;

/// Which part of a page is fetched again; the whole page if absent.
#[derive(Deserialize, Default)]
pub struct PartQuery {
    part: Option<String>,
    /// The language of sentences; if absent, what the browser prefers.
    lang: Option<Language>,
}

impl PartQuery {
    /// Whether a part is wanted.
    pub const fn is_part(&self) -> bool {
        self.part.is_some()
    }
}

/// The front page.
pub async fn front(State(app): State<App>, Params(query): Params<PartQuery>) -> Result<Markup, Problem> {
    let of = |status: StatusFilter, limit: usize| -> Result<Vec<Listed>, Problem> {
        let filter = MatchFilter { status, ..MatchFilter::default() };
        let page = app.home.matches(&filter, None, limit)?;
        page.items.iter().map(|snapshot| listed(&app, snapshot)).collect()
    };
    let lists = Lists {
        live: of(StatusFilter::Live, LIVE_SHOWN)?,
        next: of(StatusFilter::Is(Status::Scheduled), OTHERS_SHOWN)?,
        ended: of(StatusFilter::Is(Status::Finished), OTHERS_SHOWN)?,
        ties: Vec::new(),
    };
    let ties = ties_of(&app, &lists)?;
    // Of a team match that is over, nothing is next: its points never came.
    let over = |listed: &Listed| {
        ties.iter().any(|tie| Some(tie.id) == listed.resource.tie_id && tie.winner.is_some())
    };
    let reported = |listed: &Listed| reported_only(&listed.resource).is_some();
    let next = lists.next.into_iter().filter(|listed| !over(listed) && !reported(listed)).collect();
    let lists = Lists { next, ties, ..lists };
    Ok(if query.is_part() { parts(&lists) } else { home(&lists) })
}

/// The ties of the matches on the page: those in play, then those that come, then those that ended, latest first.
fn ties_of(app: &Gateway, lists: &Lists) -> Result<Vec<TieResource>, Problem> {
    let mut ids: Vec<TieId> = Vec::new();
    for listed in lists.live.iter().chain(&lists.next).chain(&lists.ended) {
        ids.extend(listed.resource.tie_id.filter(|id| !ids.contains(id)));
    }
    let found = ids.into_iter().filter_map(|id| app.home.tie_snapshot(id).transpose());
    let mut ties = found
        .map(|snapshot| snapshot.map(|snapshot| TieResource::from(&snapshot)))
        .collect::<Result<Vec<_>, _>>()?;
    ties.sort_by_key(|tie| {
        let when = tie.scheduled_at.unwrap_or(tie.created_at).as_millis();
        match tie.status {
            TieStatus::InPlay => (0, when),
            TieStatus::Scheduled => (1, when),
            TieStatus::Finished | TieStatus::Conceded => (2, -when),
        }
    });
    Ok(ties)
}

fn listed(app: &Gateway, snapshot: &MatchSnapshot) -> Result<Listed, Problem> {
    let competition = app.competition_name(snapshot.meta.competition_id);
    Ok(Listed { resource: app.home.resource(snapshot)?, competition })
}

/// The page of a match.
pub async fn one_match(
    State(app): State<App>,
    Segments(id): Segments<String>,
    Params(query): Params<PartQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let found = id.parse::<MatchId>().ok().map(|id| app.home.match_snapshot(id)).transpose()?.flatten();
    let Some(snapshot) = found else {
        return Ok(missing(
            "There is no such match",
            "It may be on another server, or the address is cut off.",
        ));
    };
    let resource = app.home.resource(&snapshot)?;
    let events = app.events_of(&snapshot, Seq(1))?;
    let chronicle = app.chronicle(snapshot.meta.id, None)?;
    let foretold = app.course(&chronicle).await?;
    let compared = compared(&app, &resource, &chronicle);
    let lang = Language::of(query.lang, &headers);
    let cards = standing_cards(&app, resource.id, lang)?;
    let tie_forecast = match &foretold.course.now {
        Some(now) => app.tie_forecast(resource.id, now.wins).await?,
        None => None,
    };
    let competition = app.competition_name(snapshot.meta.competition_id);
    let tie = snapshot.meta.tie_id.map(|id| app.home.tie_snapshot(id)).transpose()?.flatten();
    let tie = tie.as_ref().map(TieResource::from);
    let shown = Shown {
        resource: &resource,
        competition: &competition,
        tie: tie.as_ref(),
        events: &events,
        chronicle: &chronicle,
        forecast: &foretold,
        tie_forecast: tie_forecast.as_ref(),
        compared: &compared,
        cards: cards.as_deref(),
        lang,
    };
    let page = if query.is_part() { story(&shown) } else { match_page(&shown) };
    Ok(page.into_response())
}

/// The cards of a match that stand; `None` where no views are kept, or read yet.
fn standing_cards(app: &Gateway, id: MatchId, lang: Language) -> Result<Option<Vec<CardResource>>, Problem> {
    if app.replica().is_err() {
        return Ok(None);
    }
    let cards = app.cards(id)?.into_iter().filter(|card| card.withdrawn.is_none()).collect();
    app.told(id, cards, lang).map(Some)
}

/// The umpire's panel, for one match or to choose one.
pub async fn umpire(State(app): State<App>) -> Response {
    screen(&app, "umpire.html", "/umpire")
}

/// The boards.
pub async fn board(State(app): State<App>) -> Response {
    screen(&app, "board.html", "/board")
}

/// A file of the built screens; those under `assets/` have their content's hash in their names.
pub async fn asset(State(app): State<App>, Segments(name): Segments<String>) -> Response {
    let path = format!("assets/{name}");
    match (app.screens)(&path) {
        Some(bytes) => file(&path, bytes, "public, max-age=31536000, immutable"),
        None => Problem::new(Code::NotFound, "there is no such file").into_response(),
    }
}

/// What no other path is: a file at the top of the built screens, such as a manifest, or nothing.
pub async fn fallback(State(app): State<App>, request: axum::extract::Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    if let Some(bytes) = (app.screens)(path).filter(|_| !path.contains('/')) {
        return file(path, bytes, "no-cache");
    }
    let wants_page = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if wants_page.is_some_and(|accept| accept.contains("text/html")) {
        return missing("There is nothing here", "The address may be cut off or from an older version.");
    }
    Problem::new(Code::NotFound, format!("there is no {:.100}", request.uri().path())).into_response()
}

fn screen(app: &Gateway, name: &str, path: &str) -> Response {
    match (app.screens)(name) {
        Some(bytes) => file(name, bytes, "no-cache"),
        None => not_built(path).into_response(),
    }
}

fn not_built(path: &str) -> Markup {
    message(
        "The screens are not built into this server",
        path,
        &html! {
            p { "The umpire's panel and the boards are a web application that needs Node to build:" }
            pre { code { "cargo xtask web\ncargo run --bin topspin -- serve" } }
            p { "Everything else works without them: " a href="/" { "live matches" } " and " a href="/docs" { "the API" } "." }
        },
    )
}

/// The page for what is not there.
pub fn missing(title: &str, text: &str) -> Response {
    (StatusCode::NOT_FOUND, message(title, "", &html! { p { (text) } p { a href="/" { "Live matches" } } }))
        .into_response()
}

fn file(path: &str, bytes: &'static [u8], cache: &'static str) -> Response {
    let kind = match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        _ => "application/octet-stream",
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
    ];
    (headers, bytes).into_response()
}
