//! Who may write, and under which names.

use axum::body::Body;
use axum::http::StatusCode;

use crate::hall::{Hall, TOKEN, match_body, request};

#[tokio::test]
async fn writing_needs_the_token_and_reading_does_not() {
    let hall = Hall::with_token().await;
    let write = |token: Option<&str>| {
        let mut request = request("POST", "/v1/matches").header("content-type", "application/json");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        request.body(Body::from(match_body("Ada", "Bo").to_string())).expect("a request")
    };
    let missing = hall.send(write(None)).await;
    assert_eq!((missing.status, missing.problem().as_str()), (StatusCode::UNAUTHORIZED, "token_missing"));
    assert!(missing.headers.contains_key("www-authenticate"));
    let wrong = hall.send(write(Some("another-token-that-is-wrong"))).await;
    assert_eq!((wrong.status, wrong.problem().as_str()), (StatusCode::UNAUTHORIZED, "token_wrong"));
    assert!(!wrong.text.contains(TOKEN));
    assert_eq!(hall.send(write(Some(TOKEN))).await.status, StatusCode::CREATED);
    assert_eq!(hall.get("/v1/matches").await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_open_server_takes_writes_from_anybody_and_says_so() {
    let hall = Hall::new().await;
    hall.new_match().await;
    assert_eq!(hall.get("/v1/status").await.json()["open"], true);
}

#[tokio::test]
async fn a_rebound_name_and_another_site_are_refused_even_when_open() {
    let hall = Hall::new().await;
    let rebound = axum::http::Request::get("/v1/matches").header("host", "evil.example");
    let rebound = hall.send(rebound.body(Body::empty()).expect("a request")).await;
    assert_eq!((rebound.status, rebound.problem().as_str()), (StatusCode::FORBIDDEN, "host_not_allowed"));
    let foreign = request("POST", "/v1/matches").header("origin", "https://evil.example");
    let foreign = foreign.header("content-type", "application/json");
    let foreign = hall.send(foreign.body(Body::from("{}")).expect("a request")).await;
    assert_eq!((foreign.status, foreign.problem().as_str()), (StatusCode::FORBIDDEN, "origin_not_allowed"));
    let listed = axum::http::Request::get("/v1/matches").header("host", "hall.local:8080");
    let listed = hall.send(listed.body(Body::empty()).expect("a request")).await;
    assert_eq!(listed.status, StatusCode::OK);
}

#[tokio::test]
async fn every_answer_forbids_foreign_content() {
    let hall = Hall::new().await;
    for path in ["/", "/docs", "/v1/matches", "/nothing"] {
        let answer = hall.get(path).await;
        let policy = answer.headers["content-security-policy"].to_str().expect("text");
        assert!(policy.starts_with("default-src 'none'"), "{path}");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    }
}
