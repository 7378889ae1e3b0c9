//! Answers that may be out of date say so.
//!
//! A process that shares its log with others knows of each lane when it was last at the end of the log. Once that is too
//! long ago, what it answers about the matches of that lane has a header with the seconds.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use topspin_event::MatchId;
use topspin_scoring::Home;

/// For how long an answer may have been out of date: seconds, or `unknown` before the process has first caught up.
pub const HEADER: HeaderName = HeaderName::from_static("topspin-stale");

/// Marks an answer to a request for a path, if it may be out of date.
pub fn mark(home: &Home, path: &str, response: &mut Response) {
    if !shows_matches(path) {
        return;
    }
    if let Some(stale) = home.stale(match_of(path))
        && let Ok(value) = HeaderValue::try_from(seconds(stale))
    {
        response.headers_mut().insert(HEADER, value);
    }
}

/// A time as the header says it.
pub fn seconds(stale: Duration) -> String {
    if stale == Duration::MAX { "unknown".to_owned() } else { stale.as_secs().to_string() }
}

fn shows_matches(path: &str) -> bool {
    let api = path.strip_prefix("/v1/").is_some_and(|rest| rest != "status");
    api || path == "/" || path.starts_with("/matches/") || path.starts_with("/ties/")
}

fn match_of(path: &str) -> Option<MatchId> {
    let rest = path.strip_prefix("/v1").unwrap_or(path).strip_prefix("/matches/")?;
    rest.split('/').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_match_of_a_path_is_found() {
        let id = "018f3f8a-7b1c-7000-8000-000000000001";
        for path in [format!("/v1/matches/{id}"), format!("/v1/matches/{id}/live"), format!("/matches/{id}")]
        {
            assert_eq!(match_of(&path).map(|id| id.to_string()).as_deref(), Some(id), "{path}");
        }
        for path in ["/v1/matches", "/v1/ties/1", "/"] {
            assert_eq!(match_of(path), None, "{path}");
        }
    }

    #[test]
    fn what_shows_no_match_is_never_out_of_date() {
        for path in ["/v1/matches", "/v1/live", "/", "/ties/1"] {
            assert!(shows_matches(path), "{path}");
        }
        for path in ["/v1/status", "/metrics", "/readyz", "/assets/app.js", "/docs"] {
            assert!(!shows_matches(path), "{path}");
        }
    }
}
