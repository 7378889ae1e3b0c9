//! The page of one tie: the score, who plays whom, and its matches.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use topspin_event::{ReferenceId, ReferenceKind, TieId};
use topspin_laws::tie::{PlayerId, TieMatch, TieStatus};
use topspin_laws::{Certainty, Side};
use topspin_scoring::{MatchFilter, MatchResource, TieResource};

use super::handlers::{PartQuery, missing};
use super::layout::{Head, Island, page};
use super::{phrases, scoreline};
use crate::app::{App, Gateway};
use crate::json::{Params, Segments};
use crate::limits::MAX_PAGE;
use crate::problem::Problem;
use crate::ties::is_for;

/// What the page shows.
struct Shown<'a> {
    app: &'a Gateway,
    tie: &'a TieResource,
    competition: &'a str,
    /// Its matches that are scored here, in playing order.
    matches: &'a [MatchResource],
}

/// The page of a tie.
pub async fn one_tie(
    State(app): State<App>,
    Segments(id): Segments<String>,
    Params(query): Params<PartQuery>,
) -> Result<Response, Problem> {
    let found = id.parse::<TieId>().ok().map(|id| app.home.tie_snapshot(id)).transpose()?.flatten();
    let Some(snapshot) = found else {
        return Ok(missing(
            "There is no such team match",
            "It may be on another server, or the address is cut off.",
        ));
    };
    let tie = TieResource::from(&snapshot);
    let filter = MatchFilter { tie: Some(tie.id), ..MatchFilter::default() };
    let listed = app.home.matches(&filter, None, MAX_PAGE)?.items;
    let matches = listed.iter().map(|snapshot| app.home.resource(snapshot));
    let mut matches = matches.collect::<Result<Vec<_>, _>>()?;
    matches.sort_by_key(|resource| {
        (place(&tie, resource), resource.scheduled_at, resource.created_at, resource.id)
    });
    let competition = app.competition_name(tie.competition_id);
    let shown = Shown { app: &app, tie: &tie, competition: &competition, matches: &matches };
    let page = if query.is_part() { standing(&shown) } else { tie_page(&shown) };
    Ok(page.into_response())
}

/// A tie as a card with a link to its page.
pub fn card(tie: &TieResource) -> Markup {
    html! {
        article.match.tie data-live=(is_live(tie)) {
            (head(tie))
            a.cover href={ "/ties/" (tie.id) } { (score(tie)) }
        }
    }
}

fn tie_page(shown: &Shown<'_>) -> Markup {
    let tie = shown.tie;
    let title = format!("{} – {}", tie.sides.home.name, tie.sides.away.name);
    let filter = tie.competition_id.map(|id| format!("?competition={id}")).unwrap_or_default();
    let streams = format!("/v1/ties/{}/live /v1/live{filter}", tie.id);
    let fragment = format!("/ties/{}?part=standing", tie.id);
    let island = Island { stream: &streams, fragment: Some((&fragment, "standing")) };
    page(
        &Head { title: &title, path: "", island: Some(island) },
        &html! {
            h1.pairing { (tie.sides.home.name) span.against { " – " } (tie.sides.away.name) }
            @if !shown.competition.is_empty() { p.competition { (shown.competition) } }
            div #standing data-tie=(tie.id) { (standing(shown)) }
        },
    )
}

/// What is fetched again after each change.
fn standing(shown: &Shown<'_>) -> Markup {
    let tie = shown.tie;
    html! {
        article.match.tie data-live=(is_live(tie)) { (head(tie)) (score(tie)) }
        @if let Some(winner) = tie.winner {
            p.result {
                strong { (tie.sides.of(winner).name) } " wins " (tie.score.of(winner)) "–"
                (tie.score.of(winner.other())) ", " (phrases::certainty(tie.certainty)) "."
            }
        }
        section aria-labelledby="line-ups" {
            h2 #line-ups { "Line-ups" }
            table.rubbers { tbody { @for rubber in &tie.matches { (line(shown, rubber)) } } }
        }
        @if !shown.matches.is_empty() {
            section aria-labelledby="matches" {
                h2 #matches { "Matches" }
                div.grid { @for resource in shown.matches { (scoreline::card(resource)) } }
            }
        }
    }
}

fn line(shown: &Shown<'_>, rubber: &TieMatch) -> Markup {
    let names = |side| players(shown.app, rubber.players.of(side));
    let played = rubber.status != TieStatus::Scheduled;
    let scored = scored(shown.matches, rubber);
    html! {
        tr data-status=(status(rubber.status)) {
            th scope="row" { (rubber.number) }
            td.home data-won=(rubber.winner == Some(Side::Home)) { (names(Side::Home)) }
            td.games {
                @let games = html! {
                    @if played { (rubber.games.home) "–" (rubber.games.away) } @else { "–" }
                };
                @if let Some(scored) = scored { a href={ "/matches/" (scored.id) } { (games) } } @else { (games) }
            }
            td data-won=(rubber.winner == Some(Side::Away)) { (names(Side::Away)) }
        }
    }
}

/// The match that is scored for a place in the tie.
fn scored<'a>(matches: &'a [MatchResource], rubber: &TieMatch) -> Option<&'a MatchResource> {
    matches.iter().find(|resource| is_for(resource, rubber))
}

/// The place of a match in its tie, from 0; after all places if it has none.
fn place(tie: &TieResource, resource: &MatchResource) -> usize {
    tie.matches.iter().position(|rubber| is_for(resource, rubber)).unwrap_or(usize::MAX)
}

fn players(app: &Gateway, ids: &[PlayerId]) -> String {
    let name = |id: &PlayerId| {
        let known = id.as_str().parse().ok().map(ReferenceId);
        let item = known.and_then(|id| app.home.reference(ReferenceKind::Player, id).ok().flatten());
        item.map_or_else(|| id.as_str().to_owned(), |item| item.details.name)
    };
    if ids.is_empty() {
        "not named yet".to_owned()
    } else {
        ids.iter().map(name).collect::<Vec<_>>().join(" / ")
    }
}

fn head(tie: &TieResource) -> Markup {
    html! {
        header {
            span.badge data-live=(is_live(tie)) { (status(tie.status)) }
            @if let Some(category) = &tie.category { span.where { (category) } }
            @if let Some(at) = tie.scheduled_at { span.where { (phrases::day(&at.to_string())) } }
            @if tie.certainty == Certainty::Protested { span.remark { (phrases::certainty(tie.certainty)) } }
        }
    }
}

fn score(tie: &TieResource) -> Markup {
    html! {
        table.score {
            caption.quiet { (tie.sides.home.name) " against " (tie.sides.away.name) }
            tbody {
                @for side in Side::BOTH {
                    tr data-winner=(tie.winner == Some(side)) {
                        th scope="row" { span.serve {} span.name title=(tie.sides.of(side).name) { (tie.sides.of(side).name) } }
                        td.total { (tie.score.of(side)) }
                    }
                }
            }
        }
    }
}

fn is_live(tie: &TieResource) -> bool {
    tie.status == TieStatus::InPlay
}

const fn status(status: TieStatus) -> &'static str {
    match status {
        TieStatus::Scheduled => "Scheduled",
        TieStatus::InPlay => "In play",
        TieStatus::Finished => "Finished",
        TieStatus::Conceded => "Conceded",
    }
}
