//! The front page: what is live, by competition.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::layout::{Head, Island, page};
use super::{scoreline, tie};
use topspin_scoring::{MatchResource, TieResource};

/// A match with its facts, and what its competition is called.
pub struct Listed {
    /// The match.
    pub resource: MatchResource,
    /// Its competition's name; empty for none.
    pub competition: String,
}

/// What the page shows.
pub struct Lists {
    /// Live matches.
    pub live: Vec<Listed>,
    /// What comes next.
    pub next: Vec<Listed>,
    /// What ended last.
    pub ended: Vec<Listed>,
    /// The ties that they belong to.
    pub ties: Vec<TieResource>,
}

/// The page.
pub fn home(lists: &Lists) -> Markup {
    let island = Island { stream: "/v1/live", fragment: Some(("/?part=lists", "lists")) };
    let head = Head { title: "Live", path: "/", island: Some(island) };
    page(&head, &html! { div #lists { (parts(lists)) } })
}

/// The lists alone.
pub fn parts(lists: &Lists) -> Markup {
    let nothing = lists.live.is_empty() && lists.next.is_empty() && lists.ended.is_empty();
    html! {
        @if nothing { (empty()) } @else {
            section aria-labelledby="live-now" {
                h1 #live-now { "Live now" @if !lists.live.is_empty() { span.count { (lists.live.len()) } } }
                @if lists.live.is_empty() { p.none { "No match is being played." } }
                (by_competition(&lists.live))
            }
            @if !lists.ties.is_empty() {
                section aria-labelledby="ties" {
                    h2 #ties { "Team matches" }
                    div.grid { @for tie in &lists.ties { (tie::card(tie)) } }
                }
            }
            (section("Next", "next", &lists.next))
            (section("Ended", "ended", &lists.ended))
        }
    }
}

fn section(title: &str, id: &str, matches: &[Listed]) -> Markup {
    html! {
        @if !matches.is_empty() {
            section aria-labelledby=(id) {
                h2 id=(id) { (title) }
                div.grid { @for m in matches { (scoreline::card(&m.resource)) } }
            }
        }
    }
}

fn by_competition(matches: &[Listed]) -> Markup {
    let mut groups: BTreeMap<&str, Vec<&Listed>> = BTreeMap::new();
    for listed in matches {
        groups.entry(&listed.competition).or_default().push(listed);
    }
    html! {
        @for (competition, group) in &groups {
            @if !competition.is_empty() { h2.competition { (competition) } }
            div.grid { @for m in group { (scoreline::card(&m.resource)) } }
        }
    }
}

fn empty() -> Markup {
    html! {
        section.message {
            h1 { "No matches yet" }
            p { "Run " code { "cargo xtask demo" } " to see a tournament, or create a match on the API:" }
            pre { code {
                "curl http://localhost:8080/v1/matches \\\n"
                "  -H \"Authorization: Bearer $(cat topspin-data/token)\" \\\n"
                "  -H 'Content-Type: application/json' \\\n"
                "  -d '{\"format\":{\"preset\":\"ittf\"},\"sides\":{\"home\":{\"players\":[{\"name\":\"Ada\"}]},"
                "\"away\":{\"players\":[{\"name\":\"Bo\"}]}}}'"
            } }
            p { "The whole API is described " a href="/docs" { "here" } "." }
        }
    }
}
