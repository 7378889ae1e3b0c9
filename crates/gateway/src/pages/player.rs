//! The pages of a player and of two who meet.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use maud::{Markup, html};
use topspin_event::{PlayerId, PlayerResult, Tally, wire};
use topspin_insight::{Aspect, PLAYER_PROFILES, RatingList};
use topspin_runtime::Replica;
use topspin_runtime::limits::MAX_SCAN_ROWS;

use super::handlers::missing;
use super::layout::{Head, page};
use super::ratings::rating;
use super::{phrases, strokes};
use crate::app::{App, Gateway};
use crate::json::Segments;
use crate::limits::OPPONENTS_SHOWN;
use crate::players::{PlayerResource, ProfileResource, VersusPlayer};
use crate::problem::Problem;
use crate::strokes::PlayerStrokesResource;

/// The page of a player.
pub async fn player(State(app): State<App>, Segments(id): Segments<String>) -> Result<Response, Problem> {
    let Some(id) = id.parse::<PlayerId>().ok() else { return Ok(unknown()) };
    let Ok(player) = app.player(id) else { return Ok(unknown()) };
    let opponents = match app.replica() {
        Ok(replica) => opponents(&app, replica, id)?,
        Err(_) => Vec::new(),
    };
    let mut names = Vec::new();
    for result in &player.form {
        names.push(app.player_name(result.opponent_id)?);
    }
    let strokes = app.player_strokes(id, None).ok();
    Ok(shown(&player, strokes.as_ref(), &names, &opponents).into_response())
}

/// The page of two players.
pub async fn versus(
    State(app): State<App>,
    Segments((id, opponent)): Segments<(String, String)>,
) -> Result<Response, Problem> {
    let ids = id.parse::<PlayerId>().ok().zip(opponent.parse::<PlayerId>().ok());
    let found = ids.map(|(id, opponent)| app.versus(id, opponent));
    let Some(Ok(found)) = found else { return Ok(unknown()) };
    let [one, other] = found.players.as_slice() else { return Ok(unknown()) };
    let told = (app.player_strokes(one.id, Some(other.id))?, app.player_strokes(other.id, Some(one.id))?);
    Ok(both(one, other, (&told.0, &told.1)).into_response())
}

fn unknown() -> Response {
    let page = missing("There is no such player", "Or this server keeps no views: topspin serve --views.");
    (StatusCode::NOT_FOUND, page).into_response()
}

/// Whom a player has met, with matches won and played: those met most often first.
fn opponents(
    app: &Gateway,
    replica: &Replica,
    id: PlayerId,
) -> Result<Vec<(PlayerId, String, Tally)>, Problem> {
    let prefix = format!("{id}/");
    let rows = replica.scan(PLAYER_PROFILES, prefix.as_bytes(), prefix.as_bytes(), MAX_SCAN_ROWS)?;
    let mut met = Vec::new();
    for (_, value) in rows {
        let Ok(profile) = wire::decode_player_profile(&value) else { continue };
        let Some(opponent) = profile.opponent_id.filter(|_| profile.window == "all_time") else { continue };
        met.push((opponent, tally(&profile.aspects, Aspect::Matches).unwrap_or_default()));
    }
    met.sort_by_key(|(_, tally)| std::cmp::Reverse(tally.of));
    met.truncate(OPPONENTS_SHOWN);
    met.into_iter().map(|(id, tally)| Ok((id, app.player_name(id)?, tally))).collect()
}

fn shown(
    player: &PlayerResource,
    strokes: Option<&PlayerStrokesResource>,
    names: &[String],
    opponents: &[(PlayerId, String, Tally)],
) -> Markup {
    let name = &player.reference.details.name;
    let own = player.reference.id;
    let head = Head { title: name, path: "/players", island: None };
    page(
        &head,
        &html! {
            h1 { (name) }
            @if let Some(country) = &player.reference.details.country { p.competition { (country) } }
            @if !player.ratings.is_empty() { (ratings(player)) }
            @if player.profiles.is_empty() {
                p.none { "No singles of this player is over yet, or this server keeps no views (topspin serve --views)." }
            } @else {
                (profiles(&player.profiles))
            }
            @if !player.form.is_empty() {
                section.statistics aria-labelledby="form" {
                    h2 #form { "Latest results" }
                    ol.form {
                        @for (result, opponent) in player.form.iter().zip(names) { (outcome(result, opponent)) }
                    }
                }
            }
            @if let Some(told) = strokes { (strokes::of_player(told)) }
            @if !opponents.is_empty() {
                section aria-labelledby="opponents" {
                    h2 #opponents { "Opponents" }
                    ul.opponents {
                        @for (id, opponent, tally) in opponents {
                            li {
                                a href={ "/players/" (own) "/versus/" (id) } { (opponent) }
                                " " span.score-line { (tally.won) "–" (tally.of - tally.won.min(tally.of)) }
                            }
                        }
                    }
                }
            }
        },
    )
}

fn ratings(player: &PlayerResource) -> Markup {
    let title = |list: &str| if list == RatingList::Elo.as_str() { "Elo" } else { "Glicko-2" };
    html! {
        p.rated {
            @for (place, one) in player.ratings.iter().enumerate() {
                @if place > 0 { " · " }
                a href={ "/ratings?list=" (one.list) } { (title(&one.list)) } " " strong { (rating(one)) }
            }
            @if player.ratings.iter().any(|one| one.rating.recomputing) { " (being computed anew)" }
        }
    }
}

fn outcome(result: &PlayerResult, opponent: &str) -> Markup {
    html! {
        li data-won=(result.won) {
            span.badge { @if result.won { "won" } @else { "lost" } }
            a href={ "/matches/" (result.match_id) } { (result.games_won) "–" (result.games_lost) }
            " against " (opponent)
            @if let Some(at) = result.at { small.when { " " (phrases::day(&at.to_string())) } }
        }
    }
}

fn profiles(profiles: &[ProfileResource]) -> Markup {
    html! {
        section.statistics aria-labelledby="profile" {
            h2 #profile { "Singles" }
            div.grid {
                @for profile in profiles {
                    table.versus.profile {
                        caption { (window(&profile.window)) }
                        tbody {
                            @for aspect in Aspect::ALL {
                                @if let Some(tally) = tally(&profile.aspects, aspect) {
                                    tr { th scope="row" { (title(aspect)) } td { (gauge(tally)) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn both(
    one: &VersusPlayer,
    other: &VersusPlayer,
    told: (&PlayerStrokesResource, &PlayerStrokesResource),
) -> Markup {
    let title = format!("{} – {}", one.name, other.name);
    let head = Head { title: &title, path: "/players", island: None };
    page(
        &head,
        &html! {
            h1.pairing {
                a href={ "/players/" (one.id) } { (one.name) } span.against { " – " }
                a href={ "/players/" (other.id) } { (other.name) }
            }
            @if one.profiles.is_empty() { p.none { "They have not met in a singles that is over." } }
            @for own in &one.profiles {
                @let others = other.profiles.iter().find(|profile| profile.window == own.window);
                section.statistics { (table(own, others, (&one.name, &other.name))) }
            }
            (strokes::of_two((&one.name, &other.name), told))
        },
    )
}

fn table(own: &ProfileResource, others: Option<&ProfileResource>, names: (&str, &str)) -> Markup {
    let of = |profile: Option<&ProfileResource>, aspect| {
        profile.and_then(|profile| tally(&profile.aspects, aspect))
    };
    html! {
        table.versus {
            caption { (window(&own.window)) }
            thead { tr { th scope="col" { (names.0) } th { span.quiet { "Figure" } } th scope="col" { (names.1) } } }
            tbody {
                @for aspect in Aspect::ALL {
                    @let (left, right) = (of(Some(own), aspect), of(others, aspect));
                    @if left.is_some() || right.is_some() {
                        tr {
                            td data-side="home" { (gauge(left.unwrap_or_default())) }
                            th scope="row" { (title(aspect)) }
                            td data-side="away" { (gauge(right.unwrap_or_default())) }
                        }
                    }
                }
            }
        }
    }
}

fn gauge(tally: Tally) -> Markup {
    let share = 100.0 * f64::from(tally.won) / f64::from(tally.of.max(1));
    html! {
        span.value { (format!("{share:.0}")) " % (" (tally.won) " of " (tally.of) ")" }
        span.gauge aria-hidden="true" { span style={ "width:" (share.round()) "%" } {} }
    }
}

/// How often an aspect was won, if it occurred.
pub fn tally(aspects: &[topspin_event::AspectTally], aspect: Aspect) -> Option<Tally> {
    aspects.iter().find(|one| one.aspect == aspect.as_str()).map(|one| one.tally)
}

pub fn window(name: &str) -> &'static str {
    if name == "24_months" { "Last 24 months" } else { "All time" }
}

/// What an aspect is called.
pub const fn title(aspect: Aspect) -> &'static str {
    match aspect {
        Aspect::Matches => "Matches",
        Aspect::Games => "Games",
        Aspect::Points => "Points",
        Aspect::Serve => "On serve",
        Aspect::Receive => "On receive",
        Aspect::Level => "At level scores",
        Aspect::Ahead => "When ahead",
        Aspect::Behind => "When behind",
        Aspect::Deuce => "At deuce",
        Aspect::FirstGame => "First game",
        Aspect::MiddleGames => "Games in between",
        Aspect::DecidingGame => "Deciding game",
        Aspect::GamePointsFor => "Own game points",
        Aspect::GamePointsAgainst => "Opponent's game points",
    }
}
