//! The reading pages, without JavaScript.

use axum::body::Body;
use axum::http::StatusCode;
use serde_json::json;

use crate::hall::{Hall, point, request};

#[tokio::test]
async fn an_empty_server_says_what_to_do() {
    let hall = Hall::new().await;
    let page = hall.get("/").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("No matches yet") && page.text.contains("cargo xtask demo"));
}

#[tokio::test]
async fn the_front_page_lists_live_matches_by_competition() {
    let hall = Hall::new().await;
    let competition = hall.post("/v1/competitions", &json!({ "name": "Open <of> the town" })).await.json();
    let mut body = crate::hall::match_body("Ada & Ann", "Bo");
    body["competition_id"] = competition["id"].clone();
    body["table"] = json!("3");
    let id = hall.post("/v1/matches", &body).await.json()["id"].as_str().expect("an id").to_owned();
    hall.press(&id, json!({ "type": "call" })).await;
    let page = hall.get("/").await.text;
    for expected in ["Ada &amp; Ann", "Open &lt;of&gt; the town", "Table 3", &format!("/matches/{id}")] {
        assert!(page.contains(expected), "{expected}");
    }
    let part = hall.get("/?part=lists").await.text;
    assert!(part.contains("Ada &amp; Ann") && !part.contains("<html"));
}

#[tokio::test]
async fn a_match_page_shows_the_points_and_strikes_through_what_was_taken_back() {
    let hall = Hall::new().await;
    let id = hall.in_play().await;
    hall.press(&id, point("home")).await;
    hall.press(&id, json!({ "type": "point", "to": "away", "how": "edge" })).await;
    hall.press(&id, json!({ "type": "undo" })).await;
    let page = hall.get(&format!("/matches/{id}")).await.text;
    assert!(page.contains("<h1"));
    assert!(page.contains("<del>Point Bo, edge</del>"), "{page}");
    assert!(page.contains("taken back by event 6"));
    assert!(page.contains(&format!("data-stream=\"/v1/matches/{id}/live\"")));
    let part = hall.get(&format!("/matches/{id}?part=story")).await.text;
    assert!(part.contains("<del>") && !part.contains("<html"));
}

#[tokio::test]
async fn what_is_not_there_gets_a_page_for_people_and_a_problem_for_programs() {
    let hall = Hall::new().await;
    let page = hall.get("/matches/seven").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.text.contains("no such match"));
    let browser =
        request("GET", "/nothing").header("accept", "text/html").body(Body::empty()).expect("a request");
    let browser = hall.send(browser).await;
    assert_eq!(browser.status, StatusCode::NOT_FOUND);
    assert!(browser.text.contains("<html"));
    assert_eq!(hall.get("/nothing").await.problem(), "not_found");
    let method = request("DELETE", "/v1/matches").body(Body::empty()).expect("a request");
    assert_eq!(hall.send(method).await.problem(), "method_not_allowed");
}

#[tokio::test]
async fn without_built_screens_a_page_says_how_to_build_them() {
    let hall = Hall::new().await;
    for path in ["/umpire", "/umpire/1", "/board", "/board/1"] {
        let page = hall.get(path).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text.contains("cargo xtask web"), "{path}");
    }
}

#[tokio::test]
async fn pages_ask_nothing_of_other_servers() {
    let hall = Hall::new().await;
    let id = hall.in_play().await;
    for path in ["/", "/docs", &format!("/matches/{id}"), "/umpire"] {
        let page = hall.get(path).await.text;
        for attribute in ["src=\"", "href=\""] {
            for (at, _) in page.match_indices(attribute) {
                let target = &page[at + attribute.len()..];
                assert!(
                    target.starts_with('/') || target.starts_with('#') || target.starts_with("openapi"),
                    "{target:.60}"
                );
            }
        }
    }
}

#[tokio::test]
async fn the_reference_page_lists_every_operation() {
    let hall = Hall::new().await;
    let page = hall.get("/docs").await.text;
    for path in topspin_gateway::document()["paths"].as_object().expect("paths").keys() {
        assert!(page.contains(path), "{path}");
    }
    assert!(page.contains("id=\"problem-lease_lost\""));
}
