//! The page of ratings.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};
use serde::Deserialize;
use topspin_insight::{RatingList, UnknownList};

use super::layout::{Head, message, page};
use crate::app::App;
use crate::code::Code;
use crate::json::Params;
use crate::limits::MAX_PAGE;
use crate::problem::Problem;
use crate::ratings::{PlayerRatingResource, RatedPlayer, RatingPage, Who};

/// Which ratings the page shows.
#[derive(Deserialize, Default)]
pub struct RatingsQuery {
    list: Option<String>,
    /// `all`: also those of whom little is known.
    who: Option<String>,
}

/// The page of ratings.
pub async fn ratings(
    State(app): State<App>,
    Params(query): Params<RatingsQuery>,
) -> Result<Response, Problem> {
    if app.replica().is_err() {
        let body = html! {
            p { "This server keeps no views. Start it with them, and it rates everybody who plays singles:" }
            pre { code { "topspin serve --views" } }
        };
        return Ok((StatusCode::NOT_FOUND, message("No ratings here", "/ratings", &body)).into_response());
    }
    let list = query.list.as_deref().map_or(Ok(RatingList::Glicko2), str::parse);
    let list = list.map_err(|error: UnknownList| Problem::new(Code::InvalidQuery, error.to_string()))?;
    let who = if query.who.as_deref() == Some("all") { Who::Everybody } else { Who::Established };
    Ok(shown(&app.strongest(list, who, MAX_PAGE)?, list, who).into_response())
}

fn shown(found: &RatingPage, list: RatingList, who: Who) -> Markup {
    let head = Head { title: "Ratings", path: "/ratings", island: None };
    page(
        &head,
        &html! {
            h1 { "Ratings" }
            nav.choices aria-label="System" {
                @for (choice, label) in [(RatingList::Glicko2, "Glicko-2"), (RatingList::Elo, "Elo")] {
                    a href={ "/ratings?list=" (choice.as_str()) } aria-current=[(choice == list).then_some("true")] { (label) }
                }
            }
            @if found.recomputing {
                p.note role="status" { "A late or corrected match is being taken into account: these ratings may still change." }
            }
            @if found.items.is_empty() { (nobody(who)) } @else { (table(&found.items)) }
            @if list == RatingList::Glicko2 && who == Who::Established {
                p { a href="/ratings?who=all" { "Also those who have played little" } }
            }
            details.about {
                summary { "How this is computed" }
                p {
                    @match list {
                        RatingList::Glicko2 => {
                            "By Glicko-2, month by month: everybody begins with 1500 ± 350. Opponents count with what they were rated when                              the month began. What is behind ± is a standard deviation; it grows with every month without a match."
                        }
                        RatingList::Elo => {
                            "By Elo's system, with a factor of 32: everybody begins with 1000. Opponents count with what they were rated when                              the month began."
                        }
                    }
                    " A match counts when it is over; what is corrected is rated again from its month on."
                }
            }
        },
    )
}

fn nobody(who: Who) -> Markup {
    html! {
        p.none {
            @match who {
                Who::Established => "Nobody has played enough singles yet to be rated with some certainty.",
                Who::Everybody => "No singles is over yet.",
            }
        }
    }
}

fn table(items: &[RatedPlayer]) -> Markup {
    html! {
        table.facts.ratings {
            thead { tr {
                th scope="col" { "#" } th scope="col" { "Player" } th scope="col" { "Rating" }
                th scope="col" { "Matches" } th scope="col" { "Last month" }
            } }
            tbody {
                @for (place, one) in (1..).zip(items) {
                    tr {
                        td { (place) }
                        th scope="row" { a href={ "/players/" (one.player_id) } { (one.name) } }
                        td { span.value { (rating(&one.rating)) } }
                        td { (one.rating.rating.matches) }
                        td { (one.rating.month) }
                    }
                }
            }
        }
    }
}

/// A rating as it is read: `1623 ± 61`.
pub fn rating(one: &PlayerRatingResource) -> String {
    let rating = one.rating.rating;
    match one.rating.deviation {
        Some(deviation) => format!("{rating:.0} ± {deviation:.0}"),
        None => format!("{rating:.0}"),
    }
}
