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

/// The score column of the timeline, first rally first.
fn scores(page: &str) -> Vec<&str> {
    let after = page.split("<span class=\"after\">").skip(1).filter_map(|rest| rest.split('<').next());
    let mut scores: Vec<&str> = after.filter(|score| !score.is_empty()).collect();
    scores.reverse();
    scores
}

#[tokio::test]
async fn an_amended_rally_is_struck_through_and_every_later_score_is_counted_again() {
    let hall = Hall::new().await;
    let id = hall.in_play().await;
    for to in ["home", "away", "home"] {
        hall.press(&id, point(to)).await;
    }
    let path = format!("/matches/{id}");
    assert_eq!(scores(&hall.get(&path).await.text), ["1–0", "1–1", "2–1"]);
    let away = json!({ "type": "point", "to": "away", "how": "edge" });
    hall.press(&id, json!({ "type": "amend", "seq": 4, "outcome": away })).await;
    let page = hall.get(&path).await.text;
    assert_eq!(scores(&page), ["0–1", "0–2", "1–2"]);
    assert!(
        page.contains("<del>Point Ada</del> <del class=\"called\">1–0</del> <ins>Point Bo, edge</ins>"),
        "{page}"
    );
    assert!(page.contains("Point Ada <del class=\"called\">2–1</del>"), "what was called is kept");
    hall.press(&id, json!({ "type": "amend", "seq": 5, "outcome": { "type": "let" } })).await;
    let page = hall.get(&path).await.text;
    assert_eq!(scores(&page), ["0–1", "1–1"]);
    assert!(page.contains("<del>Point Bo</del> <del class=\"called\">1–1</del> <ins>Let</ins>"), "{page}");
    // An amendment that is taken back has never been.
    hall.press(&id, json!({ "type": "undo" })).await;
    hall.press(&id, json!({ "type": "undo" })).await;
    let page = hall.get(&path).await.text;
    assert_eq!(scores(&page), ["1–0", "1–1", "2–1"]);
    assert!(page.contains("<del>Correction: event 4 amended</del>") && !page.contains("<ins>"), "{page}");
}

#[tokio::test]
async fn what_follows_a_game_that_was_begun_too_early_stays_in_its_game() {
    let hall = Hall::new().await;
    let id = hall.in_play().await;
    hall.press(&id, json!({ "type": "set_score", "games": [{ "home": 10, "away": 0 }] })).await;
    hall.press(&id, point("home")).await;
    hall.press(&id, json!({ "type": "start_game" })).await;
    hall.press(&id, json!({ "type": "undo" })).await;
    hall.press(&id, json!({ "type": "undo" })).await;
    hall.press(&id, point("away")).await;
    let page = hall.get(&format!("/matches/{id}")).await.text;
    let (second, first) = page.split_once("<h3>Game 1 <").expect("the first game");
    assert!(second.contains("<h3>Game 2 <") && !second.contains("Point Bo"), "{page}");
    assert!(first.contains("Point Bo"), "{page}");
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

#[tokio::test]
async fn the_page_of_a_tie_lists_its_matches_in_playing_order() {
    let hall = Hall::new().await;
    let tie = json!({ "format": "bundesliga", "sides": { "home": { "name": "Club A" }, "away": { "name": "Club B" } } });
    let id = hall.post("/v1/ties", &tie).await.json()["id"].as_str().expect("an id").to_owned();
    for side in ["home", "away"] {
        let mut players = Vec::new();
        for name in ["one", "two", "three"] {
            let player = hall.post("/v1/players", &json!({ "name": format!("{side} {name}") })).await.json();
            players.push(player["id"].clone());
        }
        let command = json!({ "type": "nominate_line_up", "side": side, "players": players });
        let body = json!({ "command_id": uuid::Uuid::new_v4(), "command": command });
        assert_eq!(hall.post(&format!("/v1/ties/{id}/commands"), &body).await.status, StatusCode::OK);
    }
    let tie = hall.get(&format!("/v1/ties/{id}")).await.json();
    let places: Vec<_> = tie["matches"].as_array().expect("the places").iter().take(4).collect();
    let mut created = vec![String::new(); places.len()];
    for place in [2, 0, 3, 1] {
        let side = |side: &str| {
            let id = &places[place]["players"][side][0];
            json!({ "players": [{ "id": id, "name": "somebody" }] })
        };
        let body = json!({ "tie_id": id, "format": { "preset": "ittf" }, "sides": { "home": side("home"), "away": side("away") } });
        let answer = hall.post("/v1/matches", &body).await.json();
        created[place] = answer["id"].as_str().expect("an id").to_owned();
    }
    let page = hall.get(&format!("/ties/{id}")).await.text;
    let shown: Vec<&str> =
        page.split("data-match=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(shown, created);
}

#[tokio::test]
async fn a_result_that_was_only_reported_is_shown_and_is_not_next() {
    let hall = Hall::new().await;
    let mut body = crate::hall::match_body("Ada", "Bo");
    body["scheduled_at"] = json!("2023-09-09T14:00:00Z");
    let id = hall.post("/v1/matches", &body).await.json()["id"].as_str().expect("an id").to_owned();
    let games = json!([{ "home": 11, "away": 3 }, { "home": 7, "away": 11 }, { "home": 11, "away": 9 }]);
    let claim = json!({ "type": "report_result", "source": "ttbl", "games": games, "winner": "home", "reason": "no_points" });
    hall.press(&id, claim).await;
    let page = hall.get(&format!("/matches/{id}")).await.text;
    for expected in [
        "data-live=\"false\">Reported</span>",
        "9 Sep 2023, 14:00 UTC",
        "its points were not recorded",
        ">2</td>",
        ">7</td>",
    ] {
        assert!(page.contains(expected), "{expected} in {page}");
    }
    assert!(!hall.get("/").await.text.contains(&id));
}

#[tokio::test]
async fn every_code_of_the_laws_is_in_the_reference() {
    let page = Hall::new().await.get("/docs").await.text;
    for code in topspin_laws::Rejection::CODES.into_iter().chain(topspin_laws::tie::TieRejection::CODES) {
        assert_eq!(page.matches(&format!("id=\"problem-{code}\"")).count(), 1, "{code}");
    }
}
