//! What every page has in common.

use maud::{DOCTYPE, Markup, html};

/// What a page says about itself.
pub struct Head<'a> {
    /// Its title.
    pub title: &'a str,
    /// The path whose link in the navigation is the current one.
    pub path: &'a str,
    /// What the island follows: `live` or `match`; nothing on a page that stands still.
    pub island: Option<Island<'a>>,
}

/// What the island of a page follows.
pub struct Island<'a> {
    /// The address of the stream; of several, with a space between.
    pub stream: &'a str,
    /// The address of a fragment to fetch again after each change, and the id of the element that holds it.
    pub fragment: Option<(&'a str, &'a str)>,
}

/// A whole page.
pub fn page(head: &Head<'_>, main: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (head.title) " · Topspin" }
                link rel="stylesheet" href="/static/site.css";
                link rel="icon" href="/static/icon.svg" type="image/svg+xml";
                @if head.island.is_some() {
                    noscript { meta http-equiv="refresh" content="10"; }
                }
            }
            body {
                a.skip href="#main" { "Skip to content" }
                header.bar {
                    a.brand href="/" { span.ball aria-hidden="true" {} "Topspin" }
                    nav aria-label="Main" {
                        @for (path, label) in [("/", "Live"), ("/records", "Records"), ("/ratings", "Ratings"), ("/board", "Boards"), ("/umpire", "Umpire"), ("/docs", "API")] {
                            a href=(path) aria-current=[(path == head.path).then_some("page")] { (label) }
                        }
                    }
                    @if head.island.is_some() {
                        span.link #link role="status" data-state="page" { "as of loading" }
                    }
                }
                main #main
                    data-stream=[head.island.as_ref().map(|i| i.stream)]
                    data-fragment=[head.island.as_ref().and_then(|i| i.fragment).map(|f| f.0)]
                    data-fragment-into=[head.island.as_ref().and_then(|i| i.fragment).map(|f| f.1)] {
                    (main)
                }
                footer { p { "Every point is an event that is kept. Corrections are shown, not hidden." } }
                @if head.island.is_some() {
                    script src="/static/live.js" defer {}
                }
            }
        }
    }
}

/// A page that says one thing.
pub fn message(title: &str, path: &str, body: &Markup) -> Markup {
    let head = Head { title, path, island: None };
    page(&head, &html! { section.message { h1 { (title) } (body) } })
}
