//! The page of records.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};
use serde::Deserialize;
use topspin_event::RecordEntry;
use topspin_insight::{Metric, Scope, UnknownScope, UnknownWindow, Window};
use topspin_laws::Side;

use super::layout::{Head, message, page};
use super::phrases;
use crate::app::App;
use crate::code::Code;
use crate::json::Params;
use crate::problem::Problem;
use crate::records::{RecordListResource, RecordResource, lists};

/// Which records the page shows.
#[derive(Deserialize, Default)]
pub struct RecordsQuery {
    scope: Option<String>,
    window: Option<String>,
}

/// The page of records.
pub async fn records(
    State(app): State<App>,
    Params(query): Params<RecordsQuery>,
) -> Result<Response, Problem> {
    if app.replica().is_err() {
        let body = html! {
            p { "This server keeps no views. Start it with them, and it finds the longest rallies, the most points in a row \
                 and the greatest comebacks of all matches in its log:" }
            pre { code { "topspin serve --views" } }
        };
        return Ok((StatusCode::NOT_FOUND, message("No records here", "/records", &body)).into_response());
    }
    let wrong = |error: &dyn std::fmt::Display| Problem::new(Code::InvalidQuery, error.to_string());
    let scope = query.scope.as_deref().map_or(Ok(Scope::Everything), str::parse);
    let scope: Scope = scope.map_err(|error: UnknownScope| wrong(&error))?;
    let window = query.window.as_deref().map_or(Ok(Window::AllTime), str::parse);
    let window: Window = window.map_err(|error: UnknownWindow| wrong(&error))?;
    let found = lists(&app, &Metric::ALL, &scope, window)?;
    let found = found.into_iter().map(|list| app.named_list(list)).collect::<Result<Vec<_>, _>>()?;
    Ok(shown(&found, &scope, window).into_response())
}

fn shown(found: &[RecordListResource], scope: &Scope, window: Window) -> Markup {
    let head = Head { title: "Records", path: "/records", island: None };
    let season = |year: i16| {
        (Window::Season(year), format!("Season {year}/{:02}", (i32::from(year) + 1).rem_euclid(100)))
    };
    let mut windows =
        vec![(Window::AllTime, "All time".to_owned()), (Window::Months24, "Last 24 months".to_owned())];
    if let Window::Season(year) = window {
        windows.push(season(year));
    }
    page(
        &head,
        &html! {
            h1 { "Records" }
            nav.choices aria-label="Since when" {
                @for (choice, label) in &windows {
                    a href={ "/records?scope=" (encoded(&scope.to_string())) "&window=" (choice) } aria-current=[(*choice == window).then_some("true")] {
                        (label)
                    }
                }
            }
            @if *scope != Scope::Everything {
                p { "Only " code { (scope) } ". " a href={ "/records?window=" (window) } { "All matches" } }
            }
            @if found.is_empty() {
                p.none {
                    "Nothing yet. Records come with the first rally whose strokes, times or score are known"
                    @if window == Window::Months24 { ", within the last 24 months" }
                    "."
                }
            }
            div.grid {
                @for list in found { (board(list)) }
            }
        },
    )
}

fn board(list: &RecordListResource) -> Markup {
    let Ok(metric) = list.metric.parse::<Metric>() else { return html! {} };
    html! {
        section.record-board aria-labelledby=(list.metric) {
            h2 id=(list.metric) { (title(metric)) }
            ol {
                @for place in &list.entries { (row(metric, place)) }
            }
        }
    }
}

fn row(metric: Metric, place: &RecordResource) -> Markup {
    let RecordEntry { match_id, seq, at, side, game, .. } = place.entry;
    let href = format!("/matches/{match_id}#event-{}", seq.0);
    html! {
        li {
            strong.value { (value(metric, place.entry.value)) }
            a href=(href) {
                @match side {
                    Some(side) => {
                        (place.sides.of(side)) span.against { " against " } (place.sides.of(side.other()))
                    }
                    None => { (place.sides.of(Side::Home)) " – " (place.sides.of(Side::Away)) }
                }
            }
            small.when {
                @if let Some(at) = at { (phrases::day(&at.to_string())) }
                @if game > 0 { ", game " (game) }
            }
        }
    }
}

/// What a metric is called.
pub const fn title(metric: Metric) -> &'static str {
    match metric {
        Metric::LongestRallyStrokes => "Longest rally, strokes",
        Metric::LongestRallyTime => "Longest rally, time",
        Metric::LongestGamePoints => "Longest game, points",
        Metric::LongestGameTime => "Longest game, time",
        Metric::LongestMatchPoints => "Longest match, points",
        Metric::LongestMatchTime => "Longest match, time",
        Metric::PointsInARow => "Most points in a row",
        Metric::HighestDeuce => "Highest deuce",
        Metric::LargestComeback => "Largest comeback in a game",
        Metric::WinningRun => "Longest winning run, matches",
        Metric::Upset => "Greatest upset, rating points",
    }
}

/// A value with its unit.
fn value(metric: Metric, value: i64) -> String {
    match metric {
        Metric::LongestRallyTime => format!("{}.{} s", value / 1000, value % 1000 / 100),
        Metric::LongestGameTime | Metric::LongestMatchTime => {
            let seconds = value / 1000;
            format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
        }
        Metric::HighestDeuce => format!("{value}–{value}"),
        Metric::LongestRallyStrokes
        | Metric::LongestGamePoints
        | Metric::LongestMatchPoints
        | Metric::PointsInARow
        | Metric::LargestComeback
        | Metric::WinningRun
        | Metric::Upset => value.to_string(),
    }
}

/// A text as a part of a query (RFC 3986): everything but unreserved characters by its bytes.
fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}
